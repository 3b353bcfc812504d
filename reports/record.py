"""One model in one cell: the unit that everything in ``reports`` reads.

A record travels twice, as pytest-benchmark's ``extra_info`` and in the journal, in one JSON schema.
Times are seconds and memory is bytes throughout; they become milliseconds and MiB only where a
person reads them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from reports.plain import NESTING, jsonable, nests_too_deeply

#: Raised with every change that an older reader would misread.
SCHEMA = 1

#: The closed set of outcomes. Only ``ok`` is ever ranked.
STATUSES = (
    "ok",
    "disagrees",
    "degenerate",
    "unstable",
    "unsupported",
    "oom",
    "killed",
    "crashed",
    "timeout",
    "engine_mismatch",
    "device_lost",
    "error",
    "not_measured",
)

#: The phases of a cell, in the order in which they finish.
PHASES = ("open", "build", "first", "verdict", "steady", "accuracy", "end")

#: What of ``Record.memory`` is a number of bytes.
MEMORY = ("before", "build", "run", "limit")

#: What of ``Record.placement`` is a number of bytes.
PLACEMENT = ("cached", "streamed", "available")

T = TypeVar("T")


class RecordError(ValueError):
    """A record that cannot be read: wrong schema, missing or malformed fields."""


@dataclass(frozen=True)
class Agreement:
    """How a cell's answers compare with the reference's, over ``inputs`` inputs.

    ``measure`` is ``probability`` (largest absolute difference of probabilities) or ``steps``
    (largest difference in steps of the output's quantisation); ``tolerance`` and ``would_pass``
    (the tolerance that would have passed) are in it. ``cosine`` and ``snr_db`` compare logits.
    ``top1``, ``topk_sets`` and ``topk_orders`` count the inputs on which they agreed, and
    ``near_ties`` the swaps that were within the tolerance. ``beyond_step`` is the share, 0..1, of all
    outputs that are more than one step away; None where the measure is not steps. ``itself`` says
    that the reference is the same runtime, so that agreement proves only that the knobs left the
    answer alone.
    """

    reference: str
    inputs: int
    measure: str
    tolerance: float
    worst: float
    would_pass: float
    top1: int
    topk_sets: int
    topk_orders: int
    k: int
    near_ties: int
    cosine: float | None = None
    snr_db: float | None = None
    beyond_step: float | None = None
    itself: bool = False


@dataclass(frozen=True)
class Coverage:
    """Which share of the operators the accelerator, delegate or provider took.

    ``share`` is 0..1, or None where the runtime can only say that some were taken (``partitions``).
    """

    by: str
    taken: int | None
    total: int | None
    share: float | None
    detail: str = ""


@dataclass(frozen=True)
class Accuracy:
    """Top-1 and top-5 hits over ``images`` labelled inputs of ``dataset``."""

    dataset: str
    images: int
    top1: float
    top5: float


@dataclass(frozen=True)
class Record:
    """One model in one cell. ``cell`` is a stable id; see the module for units.

    ``variant`` names what was set otherwise than by default, for a label: threads and batch apart,
    ``knobs`` holds every setting with its value. ``spent`` is the seconds that inferences took
    which are no measurement: ``verdict`` and ``warm_up``.

    ``memory`` is of the runtime's process, in bytes: resident ``before`` the model was opened, the
    peak of its ``build``, the peak of its ``run`` from the first inference on, the ``limit`` that
    held; ``by`` says how it was measured or enforced. Each may be missing or None.

    ``placement`` is where an accelerator keeps the model's parameters, in bytes: ``cached`` on the chip,
    ``streamed`` with every inference, ``available`` on the chip for all models of the cell; ``whence``
    says where the figures come from, ``available_whence`` the last one. Each may be missing or None.

    ``environment`` says in which ``process`` the cell ran, and holds what was sampled of the machine
    (``governor``, ``other_load``, ...) and the reasons for which a figure is ``unstable``.
    """

    cell: str
    experiment: str
    device: Mapping[str, Any]
    runtime: str
    runtime_version: str
    model: str
    model_title: str
    knobs: Mapping[str, Any]
    variant: str | None = None
    phase: str = "open"
    status: str = "not_measured"
    reason: str = ""
    artifact: Mapping[str, Any] = field(default_factory=dict)
    import_s: float | None = None
    build_s: float | None = None
    first_s: float | None = None
    samples: tuple[float, ...] = ()
    spent: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)
    placement: Mapping[str, Any] = field(default_factory=dict)
    agreement: Agreement | None = None
    coverage: Coverage | None = None
    accuracy: Accuracy | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def nature(self) -> str:
        """``measured``, ``emulated`` or ``simulated``: the device's nature."""
        return str(self.device.get("nature", "measured"))

    @property
    def batch(self) -> int:
        """Inputs answered by one ``invoke``."""
        return int(self.knobs.get("batch", 1))

    @property
    def ranked(self) -> bool:
        """Whether this record's time may be ranked: no number without a verdict."""
        return self.status == "ok" and self.agreement is not None

    def to_json(self, *, samples: bool = True) -> dict[str, Any]:
        """A JSON-ready mapping; ``samples=False`` where the samples are stored beside it."""
        data = {"schema": SCHEMA, **vars(self)}
        if not samples:
            del data["samples"]
        converted: dict[str, Any] = jsonable(data)
        return converted

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        """Read a record back.

        Raises:
            RecordError: with what is wrong, for another schema or missing or malformed fields.
        """
        if not isinstance(data, Mapping):
            raise RecordError(f"a record is an object, not {type(data).__name__}")
        schema = data.get("schema")
        if schema != SCHEMA:
            raise RecordError(
                f"record schema {schema!r:.40}, and this Edgeproof reads {SCHEMA}: "
                "run the suite again, or render with the version that made it"
            )
        values: dict[str, Any] = dict(data)
        del values["schema"]
        for key, kind in (("agreement", Agreement), ("coverage", Coverage), ("accuracy", Accuracy)):
            if values.get(key) is not None:
                values[key] = _build(kind, values[key])
        for key in ("samples", "notes"):
            items = values.get(key) or ()
            if not isinstance(items, (list, tuple)):
                raise RecordError(f"{key} is not a list: {items!r:.80}")
            values[key] = tuple(items)
        record = _build(cls, values)
        _check(record)
        return record


@dataclass(frozen=True)
class _Field:
    """One field: its name, what its annotation wants, and whether it may be None or missing."""

    name: str
    wanted: str
    optional: bool
    needed: bool


def _fields(kind: type[Any]) -> list[_Field]:
    none = dataclasses.MISSING
    return [
        _Field(
            f.name,
            str(f.type).partition(" | ")[0],
            " | " in str(f.type),
            f.default is none and f.default_factory is none,
        )
        for f in dataclasses.fields(kind)
    ]


#: Looked up once: a journal has thousands of records.
_FIELDS: dict[type[Any], list[_Field]] = {
    kind: _fields(kind) for kind in (Record, Agreement, Coverage, Accuracy)
}


def _build(kind: type[T], values: Any) -> T:
    """A dataclass from a mapping; unknown keys are dropped, missing ones named."""
    if not isinstance(values, Mapping):
        raise RecordError(f"{kind.__name__.lower()} is an object, not {type(values).__name__}")
    known = _FIELDS[kind]
    missing = [f.name for f in known if f.needed and f.name not in values]
    if missing:
        raise RecordError(f"{kind.__name__.lower()} lacks {', '.join(missing)}")
    given = {f.name: values[f.name] for f in known if f.name in values}
    for f in known:
        if f.wanted == "float" and not f.optional and given[f.name] is None:
            given[f.name] = math.nan  # JSON has no NaN: a figure that was not finite is null there
    return kind(**given)


#: What a field's annotation admits; those that are not here are checked where they are built.
_ADMITTED: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float": (int, float),
    "Mapping[str, Any]": (dict, Mapping),
}


def _check_types(part: Record | Agreement | Coverage | Accuracy) -> None:
    """Refuse a field whose value is not what its annotation says."""
    for f in _FIELDS[type(part)]:
        admitted, value = _ADMITTED.get(f.wanted), getattr(part, f.name)
        if admitted is None or (f.optional and value is None):
            continue
        fits = isinstance(value, admitted)
        if fits and isinstance(value, int):  # a bool is an int, and an int may outgrow any float
            fits = isinstance(value, bool) == (f.wanted == "bool") and abs(value) < 2**63
        if not fits:
            raise RecordError(f"{f.name} is not {f.wanted}: {value!r:.80}")
        if isinstance(value, dict) and nests_too_deeply(value):
            raise RecordError(f"{f.name} nests deeper than {NESTING} levels")


def _check(record: Record) -> None:
    """Refuse values that no report could show."""
    for part in (record, record.agreement, record.coverage, record.accuracy):
        if part is not None:
            _check_types(part)
    if not all(isinstance(note, str) for note in record.notes):
        raise RecordError(f"a note is not a string: {record.notes!r:.80}")
    if record.status not in STATUSES:
        raise RecordError(f"unknown status {record.status!r:.80}")
    if record.phase not in PHASES:
        raise RecordError(f"unknown phase {record.phase!r:.80}")
    _check_bytes("memory", record.memory, MEMORY, "by")
    _check_bytes("placement", record.placement, PLACEMENT, "whence")
    batch = record.knobs.get("batch", 1)
    if not isinstance(batch, int) or isinstance(batch, bool) or not 1 <= batch < 2**31:
        raise RecordError(f"batch is not a positive whole number: {batch!r:.80}")
    times = [t for t in (record.import_s, record.build_s, record.first_s) if t is not None]
    for value in (*times, *record.samples):
        # Written so that NaN fails as well; 1e9 s, thirty years, keeps every sum finite.
        if type(value) not in (int, float) or not 0 <= value <= 1e9:
            raise RecordError(f"a time is a number of seconds from 0 to 1e9, not {value!r:.80}")


def _check_bytes(what: str, found: Mapping[str, Any], names: Sequence[str], said: str) -> None:
    for name in names:
        value = found.get(name)
        if value is not None and (type(value) is not int or not 0 <= value < 2**63):
            raise RecordError(f"{what} {name} is a number of bytes, not {value!r:.80}")
    text = found.get(said)
    if text is not None and not isinstance(text, str):
        raise RecordError(f"{what} {said} says how it was found, not {text!r:.80}")

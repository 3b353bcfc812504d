"""One model in one cell: the unit that everything in ``reports`` reads.

A record travels twice, as pytest-benchmark's ``extra_info`` and in the journal, in one JSON schema.
Times are seconds and memory is bytes throughout; they become milliseconds and MiB only where a
person reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.fields import RecordError as RecordError
from reports.fields import build, check_types
from reports.plain import jsonable
from reports.statistics import wilson
from reports.top_classes import TopClasses

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
PHASES = (
    "open",
    "convert",
    "build",
    "first",
    "second",
    "source",
    "verdict",
    "steady",
    "accuracy",
    "end",
)

#: What of ``Record.memory`` is a number of bytes.
MEMORY = ("before", "convert", "build", "run", "limit")

#: What of ``Record.engine`` is a number of bytes.
ENGINE = ("bytes", "original_bytes")

#: When an engine is built, as ``Record.engine`` says it: when the model is loaded, at the first
#: inference, ahead of both, or ahead of both by an earlier use that left it in a cache.
WHEN = ("load", "first", "ahead", "cached")

#: What of ``Record.placement`` is a number of bytes.
PLACEMENT = ("cached", "streamed", "available")


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
    """Shares of right answers, 0..1, over ``images`` labelled inputs of ``dataset``.

    ``top1_between`` and ``top5_between`` are Wilson's intervals of 95 % for them.
    """

    dataset: str
    images: int
    top1: float
    top5: float

    @property
    def top1_between(self) -> tuple[float, float]:
        """Where the share lies that all inputs of this kind would give."""
        return wilson(self.top1, self.images)

    @property
    def top5_between(self) -> tuple[float, float]:
        """As ``top1_between``."""
        return wilson(self.top5, self.images)


@dataclass(frozen=True)
class Record:
    """One model in one cell. ``cell`` is a stable id; see the module for units.

    ``variant`` names what was set otherwise than by default, for a label: threads and batch apart,
    ``knobs`` holds every setting with its value. ``spent`` is the seconds that inferences took
    which are no measurement: ``verdict`` and ``warm_up``.

    ``engine`` is what the runtime executes, where an experiment asks for it: ``when`` it is built (one
    of ``WHEN``), ``how`` in the runtime's own words, its ``bytes`` on disk and the ``original_bytes``
    of the model, what it was ``made_by`` and is ``run_by``, and ``made_on`` the ``host`` or the
    ``target``. Each may be missing or None. ``convert_s`` are the seconds of making it ahead, without
    the ``import_s`` of the process that did.

    ``memory`` is of the runtime's process, in bytes: resident ``before`` the model was opened, the
    peak of making its engine ahead (``convert``, a process of its own), the peak of its ``build``,
    the peak of its ``run`` from the first inference on, the ``limit`` that held; ``by`` says how it
    was measured or enforced. Each may be missing or None.

    ``placement`` is where an accelerator keeps the model's parameters, in bytes: ``cached`` on the chip,
    ``streamed`` with every inference, ``available`` on the chip for all models of the cell; ``whence``
    says where the figures come from, ``available_whence`` the last one. Each may be missing or None.

    ``source_samples`` are the seconds of the iterations that an experiment's source takes, where that
    measures otherwise than ``samples``: without a warm-up, the first run of a freshly loaded module
    among them.

    ``environment`` says in which ``process`` the cell ran, and holds what was sampled of the machine
    (``governor``, ``other_load``, ...), its ``system`` in the words of an experiment's source, and
    the reasons for which a figure is ``unstable``.
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
    engine: Mapping[str, Any] = field(default_factory=dict)
    import_s: float | None = None
    convert_s: float | None = None
    build_s: float | None = None
    first_s: float | None = None
    second_s: float | None = None
    samples: tuple[float, ...] = ()
    source_samples: tuple[float, ...] = ()
    spent: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)
    placement: Mapping[str, Any] = field(default_factory=dict)
    agreement: Agreement | None = None
    coverage: Coverage | None = None
    accuracy: Accuracy | None = None
    top_classes: TopClasses | None = None
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
                values[key] = build(kind, values[key])
        if values.get("top_classes") is not None:
            values["top_classes"] = TopClasses.from_json(values["top_classes"])
        for key in ("samples", "source_samples", "notes"):
            items = values.get(key) or ()
            if not isinstance(items, (list, tuple)):
                raise RecordError(f"{key} is not a list: {items!r:.80}")
            values[key] = tuple(items)
        record = build(cls, values)
        _check(record)
        return record


def _check(record: Record) -> None:
    """Refuse values that no report could show."""
    for part in (record, record.agreement, record.coverage, record.accuracy):
        if part is not None:
            check_types(part)
    if not all(isinstance(note, str) for note in record.notes):
        raise RecordError(f"a note is not a string: {record.notes!r:.80}")
    if record.status not in STATUSES:
        raise RecordError(f"unknown status {record.status!r:.80}")
    if record.phase not in PHASES:
        raise RecordError(f"unknown phase {record.phase!r:.80}")
    _check_bytes("memory", record.memory, MEMORY, "by")
    _check_bytes("placement", record.placement, PLACEMENT, "whence")
    _check_bytes("engine", record.engine, ENGINE, "how")
    if record.engine.get("when") not in (None, *WHEN):
        raise RecordError(f"an engine is built at {', '.join(WHEN)}; found {record.engine!r:.80}")
    batch = record.knobs.get("batch", 1)
    if not isinstance(batch, int) or isinstance(batch, bool) or not 1 <= batch < 2**31:
        raise RecordError(f"batch is not a positive whole number: {batch!r:.80}")
    once = (record.import_s, record.convert_s, record.build_s, record.first_s, record.second_s)
    times = [seconds for seconds in once if seconds is not None]
    for value in (*times, *record.samples, *record.source_samples):
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

"""What an Edge TPU compiler's log consists of: sizes as printed, operators, models, compilations."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

#: The status of an operator that runs on the Edge TPU.
MAPPED = "Mapped to Edge TPU"

_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))? ?(B|KiB|MiB|GiB)", re.ASCII)


@dataclass(frozen=True)
class Size:
    """A size as the compiler prints it, and the whole bytes that it may stand for: ``low`` to ``high``.

    The compiler prints the nearest two decimals, so ``6.91MiB`` is any of 10 485 sizes. That it
    rounds and does not cut is seen in ``182.19KiB``: parameters come in multiples of 16 bytes,
    182.1875 KiB is one, and none is from 182.19 up to 182.20.
    """

    text: str
    low: int
    high: int

    @classmethod
    def of(cls, text: str) -> Size | None:
        """The size that ``text`` prints, or None where it prints none: ``3.75MiB``, ``0.00B``."""
        found = _SIZE.fullmatch(text.strip())
        if found is None:
            return None
        whole, decimals, unit = found[1], found[2] or "", _UNITS[found[3]]
        scale = 10 ** len(decimals)
        value = int(whole + decimals)
        if unit == 1:  # bytes are counted: there is nothing to round
            return cls(found[0], value // scale, value // scale) if value % scale == 0 else None
        low = -(
            (1 - 2 * value) * unit // (2 * scale)
        )  # the ceiling of (value - 1/2) / scale * unit
        high = (2 * value + 1) * unit // (2 * scale)
        return cls(found[0], max(low, 0), high)

    @property
    def likely(self) -> int:
        """The middle of the range, in bytes."""
        return (self.low + self.high) // 2

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Operator:
    """A row of the operator table: ``count`` operators of one kind that share one ``status``."""

    name: str
    count: int
    status: str

    @property
    def mapped(self) -> bool:
        """Whether they run on the Edge TPU."""
        return self.status == MAPPED


@dataclass(frozen=True)
class Entry:
    """One model of a compilation; what the log does not say of it is None or empty.

    ``cached`` parameters are held in on-chip memory, ``streamed`` ones cross the bus with every
    inference. ``available`` (printed by versions 1.0 to 2.0) is the on-chip memory that was left for
    this model's parameters before it was compiled; ``remaining`` (from 2.1) what was left when all
    models were. ``operations`` counts all operators, ``on_edgetpu`` and ``on_cpu`` those that
    run there, which the compiler says only where some do not run on the Edge TPU.
    ``position`` is the model's place among those compiled together, from 1.
    """

    position: int = 1
    input_model: str = ""
    input_size: Size | None = None
    output_model: str = ""
    output_size: Size | None = None
    available: Size | None = None
    remaining: Size | None = None
    cached: Size | None = None
    streamed: Size | None = None
    subgraphs: int | None = None
    operations: int | None = None
    on_edgetpu: int | None = None
    on_cpu: int | None = None
    operation_log: str = ""
    operators: tuple[Operator, ...] = ()

    @property
    def name(self) -> str:
        """The model's file name without folders and ``.tflite``, or ``?``."""
        file = re.split(r"[/\\]", self.input_model or self.output_model)[-1]
        return file.removesuffix(".tflite").removesuffix("_edgetpu") or "?"

    @property
    def mapped(self) -> int | None:
        """How many operators run on the Edge TPU: as the log says, or as its table adds up.

        Where it gives neither, all of them do: the compiler says how many run on the CPU, if any.
        None where the log has no count at all, or where nothing was mapped and nothing said.
        """
        if self.on_edgetpu is not None:
            return self.on_edgetpu
        if self.operators:
            return sum(operator.count for operator in self.operators if operator.mapped)
        return self.operations if self.subgraphs else None

    @property
    def unmapped(self) -> dict[str, int]:
        """Why operators do not run on the Edge TPU: their number by status, from the table."""
        reasons: Counter[str] = Counter()
        for operator in self.operators:
            if not operator.mapped:
                reasons[operator.status] += operator.count
        return dict(reasons)


@dataclass(frozen=True)
class Compilation:
    """One attempt to compile one model, several together, or one segment.

    ``milliseconds`` is what the compiler says it took, None where it failed or the log is an
    operation log, which does not say. ``failure`` is the reason it failed with, or empty.
    ``tried_operators`` is set in a search for a delegate (``-d``), whose failed attempts are
    ``superseded`` by the next. ``messages`` are the lines of TensorFlow Lite and of the system in
    between.
    """

    entries: tuple[Entry, ...] = ()
    milliseconds: int | None = None
    failure: str = ""
    superseded: bool = False
    tried_operators: int | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """One call of the compiler, which begins with its ``version`` (empty where that line is missing)."""

    version: str = ""
    compilations: tuple[Compilation, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The models that it compiled, segments too, in the order of the log."""
        return tuple(entry for part in self.compilations for entry in part.entries)

    @property
    def failure(self) -> str:
        """Why it failed, in the compiler's words; empty where it did not."""
        for part in self.compilations:
            if part.failure and not part.superseded:
                return part.failure
        # Version 15 ends so where it finds no way to segment a model.
        return "" if self.entries else "it compiled no model and gave no reason"


@dataclass(frozen=True)
class Log:
    """A log file, or what the compiler printed: one run or several, and what could not be read of it."""

    source: str
    runs: tuple[Run, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The models that were compiled, over all runs."""
        return tuple(entry for run in self.runs for entry in run.entries)

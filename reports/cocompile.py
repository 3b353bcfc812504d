"""Cases of co-compilation: several models that take turns on one Edge TPU, each a slot of its case.

A run has a record for each slot, in each phase. Here they are put together again, beside what was
published of them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports.published.tables import (
    CompilerFigures,
    Latency,
    cocompile_compiler,
    cocompile_latency,
)
from reports.ranking import Entry, grouped
from reports.text import clean

#: The experiment whose records are cases, and the link that its figures were published for.
EXPERIMENT, LINK = "cocompile", "usb2"
#: How the models of a case were compiled, or each put on an Edge TPU of its own; in reading order.
HOW = ("apart", "together", "spread")


@dataclass(frozen=True)
class Slot:
    """One model of a case in its place, counted from 1; what its knobs say is clean.

    ``use`` is how many times it infers in each turn.
    """

    entry: Entry
    case: str
    how: str
    phase: str
    number: int
    use: int

    @classmethod
    def of(cls, entry: Entry) -> Slot:
        """The slot that ``entry`` is, whatever its knobs hold."""
        knobs = entry.record.knobs
        together, spread = knobs.get("cocompiled") == "yes", _whole(knobs.get("devices"), 1) > 1
        return cls(
            entry,
            clean(knobs.get("case", ""), 200),
            HOW[1] if together else HOW[2] if spread else HOW[0],
            clean(knobs.get("phase", ""), 20),
            _whole(knobs.get("slot"), 0),
            _whole(knobs.get("use"), 1),
        )

    @cached_property
    def latency(self) -> Latency | None:
        """The published row of this slot."""
        if self.how == "spread":
            return None
        key = (self.case, self.how == "together", self.phase, self.number)
        rows = cocompile_latency()
        return next((r for r in rows if (r.experiment, r.cocompiled, r.phase, r.slot) == key), None)

    @cached_property
    def compiler(self) -> CompilerFigures | None:
        """What the published log says of this slot: only cases compiled together have one."""
        if self.how != "together":
            return None
        key = (self.case, self.number)
        return next((r for r in cocompile_compiler() if (r.experiment, r.position) == key), None)

    @property
    def published(self) -> float | None:
        """The published mean, in seconds."""
        return self.latency.latency_ms / 1e3 if self.latency else None

    @property
    def comparable(self) -> bool:
        """Whether it ran over the link that figures were published for, as far as is known."""
        facts = self.entry.record.device.get("facts")
        link = facts.get("interface") if isinstance(facts, dict) else None
        return link in (None, LINK)

    @property
    def mean(self) -> float | None:
        """The arithmetic mean, as the source computes its own, in seconds."""
        return self.entry.statistics.mean if self.entry.statistics else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which the mean is predicted to lie, in seconds."""
        low, high = (_seconds(self.entry.record.environment.get(name)) for name in ("low", "high"))
        return (low, high) if low is not None and high is not None and low <= high else None

    def placed(self, name: str) -> int | None:
        """A number of bytes of its placement: ``cached``, ``streamed`` or ``available``."""
        value = self.entry.record.placement.get(name)
        return value if type(value) is int and 0 <= value < 2**63 else None

    def whence(self, name: str = "whence") -> str:
        """Where its placement's figures come from."""
        return clean(self.entry.record.placement.get(name) or "")


@dataclass(frozen=True)
class Case:
    """The slots of one case in one phase, in their order.

    ``best`` marks the lowest time of a turn among the cases of the same models; see ``cases``.
    """

    slots: tuple[Slot, ...]
    best: bool = False

    @property
    def name(self) -> str:
        """Its models, in their order."""
        return self.slots[0].case

    @property
    def how(self) -> str:
        """``apart``, ``together`` or ``spread``."""
        return self.slots[0].how

    @property
    def phase(self) -> str:
        """``first`` or ``steady``."""
        return self.slots[0].phase

    @property
    def label(self) -> str:
        """The case for a reader: a name of one word names no model; with the run, if several."""
        first = self.slots[0].entry
        name = self.name if "+" in self.name else f"{self.name}: {clean(first.record.model, 80)}"
        return f"{name}, {self.how}" + (f" [{first.run}]" if first.run else "")

    @property
    def whole(self) -> bool:
        """Whether every slot that its name tells of is there: part of a sum is no sum."""
        return [slot.number for slot in self.slots] == list(range(1, self.name.count("+") + 2))

    @property
    def ranked(self) -> bool:
        """Whether its turn may be ranked: every one of its models agrees."""
        return self.turn is not None and all(slot.entry.record.ranked for slot in self.slots)

    @property
    def weighted(self) -> bool:
        """Whether a model infers more than once in a turn."""
        return any(slot.use != 1 for slot in self.slots)

    @property
    def turn(self) -> float | None:
        """One inference of each model, in seconds: the sum of their means."""
        return self._sum([slot.mean for slot in self.slots])

    @property
    def cycle(self) -> float | None:
        """A whole turn with every use of each model, in seconds."""
        return self._sum([slot.mean and slot.use * slot.mean for slot in self.slots])

    @property
    def published(self) -> float | None:
        """The published turn, in seconds."""
        return self._sum([slot.published for slot in self.slots])

    def free(self, slot: Slot) -> int | None:
        """Bytes on the chip that no parameters take: of its own memory, or of what all share."""
        if self.how != "together":
            available, cached = slot.placed("available"), slot.placed("cached")
        else:
            available = min(_all([each.placed("available") for each in self.slots]), default=None)
            parts = _all([each.placed("cached") for each in self.slots])
            cached = sum(parts) if parts and self.whole else None
        return None if available is None or cached is None else available - cached

    def short(self, slot: Slot) -> str:
        """The model as the case's name has it, or its id: titles share their beginnings."""
        parts = self.name.split("+")
        name = parts[slot.number - 1] if self.whole else clean(slot.entry.record.model, 80)
        return name.partition("=")[0] + (f" ×{slot.use}" if slot.use != 1 else "")

    def _sum(self, parts: Sequence[float | None]) -> float | None:
        found = _all(parts)
        return sum(found) if found and self.whole else None


def cases(entries: Iterable[Entry]) -> list[Case]:
    """The cases that ``entries`` make: those of the same models side by side, phase by phase.

    Among the cases of the same run, device, runtime, phase, models and uses, the lowest turn is the
    best, if each of at least two may be ranked and they are not all the same. Nothing simulated is
    ever beside what was measured, since a device's nature is a part of it.
    """
    slots = [Slot.of(e) for e in entries if e.record.experiment == EXPERIMENT]
    found = []
    for group in grouped(slots, _identity).values():
        numbered = {slot.number: slot for slot in reversed(group)}  # of repeated ones the first
        found.append(Case(tuple(numbered[number] for number in sorted(numbered))))
    found.sort(key=lambda case: (*_order(case), HOW.index(case.how), case.name))
    return [each for group in grouped(found, _models).values() for each in _marked(group)]


def placed(found: Sequence[Case]) -> list[Case]:
    """One case of each whose placement is known, whatever the phase: memory has none."""
    groups = grouped(found, lambda case: _identity(case.slots[0])[:-1])
    fullest = [max(group, key=lambda case: len(with_placement(case))) for group in groups.values()]
    return [case for case in fullest if with_placement(case)]


def with_placement(case: Case) -> list[Slot]:
    """The slots whose parameters are known to be somewhere."""
    wanted = ("cached", "streamed")
    return [s for s in case.slots if all(s.placed(name) is not None for name in wanted)]


def _identity(slot: Slot) -> tuple[Any, ...]:
    entry = slot.entry
    return (entry.run, entry.place, entry.runtime, slot.case, slot.how, slot.phase)


def _models(case: Case) -> tuple[Any, ...]:
    """What cases have in common that are alternatives to choose among."""
    entry = case.slots[0].entry
    models = sorted((slot.entry.record.model, slot.use) for slot in case.slots)
    return (entry.run, entry.place, entry.runtime, case.phase, tuple(models))


def _order(case: Case) -> tuple[Any, ...]:
    run, place, runtime, phase, models = _models(case)
    return (run, place, runtime, len(models), models, phase != "first", phase)


def _marked(group: Sequence[Case]) -> Iterator[Case]:
    """The cases of ``group``, the best among them marked; nothing is best of what is all the same."""
    cycles = [case.cycle for case in group if case.ranked and case.cycle is not None]
    lowest, highest = min(cycles, default=0.0), max(cycles, default=0.0)
    for case in group:
        best = case.ranked and case.cycle is not None and math.isclose(case.cycle, lowest)
        yield dataclasses.replace(case, best=best and not math.isclose(lowest, highest))


def _all(parts: Sequence[Any]) -> list[Any]:
    """``parts``, or nothing where one of them is missing."""
    return [] if any(part is None for part in parts) else list(parts)


def _whole(value: Any, otherwise: int) -> int:
    """A positive whole number that a sum can hold, or else ``otherwise``."""
    return value if type(value) is int and 0 < value < 10**6 else otherwise


def _seconds(value: Any) -> float | None:
    """A time as a record's own are held to be, or None."""
    return float(value) if type(value) in (int, float) and 0 <= value <= 1e9 else None

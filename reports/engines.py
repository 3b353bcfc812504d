"""Placements of an engine: of each network and runtime, what was built when, and what it took.

Placements are alternatives where run, device, network, runtime and every knob are the same that changes
the answer or the speed of an inference; what an engine is made ahead for is held to the alternative that
is built anew at every start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from reports.break_even import Cost, Paid, after_inferences, after_starts, level
from reports.ranking import Entry, grouped, knob_text
from reports.record import WHEN
from reports.statistics import over
from reports.text import clean

EXPERIMENT = "engine_placement"
#: When an engine is built, in a word.
_BUILT = {"load": "at load", "first": "at first use", "ahead": "ahead", "cached": "cached"}
#: The same in a sentence.
_SAID = {
    "load": "built at load",
    "first": "built at first use",
    "ahead": "made ahead",
    "cached": "from a cache",
}
#: What is built anew at every start, and what is there before it.
ANEW, AHEAD = ("load", "first"), ("ahead", "cached")
#: Knobs by which an inference itself is another one.
_SAME = ("threads", "batch", "precision", "provider")


@dataclass(frozen=True)
class Placed:
    """One placement: when its engine is built, and the seconds of each phase, None where not timed.

    ``apart`` is what tells it from another that would be called the same; ``alike`` if even ``how``
    does not.
    """

    entry: Entry
    apart: str = ""
    alike: bool = False

    @property
    def when(self) -> str:
        """One of ``reports.record.WHEN``, or nothing."""
        return str(self.entry.record.engine.get("when") or "")

    @cached_property
    def how(self) -> str:
        """By what means, in the runtime's own words."""
        return clean(self.entry.record.engine.get("how") or "", 60)

    @cached_property
    def short(self) -> str:
        """When it is built, by which setting of its runtime's own knob, and what tells it apart."""
        built = _BUILT.get(self.when, "as it is")
        knob = knob_text(self.entry.record.knobs.get("engine"))
        own = "" if knob == self.when or built.startswith(knob) else knob
        return ", ".join(filter(None, (built, own, self.apart)))

    @property
    def label(self) -> str:
        """When it is built and by what means, in a sentence."""
        said = _SAID.get(self.when, "as it is")
        details = "; ".join(filter(None, (self.how, self.apart if self.alike else "")))
        return f"{said} ({details})" if details else said

    @property
    def who(self) -> str:
        """The runtime, with the run where there are several."""
        entry = self.entry
        return f"{entry.runtime} [{entry.run}]" if entry.run else entry.runtime

    @property
    def steady(self) -> float | None:
        """The median of the steady state."""
        return self.entry.statistics.median if self.entry.statistics else None

    @property
    def answer(self) -> float | None:
        """From opening the model to the first answer: what a start costs, imports apart."""
        record = self.entry.record
        if record.build_s is None or record.first_s is None:
            return None
        return record.build_s + record.first_s

    @property
    def cold(self) -> float | None:
        """As ``answer``, with the import that a process begins with; None where that is not known."""
        imported = self.entry.record.import_s
        return None if self.answer is None or imported is None else imported + self.answer

    @property
    def idle_share(self) -> float | None:
        """The share, 0..1, of a cold start that is not inference: all but one steady inference."""
        whole = self.answer if self.cold is None else self.cold
        share = over(self.steady, whole)
        return None if share is None else max(0.0, 1 - share)

    @property
    def worth(self) -> float | None:
        """How many steady inferences a cold start takes as long as."""
        whole = self.answer if self.cold is None else self.cold
        return over(whole, self.steady)

    @property
    def cost(self) -> Cost | None:
        """Its seconds, of a placement that is ranked and whose phases were all timed."""
        record = self.entry.record
        # What is built at the start may have been converted before, as a graph for TensorRT is.
        once = 0.0 if record.convert_s is None and self.when not in AHEAD else record.convert_s
        if not record.ranked or once is None or self.answer is None:
            return None
        assert record.build_s is not None
        assert record.first_s is not None
        return Cost(once, record.build_s, record.first_s, record.second_s, self.steady)

    def bytes(self, name: str = "bytes") -> int | None:
        """A number of bytes of its engine."""
        return self.entry.record.engine.get(name)

    @property
    def growth(self) -> float | None:
        """How many times as large as the model its engine is."""
        return over(self.bytes(), self.bytes("original_bytes"))


@dataclass(frozen=True)
class Held:
    """A placement that was made ahead, held to one that is built anew.

    Where it cannot be, ``why`` says so; ``status`` is that of the one that may not be ranked.
    """

    ahead: Placed
    anew: Placed | None
    why: str = ""
    status: str = ""

    @cached_property
    def costs(self) -> tuple[Cost, Cost] | None:
        """The seconds of both, with steady states that differ by chance made the same."""
        ours = self.ahead.cost
        other = self.anew.cost if self.anew else None
        return (level(ours, other), other) if ours and other else None

    @property
    def starts(self) -> Paid | None:
        """After how many starts of one inference it has paid for itself."""
        return after_starts(*self.costs) if self.costs else None

    @property
    def inferences(self) -> Paid | None:
        """After how many inferences in one start."""
        return after_inferences(*self.costs) if self.costs else None

    @property
    def saved(self) -> float | None:
        """Seconds that it saves with every start."""
        return self.costs[1].start - self.costs[0].start if self.costs else None

    @property
    def gained(self) -> float | None:
        """Seconds that it gains with every steady inference."""
        ours, other = self.costs or (None, None)
        if ours is None or other is None or ours.steady is None or other.steady is None:
            return None
        return other.steady - ours.steady


@dataclass(frozen=True)
class Network:
    """The placements of one network in one run, runtime by runtime."""

    title: str
    placed: tuple[Placed, ...]

    @cached_property
    def best(self) -> Placed | None:
        """The ranked placement that answers first; None without a second one to be sooner than."""
        timed = [each for each in self.placed if each.cost]
        return soonest(timed) if len(timed) > 1 else None

    @cached_property
    def runtimes(self) -> tuple[tuple[Placed, ...], ...]:
        """The placements runtime by runtime."""
        return tuple(map(tuple, grouped(self.placed, lambda each: each.who).values()))

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """What was made ahead, each against what is built anew."""
        return tuple(_held(each, self.placed) for each in self.placed if each.when in AHEAD)


def networks(entries: Iterable[Entry]) -> list[Network]:
    """The networks of ``entries``, which are of one device, in their order."""
    wanted = [entry for entry in entries if entry.record.experiment == EXPERIMENT]
    found = []
    for (_, run), group in grouped(wanted, lambda e: (e.record.model, e.run)).items():
        alike = grouped(map(Placed, group), lambda each: (each.who, each.short)).values()
        placed = [each for same in alike for each in _told_apart(same)]
        title = f"{group[0].model} [{run}]" if run else group[0].model
        found.append(Network(title, tuple(sorted(placed, key=_order))))
    return found


def soonest(placed: Iterable[Placed]) -> Placed | None:
    """Of those that are ranked the one that answers first."""
    timed = [each for each in placed if each.cost]
    return min(timed, key=lambda each: each.answer or 0.0, default=None)


def _told_apart(same: Sequence[Placed]) -> Sequence[Placed]:
    """Placements that would be called the same with what their settings differ in, if in any."""
    if len(same) == 1:
        return same
    variants = [each.entry.variant.split(", ") for each in same]
    names = [", ".join(v for v in each if not v.startswith("engine=")) for each in variants]
    if len(set(names)) < len(same):
        names = [each.entry.knobs for each in same]
    hows = [each.how for each in same]
    return [
        replace(each, apart=name, alike=hows.count(each.how) > 1)
        for each, name in zip(same, names, strict=True)
    ]


def _order(placed: Placed) -> tuple[Any, ...]:
    entry = placed.entry
    when = WHEN.index(placed.when) if placed.when in WHEN else len(WHEN)
    return (entry.runtime, entry.threads, entry.record.batch, when, placed.how, entry.variant)


def _held(ahead: Placed, placed: Sequence[Placed]) -> Held:
    """``ahead`` against the alternative that is most like it, of these the soonest.

    What is made ahead by one means of its runtime is held to what the same means builds anew: it is
    what ``how`` begins with.
    """
    mine = _alike(ahead)
    rivals = [each for each in placed if each.when in ANEW and _alike(each) == mine]
    if not rivals:
        return Held(ahead, None, "nothing like it was built anew at a start")
    timed = [each for each in rivals if each.cost] or rivals
    anew = min(timed, key=lambda each: (_unlike(ahead, each), each.answer or 0.0))
    for each in (ahead, anew):
        record = each.entry.record
        if not record.ranked:
            return Held(ahead, anew, f"{each.label}: {each.entry.reason}", record.status)
        if each.cost is None:
            return Held(ahead, anew, f"{each.label}: not every phase was timed")
    return Held(ahead, anew)


def _alike(placed: Placed) -> tuple[Any, ...]:
    entry = placed.entry
    return (entry.record.runtime, *(str(entry.record.knobs.get(name)) for name in _SAME))


def _unlike(one: Placed, other: Placed) -> tuple[bool, int]:
    """A sort key: another means, and how few knobs are set alike."""
    mine, theirs = one.entry.record.knobs, other.entry.record.knobs
    shared = sum(str(value) == str(theirs.get(name)) for name, value in mine.items())
    return (one.how.partition(",")[0] != other.how.partition(",")[0], -shared)

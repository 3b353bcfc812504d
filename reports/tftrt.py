"""TF-TRT as its source tabulates it: networks as they were against converted, measured or published.

A published row is a record like any other, of a device whose nature is ``published``: one grid holds
either. Times are the source's: the first inference, and the arithmetic mean of those after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from reports.published.tftrt import IDS, PUBLISHED, TITLES, latency_records, size_records
from reports.ranking import Entry, grouped, knob_text, rank
from reports.results import Run
from reports.statistics import over
from reports.text import clean

EXPERIMENT = "tftrt"
ORIGINAL = "original"
#: Inferences that the source's mean is over.
COUNT = 100
#: Words of a note for which the source coloured its cell: TensorFlow's own, and this project's for them.
_SHORT = ("this is not a failure", "memory ran short")
#: Knobs that are columns or rows of their own, or that say nothing of how a network was converted.
_APART = ("engine", "is_dynamic_op", "precision")

Phase = Literal["first", "steady"]


@dataclass(frozen=True)
class Figure:
    """What stands in a cell of the source's tables: seconds, or how the cell ended."""

    entry: Entry
    seconds: float | None

    @property
    def published(self) -> bool:
        """Whether it was published, and not measured here."""
        return self.entry.record.nature == PUBLISHED

    @property
    def short_of_memory(self) -> str:
        """TensorFlow's word that more memory might have made it faster; else nothing."""
        notes = self.entry.record.notes
        return next((clean(n) for n in notes if any(word in n for word in _SHORT)), "")

    @property
    def usable(self) -> bool:
        """Whether a ratio may be made of it: a published figure, or one whose answers agree."""
        record = self.entry.record
        return self.seconds is not None and (record.ranked or (self.published and _ok(self.entry)))


@dataclass(frozen=True)
class Network:
    """All records of one network in one run."""

    model: str
    run: str
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """Its title, with the run where there are several."""
        title = self.entries[0].model
        return f"{title} [{self.run}]" if self.run else title

    @property
    def published(self) -> str:
        """The source's network that it is, by id or by title; nothing if it is none of them."""
        title = self.entries[0].record.model_title
        return self.model if self.model in TITLES else IDS.get(title, "")

    def figure(self, phase: Phase, how: str, dynamic: bool | None = None) -> Figure | None:
        """What is known of one cell: of the network converted as ``how`` says, or ``ORIGINAL``.

        Where ``dynamic`` is None any will do, those that were built at the first inference first. A
        failure stands where there is no figure.
        """
        found = [entry for entry in self._cells(how, dynamic) if _about(entry, phase)]
        figures = [Figure(entry, _seconds(entry, phase)) for entry in found]
        timed = (each for each in figures if each.seconds is not None)
        return next(timed, None) or next(iter(figures), None)

    def _cells(self, how: str, dynamic: bool | None) -> list[Entry]:
        wanted = [entry for entry in self.entries if _how(entry) == how]
        if how == ORIGINAL:
            return wanted
        if dynamic is not None:
            return [e for e in wanted if e.record.knobs.get("is_dynamic_op") is dynamic]
        return sorted(wanted, key=lambda e: e.record.knobs.get("is_dynamic_op") is not True)

    @cached_property
    def original_bytes(self) -> int | None:
        """The network's size as it was, by whichever record says."""
        engines = [entry.record.engine for entry in self.entries]
        return next(filter(None, (engine.get("original_bytes") for engine in engines)), None)

    def bytes(self, how: str) -> int | None:
        """Its size as converted."""
        engines = [entry.record.engine for entry in self._cells(how, None)]
        return next(filter(None, (engine.get("bytes") for engine in engines)), None)


@dataclass(frozen=True)
class Grid:
    """The networks of one device in the source's order, and the ways in which they were converted."""

    kind: str
    networks: tuple[Network, ...]

    @cached_property
    def ways(self) -> tuple[str, ...]:
        """How networks were converted: ``TF-TRT (FP16)`` first, which the source has."""
        entries = [entry for network in self.networks for entry in network.entries]
        ways = dict.fromkeys(way for e in entries if (way := _how(e)) != ORIGINAL)
        return tuple(sorted(ways, key=lambda way: ("FP16" not in way, way)))

    def network(self, name: str) -> Network | None:
        """The network that is the source's ``name``."""
        return next((each for each in self.networks if each.published == name != ""), None)


def grid(entries: Sequence[Entry]) -> Grid | None:
    """The grid that the ``entries`` of one device make; None without any of this experiment."""
    wanted = [entry for entry in entries if entry.record.experiment == EXPERIMENT]
    if not wanted:
        return None
    groups = grouped(wanted, lambda entry: (entry.record.model, entry.run))
    networks = [Network(model, run, tuple(group)) for (model, run), group in groups.items()]
    known = [*TITLES, ""]
    networks.sort(key=lambda each: known.index(each.published))
    return Grid(wanted[0].place[0], tuple(networks))


@cache
def published(kind: str) -> Grid | None:
    """What was published of a kind of device, with the sizes, which no device has a say in."""
    records = [record for record in latency_records() if record.device["kind"] == kind]
    if not records:
        return None
    found = grid(rank([Run("published", {}, [*records, *size_records()])]))
    return None if found is None else Grid(kind, found.networks)


def ratios(found: Grid, phase: Phase, how: str, dynamic: bool | None = None) -> Iterator[float]:
    """Of each network the seconds converted over those of the original."""
    for network in found.networks:
        both = (network.figure(phase, how, dynamic), network.figure(phase, ORIGINAL))
        if (value := quotient(*both)) is not None:
            yield value


def quotient(one: Figure | None, other: Figure | None) -> float | None:
    """The seconds of ``one`` over those of ``other``; None where either is no usable figure."""
    if one is None or other is None or not (one.usable and other.usable):
        return None
    return over(one.seconds, other.seconds)


def _how(entry: Entry) -> str:
    """How a record's network was converted; every setting that its knobs name."""
    knobs = entry.record.knobs
    if knobs.get("engine") == ORIGINAL:
        return ORIGINAL
    parts = [knob_text(knobs.get("precision")).upper()]
    # Of the runtime's own defaults, which are the source's settings, a variant says nothing.
    parts += [each for each in entry.variant.split(", ") if each.partition("=")[0] not in _APART]
    return f"TF-TRT ({', '.join(filter(None, parts))})"


def _about(entry: Entry, phase: Phase) -> bool:
    """Whether a record tells of a phase: a published one of its own alone."""
    return entry.record.nature != PUBLISHED or entry.record.phase == phase


def _seconds(entry: Entry, phase: Phase) -> float | None:
    if phase == "first":
        return entry.record.first_s
    return entry.statistics.mean if entry.statistics else None


def _ok(entry: Entry) -> bool:
    return entry.record.status == "ok"

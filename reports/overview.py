"""A run at one glance: where it ran, with what, how many cells agree, and which is the fastest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.ranking import Entry, grouped, place_label, rank, timed_models
from reports.results import Run
from reports.section import Fastest as Fastest
from reports.section import Section as Section
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.tables.agreement import AGAINST
from reports.tables.outcomes import WORST_FIRST, outcomes_table, worst
from reports.text import clean
from reports.units import NOTHING, figure, milliseconds, ratio


@dataclass(frozen=True)
class Runtime:
    """A runtime of the run: its version, or why it was not there."""

    name: str
    version: str
    unavailable: str = ""


@dataclass(frozen=True)
class Overview:
    """What every format shows of one or several runs; all text in it is clean."""

    runs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    devices: tuple[str, ...]
    runtimes: tuple[Runtime, ...]
    counts: Mapping[str, int]
    itself: int
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]

    @property
    def fastest(self) -> tuple[Fastest, ...]:
        """The fastest cells of the sections whose cells are alternatives for the steady state.

        A model's cells on one device count once, in the first experiment that has them.
        """
        found = [f for section in self.sections if section.chosen for f in section.fastest]
        first = {(f.entries[0].record.model, f.entries[0].place): f for f in reversed(found)}
        return tuple(f for f in found if f in first.values())

    @property
    def verdicts(self) -> tuple[tuple[str, int, str], ...]:
        """Word, count and detail of: agree, disagree, unstable if any, failed, not measured."""
        counts = self.counts
        apart = ("ok", "unstable", "not_measured", *AGAINST)
        failed = [status for status in WORST_FIRST if status not in apart]
        detail = f"{self.itself} of them with their own runtime" if self.itself else ""
        unstable = counts.get("unstable", 0)
        return (
            ("agree", counts.get("ok", 0), detail),
            ("disagree", *_sum(counts, AGAINST)),
            *((("unstable", unstable, ""),) if unstable else ()),
            ("failed", *_sum(counts, failed)),
            ("not measured", counts.get("not_measured", 0), ""),
        )

    def outcomes_table(self) -> Table | None:
        """How many cells of which runtime ended how, worst first; None where all are ``ok``."""
        return outcomes_table([entry for section in self.sections for entry in section.entries])

    def fastest_table(self) -> Table:
        """The fastest cell that agrees, by model."""
        columns = (
            Column("model"),
            Column("fastest that agrees"),
            Column("median (ms)", numeric=True),
            Column("FPS", numeric=True, priority=3),
            Column("next (× best)", numeric=True, priority=4),
            Column("agree", numeric=True),
            Column("batch", numeric=True, priority=3),
            Column("experiment", priority=1),
            Column("device", priority=2),
        )
        notes = Footnotes()
        rows = [_fastest_row(fastest, notes) for fastest in self.fastest]
        return notes.table("Fastest that agrees", columns, rows)


def overview(runs: Sequence[Run]) -> Overview:
    """Rank and sum up ``runs``."""
    entries = rank(runs)
    sections = grouped(entries, lambda entry: (entry.record.experiment, entry.place))
    verdicts = [entry.record.agreement for entry in entries if entry.record.ranked]
    return Overview(
        runs=tuple(clean(run.label, 80) for run in runs),
        facts=_facts(runs),
        devices=_devices(runs, entries),
        runtimes=_runtimes(runs, entries),
        counts=Counter(entry.record.status for entry in entries),
        itself=sum(verdict is not None and verdict.itself for verdict in verdicts),
        sections=tuple(
            Section(group[0].experiment, group[0].device, tuple(group), tuple(_fastest(group)))
            for group in sections.values()
        ),
        warnings=tuple(clean(warning) for run in runs for warning in run.warnings),
    )


def _sum(counts: Mapping[str, int], statuses: Iterable[str]) -> tuple[int, str]:
    found = [(status, counts[status]) for status in statuses if counts.get(status)]
    detail = ", ".join(f"{count} {status}" for status, count in found)
    if [status for status, _ in found] == ["disagrees"]:
        detail = ""  # the word says it
    return sum(count for _, count in found), detail


def _facts(runs: Sequence[Run]) -> tuple[tuple[str, str], ...]:
    """What the runs say about themselves, each distinct value once."""
    facts = []
    for key in ("id", "started", "resumed", "host", "system", "python", "options"):
        values = dict.fromkeys(_short(run.run.get(key)) for run in runs)
        if shown := "; ".join(value for value in values if value):
            facts.append((key, shown))
    return tuple(facts)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return clean(", ".join(f"{clean(k, 40)}: {clean(v, 80)}" for k, v in value.items()))
    if isinstance(value, (list, tuple)):
        return clean(" ".join(clean(item, 80) for item in value))
    return "" if value is None else clean(value)


def _devices(runs: Sequence[Run], entries: Sequence[Entry]) -> tuple[str, ...]:
    """The devices that records name, then those that only the runs name."""
    labels = dict.fromkeys(entry.device for entry in entries)
    for run in runs:
        devices = run.run.get("devices")
        for device in devices if isinstance(devices, list) else ():
            if isinstance(device, Mapping):
                nature = str(device.get("nature", "measured"))
                place = (str(device.get("kind", "")), str(device.get("name", "")), nature)
                labels[place_label(place)] = None
            else:
                labels[clean(device, 120)] = None
    return tuple(labels)


def _runtimes(runs: Sequence[Run], entries: Sequence[Entry]) -> tuple[Runtime, ...]:
    """Runtimes by name: those that answered with their versions, the others with the reason."""
    versions: dict[str, set[str]] = {}
    missing: dict[str, str] = {}
    for entry in entries:
        name, version = clean(entry.record.runtime, 60), clean(entry.record.runtime_version, 40)
        versions.setdefault(name, set()).add(version)
    for run in runs:
        runtimes = run.run.get("runtimes")
        for item in runtimes if isinstance(runtimes, list) else ():
            if not isinstance(item, Mapping):
                continue
            name = clean(item.get("name", "unnamed"), 60)
            if item.get("unavailable"):
                missing[name] = clean(item["unavailable"])
            else:
                versions.setdefault(name, set()).add(clean(item.get("version") or "", 40))
    found = []
    for name in sorted({*versions, *missing}):
        known = sorted(version for version in versions.get(name, ()) if version)
        why = "" if known else missing.get(name, "")
        found.append(Runtime(name, ", ".join(known), why))
    return tuple(found)


def _fastest(section: Sequence[Entry]) -> Iterable[Fastest]:
    for of_model in timed_models(section):
        batch = min(entry.record.batch for entry in of_model)
        group = [entry for entry in of_model if entry.record.batch == batch]
        ranked = sorted((e for e in group if e.ratio is not None), key=lambda e: e.ratio or 0.0)
        others = [entry for entry in group if entry.ratio is None]
        yield Fastest(
            entries=(*ranked, *others),
            winner=ranked[0] if ranked else None,
            runner_up=ranked[1].ratio if len(ranked) > 1 else None,
        )


def _fastest_row(fastest: Fastest, notes: Footnotes) -> list[Cell]:
    first, winner = fastest.entries[0], fastest.winner
    agree = sum(entry.record.ranked for entry in fastest.entries)
    statistics = winner.statistics if winner else None
    return [
        text(first.model),
        Cell(winner.setup, best=True) if winner else Cell("none", status="disagrees"),
        number(statistics.median, milliseconds(statistics.median))
        if statistics
        else worst(fastest.entries, notes),
        number(statistics.fps, figure(statistics.fps)) if statistics else Cell(NOTHING),
        number(fastest.runner_up, ratio(fastest.runner_up)),
        Cell(f"{agree}/{len(fastest.entries)}", sort_key=agree / len(fastest.entries)),
        number(first.record.batch),
        text(first.experiment),
        text(first.device),
    ]

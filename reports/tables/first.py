"""The first inference against the steady state."""

from __future__ import annotations

from collections.abc import Sequence

from reports.ranking import Entry
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.units import milliseconds, ratio


def first_table(entries: Sequence[Entry], title: str = "First against steady") -> Table | None:
    """Build, first and steady of each entry that timed a first inference; None without any."""
    if all(entry.record.first_s is None for entry in entries):
        return None
    notes = Footnotes()
    columns = [
        Column("model"),
        Column("runtime"),
        Column("knobs", priority=1),
        Column("build (ms)", numeric=True),
        Column("first (ms)", numeric=True),
        Column("steady median (ms)", numeric=True),
        Column("first ÷ steady", numeric=True),
    ]
    rows = [_row(entry, notes) for entry in entries]
    return notes.table(title, columns, rows)


def _row(entry: Entry, notes: Footnotes) -> list[Cell]:
    record = entry.record
    steady = entry.statistics.median if entry.statistics else None
    times = first_over_steady(entry) if record.ranked else None
    return [
        text(entry.model),
        text(f"{entry.runtime} [{entry.run}]" if entry.run else entry.runtime),
        text(entry.knobs),
        _time(record.build_s, entry, notes),
        _time(record.first_s, entry, notes),
        notes.ranked(entry, steady, milliseconds(steady), best=entry.best),
        number(times, ratio(times)),
    ]


def _time(seconds: float | None, entry: Entry, notes: Footnotes) -> Cell:
    """A time that is never ranked; where it is missing, the status that kept it from being taken."""
    if seconds is None and not entry.record.ranked:
        return notes.failure(entry)
    return number(seconds, milliseconds(seconds))


def first_over_steady(entry: Entry) -> float | None:
    """How many times the steady median the first inference took; None where either is missing."""
    if entry.record.first_s is None or not entry.statistics or entry.statistics.median <= 0:
        return None
    return entry.record.first_s / entry.statistics.median

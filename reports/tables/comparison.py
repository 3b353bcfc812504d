"""One model, its runtimes and threads side by side, a row for each batch and quantity."""

from __future__ import annotations

from collections.abc import Sequence

from reports.ranking import Entry, grouped, timed_models
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.units import NOTHING, figure, milliseconds


def comparison_tables(entries: Sequence[Entry]) -> list[Table]:
    """One table for each model that was to be timed: median and FPS over batch, by setup."""
    return [_comparison(of_model) for of_model in timed_models(entries)]


def _comparison(entries: Sequence[Entry]) -> Table:
    notes = Footnotes()
    setups = grouped(entries, _column)
    columns = [Column("batch", numeric=True), Column("quantity")]
    columns += [Column(setup, numeric=True) for setup in setups]
    rows = []
    for batch in sorted({entry.record.batch for entry in entries}):
        chosen = [
            _chosen([e for e in setups[setup] if e.record.batch == batch]) for setup in setups
        ]
        rows.append([number(batch), text("median (ms)"), *(_median(e, notes) for e in chosen)])
        rows.append([number(batch), text("FPS"), *(_fps(e, notes) for e in chosen)])
    return notes.table(entries[0].model, columns, rows, headers=2)


def _column(entry: Entry) -> str:
    return f"{entry.setup} [{entry.run}]" if entry.run else entry.setup


def _median(entry: Entry | None, notes: Footnotes) -> Cell:
    if entry is None:
        return Cell(NOTHING)
    median = entry.statistics.median if entry.statistics else None
    return notes.ranked(entry, median, milliseconds(median), best=entry.best)


def _fps(entry: Entry | None, notes: Footnotes) -> Cell:
    if entry is None:
        return Cell(NOTHING)
    fps = entry.statistics.fps if entry.statistics else None
    return notes.ranked(entry, fps, figure(fps))


def _chosen(entries: Sequence[Entry]) -> Entry | None:
    """The fastest that agrees; without one, the first failure."""
    ranked = [entry for entry in entries if entry.record.ranked and entry.statistics]
    if ranked:
        return min(ranked, key=lambda e: e.statistics.median if e.statistics else 0.0)
    return next(iter(entries), None)

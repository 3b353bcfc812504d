"""Accuracy on labelled inputs, models by runtimes."""

from __future__ import annotations

from collections.abc import Sequence

from reports.ranking import Entry, by_model, grouped
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.text import clean
from reports.units import NOTHING, percent


def accuracy_table(entries: Sequence[Entry], title: str = "Accuracy") -> Table | None:
    """Top-1 and top-5 by model and runtime; None where no accuracy was taken."""
    entries = [entry for entry in entries if entry.record.accuracy or not entry.record.ranked]
    if not any(entry.record.accuracy for entry in entries):
        return None
    notes = Footnotes()
    setups = grouped(entries, _setup)
    columns = [Column("model"), Column("data", priority=1), Column("top")]
    columns += [Column(setup, numeric=True) for setup in setups]
    rows = []
    for of_model in by_model(entries):
        found = grouped(of_model, _setup)
        chosen = [_chosen(found.get(setup, [])) for setup in setups]
        for top in (1, 5):
            head = [text(of_model[0].model), text(_data(of_model)), number(top)]
            rows.append([*head, *(_cell(entry, top, notes) for entry in chosen)])
    return notes.table(title, columns, rows, headers=3)


def _setup(entry: Entry) -> str:
    parts = (entry.runtime, entry.variant)
    label = ", ".join(part for part in parts if part)
    return f"{label} [{entry.run}]" if entry.run else label


def _data(entries: Sequence[Entry]) -> str:
    taken = {
        f"{clean(a.dataset, 40)}, {a.images} images" for e in entries if (a := e.record.accuracy)
    }
    return "; ".join(sorted(taken))


def _chosen(entries: Sequence[Entry]) -> Entry | None:
    """The entry that took the accuracy, or else one that failed."""
    return max(entries, key=lambda entry: entry.record.accuracy is not None, default=None)


def _cell(entry: Entry | None, top: int, notes: Footnotes) -> Cell:
    if entry is None:
        return Cell(NOTHING)
    accuracy = entry.record.accuracy
    share = (accuracy.top1 if top == 1 else accuracy.top5) if accuracy else None
    return notes.ranked(entry, share, percent(share))

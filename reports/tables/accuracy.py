"""Accuracy on labelled inputs, models by runtimes."""

from __future__ import annotations

from collections.abc import Sequence

from reports.ranking import Entry, by_model, grouped
from reports.reference_accuracy import held, interval
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.text import clean
from reports.units import NOTHING, percent


def accuracy_table(entries: Sequence[Entry], title: str = "Accuracy") -> Table | None:
    """Top-1 and top-5 by model and runtime, with the interval in which each share is known.

    Where a network's authors published theirs it stands beside, and whether it lies in the intervals.
    None where no accuracy was taken.
    """
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
            rows.append([*head, *(_cell(e, top, notes) for e in chosen), *_authors(chosen, top)])
    columns += [Column("authors", numeric=True), Column("verdict")]
    return notes.table(title, *told(columns, rows, 3 + len(setups)), headers=3)


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
    found = held(entry, top)
    if found is None:
        return notes.ranked(entry, None, NOTHING)
    shown = f"{percent(found.share)} ({interval(found.between)})"
    return notes.ranked(entry, found.share, shown)


def _authors(chosen: Sequence[Entry | None], top: int) -> list[Cell]:
    """The authors' share, and what those that are ranked say of it."""
    ranked = [entry for entry in chosen if entry is not None and entry.record.ranked]
    known = [found for e in ranked if (found := held(e, top)) and found.published is not None]
    if not known:
        return [Cell(NOTHING)] * 2
    verdicts = sorted({found.verdict for found in known})
    bad = "" if verdicts == ["agrees"] else "disagrees"
    published = known[0].published
    shown = None if published is None else f"{published * 100:.2f} %"
    return [number(published, shown), Cell(", ".join(verdicts), status=bad)]

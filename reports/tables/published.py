"""The published figures of co-compilation beside a run's, row by row, with the error of each."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from reports.cocompile import EXPERIMENT, Slot
from reports.ranking import Entry
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.text import clean
from reports.units import NOTHING


def published_table(entries: Sequence[Entry]) -> Table | None:
    """A row for each slot of each case; None where there is none.

    The run's figure is the arithmetic mean, as the source computes its own. The title counts the
    independent predictions of a simulation apart from those that it was fitted on, and from repeats
    of these in other cases, which check only when parameters are loaded.
    """
    slots = [Slot.of(entry) for entry in entries if entry.record.experiment == EXPERIMENT]
    if not slots:
        return None
    notes = Footnotes()
    rows, independent = [], []
    for slot in sorted(slots, key=_order):
        error = _error(slot)
        if error is not None and _kind(slot) == "independent":
            independent.append(abs(error))
        rows.append(_row(slot, error, notes))
    nature = clean(slots[0].entry.record.nature, 20)
    title = f"{nature.capitalize()} against published"
    if independent:
        title += (
            f": {len(independent)} independent predictions, mean error {fmean(independent):.1f} %,"
            f" worst {max(independent):.1f} %"
        )
    columns = (
        Column("case"),
        Column("compiled"),
        Column("phase"),
        Column("slot", numeric=True),
        Column("model"),
        Column("published (ms)", numeric=True),
        Column(f"{nature} (ms)", numeric=True),
        Column("error (%)", numeric=True),
        Column("prediction", priority=1),
        Column("status", priority=2),
    )
    return notes.table(title, columns, rows, headers=5)


def _row(slot: Slot, error: float | None, notes: Footnotes) -> list[Cell]:
    row, mean, entry = slot.latency, slot.mean, slot.entry
    status = text("ok") if entry.record.ranked else notes.failure(entry)
    return [
        text(slot.case),
        text(slot.how),
        text(slot.phase),
        number(slot.number),
        text(entry.model),
        number(row.latency_ms, f"{row.latency_ms:.2f}") if row else Cell(NOTHING),
        number(mean * 1e3, f"{mean * 1e3:.2f}") if mean is not None else Cell(NOTHING),
        number(error, f"{error:+.1f}" if error is not None else None),
        text(_kind(slot) or NOTHING),
        status,
    ]


def _order(slot: Slot) -> tuple[str, str, bool, int]:
    return (slot.case, slot.how, slot.phase != "first", slot.number)


def _kind(slot: Slot) -> str:
    return clean(slot.entry.record.environment.get("prediction", ""), 20)


def _error(slot: Slot) -> float | None:
    """Per cent above the published figure; None where they are not of the same link."""
    if slot.published is None or slot.mean is None or not slot.comparable:
        return None
    return 100 * (slot.mean / slot.published - 1)

"""The published figures of co-compilation beside a run's, row by row, with the error of each."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from reports.published.tables import Latency, cocompile_latency
from reports.ranking import Entry
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.text import clean
from reports.units import NOTHING

#: The experiment whose records are compared, and the link that the figures were published for.
EXPERIMENT, LINK = "cocompile", "usb2"


def published_table(entries: Sequence[Entry]) -> Table | None:
    """A row for each slot of each case; None where there is none.

    The run's figure is the arithmetic mean, as the source computes its own. The title counts the
    independent predictions of a simulation apart from those that it was fitted on, and from repeats
    of these in other cases, which check only when parameters are loaded.
    """
    cells = [entry for entry in entries if entry.record.experiment == EXPERIMENT]
    if not cells:
        return None
    known: dict[tuple[str, bool, str, int], Latency]
    known = {(r.experiment, r.cocompiled, r.phase, r.slot): r for r in cocompile_latency()}
    notes = Footnotes()
    rows, independent = [], []
    for entry in sorted(cells, key=_order):
        row = known.get(_key(entry))
        error = _error(entry, row)
        if error is not None and _kind(entry) == "independent":
            independent.append(abs(error))
        rows.append(_row(entry, row, error, notes))
    nature = cells[0].record.nature
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


def _row(entry: Entry, row: Latency | None, error: float | None, notes: Footnotes) -> list[Cell]:
    case, together, phase, slot = _key(entry)
    mean = entry.statistics.mean * 1e3 if entry.statistics else None
    status = text("ok") if entry.record.ranked else notes.failure(entry)
    return [
        text(case),
        text("together" if together else "apart"),
        text(phase),
        number(slot),
        text(entry.model),
        number(row.latency_ms, f"{row.latency_ms:.2f}") if row else Cell(NOTHING),
        number(mean, f"{mean:.2f}") if mean is not None else Cell(NOTHING),
        number(error, f"{error:+.1f}" if error is not None else None),
        text(_kind(entry) or NOTHING),
        status,
    ]


def _key(entry: Entry) -> tuple[str, bool, str, int]:
    knobs = entry.record.knobs
    slot = knobs.get("slot")
    return (
        clean(knobs.get("case", ""), 60),
        knobs.get("cocompiled") == "yes",
        clean(knobs.get("phase", ""), 20),
        slot if isinstance(slot, int) else 0,
    )


def _order(entry: Entry) -> tuple[str, bool, bool, int]:
    case, together, phase, slot = _key(entry)
    return (case, together, phase != "first", slot)


def _kind(entry: Entry) -> str:
    return clean(entry.record.environment.get("prediction", ""), 20)


def _error(entry: Entry, row: Latency | None) -> float | None:
    """Per cent above the published figure; None where they are not of the same link."""
    facts = entry.record.device.get("facts")
    link = facts.get("interface") if isinstance(facts, dict) else None
    if row is None or entry.statistics is None or link not in (None, LINK):
        return None
    return 100 * (entry.statistics.mean * 1e3 / row.latency_ms - 1)

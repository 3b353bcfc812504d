"""Every cell of a run, one row each."""

from __future__ import annotations

from collections.abc import Sequence

from reports.ranking import Entry
from reports.record import Coverage
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.tables.agreement import verdict
from reports.tables.memory import PEAKS, peak
from reports.text import clean
from reports.units import NOTHING, figure, mebibytes, milliseconds, percent, ratio


def cells_table(entries: Sequence[Entry], title: str = "All cells") -> Table:
    """All ``entries``; device and run have columns where there is more than one of them.

    A column that says nothing of any entry is left out.
    """
    notes = Footnotes()
    several_devices = len({entry.place for entry in entries}) > 1
    several_runs = len({entry.run for entry in entries}) > 1
    columns = [Column("model"), Column("runtime"), Column("knobs")]
    columns += [Column("run", priority=1)] * several_runs
    columns += [Column("device", priority=2)] * several_devices
    columns += [
        Column("convert (ms)", numeric=True, priority=7),
        Column("build (ms)", numeric=True, priority=7),
        Column("first (ms)", numeric=True, priority=5),
        Column("second (ms)", numeric=True, priority=7),
        Column("median (ms)", numeric=True),
        Column("p90 (ms)", numeric=True, priority=6),
        Column("p99 (ms)", numeric=True, priority=6),
        Column("FPS", numeric=True, priority=4),
        Column("× best", numeric=True),
        Column("agreement", priority=2),
        Column("coverage", priority=3),
        Column("memory (MiB)", numeric=True, priority=6),
        Column("status"),
    ]
    rows = []
    for entry in entries:
        row = [text(entry.model), text(entry.runtime), text(entry.knobs)]
        row += [text(entry.run)] * several_runs
        row += [text(entry.device)] * several_devices
        rows.append(row + _figures(entry, notes))
    return notes.table(title, *told(columns, rows, keep=3))


def _figures(entry: Entry, notes: Footnotes) -> list[Cell]:
    record, statistics = entry.record, entry.statistics
    steady = statistics.median if statistics else None
    median = notes.ranked(entry, steady, milliseconds(steady), best=entry.best)
    status = Cell("ok", status="ok") if record.ranked else notes.failure(entry)
    shown = statistics if record.ranked else None
    memory = max(peak(entry, name) or 0 for name in PEAKS) or None
    return [
        *(
            number(seconds, milliseconds(seconds))
            for seconds in (record.convert_s, record.build_s, record.first_s, record.second_s)
        ),
        median,
        number(shown.p90, milliseconds(shown.p90)) if shown else Cell(NOTHING),
        number(shown.p99, milliseconds(shown.p99)) if shown else Cell(NOTHING),
        number(shown.fps, figure(shown.fps)) if shown else Cell(NOTHING),
        number(entry.ratio, ratio(entry.ratio)),
        text(verdict(record.agreement)),
        coverage(record.coverage),
        number(memory, mebibytes(memory)),
        status,
    ]


def coverage(found: Coverage | None) -> Cell:
    """Which share of the operators was taken, and by what."""
    if found is None:
        return Cell(NOTHING)
    if found.taken is not None and found.total is not None:
        share = f"{found.taken}/{found.total}"
    elif found.share is not None:
        share = percent(found.share)
    elif found.taken is not None:
        share = f"{found.taken} taken"
    else:
        share = clean(found.detail, 40) or "unknown"
    return Cell(f"{share} {clean(found.by, 40)}", sort_key=found.share)

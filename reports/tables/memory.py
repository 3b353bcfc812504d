"""The memory of the runtimes' processes: peaks of building and of running, by model and runtime."""

from __future__ import annotations

from collections.abc import Sequence

from reports.ranking import Entry, by_model, grouped
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.tables.outcomes import worst
from reports.text import clean
from reports.units import NOTHING, mebibytes

#: What of a record's memory has a row, and the name of the row.
PEAKS = {"convert": "converting", "build": "building", "run": "running"}


def memory_table(entries: Sequence[Entry]) -> Table | None:
    """A row for each phase of each model, its runtimes side by side; None where nothing was measured.

    A figure is the largest over threads and batches, in MiB; the status of cells that failed
    before there was anything to measure stands in its place, or beside it. The title says how it
    was measured and in which process, since a process that is shared keeps what others left in it.
    """
    measured = [entry for entry in entries if any(peak(entry, name) for name in PEAKS)]
    if not measured:
        return None
    notes = Footnotes()
    setups = grouped(entries, _setup)
    phases = {n: title for n, title in PEAKS.items() if any(peak(e, n) for e in entries)}
    columns = [Column("model"), Column("MiB while")]
    columns += [Column(setup, numeric=True) for setup in setups]
    rows = []
    for of_model in by_model(entries):
        found = grouped(of_model, _setup)
        for name, title in phases.items():
            cells = [_largest(found.get(setup, []), name, notes) for setup in setups]
            if any(cell.text != NOTHING for cell in cells):
                rows.append([text(of_model[0].model), text(title), *cells])
    how = "; ".join(dict.fromkeys(filter(None, map(_how, measured))))
    return notes.table(f"Memory ({clean(how)})" if how else "Memory", columns, rows, headers=2)


def peak(entry: Entry, name: str) -> int | None:
    """A number of bytes of the entry's memory, None where it was not measured."""
    return entry.record.memory.get(name)


def _setup(entry: Entry) -> str:
    setup = ", ".join(part for part in (entry.runtime, entry.variant) if part)
    return f"{setup} [{entry.run}]" if entry.run else setup


def _largest(entries: Sequence[Entry], name: str, notes: Footnotes) -> Cell:
    found = [bytes_ for entry in entries if (bytes_ := peak(entry, name)) is not None]
    failed = [e for e in entries if peak(e, name) is None and e.record.status != "ok"]
    if not failed:
        return number(max(found), mebibytes(max(found))) if found else Cell(NOTHING)
    ending = worst(failed, notes, of=len(entries))
    shown = f"{mebibytes(max(found))} ({ending.text})" if found else ending.text
    return Cell(shown, status=ending.status, footnote=ending.footnote)


def _how(entry: Entry) -> str:
    parts = (entry.record.memory.get("by"), entry.record.environment.get("process"))
    return ", ".join(clean(part, 80) for part in parts if part)

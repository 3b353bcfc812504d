"""How the cells ended: statuses by runtimes, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reports.ranking import Entry, grouped
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.units import NOTHING

#: Wrong answers before lost ones, what took the process with it before what was told in order, and
#: what nobody could help last.
WORST_FIRST = (
    "disagrees",
    "crashed",
    "killed",
    "device_lost",
    "timeout",
    "oom",
    "engine_mismatch",
    "error",
    "degenerate",
    "unstable",
    "unsupported",
    "not_measured",
    "ok",
)


def severity(entry: Entry) -> int:
    """A sort key that puts the worst outcome first."""
    return WORST_FIRST.index(entry.record.status)


def outcomes_table(entries: Sequence[Entry], title: str = "Outcomes") -> Table | None:
    """Counts of cells by status and runtime, worst first; None where every cell is ``ok``.

    Each status says which of its reasons is the most frequent, and in how many of its cells.
    """
    if all(entry.record.status == "ok" for entry in entries):
        return None
    notes = Footnotes()
    runtimes = sorted({entry.runtime for entry in entries})
    columns = [Column("status"), Column("cells", numeric=True)]
    columns += [Column(runtime, numeric=True) for runtime in runtimes]
    columns.append(Column("reasons", numeric=True, priority=1))
    rows = []
    by_status = grouped(sorted(entries, key=severity), lambda entry: entry.record.status)
    for status, group in by_status.items():
        counts = Counter(entry.runtime for entry in group)
        place = float(WORST_FIRST.index(status))
        row = [Cell(status, status=status, sort_key=place), number(len(group))]
        row += [number(counts[name]) if counts[name] else Cell(NOTHING) for name in runtimes]
        rows.append([*row, _reasons(status, group, notes)])
    return notes.table(title, columns, rows)


def _reasons(status: str, group: Sequence[Entry], notes: Footnotes) -> Cell:
    """How many different reasons there are, and the most frequent in a footnote."""
    reasons = Counter(entry.reason for entry in group if entry.reason)
    if status == "ok" or not reasons:
        return Cell(NOTHING)
    ((reason, count),) = reasons.most_common(1)
    often = f"{status}, in {count} of {len(group)} cells: " if len(reasons) > 1 else f"{status}: "
    return Cell(str(len(reasons)), sort_key=len(reasons), footnote=notes.number(often + reason))


def worst(entries: Sequence[Entry], notes: Footnotes, of: int | None = None) -> Cell:
    """How ``entries`` ended: the worst status with its reason, and how many ``of`` them (all)."""
    failed = [entry for entry in entries if entry.record.status != "ok"]
    if not failed:
        return text("ok" if any(e.statistics for e in entries) else "no steady state")
    first = min(failed, key=severity)
    status, whole = first.record.status, of or len(entries)
    count = sum(entry.record.status == status for entry in failed)
    shown = status if count == whole else f"{status} in {count} of {whole}"
    return Cell(shown, status=status, footnote=notes.number(first.reason))

"""Which runtimes agree with the reference, on which models, and by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports.ranking import Entry, by_model, grouped
from reports.record import Agreement
from reports.tables import Cell, Column, Footnotes, Table, text
from reports.units import NOTHING

#: Statuses that are a verdict on the answer, rather than a cell that gave none.
AGAINST = ("disagrees", "degenerate")


def verdict(agreement: Agreement | None) -> str:
    """An agreement in few words, such as ``8/8 top-1, 3 steps (≤ 8)``."""
    if agreement is None:
        return NOTHING
    unit = f" step{'s' * (agreement.worst != 1)}" if agreement.measure == "steps" else ""
    words = f"{agreement.top1}/{agreement.inputs} top-1"
    words += f", {_short(agreement.worst)}{unit} (≤ {_short(agreement.tolerance)})"
    if agreement.near_ties:
        words += f", {agreement.near_ties} near tie{'s' * (agreement.near_ties != 1)}"
    return words + (", itself" if agreement.itself else "")


def _short(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "not finite"


def agreement_table(entries: Sequence[Entry], title: str = "Agreement") -> Table | None:
    """Models by runtimes and variants, over all threads and batches; None without any verdict."""
    if all(entry.record.agreement is None for entry in entries):
        return None
    notes = Footnotes()
    setups = grouped(entries, _setup)
    columns = [Column("model"), *(Column(setup) for setup in setups)]
    rows = []
    for of_model in by_model(entries):
        found = grouped(of_model, _setup)
        rows.append(
            [text(of_model[0].model), *(_summary(found.get(setup, []), notes) for setup in setups)]
        )
    return notes.table(title, columns, rows)


def _setup(entry: Entry) -> str:
    return f"{entry.runtime}, {entry.variant}" if entry.variant else entry.runtime


def _summary(entries: Sequence[Entry], notes: Footnotes) -> Cell:
    """The worst verdict of ``entries``, and how many have none."""
    if not entries:
        return Cell(NOTHING)
    against = [entry for entry in entries if entry.record.status in AGAINST]
    if against:
        worst = max(against, key=_distance)
        where = f" in {len(against)} of {len(entries)} cells" if len(entries) > 1 else ""
        says = f": {verdict(worst.record.agreement)}" if worst.record.agreement else ""
        status = worst.record.status
        return Cell(
            f"{status}{where}{says}",
            status=status,
            sort_key=_distance(worst),
            footnote=notes.number(worst.reason),
        )
    judged = [entry for entry in entries if entry.record.agreement]
    if not judged:
        failed = next((entry for entry in entries if not entry.record.ranked), None)
        return notes.failure(failed) if failed else Cell(NOTHING)
    worst = max(judged, key=_distance)
    says = verdict(worst.record.agreement)
    failed = next((entry for entry in entries if not entry.record.ranked), None)
    if failed is None:
        return Cell(says, status="ok", sort_key=_distance(worst))
    count = sum(not entry.record.ranked for entry in entries)
    cells = f"{count} of {len(entries)} cells " if len(entries) > 1 else ""
    return Cell(
        f"{says}; {cells}{failed.record.status}",
        status=failed.record.status,
        sort_key=_distance(worst),
        footnote=notes.number(failed.reason),
    )


def _distance(entry: Entry) -> float:
    """The worst difference in tolerances: above 1 is outside. What is not finite is farthest."""
    agreement = entry.record.agreement
    if agreement is None:
        return -1.0
    if not math.isfinite(agreement.worst):
        return 1e300
    return agreement.worst / agreement.tolerance if agreement.tolerance > 0 else agreement.worst

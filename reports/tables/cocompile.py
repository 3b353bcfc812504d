"""Co-compilation as its source tabulates it: who has which memory, and what a turn takes."""

from __future__ import annotations

from collections.abc import Sequence

from reports.cocompile import Case, Slot, cases, placed, with_placement
from reports.published.tables import size
from reports.ranking import Entry
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.tables.outcomes import severity
from reports.text import clean
from reports.units import NOTHING, mebibytes

#: What a case's last row is called: the times of its models, added.
TURN = "one turn"
_LEFT = "what the models before it leave of the on-chip memory, as the compiler prints it"


def placement_table(entries: Sequence[Entry]) -> Table | None:
    """A row for each slot of each case, whatever its phases; None where no placement is known.

    ``free`` is what is left on the chip: by the model itself where it was compiled apart, by all
    of its case where they were compiled together.
    """
    found = placed(cases(entries))
    if not found:
        return None
    notes = Footnotes()
    rows = [_placement(case, slot, notes) for case in found for slot in with_placement(case)]
    columns = (
        Column("case"),
        Column("compiled"),
        Column("slot", numeric=True),
        Column("model"),
        Column("cached (MiB)", numeric=True),
        Column("streamed (MiB)", numeric=True),
        Column("free (MiB)", numeric=True),
        Column("published used (MiB)", numeric=True),
        Column("published off-chip (MiB)", numeric=True),
        Column("published available (MiB)", numeric=True, priority=1),
    )
    return notes.table("Co-compilation: memory", *told(columns, rows), headers=4)


def _placement(case: Case, slot: Slot, notes: Footnotes) -> list[Cell]:
    compiler, cached, free = slot.compiler, slot.placed("cached"), case.free(slot)
    shared = "all models of the case share it" if case.how == "together" else ""
    whence = "; ".join(filter(None, (shared, slot.whence("available_whence"))))
    if free is not None and free < 0:
        whence = f"{mebibytes(-free)} MiB more is cached than is available: {whence}"
    kept = (compiler.onchip_used, compiler.offchip) if compiler else ("", "")
    return [
        *_case(case),
        number(slot.number),
        text(slot.entry.model),
        _bytes(cached, notes.number(slot.whence())),
        _bytes(slot.placed("streamed")),
        _bytes(free if free is None else max(free, 0), notes.number(whence)),
        *(_bytes(size(printed) if printed else None) for printed in kept),
        _bytes(size(compiler.onchip_available), notes.number(_LEFT)) if compiler else Cell(NOTHING),
    ]


def turns_table(entries: Sequence[Entry], *, sums: bool = False) -> Table | None:
    """A row for each slot of each case in each phase, and one for their sum; None without cases.

    With ``sums`` those of the sums alone; None where no case has one.

    A sum has a published one beside it where all of its parts were published, and is ranked where
    all of its parts are. Where a model infers several times in a turn, the last column has every
    use of it, and cases are ranked by that.
    """
    found = cases(entries)
    if not found:
        return None
    notes = Footnotes()
    weighted = any(case.weighted for case in found)
    rows = []
    for case in found:
        rows += [] if sums else [_slot(case, slot, notes) for slot in case.slots]
        if len(case.slots) > 1 and case.turn is not None:
            rows.append(_turn(case, notes, weighted=weighted))
    if not rows:
        return None
    columns = [
        Column("case"),
        Column("compiled"),
        Column("phase"),
        Column("model"),
        Column("mean (ms)", numeric=True),
        Column("published mean, USB 2.0 (ms)", numeric=True),
        Column("median (ms)", numeric=True, priority=2),
        Column("p90 (ms)", numeric=True, priority=3),
        Column("p99 (ms)", numeric=True, priority=3),
        Column("uses", numeric=True),
        Column("per cycle (ms)", numeric=True),
    ]
    if not weighted:
        columns, rows = columns[:-2], [row[:-2] for row in rows]
    nature = clean(found[0].slots[0].entry.record.nature, 20)
    title = f"Co-compilation: latency, {nature}"
    return notes.table(title, *told(columns, rows), headers=4)


def _slot(case: Case, slot: Slot, notes: Footnotes) -> list[Cell]:
    entry, shown = slot.entry, slot.entry.statistics if slot.entry.record.ranked else None
    percentiles = (shown.median, shown.p90, shown.p99) if shown else (None,) * 3
    return [
        *_case(case),
        text(case.phase),
        text(entry.model),
        notes.ranked(entry, slot.mean, _milliseconds(slot.mean)),
        *(_time(seconds) for seconds in (slot.published, *percentiles)),
        number(slot.use),
        _time(None if slot.mean is None or not shown else slot.use * slot.mean),
    ]


def _turn(case: Case, notes: Footnotes, *, weighted: bool) -> list[Cell]:
    """The sum of a case; the status of its worst slot where one of them may not be ranked."""
    doubtful = [slot.entry for slot in case.slots if not slot.entry.record.ranked]
    entry = min(doubtful, key=severity, default=case.slots[0].entry)
    turn, cycle = (
        notes.ranked(entry, seconds, _milliseconds(seconds), best=case.best and of)
        for seconds, of in ((case.turn, not weighted), (case.cycle, weighted))
    )
    return [
        *_case(case),
        text(case.phase),
        text(TURN),
        turn,
        _time(case.published),
        *[Cell(NOTHING)] * 3,
        Cell(NOTHING),
        cycle,
    ]


def _case(case: Case) -> list[Cell]:
    run = case.slots[0].entry.run
    return [text(f"{case.name} [{run}]" if run else case.name), text(case.how)]


def _bytes(count: float | None, footnote: int | None = None) -> Cell:
    if count is None:
        return Cell(NOTHING)
    return Cell(mebibytes(count), sort_key=count, footnote=footnote)


def _time(seconds: float | None) -> Cell:
    return number(seconds, _milliseconds(seconds))


def _milliseconds(seconds: float | None) -> str:
    """With two decimals, as the source prints its own."""
    return NOTHING if seconds is None else f"{seconds * 1e3:.2f}"

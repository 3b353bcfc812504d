"""Where each runtime builds its engine: what every phase takes, what it weighs, when it has paid."""

from __future__ import annotations

from collections.abc import Sequence

from reports.break_even import MOST, Paid
from reports.engines import ANEW, Held, Network, Placed, networks, soonest
from reports.ranking import Entry
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.tables.memory import peak
from reports.text import clean
from reports.units import NOTHING, figure, mebibytes, milliseconds, percent, ratio


def engine_tables(entries: Sequence[Entry]) -> list[Table | None]:
    """Every network's placements phase by phase, then what all engines weigh and when they have paid."""
    found = networks(entries)
    return [
        break_even_table(entries),
        wake_table(entries),
        *map(_phases, found),
        _sizes(found),
    ]


def _phases(network: Network) -> Table:
    """A row for each placement of one network; the soonest answer is marked."""
    notes = Footnotes()
    columns = [
        Column("runtime"),
        Column("engine"),
        Column("convert (ms)", numeric=True),
        Column("open (ms)", numeric=True),
        Column("first (ms)", numeric=True),
        Column("second (ms)", numeric=True, priority=3),
        Column("steady median (ms)", numeric=True),
        Column("to first answer (ms)", numeric=True),
        Column("with import (ms)", numeric=True, priority=2),
        Column("by", priority=1),
    ]
    rows = [_phase_row(each, network, notes) for each in network.placed]
    return notes.table(f"{network.title}: phases", *told(columns, rows, keep=2), headers=2)


def _phase_row(placed: Placed, network: Network, notes: Footnotes) -> list[Cell]:
    entry, record = placed.entry, placed.entry.record
    answer, best = placed.answer, placed is network.best
    return [
        *_who(placed),
        *map(_time, (record.convert_s, record.build_s, record.first_s, record.second_s)),
        notes.ranked(entry, placed.steady, milliseconds(placed.steady)),
        notes.ranked(entry, answer, milliseconds(answer), best=best),
        _time(placed.cold if record.ranked else None),
        text(placed.how),
    ]


def _sizes(found: Sequence[Network]) -> Table | None:
    """Bytes on disk and in memory, and by which versions an engine was made and run."""
    rows = []
    for network in found:
        for placed in network.placed:
            sized = [_mib(placed.bytes()), _mib(placed.bytes("original_bytes"))]
            growth = number(placed.growth, ratio(placed.growth))
            peaks = [_mib(peak(placed.entry, name)) for name in ("convert", "build", "run")]
            made, run = (clean(placed.entry.record.engine.get(by) or "", 60) for by in _BY)
            versions = [text(made), text(run if run != made else "")]
            head = [text(network.title), *_who(placed)]
            rows.append([*head, *sized, growth, *peaks, text(placed.how), *versions])
    columns = [
        Column("network"),
        Column("runtime"),
        Column("engine"),
        Column("engine (MiB)", numeric=True),
        Column("model (MiB)", numeric=True),
        Column("engine ÷ model", numeric=True),
        Column("peak converting (MiB)", numeric=True),
        Column("peak opening (MiB)", numeric=True),
        Column("peak running (MiB)", numeric=True),
        Column("by", priority=1),
        Column("made by", priority=3),
        Column("run by another version", priority=3),
    ]
    if all(cell.text == NOTHING for row in rows for cell in row[3:9]):
        return None
    return Footnotes().table("Engines on disk and in memory", *told(columns, rows, 3), headers=3)


_BY = ("made_by", "run_by")


def break_even_table(entries: Sequence[Entry]) -> Table | None:
    """A row for each engine that was made ahead: see ``reports.break_even``; None without any."""
    notes = Footnotes()
    rows = [
        [text(network.title), *_paid_row(held, notes)]
        for network in networks(entries)
        for held in network.held
    ]
    columns = [
        Column("network"),
        Column("runtime"),
        Column("engine"),
        Column("convert (ms)", numeric=True),
        Column("saved per start (ms)", numeric=True, priority=1),
        Column("starts to pay", numeric=True),
        Column("gained per inference (ms)", numeric=True, priority=2),
        Column("inferences to pay", numeric=True),
        Column("by", priority=3),
        Column("against", priority=4),
    ]
    return notes.table("Break-even", *told(columns, rows, 3), headers=3) if rows else None


def _paid_row(held: Held, notes: Footnotes) -> list[Cell]:
    ahead, anew = held.ahead, held.anew
    if held.costs is None:
        missing = Cell(held.status or NOTHING, status=held.status, footnote=notes.number(held.why))
        figures = [Cell(NOTHING), missing, Cell(NOTHING), Cell(NOTHING)]
    else:
        figures = [
            _signed(held.saved),
            _paid(held.starts),
            _signed(held.gained),
            _paid(held.inferences),
        ]
    converted = _time(ahead.entry.record.convert_s)
    against = text(anew.label if anew else "")
    return [*_who(ahead), converted, *figures, text(ahead.how), against]


def wake_table(entries: Sequence[Entry]) -> Table | None:
    """What one inference costs a device that starts for it, by each runtime's soonest placement.

    The share that is not inference is of the whole with its import. None where no start was timed.
    """
    rows = []
    for network in networks(entries):
        for group in network.runtimes:
            chosen = soonest(group)
            if chosen is None:
                continue
            anew = soonest(each for each in group if each.when in ANEW)
            rows.append(
                [
                    text(network.title),
                    *_who(chosen),
                    number(chosen.answer, milliseconds(chosen.answer), best=chosen is network.best),
                    _time(anew.answer if anew else None),
                    _time(chosen.cold),
                    _time(chosen.steady),
                    number(chosen.idle_share, percent(chosen.idle_share)),
                    number(chosen.worth, figure(chosen.worth)),
                    text(chosen.how),
                ]
            )
    columns = [
        Column("network"),
        Column("runtime"),
        Column("engine"),
        Column("open and first (ms)", numeric=True),
        Column("built at the start (ms)", numeric=True),
        Column("with import (ms)", numeric=True),
        Column("awake already (ms)", numeric=True, priority=1),
        Column("not inference", numeric=True),
        Column("as long as inferences", numeric=True, priority=1),
        Column("by", priority=2),
    ]
    title = "Waking for one inference"
    return Footnotes().table(title, *told(columns, rows, 3), headers=3) if rows else None


def _who(placed: Placed) -> list[Cell]:
    return [text(placed.who), text(placed.short)]


def _time(seconds: float | None) -> Cell:
    return number(seconds, milliseconds(seconds))


def _signed(seconds: float | None) -> Cell:
    if seconds is None:
        return Cell(NOTHING)
    if seconds == 0:
        return Cell("none", sort_key=0.0)
    sign = "-" if seconds < 0 else ""
    return number(seconds, f"{sign}{milliseconds(abs(seconds))}")


def _paid(found: Paid | None) -> Cell:
    if found is None:
        return Cell(NOTHING)
    return Cell(str(found), sort_key=found.at or MOST)


def _mib(count: int | None) -> Cell:
    return number(count, mebibytes(count))

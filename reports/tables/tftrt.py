"""The source's tables of TF-TRT: size, first inference with is_dynamic_op on and off, the later ones.

Originals stand against what was converted, published figures beside measured ones, and statuses where
there is no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.published.tftrt import DEVICES, human
from reports.ranking import Entry, nature_suffix
from reports.statistics import over
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.tftrt import COUNT, ORIGINAL, Figure, Grid, Network, Phase, grid, quotient
from reports.tftrt import published as published_grid
from reports.units import NOTHING, milliseconds, ratio

#: The one way of converting that the source has.
PUBLISHED_WAY = "TF-TRT (FP16)"
#: What the columns of ratios are called: converted over original, or the other way round.
_LARGER, _FASTER = "÷ original", "times as fast"
#: Put before what the source says instead of a figure.
SAYS = "the source says: "


@dataclass(frozen=True)
class Quantity:
    """One of the source's tables of times; ``faster`` where it shows what converting gains."""

    title: str
    phase: Phase
    dynamic: bool | None
    faster: bool = False


QUANTITIES = (
    Quantity("First inference (ms), is_dynamic_op=True", "first", True),
    Quantity("First inference (ms), is_dynamic_op=False", "first", False),
    Quantity(
        f"Later inferences (ms), mean of {COUNT} after the first", "steady", None, faster=True
    ),
)


def tftrt_tables(entries: Sequence[Entry]) -> list[Table]:
    """The source's four tables for ``entries`` of one device, beside those published of its kind."""
    found = grid(entries)
    if found is None:
        return []
    beside = published_grid(found.kind)
    nature = nature_suffix(entries[0].record.nature)
    tables = [_times(found, beside, quantity, nature) for quantity in QUANTITIES]
    return [table for table in (_sizes(found, beside), *tables) if table]


def published_tables(kind: str) -> list[Table]:
    """The same four of what was published alone, of one of the source's devices."""
    found = published_grid(kind)
    if found is None:
        return []
    tables = [_times(found, None, each, f", {DEVICES[kind]} (published)") for each in QUANTITIES]
    return [table for table in (_sizes(found, None), *tables) if table]


def _sizes(found: Grid, beside: Grid | None) -> Table | None:
    """A row for each network: its size as it was, converted, and what was published of either."""
    rows = []
    for network in found.networks:
        told_of = beside.network(network.published) if beside else None
        row = [text(network.title), *_weighed(network, found.ways)]
        if beside:
            row += _weighed(told_of, (PUBLISHED_WAY,))
        rows.append(row)
    columns = [Column("network"), *_heads(found.ways, _LARGER, beside=beside is not None)]
    if all(cell.text == NOTHING for row in rows for cell in row[1 : 2 + 2 * len(found.ways)]):
        return None
    return Footnotes().table("Size on disk", *told(columns, rows, 1))


def _weighed(network: Network | None, ways: Sequence[str]) -> list[Cell]:
    original = network.original_bytes if network else None
    cells = [_size(original)]
    for way in ways:
        made = network.bytes(way) if network else None
        growth = over(made, original)
        cells += [_size(made), number(growth, ratio(growth))]
    return cells


def _size(count: int | None) -> Cell:
    return number(count, None if count is None else human(count))


def _times(found: Grid, beside: Grid | None, of: Quantity, where: str) -> Table | None:
    """A row for each network: milliseconds as it was, converted, and what was published of either."""
    notes = Footnotes()
    times = _FASTER if of.faster else _LARGER
    columns = [Column("network"), *_heads(found.ways, times, beside=beside is not None)]
    rows = []
    for network in found.networks:
        row = [text(network.title), *_cells(network, found.ways, of, notes)]
        if beside:
            row += _cells(beside.network(network.published), (PUBLISHED_WAY,), of, notes)
        rows.append(row)
    own = [cell for row in rows for cell in row[2 : 2 + 2 * len(found.ways)]]
    if all(cell.text == NOTHING for cell in own):
        return None
    return notes.table(of.title + where, *told(columns, rows, 1))


def _heads(ways: Sequence[str], times: str, *, beside: bool) -> list[Column]:
    """A column for the original, two for each way; and those of what was published, ``beside`` them."""
    columns = [Column("original", numeric=True)]
    for way in ways:
        what = times if len(ways) == 1 else f"{way} {times}"
        columns += [Column(way, numeric=True), Column(what, numeric=True, priority=1)]
    if beside:
        columns += [
            Column("published original", numeric=True),
            Column("published TF-TRT", numeric=True),
            Column("published ratio", numeric=True, priority=2),
        ]
    return columns


def _cells(
    network: Network | None, ways: Sequence[str], of: Quantity, notes: Footnotes
) -> Iterator[Cell]:
    original = network.figure(of.phase, ORIGINAL) if network else None
    yield _cell(original, of, notes)
    for way in ways:
        converted = network.figure(of.phase, way, of.dynamic) if network else None
        yield _cell(converted, of, notes)
        both = (original, converted) if of.faster else (converted, original)
        times = quotient(*both)
        yield number(times, ratio(times))


def _cell(figure: Figure | None, of: Quantity, notes: Footnotes) -> Cell:
    """A figure or how it ended; the footnote says what the source's colour says, and why."""
    if figure is None:
        return Cell(NOTHING)
    record, seconds = figure.entry.record, figure.seconds
    if figure.published:
        if seconds is None:
            why = notes.number(f"{SAYS}{figure.entry.reason}")
            return Cell(record.status, status=record.status, footnote=why)
        return Cell(f"{seconds * 1e3:.0f}", sort_key=seconds)  # in whole milliseconds, as printed
    said = [figure.short_of_memory]
    if of.phase == "steady" and seconds is not None and len(record.samples) != COUNT:
        said.append(f"mean of {len(record.samples)}")
    shown = milliseconds(seconds)
    if not record.ranked:
        status = f"{record.status} ({shown})" if seconds is not None else record.status
        why = notes.number("; ".join(filter(None, (figure.entry.reason, *said))))
        return Cell(status, status=record.status, footnote=why)
    if seconds is None:
        return Cell(NOTHING)
    return Cell(shown, sort_key=seconds, footnote=notes.number("; ".join(filter(None, said))))

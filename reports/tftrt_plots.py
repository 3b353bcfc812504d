"""The source's bar charts of TF-TRT: first inference with is_dynamic_op on and off, and later ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.charts import Bar, Drawing, Row, bar_chart
from reports.published.tftrt import DEVICES
from reports.ranking import Entry, nature_suffix
from reports.tables.tftrt import QUANTITIES, Quantity
from reports.tftrt import ORIGINAL, Figure, Grid, Network, grid, published
from reports.units import figure

_ORIGINAL = "c7"
_WAYS = ("c0", "c4", "c2", "c3", "c5", "c6", "c1")


def drawings(entries: Sequence[Entry]) -> list[Drawing]:
    """What was measured, then what was published of that kind of device, each of the source's charts."""
    found = grid(entries)
    if found is None:
        return []
    nature = nature_suffix(entries[0].record.nature)
    drawn = [_chart(found, each, f"{each.title}{nature}") for each in QUANTITIES]
    beside = published(found.kind)
    if beside is not None:
        for each in QUANTITIES:
            name = f"Published, {DEVICES[found.kind]}: {each.title}"
            chart = _chart(beside, each, name)
            drawn.append(None if chart is None else replace(chart, published=True))
    return [chart for chart in drawn if chart]


def _chart(found: Grid, of: Quantity, name: str) -> Drawing | None:
    """The bars of one table; None where nothing converted was timed in it."""
    timed = [
        cell
        for network in found.networks
        for way in found.ways
        if (cell := network.figure(of.phase, way, of.dynamic)) and cell.usable
    ]
    if not timed:
        return None
    rows = [_row(network, found.ways, of) for network in found.networks]
    legend = [(_ORIGINAL, "original"), *((_WAYS[n % 7], way) for n, way in enumerate(found.ways))]
    return bar_chart(name, rows, "time (ms); shorter is faster", legend=legend)


def _row(network: Network, ways: Sequence[str], of: Quantity) -> Row:
    cells = [(network.figure(of.phase, ORIGINAL), _ORIGINAL)]
    cells += [
        (network.figure(of.phase, way, of.dynamic), _WAYS[number % 7])
        for number, way in enumerate(ways)
    ]
    if not any(cell and cell.usable for cell, _ in cells):
        words = dict.fromkeys(cell.entry.record.status for cell, _ in cells if cell)
        return Row(network.title, status=" / ".join(words))
    return Row(network.title, tuple(_bar(cell, css) for cell, css in cells))


def _bar(cell: Figure | None, css: str) -> Bar:
    """A bar, or in its place, too short to be one, how the cell ended."""
    if cell is None:
        return Bar(0.0, css, "–")
    if not cell.usable or cell.seconds is None:
        return Bar(0.0, css, cell.entry.record.status)
    short = ", low memory" if cell.short_of_memory else ""
    milliseconds = cell.seconds * 1e3
    shown = f"{milliseconds:.0f}" if cell.published else figure(milliseconds)
    return Bar(milliseconds, css, f"{shown} ms{short}")

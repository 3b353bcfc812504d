"""What a run says of TF-TRT: what converting gains, what the first inference pays, and what starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import geometric_mean

from reports.published.tftrt import DEVICES
from reports.ranking import Entry, nature_suffix
from reports.tables.tftrt import PUBLISHED_WAY, QUANTITIES, Quantity
from reports.tftrt import ORIGINAL, Grid, grid, published, ratios
from reports.units import figure


def findings(entries: Sequence[Entry]) -> list[str]:
    """A sentence for each of the source's tables of times, beside what it found, and two of failures."""
    found = grid(entries)
    if found is None:
        return []
    beside = published(found.kind)
    nature = nature_suffix(entries[0].record.nature)
    said = [
        f"{way}{nature}: {sentence}"
        for way in found.ways
        for sentence in (*_times(found, way, beside), _started(found, way, beside))
    ]
    return said + _short(found)


def _times(found: Grid, way: str, beside: Grid | None) -> Iterator[str]:
    for quantity in QUANTITIES:
        if ours := _spread(found, quantity, way):
            theirs = _spread(beside, quantity, PUBLISHED_WAY) if beside else ""
            other = f"; published for the {DEVICES[found.kind]}: {theirs}" if theirs else ""
            yield f"{_WHAT[quantity.title].format(ours)}{other}."


#: What the ratios of each table say of what was converted.
_WHAT = {
    QUANTITIES[
        0
    ].title: "is_dynamic_op=True: the first inference takes {} as long as the original's",
    QUANTITIES[
        1
    ].title: "is_dynamic_op=False: the first inference takes {} as long as the original's",
    QUANTITIES[2].title: "later inferences are {} as fast as the original's",
}


def _spread(found: Grid, of: Quantity, way: str) -> str:
    """The geometric mean of a table's ratios with their range; nothing without any."""
    values = [value for value in ratios(found, of.phase, way, of.dynamic) if value > 0]
    if not values:
        return ""
    values = [1 / value for value in values] if of.faster else values
    if len(values) == 1:
        return f"{figure(values[0])} times (one network)"
    span = f"{figure(min(values))} to {figure(max(values))}"
    return f"{figure(geometric_mean(values))} times (over {len(values)} networks, {span})"


def _started(found: Grid, way: str, beside: Grid | None) -> str:
    """How many networks answered at all, as they were and converted."""
    ours = _counted(found, way)
    said = f"of {len(found.networks)} networks {ours[0]} answered as they were, {ours[1]} converted"
    if beside is None:
        return f"{said}."
    theirs = _counted(beside, PUBLISHED_WAY)
    total = len(beside.networks)
    return f"{said}; published: {theirs[0]} and {theirs[1]} of {total}."


def _counted(found: Grid, way: str) -> tuple[int, int]:
    cells = [
        (network.figure("first", ORIGINAL), network.figure("first", way))
        for network in found.networks
    ]
    answered = [[each is not None and each.usable for each in pair] for pair in cells]
    return sum(pair[0] for pair in answered), sum(pair[1] for pair in answered)


def _short(found: Grid) -> list[str]:
    """Which networks ran short of memory, as the source's coloured cells say it."""
    named = [
        network.title
        for network in found.networks
        if any(
            (figure := network.figure("first", how)) and figure.short_of_memory
            for how in (ORIGINAL, *found.ways)
        )
    ]
    return [f"Short of memory, and maybe slower for it: {', '.join(named)}."] if named else []

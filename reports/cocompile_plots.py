"""The plots of co-compilation: where parameters are kept, and how long each model takes."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts import Drawing
from reports.cocompile import Case, Slot, cases, placed, with_placement
from reports.grouped_charts import Group, Key, Part, Point, Stack, point_chart, stack_chart
from reports.ranking import Entry, grouped, nature_suffix
from reports.tables.cocompile import TURN
from reports.text import clean
from reports.units import figure, mebibytes

#: CSS classes: on the chip, sent with every inference, nobody's; a turn and its models.
CACHED, STREAMED, FREE = "c0", "c4", "c7 outline"
MODEL, WHOLE = "c0", "c3"


def drawings(entries: Sequence[Entry]) -> list[Drawing]:
    """What can be drawn of the cases of one device: memory, then latency phase by phase."""
    found = cases(entries)
    drawn = [_memory(placed(found))] if placed(found) else []
    for group in grouped(found, lambda case: case.phase).values():
        if timed := [case for case in group if any(_milliseconds(slot) for slot in case.slots)]:
            drawn.append(_latency(timed))
    return drawn


def _memory(found: Sequence[Case]) -> Drawing:
    """A bar for each model of each case: on the chip up to a mark, streamed beyond it.

    Where models share the memory, each begins where the one before it ends.
    """
    groups = [Group(case.label, tuple(_stacks(case))) for case in found]
    keys = [
        Key("bar", CACHED, "cached on the chip"),
        Key("bar", FREE, "free on the chip"),
        Key("limit", "limit", "end of the chip's memory"),
        Key("bar", STREAMED, "streamed with every inference"),
    ]
    name = "Where parameters are kept, by case" + nature_suffix(
        found[0].slots[0].entry.record.nature
    )
    return stack_chart(name, groups, "parameters (MiB)", "cached + streamed, free", keys)


def _stacks(case: Case) -> list[Stack]:
    rows = []
    start = 0
    for slot in with_placement(case):
        cached, streamed = slot.placed("cached") or 0, slot.placed("streamed") or 0
        available, free = slot.placed("available"), case.free(slot)
        end = start + cached
        limit = max(end if free is None else available or 0, end)
        parts = [Part(_mib(start), _mib(end), CACHED)]
        if free is not None and free > 0:
            parts.append(Part(_mib(limit - free), _mib(limit), FREE))
        if streamed:
            parts.append(Part(_mib(limit), _mib(limit + streamed), STREAMED))
        text = f"{mebibytes(cached)} + {mebibytes(streamed)}"
        said = f"{mebibytes(cached)} MiB cached, {mebibytes(streamed)} MiB streamed"
        if free is not None:
            text += f", {mebibytes(max(free, 0))}"
            said += f", {mebibytes(max(free, 0))} MiB free of {mebibytes(available)} MiB"
        mark = None if available is None else _mib(available)
        rows.append(
            Stack(
                label=case.short(slot),
                text=text,
                said=f"{case.short(slot)}: {said}",
                parts=tuple(parts),
                limit=mark,
            )
        )
        start = end if case.how == "together" else 0
    return rows


def _latency(found: Sequence[Case]) -> Drawing:
    """A point for each model of each case and one for its turn, with the published value as a mark."""
    nature = clean(found[0].slots[0].entry.record.nature, 20)
    groups = [Group(case.label, tuple(_points(case, nature))) for case in found]
    points = [point for group in groups for point in group.rows]
    published = any(point.mark is not None for point in points)
    keys = [Key("point", MODEL, f"{nature}, agrees"), Key("point", WHOLE, f"{TURN} of all models")]
    if any("hollow" in point.css for point in points):
        keys.append(Key("point", f"hollow {MODEL}", f"{nature}, not ranked"))
    if published:
        keys.append(Key("mark", "mark", "published"))
    if any(point.bounds for point in points):
        keys.append(Key("whisker", "whisker", "bounds of the prediction"))
    name = f"Mean latency, {found[0].phase} phase: {nature}"
    name += " against published" * published
    figures = "ms (published)" if published else "ms"
    return point_chart(name, groups, "mean latency (ms), logarithmic", figures, keys)


def _points(case: Case, nature: str) -> list[Point]:
    rows = []
    comparable = all(slot.comparable for slot in case.slots)
    for slot in case.slots:
        if (value := _milliseconds(slot)) is None:
            continue
        published = slot.published if comparable else None
        status = "" if slot.entry.record.ranked else slot.entry.record.status
        bounds = (1e3 * slot.bounds[0], 1e3 * slot.bounds[1]) if slot.bounds else None
        rows.append(
            _point(case.short(slot), value, published, nature, status, MODEL, bounds=bounds)
        )
    if len(case.slots) > 1 and case.cycle is not None:
        status = "" if case.ranked else "not ranked"
        published = case.published if comparable and not case.weighted else None
        best = case.best
        rows.append(_point(TURN, 1e3 * case.cycle, published, nature, status, WHOLE, best=best))
    return rows


def _point(
    name: str,
    value: float,
    published: float | None,
    nature: str,
    status: str,
    css: str,
    *,
    bounds: tuple[float, float] | None = None,
    best: bool = False,
) -> Point:
    """A point with its figures; hollow where it is not ranked. Times in ms, ``published`` in s."""
    mark = None if published is None else 1e3 * published
    text = figure(value)
    said = f"{name}: {text} ms {nature}"
    if mark is not None:
        text += f" ({figure(mark)})"
        said += f", {figure(mark)} ms published"
    if bounds:
        said += f", predicted between {' and '.join(map(figure, bounds))} ms"
    said += f", {status}" if status else ", best of its models" if best else ""
    shown = f"hollow {css}" if status else css
    return Point(
        label=name,
        text=text + " best" * best,
        said=said,
        best=best,
        value=value,
        css=shown,
        mark=mark,
        bounds=bounds,
    )


def _milliseconds(slot: Slot) -> float | None:
    return None if slot.mean is None else 1e3 * slot.mean


def _mib(count: int) -> float:
    return count / 2**20

"""Charts whose rows stand in groups with a heading: stacked bars, points with marks, rows of points.

As in ``charts``, every row has its figures beside it, so that neither colour nor length is the only
thing that tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from reports.axis import Scale
from reports.charts import WIDTH, Drawing, upright
from reports.svg import CHARACTER, decades, element, label, preferred, steps, title

#: Groups of a chart; a longer one is no longer taken in at a glance.
MOST = 24
#: Heights of a row and of a group's heading.
ROW, HEAD = 19.0, 25.0
#: The least room for the rows' labels: capitals are wider than what is reckoned with.
_LEAST = 60.0


@dataclass(frozen=True)
class Part:
    """A piece of a stacked bar, from ``start`` to ``end`` in the axis's unit."""

    start: float
    end: float
    css: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """``text`` has a row's figures in short, ``said`` in full, for tooltips and screen readers."""

    label: str
    text: str
    said: str
    best: bool = False


@dataclass(frozen=True, kw_only=True)
class Stack(Row):
    """A row of parts; ``limit`` is where a mark stands across them."""

    parts: tuple[Part, ...]
    limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class Point(Row):
    """A row with a point at ``value``, a mark at what it is held to, a whisker between bounds."""

    value: float
    css: str
    mark: float | None = None
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Track(Row):
    """A row with several points, each a value with its CSS classes, on a line that joins them."""

    points: tuple[tuple[float, str], ...]
    status: str = ""


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Group(Generic[R]):
    """Rows under a heading."""

    title: str
    rows: tuple[R, ...]


@dataclass(frozen=True)
class Key:
    """What a sign means; ``shape`` is ``bar``, ``point``, ``mark``, ``limit`` or ``whisker``."""

    shape: str
    css: str
    text: str


def stack_chart(
    name: str, groups: Sequence[Group[Stack]], axis: str, figures: str, keys: Sequence[Key]
) -> Drawing:
    """Horizontal stacked bars on a linear axis from 0. ``figures`` heads the rows' texts."""
    ends = [part.end for group in groups for row in group.rows for part in row.parts]
    limits = [row.limit for group in groups for row in group.rows if row.limit is not None]
    return _chart(
        name, groups, axis, figures, keys, steps(max([*ends, *limits], default=0.0), 4), _stack
    )


def point_chart(
    name: str, groups: Sequence[Group[Point]], axis: str, figures: str, keys: Sequence[Key]
) -> Drawing:
    """Points on a logarithmic axis, where the same error is as long whatever it is an error of."""
    rows = [row for group in groups for row in group.rows]
    values = [row.value for row in rows]
    values += [row.mark for row in rows if row.mark is not None]
    values += [bound for row in rows for bound in row.bounds or ()]
    return _chart(name, groups, axis, figures, keys, preferred(values), _point, log=True)


def track_chart(
    name: str, groups: Sequence[Group[Track]], axis: str, figures: str, keys: Sequence[Key]
) -> Drawing:
    """Rows of points on a logarithmic axis of powers of ten; what is not positive is not drawn."""
    values = [value for group in groups for row in group.rows for value, _ in row.points]
    return _chart(name, groups, axis, figures, keys, decades(values), _track, log=True)


def _chart(
    name: str,
    groups: Sequence[Group[R]],
    axis: str,
    figures: str,
    keys: Sequence[Key],
    ticks: Sequence[float],
    draw: Callable[[R, Scale, float], list[str]],
    *,
    log: bool = False,
) -> Drawing:
    shown = groups[:MOST]
    rows = [row for group in shown for row in group.rows]
    longest = max((len(row.label) for row in rows), default=0)
    left = min(160.0, max(_LEAST, 14 + longest * CHARACTER * 12))
    texts = [figures, *(row.text for row in rows)]
    right = WIDTH - min(190.0, 12 + max(map(len, texts)) * CHARACTER * 12)
    scale = Scale(ticks[0], ticks[-1], left, right - left, log)
    parts, y = _legend(keys)
    parts.append(label(figures, WIDTH, y + 12, class_="axis", text_anchor="end"))
    top = y = y + 14
    for group in shown:
        parts.append(label(group.title, 0, y + 16, fit=WIDTH, size=13, class_="head-row"))
        y += HEAD
        for row in group.rows:
            middle = y + ROW / 2
            drawn = [
                title(f"{group.title}: {row.said}"),
                label(row.label, left - 8, middle + 4, fit=left - 8, text_anchor="end"),
                *draw(row, scale, middle),
            ]
            weight = "best" if row.best else None
            drawn.append(label(row.text, WIDTH, middle + 4, text_anchor="end", class_=weight))
            parts.append(element("g", *drawn))
            y += ROW
    grid = scale.grid(ticks, top, y)
    parts.append(label(axis, left, y + 31, fit=WIDTH - left, class_="axis"))
    if len(groups) > MOST:
        y += 17
        rest = f"{len(groups) - MOST} more cases stand in the tables."
        parts.append(label(rest, left, y + 31, class_="axis"))
    return Drawing(name, y + 38, "".join(grid + parts))


def _stack(row: Stack, scale: Scale, middle: float) -> list[str]:
    parts = []
    for part in row.parts:
        x = scale(part.start)
        box = {"x": x, "y": middle - 6.5, "width": max(scale(part.end) - x, 0.0), "height": 13.0}
        parts.append(element("rect", **box, class_=part.css))
    if row.limit is not None:
        parts.append(upright(scale(row.limit), middle, 9.0, "limit"))
    return parts


def _point(row: Point, scale: Scale, middle: float) -> list[str]:
    parts = []
    if row.bounds:
        low, high = map(scale, row.bounds)
        parts.append(element("line", x1=low, x2=high, y1=middle, y2=middle, class_="whisker"))
        parts += [upright(end, middle, 3.0, "whisker") for end in (low, high)]
    parts.append(element("circle", cx=scale(row.value), cy=middle, r=4.0, class_=row.css))
    if row.mark is not None:
        parts.append(upright(scale(row.mark), middle, 7.5, "mark"))
    return parts


def _track(row: Track, scale: Scale, middle: float) -> list[str]:
    places = [(scale(value), css) for value, css in row.points if value > 0]
    if not places:
        return [label(row.status, scale.left + 6, middle + 4, fit=scale.span, class_="status")]
    ends = [x for x, _ in places]
    line = element("line", x1=min(ends), x2=max(ends), y1=middle, y2=middle, class_="whisker")
    return [line, *(element("circle", cx=x, cy=middle, r=4.0, class_=css) for x, css in places)]


def _legend(keys: Sequence[Key]) -> tuple[list[str], float]:
    """The signs with their meanings, on as many lines as they need, and how high these are."""
    parts: list[str] = []
    x, y = 0.0, 0.0
    for key in keys:
        width = 32 + len(key.text) * CHARACTER * 11
        if x and x + width > WIDTH:
            x, y = 0.0, y + 17
        parts.append(_sign(key, x, y + 9))
        parts.append(label(key.text, x + 19, y + 13, class_="axis"))
        x += width
    return parts, y + 20 if keys else 0.0


def _sign(key: Key, x: float, middle: float) -> str:
    if key.shape == "bar":
        box = {"x": x, "y": middle - 5, "width": 14, "height": 10}
        return element("rect", **box, class_=key.css)
    if key.shape == "point":
        return element("circle", cx=x + 7, cy=middle, r=4.0, class_=key.css)
    if key.shape == "whisker":
        return element("line", x1=x, x2=x + 14, y1=middle, y2=middle, class_=key.css)
    return upright(x + 7, middle, 7.0, key.css)

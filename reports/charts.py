"""Two charts, of whatever: horizontal bars, and lines over categories.

Every value has its own label, so that colour is never the only thing that tells two apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.axis import Scale
from reports.svg import CHARACTER, decades, element, label, picture, spread, steps

#: The style of every chart, for light and dark backgrounds; pages and pictures embed it.
STYLE = Path(__file__).with_name("chart.css").read_text(encoding="utf-8")

#: Width of a chart: narrow enough that a phone shows its text at almost full size.
WIDTH = 460.0
#: Right of the longest bar, for the label of its value.
ROOM = 136.0


@dataclass(frozen=True)
class Drawing:
    """Elements within ``WIDTH`` by ``height``, and what they show in a few words."""

    name: str
    height: float
    content: str
    #: Whether it shows what was published, and nothing of the run that it stands beside.
    published: bool = False

    def svg(self) -> str:
        """The drawing on its own, to be styled by the page around it."""
        return picture(WIDTH, self.height, self.name, self.content, class_="chart")


@dataclass(frozen=True)
class Bar:
    """One bar: its value, its CSS classes and the text at its end.

    A whisker stands between ``bounds``, and a mark at what the value is held to.
    """

    value: float
    css: str
    text: str
    best: bool = False
    bounds: tuple[float, float] | None = None
    mark: float | None = None


@dataclass(frozen=True)
class Row:
    """What a row is, and its bars; ``status`` stands where a bar would, if there is none.

    ``css`` is the class of the status: ``status`` for a failure, ``faint`` for what is in doubt.
    """

    label: str
    bars: tuple[Bar, ...] = ()
    status: str = ""
    css: str = "status"


@dataclass(frozen=True)
class Line:
    """A line over categories: a value, or None for a gap, at each."""

    label: str
    values: tuple[float | None, ...]
    css: str
    dash: str | None = None


def bar_chart(
    name: str,
    rows: Sequence[Row],
    axis: str,
    *,
    log: bool = False,
    highest: float | None = None,
    legend: Sequence[tuple[str, str]] = (),
) -> Drawing:
    """Horizontal bars. ``axis`` names the quantity with its unit, ``legend`` CSS classes.

    On a logarithmic axis bars start at a power of ten, as its ticks say.
    """
    values = [bar.value for row in rows for bar in row.bars]
    ticks = decades(values) if log else steps(highest or max(values, default=0.0), 4)
    left = min(200.0, 12 + max((len(row.label) for row in rows), default=0) * CHARACTER * 12)
    span = WIDTH - left - ROOM
    scale = Scale(ticks[0], ticks[-1], left, span, log)
    parts: list[str] = []
    y = 4.0
    if legend:
        parts.append(_legend(legend, left))
        y += 20
    top = y
    for row in rows:
        thickness = 16.0 if len(row.bars) <= 1 else 13.0
        height = max(1, len(row.bars)) * (thickness + 1) + 5
        middle = y + height / 2 + 2
        parts.append(label(row.label, left - 8, middle, fit=left - 8, text_anchor="end"))
        if not row.bars:
            css = row.css if row.status else "faint"
            fit = WIDTH - left - 6
            parts.append(label(row.status or "–", left + 6, middle, fit=fit, class_=css))
        for number, bar in enumerate(row.bars):
            at = y + number * (thickness + 1) + 1
            end = scale(bar.value)
            box = {"x": left, "y": at, "width": max(end - left, 1.0), "height": thickness}
            parts.append(element("rect", **box, rx=2, class_=bar.css))
            parts += _held(bar, scale, at + thickness / 2)
            ends = [scale(value) for value in (*(bar.bounds or ()), bar.mark) if value is not None]
            weight = "best" if bar.best else None
            middle = at + thickness / 2 + 4
            parts.append(label(bar.text, max([end, *ends]) + 5, middle, class_=weight))
        y += height
    grid = scale.grid(ticks, top, y)
    parts.append(label(axis, left, y + 31, class_="axis"))
    return Drawing(name, y + 38, "".join(grid + parts))


def _held(bar: Bar, scale: Scale, middle: float) -> list[str]:
    """The whisker of a bar and its mark."""
    parts = []
    if bar.bounds:
        low, high = map(scale, bar.bounds)
        whisker = {"y1": middle, "y2": middle, "class_": "limits"}
        parts.append(element("line", x1=low, x2=high, **whisker))
        parts += [upright(at, middle, 3.0, "limits") for at in (low, high)]
    if bar.mark is not None:
        parts.append(upright(scale(bar.mark), middle, 7.0, "mark"))
    return parts


def upright(x: float, middle: float, half: float, css: str) -> str:
    """A short line across a bar or a row."""
    return element("line", x1=x, x2=x, y1=middle - half, y2=middle + half, class_=css)


def line_chart(
    name: str,
    categories: Sequence[str],
    lines: Sequence[Line],
    x_axis: str,
    y_axis: str,
    missing: Sequence[str] = (),
    *,
    log: bool = False,
) -> Drawing:
    """Lines over evenly spaced ``categories``, each named at its end; the y axis starts at 0.

    A logarithmic one has powers of ten, and all values are positive. ``missing`` says below the chart
    what has no point in it, and why.
    """
    values = [v for line in lines for v in line.values if v is not None]
    ticks = decades(values) if log else steps(max(values, default=0.0))
    left, right = 52.0, WIDTH - 176
    top, height = 24.0, max(170.0, 15.0 * len(lines))
    bottom = top + height
    pitch = (right - left) / max(1, len(categories) - 1)

    def x(index: int) -> float:
        return left + index * pitch if len(categories) > 1 else (left + right) / 2

    upwards = Scale(ticks[0], ticks[-1], 0.0, height, log)

    def y(value: float) -> float:
        return bottom - upwards(value)

    parts = [label(y_axis, 4, 12, class_="axis")]
    for tick in ticks:
        at = y(tick)
        parts.append(element("line", x1=left, x2=right, y1=at, y2=at, class_="grid"))
        text = f"{tick:g}" if tick < 1e6 else f"{tick:.2g}"
        parts.append(label(text, left - 6, at + 4, class_="tick", text_anchor="end"))
    for index, category in enumerate(categories):
        parts.append(label(category, x(index), bottom + 16, class_="tick", text_anchor="middle"))
    middle = (left + right) / 2
    parts.append(label(x_axis, middle, bottom + 32, class_="axis", text_anchor="middle"))
    ends = []
    for line in lines:
        points = [(x(i), y(v)) for i, v in enumerate(line.values) if v is not None]
        ends.append(points[-1])
        shape = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(
            element("polyline", points=shape, class_=f"line {line.css}", stroke_dasharray=line.dash)
        )
        css = f"hollow {line.css}" if line.dash else line.css
        parts += [element("circle", cx=px, cy=py, r=3.5, class_=css) for px, py in points]
    places = spread([end[1] for end in ends], 14.5, top, bottom)
    for line, (px, py), at in zip(lines, ends, places, strict=True):
        leader = f"{px + 5:.1f},{py:.1f} {right + 8:.1f},{py:.1f} {right + 16:.1f},{at:.1f}"
        parts.append(element("polyline", points=leader, class_=f"leader {line.css}"))
        parts.append(label(line.label, right + 19, at + 4, fit=157))
    foot = max(bottom, *places, 0.0) + 40
    for number, text in enumerate(missing):
        parts.append(label(text, 4, foot + 12 + 16 * number, fit=WIDTH - 8, class_="status"))
    return Drawing(name, foot + 16 * len(missing), "".join(parts))


def _legend(items: Sequence[tuple[str, str]], left: float) -> str:
    width = sum(28 + len(text) * CHARACTER * 11 for _, text in items)
    parts, x = [], min(left, max(0.0, WIDTH - width))
    for css, text in items:
        if css == "mark":
            parts.append(upright(x + 5, 8, 6.0, css))
        elif css == "limits":
            parts.append(element("line", x1=x - 2, x2=x + 11, y1=8, y2=8, class_=css))
            parts += [upright(end, 8, 3.0, css) for end in (x - 2, x + 11)]
        else:
            parts.append(element("rect", x=x, y=3, width=10, height=10, rx=2, class_=css))
        parts.append(label(text, x + 14, 12, class_="axis"))
        x += 28 + len(text) * CHARACTER * 11
    return "".join(parts)

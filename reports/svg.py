"""Small SVG writer: elements, text that fits, and scales. No dependencies, no state."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import Any

from reports.text import clean

#: Width of an average character over the font size, in the sans-serif fonts that browsers pick.
CHARACTER = 0.56


def element(name: str, *content: str, **attributes: Any) -> str:
    """One element; a trailing underscore in an attribute's name goes, others become hyphens."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(content)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def title(text: str) -> str:
    """A ``title`` element: the tooltip, and the name that a screen reader speaks."""
    return element("title", escape(clean(text)))


def label(
    text: str, x: float, y: float, *, fit: float = math.inf, size: float = 12, **more: Any
) -> str:
    """Text at ``x``, ``y``, clipped to ``fit`` units of width with the whole as its tooltip."""
    text = clean(text)
    room = max(1, int(fit / (CHARACTER * size))) if math.isfinite(fit) else len(text)
    if len(text) <= room:
        return element("text", escape(text), x=x, y=y, **more)
    shown = escape(text[: room - 1].rstrip(" ,(") + "…")
    return element("text", title(text), shown, x=x, y=y, **more)


def picture(width: float, height: float, name: str, *content: str, **more: Any) -> str:
    """A whole drawing with its accessible name; it shrinks with the page, never beyond its size."""
    return element(
        "svg",
        title(name),
        *content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_attribute(width)} {_attribute(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=clean(name),
        **more,
    )


def steps(highest: float, count: int = 5) -> list[float]:
    """About ``count`` round ticks from 0 to at least ``highest``."""
    if not (math.isfinite(highest) and highest > 0):
        return [0.0, 1.0]
    rough = highest / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999999)
    return [step * i for i in range(math.ceil(highest / step - 1e-9) + 1)]


def decades(values: Iterable[float]) -> list[float]:
    """Powers of ten that enclose the positive ``values``."""
    logs = [math.log10(value) for value in values if value > 0] or [0.0]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def preferred(values: Iterable[float]) -> list[float]:
    """1, 2 and 5 times powers of ten that enclose the positive ``values``; powers if they are far."""
    found = [value for value in values if value > 0] or [1.0]
    powers = decades(found)
    if len(powers) > 5:
        return powers
    ticks = [first * power for power in powers[:-1] for first in (1, 2, 5)] + powers[-1:]
    low = max((tick for tick in ticks if tick <= min(found)), default=ticks[0])
    high = min((tick for tick in ticks if tick >= max(found) and tick > low), default=ticks[-1])
    return [tick for tick in ticks if low <= tick <= high]


def spread(places: Iterable[float], gap: float, low: float, high: float) -> list[float]:
    """``places`` moved as little as makes them at least ``gap`` apart, from ``low`` to ``high``.

    Order is kept; where there is no room, the last ones run beyond ``high``. With the i-th place
    lowered by i gaps, this is isotonic regression: pool neighbours that are out of order.
    """
    wanted = list(places)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    pools: list[tuple[float, int]] = []  # mean and size
    for rank, i in enumerate(order):
        mean, size = wanted[i] - rank * gap, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        pools.append((mean, size))
    ceiling = max(low, high - gap * (len(wanted) - 1))
    level = [min(max(mean, low), ceiling) for mean, size in pools for _ in range(size)]
    moved = [0.0] * len(wanted)
    for rank, i in enumerate(order):
        moved[i] = level[rank] + rank * gap
    return moved


def _attribute(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".")
    return escape(str(value), quote=True)

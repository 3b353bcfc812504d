"""An axis of a chart: from values to places, and as many ticks as can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from reports.svg import CHARACTER, element, label


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` at places from ``left`` on, ``span`` units wide.

    A linear one starts at 0, whatever ``low`` says.
    """

    low: float
    high: float
    left: float
    span: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of ``value``."""
        if not self.log:
            return self.left + self.span * value / self.high
        if value <= self.low:
            return self.left
        low, high = log10(self.low), log10(self.high)
        return self.left + self.span * (log10(value) - low) / (high - low)

    def grid(self, ticks: Sequence[float], top: float, bottom: float) -> list[str]:
        """Lines from ``top`` to ``bottom`` with their values below, at as many ticks as fit."""
        return [self._tick(tick, top, bottom) for tick in _thinned(ticks, self.span)]

    def _tick(self, tick: float, top: float, bottom: float) -> str:
        at = self(tick)
        line = element("line", x1=at, x2=at, y1=top, y2=bottom + 3, class_="grid")
        return line + label(f"{tick:g}", at, bottom + 16, class_="tick", text_anchor="middle")


def _thinned(ticks: Sequence[float], span: float) -> Sequence[float]:
    """As many of ``ticks`` as can be read side by side."""
    widest = max(len(f"{tick:g}") for tick in ticks) * CHARACTER * 11 + 10
    return ticks[:: max(1, -int(-widest * len(ticks) // span))]

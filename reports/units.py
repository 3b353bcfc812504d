"""Figures as people read them: three significant digits, never an exponent."""

from __future__ import annotations

import math

#: Shown where there is nothing to show.
NOTHING = "–"


def figure(value: float | None) -> str:
    """``value`` with three significant digits, or whole from 100 up."""
    if value is None:
        return NOTHING
    if not math.isfinite(value):
        return "not finite"
    if value == 0 or abs(value) >= 99.95:
        return f"{value:.0f}" if abs(value) < 1e15 else f"{value:.3g}"
    decimals = 2 - math.floor(math.log10(abs(value)))
    return f"{value:.{min(decimals, 9)}f}"


def milliseconds(seconds: float | None) -> str:
    """Seconds as a number of milliseconds, without the unit."""
    return figure(None if seconds is None else seconds * 1e3)


def mebibytes(count: float | None) -> str:
    """Bytes as a number of MiB, without the unit."""
    return figure(None if count is None else count / 2**20)


def ratio(value: float | None) -> str:
    """A ratio, such as ``1.25×``."""
    if value is None:
        return NOTHING
    if not math.isfinite(value):
        return "not finite"
    return f"{value:.2f}×" if value < 100 else f"{value:.0f}×"


def percent(share: float | None) -> str:
    """A share of 0..1 as per cent, such as ``71.2 %``."""
    return NOTHING if share is None else f"{share * 100:.1f} %"


def duration(seconds: float | None) -> str:
    """Seconds with the unit that suits them: ``850 µs``, ``12.3 ms``, ``4.20 s``."""
    if seconds is None:
        return NOTHING
    scale, unit = (1, "s") if seconds >= 1 else (1e3, "ms") if seconds >= 1e-3 else (1e6, "µs")
    return f"{figure(seconds * scale)} {unit}"

"""Statistics of a cell's steady-state samples, all from the same samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Statistics:
    """Seconds per ``invoke`` over ``rounds`` rounds; ``fps`` is inputs answered per second."""

    rounds: int
    min: float
    median: float
    mean: float
    p90: float
    p95: float
    p99: float
    max: float
    stddev: float
    fps: float


def summarise(samples: Sequence[float], batch: int = 1) -> Statistics | None:
    """Summarise ``samples`` (seconds, one per ``invoke`` of ``batch`` inputs); None without any.

    Percentiles interpolate linearly between order statistics; ``stddev`` is the sample deviation
    (ddof 1), 0 for a single sample. ``fps = batch * n / total`` over the very samples that the
    other figures come from, so nothing filtered out of one is left in another.
    """
    if len(samples) == 0:
        return None
    data = np.asarray(samples, dtype=np.float64)
    p50, p90, p95, p99 = (float(p) for p in np.percentile(data, (50, 90, 95, 99)))
    total = float(data.sum())
    return Statistics(
        rounds=int(data.size),
        min=float(data.min()),
        median=p50,
        mean=total / data.size,
        p90=p90,
        p95=p95,
        p99=p99,
        max=float(data.max()),
        stddev=float(data.std(ddof=1)) if data.size > 1 else 0.0,
        fps=batch * data.size / total if total > 0 else 0.0,
    )


def over(one: float | None, other: float | None) -> float | None:
    """``one`` over ``other``; None where either is missing or the ratio is no number."""
    if one is None or not other:
        return None
    ratio = one / other
    return ratio if math.isfinite(ratio) else None


#: The 97.5th percentile of the normal distribution: intervals of 95 %.
NORMAL = 1.959963984540054


def wilson(share: float, count: int, z: float = NORMAL) -> tuple[float, float]:
    """Wilson's score interval of a share found in ``count`` independent trials, within 0..1.

    The shares that a score test at ``z`` standard deviations does not reject (E. B. Wilson, Journal
    of the American Statistical Association 22, 1927). Unlike the share plus or minus a multiple of
    its standard error, it holds its level for few trials and for shares near 0 and 1.
    """
    if count <= 0 or not math.isfinite(share):
        return 0.0, 1.0
    share = min(max(share, 0.0), 1.0)
    middle = share + z * z / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    low, high = (middle - half) / scale, (middle + half) / scale
    return max(min(low, share), 0.0), min(max(high, share), 1.0)  # whatever rounding says

"""Latency and FPS as the RISC-V experiment computes them (``reports.published.riscv.RISCV``).

Kept apart from ``reports.statistics``, whose median and FPS come from all samples after a warm-up:
figures of one are compared with figures of the same kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Iterations that the source takes, the first run of a freshly loaded module among them.
ITERATIONS = 10


@dataclass(frozen=True)
class Performance:
    """The median ``latency`` in seconds and ``fps`` in inputs per second, of the ``kept`` of ``taken``
    iterations."""

    taken: int
    kept: int
    latency: float
    fps: float


def plausible(times: Sequence[float], least: float = 0.0) -> list[float]:
    """The times that are at least ``least``: the source's ``delete_incorrect_time``."""
    return [each for each in times if each >= least]


def within_three_sigma(times: Sequence[float]) -> list[float]:
    """The times within three standard deviations (ddof 0, bounds inclusive) of the mean.

    Of ten or fewer none can be farther out: the largest possible is (n - 1) / sqrt(n) deviations.
    """
    if not times:
        return []
    mean, sigma = np.mean(times), np.std(times)
    low, high = mean - (3 * sigma), mean + (3 * sigma)
    return [each for each in times if low <= each <= high]


def performance(times: Sequence[float], batch: int, least: float = 0.0) -> Performance | None:
    """Latency and FPS of iterations that took ``times`` seconds for ``batch`` inputs each.

    FPS is ``kept * batch / sum(kept)``. None where the source would divide by zero.
    """
    kept = within_three_sigma(plausible(times, least))
    total = sum(kept)
    if not total > 0:
        return None
    return Performance(len(times), len(kept), float(np.median(kept)), len(kept) * batch / total)


def average_relative_difference(
    tvm: Mapping[int, float], other: Mapping[int, float]
) -> float | None:
    """The mean over batches of ``other``'s FPS over ``tvm``'s, at the batches that both have."""
    ratios = [other[batch] / fps for batch, fps in tvm.items() if batch in other and fps > 0]
    return sum(ratios) / len(ratios) if ratios else None

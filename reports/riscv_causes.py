"""What separates TVM from TensorFlow Lite: its source's two explanations, and a third, put to the test.

The source names XNNPACK's kernels and the layout of data. Each is a knob here, so that runs with and
without it say how much of the difference it accounts for; so is TVM's schedule, which Relay always
had.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from reports.riscv import Curve, Network, geometric_mean
from reports.source_metrics import average_relative_difference


@dataclass(frozen=True)
class Cause:
    """A knob that may explain the difference: ``on`` makes its family faster, if it does.

    ``of`` is the family it is set of. With it on, TensorFlow Lite pulls ahead, or TVM catches up.
    """

    name: str
    of: str
    knob: str
    on: tuple[str, ...]
    off: str
    level: int | None = None


CAUSES = (
    Cause("XNNPACK", "tflite", "delegate", ("xnnpack",), "none"),
    Cause("layout NHWC", "tvm", "layout", ("NHWC",), "NCHW", level=3),
    Cause("schedule", "tvm", "schedule", ("tuned", "default"), "none"),
)


@dataclass(frozen=True)
class Examined:
    """One cause, tested on one network; FPS of TensorFlow Lite over TVM's is the difference.

    ``speedup`` is the geometric mean of FPS with the knob over FPS without, over ``cells`` pairs that
    differ in nothing else, from ``least`` to ``most``. ``unequal`` is the difference while the cause
    is at work, ``equal`` the one without it: XNNPACK off, TVM's layout or schedule on. Both are None
    where the other runtime has no ranked cell at the same batches, and so is ``threads`` where it has
    none with as many threads as the faster of the pairs, which they are of.
    """

    cause: Cause
    on: Curve
    off: Curve
    speedup: float
    least: float
    most: float
    cells: int
    unequal: float | None
    equal: float | None
    threads: int | None

    @property
    def share(self) -> float | None:
        """The share of the difference that the cause accounts for, on a logarithmic scale.

        Above 1 where the difference turns round without it; None where there is none to explain.
        """
        if self.unequal is None or self.equal is None or self.unequal <= 1 or self.equal <= 0:
            return None
        return 1 - math.log(self.equal) / math.log(self.unequal)


def examine(network: Network, cause: Cause) -> Examined | None:
    """``cause`` put to the test; None where no two ranked cells differ in nothing else."""
    pairs = _pairs(network, cause)
    ratios = [ratio for on, off in pairs for ratio in on.over(off).values()]
    if not ratios:
        return None
    on, off = max(pairs, key=lambda pair: geometric_mean(list(pair[0].fps.values())))
    family, threads = "tvm" if cause.of == "tflite" else "tflite", on.setting.threads
    other = network.best(family, threads=threads) or network.best(family)
    return Examined(
        cause,
        on,
        off,
        geometric_mean(ratios),
        min(ratios),
        max(ratios),
        len(ratios),
        *_differences(cause, on, off, other),
        threads if other is not None and other.setting.threads == threads else None,
    )


def _differences(
    cause: Cause, on: Curve, off: Curve, other: Curve | None
) -> tuple[float | None, float | None]:
    """The difference while the cause is at work and without it, at the batches that all three have."""
    if other is None:
        return None, None
    shared = on.fps.keys() & off.fps.keys() & other.fps.keys()
    with_it, without, against = (
        {batch: each.fps[batch] for batch in sorted(shared)} for each in (on, off, other)
    )
    if cause.of == "tflite":
        between = average_relative_difference
        return between(against, with_it), between(against, without)
    return (
        average_relative_difference(without, against),
        average_relative_difference(with_it, against),
    )


def _pairs(network: Network, cause: Cause) -> list[tuple[Curve, Curve]]:
    """Curves that differ in the cause's knob alone, the one that has it first."""
    by_setting = {each.setting: each for each in network.of(cause.of)}
    found = []
    for curve, on in itertools.product(by_setting.values(), cause.on):
        setting = curve.setting
        if getattr(setting, cause.knob) != on or (cause.level not in (None, setting.level)):
            continue
        without: dict[str, Any] = {cause.knob: cause.off}
        off = by_setting.get(replace(setting, **without))
        if off is not None and curve.over(off):
            found.append((curve, off))
    return found


@dataclass(frozen=True)
class Step:
    """From the level ``below`` that was measured to ``level``, with one schedule: how many times the
    FPS, over ``cells`` pairs.

    ``before`` and ``after`` are curves of either, whose passes tell what was done otherwise.
    """

    below: int
    level: int
    schedule: str
    ratio: float
    cells: int
    before: Curve
    after: Curve


def steps(network: Network) -> list[Step]:
    """Every step from one measured level to the next, threads and batches taken together."""
    ladder = [c for c in network.of("tvm") if c.setting.level is not None and _own_layout(c)]
    found = []
    for schedule in dict.fromkeys(curve.setting.schedule for curve in ladder):
        rungs = [curve for curve in ladder if curve.setting.schedule == schedule]
        levels = sorted({curve.setting.level or 0 for curve in rungs})
        for below, level in itertools.pairwise(levels):
            pairs = [
                (before, after)
                for before, after in itertools.product(rungs, rungs)
                if (before.setting.level, after.setting.level) == (below, level)
                and before.setting.threads == after.setting.threads
            ]
            ratios = [ratio for before, after in pairs for ratio in after.over(before).values()]
            if ratios:
                before, after = pairs[0]
                name, mean, cells = schedule or "", geometric_mean(ratios), len(ratios)
                found.append(Step(below, level, name, mean, cells, before, after))
    return found


def _own_layout(curve: Curve) -> bool:
    """Whether a curve is of the ladder: level 3 in the layout that it converts to by itself."""
    return curve.setting.layout == ("NHWC" if curve.setting.level == 3 else "NCHW")


def difference_of_passes(
    before: Sequence[str], after: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Which passes ``after`` has that ``before`` has not, and the other way round, each once."""
    return (
        [name for name in dict.fromkeys(after) if name not in before],
        [name for name in dict.fromkeys(before) if name not in after],
    )

"""Apache TVM against TensorFlow Lite: which knobs are best, and by how much one leads the other.

The published experiment, made on a RISC-V board: TVM by level of optimisation and batch, TensorFlow
Lite by threads and batch, DenseNet-121 and MobileNet-v3-large. Here with what it leaves open as
well: TVM's schedule, threads and layout, TensorFlow Lite without XNNPACK, ONNX Runtime as a third,
and networks that the smallest boards hold. ``QUICK`` is what ``--quick`` leaves of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fixtures import source_loop
from fixtures.grid import Grid, Setting
from fixtures.run import CellRun

LEVELS = (0, 1, 2, 3)
SCHEDULES = ("none", "default", "tuned")
#: Networks of the experiment, and those for small boards.
PUBLISHED = ("densenet121", "mobilenet_v3_large")
SMALL = ("digits_float32", "resnet8_float32", "dscnn_float32")


def tvm(levels: tuple[int, ...], schedules: tuple[str, ...], *layouts: str) -> list[Setting]:
    """Each level with each schedule, in its own layout; level 3 in the ``layouts`` as well."""
    found: list[Setting] = []
    for schedule in schedules:
        found += [{"opt_level": level, "schedule": schedule} for level in levels]
        found += [{"schedule": schedule, "layout": layout} for layout in layouts]
    return found


def settings(
    of_tvm: list[Setting], *of_tflite: Setting | None
) -> dict[str, Sequence[Setting | None]]:
    """The settings of all runtimes; whichever TensorFlow Lite a machine has, they are the same."""
    tflite = {name: list(of_tflite) for name in ("litert", "tflite", "tflite_c")}
    return {"tvm": of_tvm, **tflite, "onnxruntime": [{}]}


def without_third(
    found: dict[str, Sequence[Setting | None]],
) -> dict[str, Sequence[Setting | None]]:
    """``found`` for the two of the experiment alone."""
    return {name: chosen for name, chosen in found.items() if name != "onnxruntime"}


USUAL = None
XNNPACK: Setting = {}
NO_XNNPACK: Setting = {"delegate": "none"}
#: Level 3 converts to NHWC by itself: in the layout of the import it tells what that is worth.
IMPORTED = "NCHW"

FULL = [
    Grid(
        models=PUBLISHED + SMALL,
        settings=settings(tvm(LEVELS, SCHEDULES, IMPORTED), XNNPACK, NO_XNNPACK),
        threads=(1, 2, 4),
        batch=(1, 2, 4, 8, 16),
    )
]
#: One thread and few batches; the largest network once in each runtime of the experiment's own. Schedule
#: ``none`` is in it where that takes no time, for what a schedule is worth.
QUICK = [
    Grid(
        SMALL[:2], settings(tvm((0, 3), SCHEDULES[:2], IMPORTED), XNNPACK, NO_XNNPACK), batch=(1, 2)
    ),
    Grid(PUBLISHED[1:], settings(tvm((0, 3), ("default",), IMPORTED), XNNPACK, NO_XNNPACK)),
    Grid(PUBLISHED[1:], settings(tvm((3,), ("default",)), USUAL), batch=(2,)),
    Grid(PUBLISHED[:1], without_third(settings(tvm((3,), ("default",)), USUAL))),
]


@pytest.mark.sweep(grids=FULL, quick=QUICK)
def test_riscv_tvm_tflite(cell: CellRun, benchmark: Any) -> None:
    cell.build()
    source_loop.characterise(cell)
    cell.first()
    source_loop.iterate(cell)
    cell.judge()
    source_loop.keep_top_classes(cell)
    cell.steady(benchmark)
    cell.end()

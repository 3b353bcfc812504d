"""Where a runtime pays for building what it executes: at load, at the first inference, or ahead of both.

The published experiment asks it of one converter and one switch: an engine of TensorRT's, built when
the network is converted or at the first inference. Every runtime has that switch under another name;
here each of its settings is a cell, timed from the model's file to the steady state. What is made ahead
is made in a process that ends with it, and loaded by one that has opened nothing before.
"""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.engine_run import EngineRun

#: From a network for microcontrollers to the largest that most caches hold.
NETWORKS = (
    "digits_float32",
    "resnet8_float32",
    "mobilenet_v2_quant",
    "mobilenet_v3_large",
    "densenet121",
)
QUICK = ("digits_float32", "mobilenet_v3_large")


@pytest.mark.sweep(engines=NETWORKS, quick=QUICK)
def test_engine_placement(cell: EngineRun, benchmark: Any) -> None:
    cell.convert()
    cell.build()
    cell.first()
    cell.second()
    cell.judge()
    cell.steady(benchmark)
    cell.end()

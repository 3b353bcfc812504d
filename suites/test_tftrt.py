"""What converting a network to TF-TRT buys: the published experiment's tables, on a GPU and on a Jetson.

Fifteen classifiers, each as TensorFlow runs it and converted to FP16, with engines that are built at
the first inference (``is_dynamic_op``) or when it is converted: size on disk, first inference in a
fresh process, and the mean of a hundred that follow the second and the verdict's, without a warm-up.
A network that a board cannot start is a row too.

The source converts on a PC and copies the result to the Nano. With ``--board ssh://nano`` that is among
the cells (``converted_on=host``); on the board itself the conversion is its own. Models of one's own
take part if they come as frozen graphs or Keras models.
"""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.engine_run import EngineRun

NETWORKS = (
    "mobilenet_v1",
    "mobilenet_v2",
    "vgg16",
    "vgg19",
    "inception_v1",
    "inception_v2",
    "inception_v3",
    "inception_v4",
    "resnet50_v1",
    "resnet101_v1",
    "resnet152_v1",
    "resnet50_v2",
    "resnet101_v2",
    "resnet152_v2",
    "inception_resnet_v2",
)
#: Formats of models of one's own that take part.
OWN = ("frozen_graph", "keras")
#: Inferences that the source's mean is over.
COUNT = 100


@pytest.mark.sweep(engines=NETWORKS, runtimes=("tftrt",), formats=OWN)
def test_tftrt(cell: EngineRun, benchmark: Any) -> None:
    cell.convert()
    cell.build()
    cell.first()
    cell.second()
    cell.judge()
    cell.steady(benchmark, COUNT)
    cell.end()


@pytest.mark.sweep(engines=NETWORKS, runtimes=("tftrt",), formats=OWN, variants=True)
def test_tftrt_precision(cell: EngineRun) -> None:
    cell.convert()
    cell.build()
    cell.first()
    cell.judge()
    cell.end()

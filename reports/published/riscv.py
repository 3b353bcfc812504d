"""TVM against TensorFlow Lite on a RISC-V board (:data:`RISCV`): the published tables, typed.

A board with four RV64 cores, Linux 5.10 and 16 GB; its maker and clock are not named. Apache TVM,
compiled by 0.17.0 elsewhere (Relay, for generic-rv64 without the vector extension) and run by
0.18.dev0, for which the page sets no number of threads; TensorFlow Lite 2.14 with XNNPACK. Ten
iterations without a warm-up: ``reports.source_metrics`` has how latency and FPS follow from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from reports.published.tables import Source, read_table

#: The page prints neither author, date nor an address of its own; its scripts come from that repository.
RISCV = Source(
    title="Практическая работа №2. Вывод глубокой модели средствами Apache TVM. "
    "Анализ и сравнение производительности вывода",
    author="the makers of Deep Learning Inference Benchmark (itlab-vision)",
    date="undated; TVM 0.18.dev0",
    address="https://github.com/itlab-vision/dl-benchmark",
)

#: The networks by the names of this project's models.
TITLES = {"densenet121": "DenseNet-121", "mobilenet_v3_large": "MobileNet-v3-large"}

#: What the page's own function says of its board, in its order.
SYSTEM = {
    "CPU": "Undefined",
    "Number of CPUs": "4",
    "CPU family": "",
    "RAM size": "16116960 kB",
    "OS family": "Linux",
    "OS version": "Linux-5.10.113-cluster-riscv64-with-glibc2.36",
    "Python version": "3.11.4 (main, Jun 7 2023, 10:13:09) [GCC 12.2.0]",
}

#: Mean over batches of TFLite's FPS at 4 threads over TVM's at opt_level 3, as the page prints it.
RELATIVE = {"DenseNet-121": 2.74, "MobileNet-v3-large": 2.46}


@dataclass(frozen=True)
class Throughput:
    """One setting at one batch: the median ``latency_s`` in seconds, ``fps`` in images per second.

    TVM has an ``opt_level`` and no ``threads``, TensorFlow Lite the other way round.
    """

    model: str
    backend: Literal["tvm", "tflite"]
    opt_level: int | None
    threads: int | None
    batch: int
    latency_s: float
    fps: float


@dataclass(frozen=True)
class PublishedAccuracy:
    """Per cent of right answers on the first ``images`` of ImageNet's validation set.

    ``reference`` is what the networks' authors say of all of them.
    """

    model: str
    source: Literal["reference", "tvm", "tflite"]
    top1_percent: float
    top5_percent: float
    images: int


@dataclass(frozen=True)
class Ranked:
    """One of the five best classes of an image (``rank`` from 1), with its probability."""

    model: str
    backend: Literal["tvm", "tflite"]
    image: str
    rank: int
    class_id: int
    probability: float
    label: str


@cache
def riscv_throughput() -> tuple[Throughput, ...]:
    """Latency and FPS over batch: TVM by level, TensorFlow Lite by threads."""
    return read_table("riscv_tvm_tflite.csv", Throughput)


@cache
def riscv_accuracy() -> tuple[PublishedAccuracy, ...]:
    """Accuracy of both runtimes, and of the networks' authors."""
    return read_table("riscv_accuracy.csv", PublishedAccuracy)


@cache
def riscv_top5() -> tuple[Ranked, ...]:
    """The five best classes of six images by both runtimes, of DenseNet-121."""
    return read_table("riscv_densenet_top5.csv", Ranked)


def curve(model: str, backend: str, level: int | None, threads: int | None) -> dict[int, float]:
    """FPS by batch of one published setting; empty where there is none."""
    wanted = (model, backend, level, threads)
    return {
        row.batch: row.fps
        for row in riscv_throughput()
        if (row.model, row.backend, row.opt_level, row.threads) == wanted
    }


def reference_accuracy(model: str) -> PublishedAccuracy | None:
    """What the authors of a network published, by its title on the page."""
    rows = riscv_accuracy()
    return next((r for r in rows if r.model == model and r.source == "reference"), None)

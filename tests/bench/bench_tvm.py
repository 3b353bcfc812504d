"""TVM's default schedule against the best other float32 runtime, each in a worker, interleaved.

    python -m tests.bench.bench_tvm [--batch 1,8] [--opt-level 0,1,2,3] [--blocks 12]

One thread. Blocks of all runtimes take turns, in the other direction every second time, so that a
machine that slows down slows all; the figure is the median over turns of TVM's median over the least of
the others' medians in the same turn.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence

from fixtures.cells import Cell
from fixtures.isolation.pool import Workers
from fixtures.models import manifest
from fixtures.models.inputs import batches
from fixtures.models.library import Library
from fixtures.options import counts
from fixtures.prepare import prepared
from fixtures.runtimes import RUNTIMES, Knobs
from fixtures.steady import Stream
from hardware import Device

MODELS = ("densenet121", "mobilenet_v3_large")
OTHERS = ("litert", "onnxruntime", "openvino")
#: Seconds of one block, roughly.
BLOCK = 0.4


def main() -> None:
    """Print a line for each model, batch and level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--batch", type=counts, default="1,8")
    parser.add_argument("--opt-level", default="3")
    parser.add_argument("--schedule", default="default")
    parser.add_argument("--blocks", type=int, default=12)
    options = parser.parse_args()
    library = Library(manifest.load_all([], options.models))
    for model in library.models:
        for batch in options.batch:
            levels = [int(level) for level in options.opt_level.split(",")]
            compare(library, model, batch, levels, options.schedule, options.blocks)


def compare(
    library: Library, model: str, batch: int, levels: Sequence[int], schedule: str, blocks: int
) -> None:
    """Measure all runtimes on ``model`` in turns, and print how they compare."""
    workers = Workers()
    tvm = RUNTIMES["tvm"]
    wanted: dict[str, tuple[str, Knobs]] = {
        name: (name, RUNTIMES[name].knobs(batch=batch))
        for name in OTHERS
        if RUNTIMES[name].unavailable() is None
    }
    for level in levels:
        knobs = tvm.knobs(batch=batch, opt_level=level, schedule=schedule)
        wanted[f"tvm {level}"] = ("tvm", knobs)
    streams, rounds = {}, {}
    groups = batches(library.inputs(model), batch)
    try:
        for name, (runtime, knobs) in wanted.items():
            cell = Cell("bench", library.models[model], RUNTIMES[runtime], "cpu", "onnx", knobs)
            if runtime == "litert":
                cell = Cell(
                    "bench", library.models[model], RUNTIMES[runtime], "cpu", "tflite", knobs
                )
            path = prepared(library, cell).path
            device = Device("cpu", "here", "host")
            session = workers.open(RUNTIMES[runtime], path, device, knobs, role=name)
            streams[name] = Stream(session, groups)
            warm = streams[name].run(3)
            rounds[name] = max(3, int(BLOCK / max(warm[-1], 1e-4)))
        medians: dict[str, list[float]] = {name: [] for name in streams}
        for turn in range(blocks):
            for name in list(streams)[:: -1 if turn % 2 else 1]:
                medians[name].append(statistics.median(streams[name].run(rounds[name])))
    finally:
        workers.close()
    others = [name for name in medians if not name.startswith("tvm")]
    shown = ", ".join(f"{name} {statistics.median(medians[name]) * 1e3:.2f} ms" for name in medians)
    print(f"{model}, batch {batch}: {shown}")
    for name in medians:
        if name not in others:
            ratios = [
                medians[name][turn] / min(medians[other][turn] for other in others)
                for turn in range(blocks)
            ]
            print(f"  {name} over the best other: {statistics.median(ratios):.3f}", flush=True)


if __name__ == "__main__":
    main()

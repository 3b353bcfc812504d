"""What a worker process costs: python -m tests.bench.bench_worker

Interleaved against the same session in this process (blocks ABBA), on LiteRT with the digits network at
a batch that takes about 0.2 ms; then how soon a hung cell is reaped, and what a crash costs a run.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from fixtures.isolation.ending import WorkerDied
from fixtures.isolation.pool import Limits, Workers
from fixtures.models import manifest
from fixtures.models.inputs import batches
from fixtures.models.library import Library
from fixtures.runtimes import RUNTIMES, Knobs
from hardware import Device
from tests.faults.runtime import Faulty

CPU = Device("cpu", "here", "host")
BLOCKS, ROUNDS = 40, 250


def main() -> None:
    overhead()
    hang()
    crash()


def overhead() -> None:
    library = Library(manifest.load())
    path = library.artifact("digits_float32", "tflite").path
    inside, outside = Workers(isolate=False), Workers()
    runtime = RUNTIMES["litert"]
    for target in (2e-4, 3e-3):
        batch = _batch(inside, path, target)
        groups = batches(library.inputs("digits_float32"), batch)
        sessions = {
            name: workers.open(runtime, path, CPU, runtime.knobs(batch=batch))
            for name, workers in (("inside", inside), ("outside", outside))
        }
        ratios, extra = [], {"inside": [], "outside": []}
        for number in range(BLOCKS):
            order = ("inside", "outside") if number % 2 else ("outside", "inside")
            medians = {}
            for name in order:
                own, round_trip = _block(sessions[name], groups)
                medians[name] = own
                extra[name].append(round_trip)
            ratios.append(medians["outside"] / medians["inside"])
        trip = (statistics.median(extra["outside"]) - statistics.median(extra["inside"])) * 1e6
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        print(
            f"at {medians['inside'] * 1e3:.3f} ms (batch {batch}): the round trip of an invoke takes "
            f"{trip:.1f} us more than in this process (target: under 20)\n"
            f"  median by the worker's clock over that in this process: {middle:.4f} "
            f"(quartiles {low:.4f} to {high:.4f} of {BLOCKS} pairs; target: under 1.01)"
        )
    outside.close()


def _batch(workers: Workers, path: Path, seconds: float) -> int:
    """The batch at which the network takes about ``seconds``."""
    runtime = RUNTIMES["litert"]
    session = workers.open(runtime, path, CPU, runtime.knobs(batch=64))
    session.feed(np.zeros((64, 8, 8, 1), np.float32))
    typical = statistics.median(session.invoke() for _ in range(300))
    session.close()
    return max(1, round(64 * seconds / typical))


def _block(session: Any, groups: Any) -> tuple[float, float]:
    """Median of the session's own clock, and of what the caller waited beyond it, in seconds."""
    own, beyond = [], []
    with session.beside():
        for number in range(ROUNDS):
            session.feed(groups[number % len(groups)])
            start = time.perf_counter()
            seconds = session.invoke()
            beyond.append(time.perf_counter() - start - seconds)
            own.append(seconds)
    return statistics.median(own), statistics.median(beyond)


def _fails(workers: Workers, script: dict[str, Any]) -> float:
    """Seconds until a session that follows ``script`` has failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.json"
        path.write_text(json.dumps(script))
        session = workers.open(Faulty(), path, CPU, Knobs())
        session.feed(np.zeros((1, 10), np.float32))
        start = time.perf_counter()
        try:
            with workers.phase():
                session.invoke()
        except WorkerDied:
            return time.perf_counter() - start
    raise AssertionError("it did not fail")


def hang() -> None:
    workers = Workers(Limits(timeout=1.0))
    late = [_fails(workers, {"in": "invoke", "how": "sleep"}) - 1.0 for _ in range(10)]
    print(f"a hung cell is reaped {max(late):.3f} s after its limit at worst, of 10 (target: 0.5)")
    workers.close()


def crash() -> None:
    workers, costs = Workers(), []
    with tempfile.TemporaryDirectory() as folder:
        good = Path(folder) / "good.json"
        good.write_text("{}")
        for _ in range(10):
            workers.open(Faulty(), good, CPU, Knobs()).close()  # warm, as cells usually find it
            start = time.perf_counter()
            _fails(workers, {"in": "invoke", "how": "segfault"})
            workers.open(Faulty(), good, CPU, Knobs()).close()
            costs.append(time.perf_counter() - start)
    print(
        f"a crash, and a new worker ready for the next cell: {max(costs):.3f} s at worst, of 10, "
        "without a runtime's import (target: 2)"
    )
    workers.close()


if __name__ == "__main__":
    main()

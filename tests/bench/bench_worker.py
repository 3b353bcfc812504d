"""What a worker process costs: python -m tests.bench.bench_worker

Against the same session in this process, blocks of both alternating, on LiteRT with the digits network
at batches that take about 0.2 and 3 ms; over several workers, as two processes differ by where their
memory happens to lie. Then how soon a hung cell is reaped, and what a crash costs a run.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fixtures.isolation.ending import WorkerDied
from fixtures.isolation.pool import Limits, Workers
from fixtures.models import manifest
from fixtures.models.inputs import batches
from fixtures.models.library import Library
from fixtures.runtimes import RUNTIMES, Knobs
from fixtures.steady import Stream
from hardware import Device
from tests.faults.runtime import Faulty

CPU = Device("cpu", "here", "host")
PROCESSES, BLOCKS, ROUNDS = 12, 8, 100


def main() -> None:
    overhead()
    hang()
    crash()


def overhead() -> None:
    library = Library(manifest.load())
    path = library.artifact("digits_float32", "tflite").path
    for target in (2e-4, 3e-3):
        batch = _batch(path, target)
        groups = batches(library.inputs("digits_float32"), batch)
        pairs = [_pair(path, batch, groups) for _ in range(PROCESSES)]
        ratios = sorted(pair.ratio for pair in pairs)
        own = statistics.median(pair.own for pair in pairs)
        print(
            f"at {own * 1e3:.3f} ms (batch {batch}), over {PROCESSES} workers:\n"
            f"  median by a worker's clock over that in this process: "
            f"{statistics.median(ratios):.4f} ({ratios[0]:.3f} to {ratios[-1]:.3f}; target: 1.01)"
        )
        for what, extra in (
            ("of an invoke of the steady state", [pair.steady for pair in pairs]),
            ("of an invoke alone, with a message each way", [pair.alone for pair in pairs]),
        ):
            print(f"  round trip {what}: {statistics.median(extra) * 1e6:.1f} us more (target: 20)")


@dataclass(frozen=True)
class Pair:
    """One worker against this process: ratio of medians, and seconds that the caller waited more."""

    own: float
    ratio: float
    steady: float
    alone: float


def _pair(path: Path, batch: int, groups: Any) -> Pair:
    places = {"inside": Workers(isolate=False), "outside": Workers()}
    runtime = RUNTIMES["litert"]
    sessions = {
        name: workers.open(runtime, path, CPU, runtime.knobs(batch=batch))
        for name, workers in places.items()
    }
    streams = {name: Stream(session, groups) for name, session in sessions.items()}
    steady, alone = defaultdict(list), defaultdict(list)
    for number in range(2 * BLOCKS):
        for name in ("inside", "outside") if number % 2 else ("outside", "inside"):
            if number < BLOCKS:
                steady[name].append(_rounds(streams[name]))
            else:
                alone[name].append(_single(sessions[name], groups))
    places["outside"].close()

    def more(found: dict[str, list[tuple[float, float]]]) -> float:
        return statistics.median(
            b - a for (_, b), (_, a) in zip(found["outside"], found["inside"], strict=True)
        )

    ratios = np.divide([own for own, _ in steady["outside"]], [own for own, _ in steady["inside"]])
    own = statistics.median(own for own, _ in steady["inside"])
    return Pair(own, float(np.median(ratios)), more(steady), more(alone))


def _batch(path: Path, seconds: float) -> int:
    """The batch at which the network takes about ``seconds``."""
    runtime = RUNTIMES["litert"]
    session = Workers(isolate=False).open(runtime, path, CPU, runtime.knobs(batch=64))
    session.feed(np.zeros((64, 8, 8, 1), np.float32))
    typical = statistics.median(session.invoke() for _ in range(300))
    session.close()
    return max(1, round(64 * seconds / typical))


def _rounds(stream: Stream) -> tuple[float, float]:
    """Median of the session's own clock, and what the caller waited beyond it, per invoke."""
    start = time.perf_counter()
    seconds = stream.run(ROUNDS)
    beyond = time.perf_counter() - start - sum(seconds)
    return statistics.median(seconds), beyond / ROUNDS


def _single(session: Any, groups: Any) -> tuple[float, float]:
    """The same of one invoke at a time; medians."""
    own, beyond = [], []
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

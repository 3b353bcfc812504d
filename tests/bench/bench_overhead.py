"""Our steady median, by a worker's clock, against a bare ``perf_counter`` loop without any worker.

    python -m pytest tests/bench/bench_overhead.py -s

Blocks of both alternate, ABBA, so that a machine that slows down slows both; the figure is the
median over pairs of blocks of the ratio of their medians. The networks take about 3 and 30 ms.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.clock import session_clock
from fixtures.isolation.pool import Workers
from fixtures.models.inputs import batches
from fixtures.models.library import Library
from fixtures.runtimes import RUNTIMES
from fixtures.steady import Stream, measure
from hardware import Device

PAIRS = 20
#: Model, batch, rounds of a block.
NETWORKS = (("mobilenet_v2_ptq", 1, 60), ("mobilenet_v3_large", 4, 20))
CASES = [(runtime, *network) for runtime in ("litert", "onnxruntime") for network in NETWORKS]


class Medians:
    """Medians of blocks (seconds), by runtime, model and kind of block."""

    def __init__(self) -> None:
        self.ours: dict[Any, list[float]] = defaultdict(list)
        self.bare: dict[Any, list[float]] = defaultdict(list)


@pytest.fixture(scope="module")
def medians() -> Iterator[Medians]:
    found = Medians()
    yield found
    print()
    for case, ours in found.ours.items():
        ratios = [a / b for a, b in zip(ours, found.bare[case], strict=True)]
        alone = statistics.median(found.bare[case]) * 1e3
        print(
            f"{case[0]} {case[1]}, batch {case[2]}: bare {alone:.3f} ms, "
            f"ours / bare {statistics.median(ratios):.4f} over {len(ratios)} pairs"
        )


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, case)))
def opened(request: pytest.FixtureRequest, library: Library) -> Iterator[Any]:
    name, model, batch, _ = request.param
    runtime = RUNTIMES[name]
    if why := runtime.unavailable():
        pytest.skip(why)
    path = library.artifact(model, runtime.formats[0]).path
    device, knobs = Device("cpu", "here", "host"), runtime.knobs(batch=batch)
    groups = batches(library.inputs(model), batch)
    places = Workers(), Workers(isolate=False)
    worker, here = (place.open(runtime, path, device, knobs) for place in places)
    yield request.param, Stream(worker, groups), here, groups
    for place in places:
        place.close()


def bare(session: Any, groups: Any, rounds: int) -> float:
    samples = []
    for n in range(rounds):
        session.feed(groups[n % len(groups)])
        start = time.perf_counter()
        session.invoke()
        samples.append(time.perf_counter() - start)
    return statistics.median(samples)


@pytest.mark.benchmark(timer=session_clock)
@pytest.mark.parametrize("pair", range(PAIRS))
def test_pair(opened: Any, pair: int, benchmark: Any, medians: Medians) -> None:
    case, stream, here, groups = opened
    rounds = case[3]
    bare(here, groups, 3)
    first = bare(here, groups, rounds) if pair % 2 else None
    measure(benchmark, stream, rounds, lambda: None)
    medians.ours[case].append(benchmark.stats.stats.median)
    medians.bare[case].append(first or bare(here, groups, rounds))

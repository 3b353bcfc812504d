"""How long a plan for as many models as one takes: ``python -m tests.bench.bench_plan [ROUNDS]``.

All ways to share six models out are predicted. Prints the median and the slowest wall time, for
models that were compiled apart and for one set compiled together. Not collected: a timed assertion
on a shared machine proves nothing.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace

from hardware.edgetpu.interface import USB2
from hardware.edgetpu.known import BIRD
from hardware.edgetpu.plan import MOST, plan
from hardware.edgetpu.plan_group import Candidate, exact


def models(token: int | None) -> list[Candidate]:
    """Six, of different sizes and rates."""
    return [
        exact(
            f"model{index}",
            replace(BIRD, cached=BIRD.cached + index * 500_000, token=token),
            rate=index + 1.0,
            layers=(50_000,) * 30 + (1_300_000 + index * 500_000,),
        )
        for index in range(MOST)
    ]


def main(rounds: int) -> None:
    """Time it and print it."""
    for name, token in (("apart", None), ("together", 1)):
        candidates, seconds = models(token), []
        for _ in range(rounds):
            begun = time.perf_counter()
            found = plan(candidates, USB2)
            seconds.append(time.perf_counter() - begun)
        print(
            f"compiled {name}: {len(found.arrangements)} arrangements, "
            f"{statistics.median(seconds):.3f} s, at most {max(seconds):.3f} s"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

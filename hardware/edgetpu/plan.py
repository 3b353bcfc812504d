"""How to share one Edge TPU among models: compiled together, in which order, apart, or on two.

Every way to divide the models into sets, each set compiled together in an order, is predicted by the
law of latency and ranked by the share of time for which the device would be busy at the rates asked
for. Sets carry different caching tokens, so that turns between them reload parameters.

How often they do is an assumption, ``turns``:

- ``random``: inferences arrive independently of one another (Poisson streams). A model reloads when
  another set ran since its own last inference: at rates r of its own and s of all other sets, a share
  of s / (r + s).
- ``alternate``: the worst case, each inference of another set comes between two of its own as far as
  there are any: a share of min(1, s / r). The published experiment took such turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hardware.edgetpu.interface import Interface
from hardware.edgetpu.plan_arrangement import Arrangement
from hardware.edgetpu.plan_group import Candidate
from hardware.edgetpu.plan_search import TURNS, Search

#: More models have too many ways to be shared out (37 633 for seven).
MOST = 6
#: A second Edge TPU is advised when it takes at least this share off the busy time.
MARGIN = 0.25


@dataclass(frozen=True)
class Plan:
    """All arrangements on one Edge TPU, best first, and the best on two of them."""

    candidates: tuple[Candidate, ...]
    interface: Interface
    turns: str
    margin: float
    arrangements: tuple[Arrangement, ...]
    two: tuple[Arrangement, Arrangement] | None

    @property
    def best(self) -> Arrangement:
        """The least busy."""
        return self.arrangements[0]

    @property
    def advice(self) -> tuple[str, ...]:
        """What follows, in sentences."""
        lines = []
        best = self.best.busy
        if best.seconds > 1:
            lines.append(
                f"one Edge TPU cannot keep up: it would be busy {best.seconds:.0%} of the time"
            )
        elif best.high > 1:
            lines.append("within its bounds, one Edge TPU may not keep up")
        rivals = [
            one for one in self.arrangements[1:] if one.busy.low < best.high and best.seconds > 0
        ]
        if rivals:
            lines.append(
                f"{len(rivals)} of {len(self.arrangements) - 1} others are within the bounds of "
                "error: measure before preferring one to another"
            )
        if self.two is not None:
            work = sum(one.busy.seconds for one in self.two)
            saved = 1 - work / best.seconds if best.seconds else 0.0
            second = self.two[1].label
            if best.seconds > 1 or saved >= self.margin:
                lines.append(
                    f"put {second} on a second Edge TPU: {work:.3g} s of work per second in all, "
                    f"{saved:.0%} less than {best.seconds:.3g} (asked for: "
                    f"{self.margin:.0%}, or one that cannot keep up)"
                )
                if max(one.busy.seconds for one in self.two) > 1:
                    lines.append("two Edge TPUs cannot keep up either: lower the rates")
        elif best.seconds > 1:
            lines.append("there is nothing to move to a second Edge TPU: lower the rate")
        return tuple(lines)


def plan(
    candidates: Sequence[Candidate],
    interface: Interface,
    *,
    turns: str = "random",
    margin: float = MARGIN,
) -> Plan:
    """Every arrangement of ``candidates`` behind ``interface``, the least busy first.

    Models that were compiled together are ranked as they were compiled, exactly, and beside that
    as if compiled anew, which is an estimate.

    :raises ValueError: for no or too many models, a name twice, a rate below zero.
    """
    _check(candidates, turns)
    work = Search(tuple(candidates), interface, turns)
    every = (1 << len(candidates)) - 1
    arrangements = [Arrangement(groups) for groups in work.arrangements(every, every)]
    # Where nothing is asked for, all are as busy: the quickest first inference decides.
    arrangements.sort(key=lambda one: (one.busy.seconds, _sum(one), len(one.groups)))
    return Plan(tuple(candidates), interface, turns, margin, tuple(arrangements), work.two(every))


def _sum(one: Arrangement) -> float:
    return sum(model.latency.seconds for group in one.groups for model in group.models)


def _check(candidates: Sequence[Candidate], turns: str) -> None:
    if not 1 <= len(candidates) <= MOST:
        raise ValueError(
            f"{len(candidates)} models: a plan takes 1 to {MOST}; plan those that run most often "
            "first, and give the others an Edge TPU of their own"
        )
    names = [one.name for one in candidates]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two models are called {name}: name them apart")
    for one in candidates:
        if not 0 <= one.rate < float("inf"):
            raise ValueError(f"{one.name}: a rate of {one.rate}: inferences per second, from 0")
    if turns not in TURNS:
        raise ValueError(f"turns {turns!r}: one of {', '.join(TURNS)}")

"""The search behind a plan: sets of models, their orders, and the least busy ways of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from hardware.edgetpu.interface import Interface
from hardware.edgetpu.law import Latency
from hardware.edgetpu.plan_arrangement import Arrangement, Group, ModelPlan
from hardware.edgetpu.plan_group import (
    ESTIMATE,
    LOG,
    Candidate,
    Placed,
    Span,
    as_compiled,
    compiled_anew,
)

TURNS = ("random", "alternate")


def reloading(own: float, others: float, turns: str = "random") -> float:
    """The share of a model's inferences that reload, at its own rate and that of all other sets."""
    if others <= 0:
        return 0.0
    if turns == "random":
        return others / (own + others)
    return 1.0 if own <= others else others / own


class Search:
    """Memory of what was worked out. A set of models is a number, with a bit for each."""

    def __init__(self, candidates: tuple[Candidate, ...], interface: Interface, turns: str) -> None:
        self.candidates = candidates
        self.interface = interface
        self.turns = turns
        self.rate = [
            sum(one.rate for index, one in enumerate(candidates) if mask >> index & 1)
            for mask in range(1 << len(candidates))
        ]
        #: The set in which each model was compiled, of those that are here.
        self.together = [
            sum(
                1 << other
                for other, two in enumerate(candidates)
                if other == index or (one.token is not None and one.token == two.token)
            )
            for index, one in enumerate(candidates)
        ]
        self._options: dict[int, list[tuple[bool, tuple[Placed, ...]]]] = {}
        self._groups: dict[tuple[int, int], list[Group]] = {}

    def options(self, mask: int) -> list[tuple[bool, tuple[Placed, ...]]]:
        """The ways to have one set: as it was compiled, and anew in every order."""
        if mask not in self._options:
            members = _bits(mask)
            chosen = [self.candidates[index] for index in members]
            found = []
            if all(
                self.together[index] == mask and self.candidates[index].source != ESTIMATE
                for index in members
            ):
                found.append((False, as_compiled(chosen, self.interface)))
            # A log tells the order in which its models were compiled; files do not.
            same = found and all(one.source == LOG for one in chosen)
            if not found or len(members) > 1:
                found += [
                    (True, compiled_anew(order, self.interface))
                    for order in itertools.permutations(chosen)
                    if not (same and list(order) == chosen)
                ]
            self._options[mask] = found
        return self._options[mask]

    def groups(self, mask: int, beside: int) -> list[Group]:
        """The ways to have one set on a device that all of ``beside`` are on, best first."""
        others = max(0.0, self.rate[beside] - self.rate[mask]) if beside != mask else 0.0
        key = (mask, beside)
        if key not in self._groups:
            found = [self._group(placed, anew, others) for anew, placed in self.options(mask)]
            found.sort(key=lambda group: group.busy.seconds)
            self._groups[key] = found
        return self._groups[key]

    def _group(self, placed: Sequence[Placed], anew: bool, others: float) -> Group:
        models = []
        low = likely = high = 0.0
        for one in placed:
            rate = one.candidate.rate
            share = reloading(rate, others, self.turns)
            latency = self._bounded(one.latency(share))
            models.append(ModelPlan(one, share, latency))
            low += rate * latency.low
            likely += rate * latency.seconds
            high += rate * latency.high
        return Group(tuple(models), anew, Latency(likely, low, high, self.interface.bound))

    def _bounded(self, span: Span) -> Latency:
        link = self.interface
        return Latency(span.likely, span.low * link.low, span.high * link.high, link.bound)

    def arrangements(self, mask: int, beside: int) -> Iterator[tuple[Group, ...]]:
        """Every division of ``mask`` into sets, in every order of each."""
        if not mask:
            yield ()
            return
        for part in _with_lowest(mask):
            for rest in self.arrangements(mask & ~part, beside):
                for group in self.groups(part, beside):
                    yield (group, *rest)

    def best(self, mask: int) -> Arrangement:
        """The least busy arrangement of ``mask`` on a device of its own."""
        found: dict[int, tuple[float, tuple[Group, ...]]] = {0: (0.0, ())}

        def least(left: int) -> tuple[float, tuple[Group, ...]]:
            if left not in found:
                ways = []
                for part in _with_lowest(left):
                    group, (busy, rest) = self.groups(part, mask)[0], least(left & ~part)
                    ways.append((group.busy.seconds + busy, (group, *rest)))
                found[left] = min(ways, key=lambda way: way[0])
            return found[left]

        return Arrangement(least(mask)[1])

    def two(self, every: int) -> tuple[Arrangement, Arrangement] | None:
        """The best on two devices: one that keeps up rather than not, then least work in all.

        The first of the two is the busier.
        """
        pairs = [
            (self.best(part), self.best(every & ~part))
            for part in _with_lowest(every)
            if part != every
        ]
        if not pairs:
            return None

        def cost(pair: tuple[Arrangement, Arrangement]) -> tuple[bool, float, float]:
            first, second = (one.busy.seconds for one in pair)
            return max(first, second) > 1, first + second, max(first, second)

        one, two = min(pairs, key=cost)
        return (one, two) if one.busy.seconds >= two.busy.seconds else (two, one)


def _bits(mask: int) -> list[int]:
    return [index for index in range(mask.bit_length()) if mask >> index & 1]


def _with_lowest(mask: int) -> Iterator[int]:
    """All subsets of ``mask`` that hold its lowest bit."""
    lowest = mask & -mask
    rest = part = mask & ~lowest
    while True:
        yield part | lowest
        if not part:
            return
        part = (part - 1) & rest

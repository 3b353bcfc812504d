"""Whether runtimes rank the same classes alike, two by two, by the best classes that records keep."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reports.ranking import Entry
from reports.riscv import FAMILIES, Network, Setting
from reports.top_classes import TopClasses


@dataclass
class _Image:
    """What the cells of one family answered to one image: orders, and probabilities by class."""

    orders: set[tuple[int, ...]] = field(default_factory=set)
    chances: dict[int, tuple[float, float]] = field(default_factory=dict)

    def add(self, classes: tuple[int, ...], chances: tuple[float, ...]) -> None:
        self.orders.add(classes)
        for number, chance in zip(classes, chances, strict=True):
            low, high = self.chances.get(number, (chance, chance))
            self.chances[number] = (min(low, chance), max(high, chance))


@dataclass(frozen=True)
class Pair:
    """Two families, or one with itself: over all of their cells, on how many of ``images`` each cell has
    the same classes in the same order, and the ``worst`` difference of a probability.

    ``cells`` are those of either; ``worst`` is None where they have no class in common.
    """

    first: str
    second: str
    cells: tuple[int, int]
    images: int
    same: int
    worst: float | None


def pairs(network: Network) -> list[Pair]:
    """Every two families of a network, and each with itself where it has several cells."""
    counts: dict[str, int] = defaultdict(int)
    answers: dict[str, dict[int, _Image]] = defaultdict(lambda: defaultdict(_Image))
    titles = {}
    for entry, top in _kept(network.entries):
        setting = Setting.of(entry)
        counts[setting.family] += 1
        titles[setting.family] = setting.title
        for number, row in enumerate(zip(top.classes, top.probabilities, strict=True)):
            answers[setting.family][number].add(*row)
    known = list(dict.fromkeys(family for family, _ in FAMILIES.values()))
    families = sorted(
        counts, key=lambda name: (name not in known, name not in known or known.index(name))
    )
    found = []
    for one, two in itertools.combinations_with_replacement(families, 2):
        if one == two and counts[one] < 2:
            continue
        shared = answers[one].keys() & answers[two].keys()
        images = [(answers[one][n], answers[two][n]) for n in shared]
        worst = max((d for a, b in images for d in _differences(a, b)), default=None)
        same = sum(len(a.orders | b.orders) == 1 for a, b in images)
        cells = (counts[one], counts[two])
        found.append(Pair(titles[one], titles[two], cells, len(images), same, worst))
    return found


def _kept(entries: Iterable[Entry]) -> Iterator[tuple[Entry, TopClasses]]:
    for entry in entries:
        if entry.record.top_classes is not None:
            yield entry, entry.record.top_classes


def _differences(a: _Image, b: _Image) -> Iterator[float]:
    for number in a.chances.keys() & b.chances.keys():
        (low, high), (least, most) = a.chances[number], b.chances[number]
        yield max(high - least, most - low)

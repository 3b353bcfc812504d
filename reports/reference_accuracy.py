"""Accuracy of a run against what a network's authors published: do a few images speak against it?

On the first N of ImageNet's 50 000 validation images a share is known within an interval (Wilson's,
of 95 %: ``reports.statistics.wilson``). It agrees with the authors' where that lies inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reports.published.riscv import TITLES, PublishedAccuracy, reference_accuracy
from reports.ranking import Entry, by_model, grouped, nature_suffix
from reports.text import clean

#: What the names of data sets begin with on which the authors' figures hold.
DATASET = "ImageNet"


@dataclass(frozen=True)
class Held:
    """A share, 0..1, of one ``top``, its interval, and the authors' share if there is one."""

    top: int
    share: float
    between: tuple[float, float]
    images: int
    published: float | None

    @property
    def verdict(self) -> str:
        """``agrees``, ``below`` or ``above``; nothing where nobody published any."""
        if self.published is None:
            return ""
        low, high = self.between
        return (
            "agrees"
            if low <= self.published <= high
            else "below"
            if high < self.published
            else "above"
        )


def held(entry: Entry, top: int) -> Held | None:
    """The accuracy that ``entry`` took, beside the authors'."""
    taken = entry.record.accuracy
    if taken is None:
        return None
    row = _published(entry)
    share, between = (
        (taken.top1, taken.top1_between) if top == 1 else (taken.top5, taken.top5_between)
    )
    per_cent = None if row is None else row.top1_percent if top == 1 else row.top5_percent
    return Held(top, share, between, taken.images, None if per_cent is None else per_cent / 100)


def _published(entry: Entry) -> PublishedAccuracy | None:
    taken = entry.record.accuracy
    if taken is None or not clean(taken.dataset).startswith(DATASET):
        return None
    return reference_accuracy(TITLES.get(entry.record.model, ""))


def interval(between: tuple[float, float]) -> str:
    """An interval of shares in per cent, such as ``72.0 to 77.4``."""
    low, high = between
    return f"{low * 100:.1f} to {high * 100:.1f}"


def findings(entries: Iterable[Entry]) -> list[str]:
    """A sentence for each network and top that somebody published: which runtimes, and the verdict."""
    said = []
    for of_model in by_model(e for e in entries if e.record.ranked and _published(e) is not None):
        for top in (1, 5):
            shares = grouped(of_model, lambda e, top=top: held(e, top))  # type: ignore[misc]
            for found, group in shares.items():
                if found is not None and found.published is not None:
                    said.append(f"{_who(group)}: {_sentence(found)}")
    return said


def _who(group: list[Entry]) -> str:
    runtimes = sorted({entry.record.runtime for entry in group})
    nature = nature_suffix(group[0].record.nature)
    names = ", ".join(clean(name, 60) for name in runtimes)
    return f"{group[0].model}{nature} on {names}"


def _sentence(found: Held) -> str:
    authors = f"the authors' {(found.published or 0) * 100:.2f} %"
    verdict = {
        "agrees": f"agrees with {authors}, which lies in it",
        "below": f"is below {authors}, and does not agree with it",
        "above": f"is above {authors}, and does not agree with it",
    }[found.verdict]
    return (
        f"top-{found.top} of {found.share * 100:.1f} % on {found.images} images (95 % interval "
        f"{interval(found.between)} %) {verdict}."
    )

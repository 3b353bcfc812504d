"""When an engine made ahead has paid for itself against one that is built anew at every start.

The model has four times of each: ``once`` (what is made before any start; mostly nothing of what is
built anew), the opening, the first inference, and the ``steady`` one; ``second`` stands for itself where
it was timed.

- A start for every inference, as a device that wakes for one frame has it::

      seconds(n starts) = once + n · (opening + first)

- One start, and all inferences in it::

      seconds(n inferences) = once + opening + first + second + (n - 2) · steady

It has paid for itself at the smallest n from which on its seconds are no more than the other's. Assumed
is that every start costs what the measured one did; that an import, which both need, costs both the
same; and that the process that makes an engine has had its import for something else. A cache is
charged for the use that filled it, and not credited with the answer that this may have given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

#: Later than this nobody waits for: more starts, or inferences, than any device lives to see.
MOST = 10**9
#: Steady states that differ by less, relative to the larger, are the same: see ``level``. They were
#: measured in one process after the other, and the same code differs by as much from one to the next.
GATE = 0.1


@dataclass(frozen=True)
class Cost:
    """What one placement of an engine costs, in seconds, finite and not negative.

    ``steady`` is None where no steady state was measured, ``second`` where it was not timed apart.
    """

    once: float
    opening: float
    first: float
    second: float | None = None
    steady: float | None = None

    @property
    def start(self) -> float:
        """From the start's beginning, without imports, to its first answer."""
        return self.opening + self.first

    def starts(self, count: int) -> float:
        """Seconds of ``count`` starts with an inference each."""
        return self.once + count * self.start

    def inferences(self, count: int) -> float:
        """Seconds of one start with ``count`` inferences; ``steady`` is known."""
        assert self.steady is not None
        second = self.steady if self.second is None else self.second
        beginning = self.once + self.start + (second if count > 1 else 0.0)
        return beginning + max(count - 2, 0) * self.steady


@dataclass(frozen=True)
class Paid:
    """From the ``at``-th on, and only up to the ``until``-th if that is set; never, without ``at``."""

    at: int | None
    until: int | None = None

    def __str__(self) -> str:
        """As a table says it."""
        if self.at is None:
            return "never"
        if self.until is not None:
            span = f"{self.at} to {self.until}" if self.until > self.at else f"only {self.at}"
            return f"up to {self.until}" if self.at == 1 else span
        return "from the first" if self.at == 1 else str(self.at)


def after_starts(ahead: Cost, anew: Cost) -> Paid:
    """After how many starts of one inference each ``ahead`` has paid for itself."""
    return _paid(lambda n: ahead.starts(n) <= anew.starts(n))


def after_inferences(ahead: Cost, anew: Cost) -> Paid | None:
    """After how many inferences in one start; None where a steady state is missing."""
    if ahead.steady is None or anew.steady is None:
        return None
    return _paid(lambda n: ahead.inferences(n) <= anew.inferences(n))


def level(ahead: Cost, anew: Cost) -> Cost:
    """``ahead`` with the steady state of ``anew`` where they differ by less than ``GATE``.

    What two runs of the same code differ by is no gain: over enough inferences it would outweigh any
    engine, one way or the other.
    """
    a, b = ahead.steady, anew.steady
    if a is None or b is None or abs(a - b) > GATE * max(a, b):
        return ahead
    return replace(ahead, steady=b)


def _paid(cheaper: Callable[[int], bool]) -> Paid:
    """Where ``cheaper`` turns. From the second on what it compares are straight lines."""
    if cheaper(MOST):
        if cheaper(2):
            return Paid(1 if cheaper(1) else 2)
        return Paid(_turn(lambda n: not cheaper(n), 2, MOST) + 1)
    if cheaper(2):
        return Paid(1 if cheaper(1) else 2, _turn(cheaper, 2, MOST))
    return Paid(1, 1) if cheaper(1) else Paid(None)


def _turn(holds: Callable[[int], bool], low: int, high: int) -> int:
    """A count that ``holds`` and whose next one does not, given that ``low`` does and ``high`` not.

    Bisection, rather than a division and a guess at what rounding made of it: the turn is where the
    very sums turn that a reader would make.
    """
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low

"""Which inferences find their parameters on the chip, as the runtime decides it.

The rule is that of libedgetpu's driver (``driver/driver.cc``: ``SubmitInferenceRequest``): an
executable whose caching token is not the resident one, or who has none, empties the cache; then,
if it has parameters to cache and they are not there, they are loaded and its token is resident.
What is there is remembered per loaded executable, not per content: a second interpreter of the
same file loads the same bytes once more, and from then on neither disturbs the other. Models
compiled together carry one token, so that none of them evicts another.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from hardware.edgetpu.footprint import Footprint


def caches(footprint: Footprint) -> bool:
    """Whether it has an executable that loads parameters."""
    return footprint.cached > 0 or footprint.caching_instructions > 0


def token(footprint: Footprint) -> Hashable:
    """What decides whether two models share the cache; None of a model that caches nothing.

    A footprint that states no token (a token of 0 is none), but caches, is of a model compiled
    alone: it shares the cache with itself only.
    """
    if footprint.token:
        return footprint.token
    return footprint if caches(footprint) else None


@dataclass
class Resident:
    """The parameter cache of one Edge TPU: the resident token, and who loaded under it.

    An interpreter is told from another by any hashable name.
    """

    token: Hashable = None
    loaded: set[Hashable] = field(default_factory=set)

    def infer(self, interpreter: Hashable, footprint: Footprint) -> bool:
        """One inference: whether it had to load its parameters first."""
        wanted = token(footprint)
        if wanted is None or wanted != self.token:
            self.reset()
        if not caches(footprint) or interpreter in self.loaded:
            return False
        self.token = wanted
        self.loaded.add(interpreter)
        return True

    def replay(self, inferences: Iterable[tuple[Hashable, Footprint]]) -> list[bool]:
        """Inferences in order, each an interpreter and its model: which of them loaded."""
        return [self.infer(interpreter, footprint) for interpreter, footprint in inferences]

    def reset(self) -> None:
        """Empty the cache, as opening the device does."""
        self.token = None
        self.loaded.clear()

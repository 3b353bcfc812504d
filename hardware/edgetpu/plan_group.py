"""What models ask of an Edge TPU when they are compiled together in an order, or as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from hardware.edgetpu.footprint import Footprint
from hardware.edgetpu.interface import Interface
from hardware.edgetpu.known import MIB
from hardware.edgetpu.law import load, steady

#: On-chip memory that a set's models leave for parameters, in bytes: lowest, likely, highest. The
#: published logs say 6.53 MiB for a set with Inception v1, 6.91 for MobileNets only.
AVAILABLE = (round(6.53 * MIB), round(6.72 * MIB), round(6.91 * MIB))
#: Streamed bytes by the bytes that are not cached: 5.86 MiB were streamed of plant's 5.05 after
#: Inception (1.16), and Inception's figures after plant sum up to 0.985 of those before it.
STREAMED_LEAST, STREAMED_MOST = 0.98, 1.17

#: A model's footprints at its lowest, its likely and its highest figures.
Three = tuple[Footprint, Footprint, Footprint]

#: The sources of a candidate.
COMPILED, LOG, ESTIMATE = "compiled", "log", "estimate"


class Span(NamedTuple):
    """A figure: the lowest, the likely and the highest that it can be."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True)
class Candidate:
    """A model to plan for, at ``rate`` inferences per second.

    ``low``, ``likely`` and ``high`` are footprints as ``source`` (compiled, log or estimate) has them,
    one and the same if it is exact. One of ``estimate`` was not compiled: what is cached of it is not
    known, only all of its parameters (``cached``). ``layers`` are the bytes of its parameters layer
    by layer, where known: a layer is cached or streamed as a whole. ``available`` is the on-chip
    memory that the model leaves for parameters, in bytes. ``rule`` says for a reader how the figures
    came about.
    """

    name: str
    rate: float
    low: Footprint
    likely: Footprint
    high: Footprint
    source: str
    rule: str
    layers: tuple[int, ...] | None = None
    available: tuple[int, int, int] = AVAILABLE

    @property
    def token(self) -> int | None:
        """That of the set with which it was compiled; None if it was compiled alone, or not yet."""
        return self.likely.token or None


def exact(
    name: str, footprint: Footprint, rate: float = 1.0, *, layers: tuple[int, ...] | None = None
) -> Candidate:
    """A model whose compiled file is at hand."""
    rule = footprint.whence or "exact bytes"
    # That it is cached tells that there is room for it; of a model compiled alone, that some of it is
    # streamed tells that there was not room for all.
    low, likely, high = (max(end, footprint.cached) for end in AVAILABLE)
    if footprint.streamed and not footprint.token:
        low = likely = footprint.cached
        high = footprint.cached + footprint.streamed - 1
    return Candidate(
        name,
        rate,
        footprint,
        footprint,
        footprint,
        COMPILED,
        rule,
        layers,
        (low, likely, high),
    )


@dataclass(frozen=True)
class Placed:
    """One model in its place: bytes, and the seconds of a steady inference and of a reload.

    ``footprints`` are those with as much cached as can be, as is likely, and as little as can be.
    """

    candidate: Candidate
    footprints: Three
    cached: Span
    streamed: Span
    steady: Span
    load: Span

    def latency(self, reloading: float) -> Span:
        """Mean seconds of an inference of which a share of ``reloading`` reload, without bounds."""
        three = [
            inference + reloading * extra
            for inference, extra in zip(self.steady, self.load, strict=True)
        ]
        return Span(min(three), three[1], max(three))


def as_compiled(candidates: Sequence[Candidate], interface: Interface) -> tuple[Placed, ...]:
    """The models as their files or logs have them."""
    return tuple(_placed(one, (one.low, one.likely, one.high), interface) for one in candidates)


def compiled_anew(candidates: Sequence[Candidate], interface: Interface) -> tuple[Placed, ...]:
    """The models if they were compiled together in this order, as far as that can be told.

    The compiler caches whole layers, of the first model first; what is left goes to the next.
    """
    left = Span(*(min(one.available[end] for one in candidates) for end in range(3)))
    placed = []
    for one in candidates:
        three = _cache(one, left)
        placed.append(_placed(one, three, interface))
        most, likely, least = (footprint.cached for footprint in three)
        # The more is cached of this model, the less is left for the next.
        left = Span(
            max(0, left.low - max(most, least)),
            max(0, left.likely - likely),
            max(0, left.high - min(most, least)),
        )
    return tuple(placed)


def _placed(one: Candidate, three: Three, interface: Interface) -> Placed:
    def span(figures: list[float]) -> Span:
        return Span(min(figures), figures[1], max(figures))

    return Placed(
        one,
        three,
        span([footprint.cached for footprint in three]),
        span([footprint.streamed for footprint in three]),
        # Not sorted: the three belong together, least streamed first.
        Span(*(steady(footprint, interface) for footprint in three)),
        Span(*(load(footprint, interface) for footprint in three)),
    )


def _cache(one: Candidate, left: Span) -> Three:
    """Its footprints with as much cached as can be, as is likely, and as little as can be."""
    shared = 1.0 if one.token is None else STREAMED_MOST
    # What was streamed in a set may have been inflated by it.
    least = one.low.cached + round(one.low.streamed / shared)
    likely = one.likely.cached + one.likely.streamed
    total = one.high.cached + one.high.streamed
    most_cached = min(least, int(left.high))
    if total <= left.low:
        least_cached = total
    else:
        # Whole layers: what is left over is less than the largest of them, if they are known.
        largest = max(one.layers, default=0) if one.layers else int(left.low)
        least_cached = min(least, max(0, int(left.low) - largest))
    if likely <= left.likely:
        likely_cached = likely
    elif one.layers:
        likely_cached = first_fit(one.layers, int(left.likely))
    else:
        likely_cached = (least_cached + most_cached) // 2
    # What was cached of it before fits again where there is room for as much.
    if one.source != ESTIMATE and one.high.cached <= left.low:
        least_cached = max(least_cached, one.high.cached)
    if one.source != ESTIMATE and one.likely.cached <= left.likely:
        likely_cached = max(likely_cached, one.likely.cached)
    likely_cached = min(likely_cached, likely)
    # What was streamed of a model by itself is not cached in company.
    if one.source != ESTIMATE and one.token is None:
        most_cached = min(most_cached, one.low.cached)
        likely_cached = min(likely_cached, one.likely.cached)
        least_cached = min(least_cached, one.high.cached)
    return (
        _with(one.low, most_cached, (least - most_cached) * STREAMED_LEAST),
        _with(one.likely, likely_cached, likely - likely_cached),
        _with(one.high, least_cached, (total - least_cached) * STREAMED_MOST),
    )


def _with(footprint: Footprint, cached: int, streamed: float) -> Footprint:
    return replace(footprint, cached=cached, streamed=round(streamed), token=None)


def first_fit(layers: Sequence[int], left: int) -> int:
    """Bytes cached if each layer in turn is cached when it still fits in ``left`` bytes."""
    cached = 0
    for layer in layers:
        if cached + layer <= left:
            cached += layer
    return cached

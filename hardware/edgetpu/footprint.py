"""What one model asks of an Edge TPU: bytes to move, bytes to hold, and cycles to compute."""

from __future__ import annotations

from dataclasses import dataclass

#: On-chip memory, in bytes: 8 MiB, part of which a model's own activations take.
ON_CHIP = 8 << 20
#: The clock that `estimated_cycles` counts by, in Hz (libedgetpu's maximum frequency, `-max`).
CLOCK = 500e6


@dataclass(frozen=True)
class Footprint:
    """One compiled model, as far as latency depends on it. Sizes are bytes.

    ``cached`` parameters stay in on-chip memory as long as no other token's are loaded; ``streamed``
    ones cross the bus with every inference. ``instructions`` are those of the executable that
    infers, ``caching_instructions`` of the one that loads the cached parameters. ``compute`` is seconds,
    from ``estimated_cycles`` at :data:`CLOCK` where the file states them. ``whence`` says where
    the figures come from, for a reader.
    """

    model: str
    input: int
    output: int
    instructions: int
    caching_instructions: int
    cached: int
    streamed: int
    compute: float
    token: int | None = None
    whence: str = ""

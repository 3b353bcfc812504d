"""The few values of a model that decide where an operator can run: axes, paddings, strides, zeros."""

from __future__ import annotations

from hardware.edgetpu.graph import Tensor

#: Axes and paddings have a number for each dimension or two; nothing longer is one.
_MOST_NUMBERS = 64
_BLOCK = 1 << 16
#: So many bytes of a file are searched for values that are not zero: many operators may name them.
_MOST_SEARCHED = 256 << 20


class Constants:
    """The constants of one open file."""

    def __init__(self, view: memoryview) -> None:
        self._view, self._left = view, _MOST_SEARCHED

    def numbers(self, tensor: Tensor | None) -> tuple[int, ...]:
        """The values of a short constant of int32 or int64; empty if it is none."""
        width = {"int32": 4, "int64": 8}.get(tensor.type, 0) if tensor is not None else 0
        if tensor is None or not width or tensor.place[1] > _MOST_NUMBERS * width:
            return ()
        span = self._bytes(tensor)
        return tuple(
            int.from_bytes(span[i : i + width], "little", signed=True)
            for i in range(0, len(span) - width + 1, width)
        )

    def all_zero(self, tensor: Tensor) -> bool:
        """Whether every value of an 8-bit constant stands for zero; read block by block.

        False too once more was searched than any real model needs.
        """
        zero = bytes([(tensor.zero_point or 0) & 0xFF])
        span = self._bytes(tensor)
        self._left -= len(span)
        return self._left >= 0 and all(
            not bytes(span[i : i + _BLOCK]).strip(zero) for i in range(0, len(span), _BLOCK)
        )

    def _bytes(self, tensor: Tensor) -> memoryview:
        start, size = tensor.place
        return self._view[start : start + size]

"""FlatBuffers of untrusted bytes: every offset is checked before the ``flatbuffers`` runtime follows it.

The runtime reads through ``struct``, which takes a negative offset as one from the end and knows
nothing of a table's bounds. Here a table's vtable, each field and each vector is first proved to
lie in the buffer, and everything that becomes a Python object is charged to a :class:`Budget`, so
that a file of a few kilobytes whose offsets all point at one table cannot ask for gigabytes.
Bytes are handed out as slices of a ``memoryview``: nothing is copied, and nothing is scanned.

Layout: https://flatbuffers.dev/internals (offsets are little-endian and relative to their own place).
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from typing import Any

#: What one object that is read costs in memory, about, in bytes; checked by the fuzzing script.
_TABLE, _ELEMENT, _TEXT = 600, 40, 100
_UNSIGNED, _SIGNED, _HEADER = struct.Struct("<I"), struct.Struct("<i"), struct.Struct("<HH")
#: No table read here has as many fields; a hostile one may claim 32 765.
_MOST_FIELDS = 24
#: No text (a tensor's name, a compiler's version) is kept beyond this many bytes.
LONGEST_TEXT = 4096


class FlatError(ValueError):
    """The bytes are not the buffer they are said to be; the message says what is wrong."""


class MissingRuntime(ImportError):
    """The package ``flatbuffers`` is not installed."""


@dataclass
class Budget:
    """What may still be read, in bytes of memory: 96 MiB is some ten thousand layers."""

    left: int = 96 << 20

    def spend(self, count: int) -> None:
        """Take ``count`` bytes off, or say that the file asks for too much."""
        self.left -= count
        if self.left < 0:
            raise FlatError("it holds more tables or elements than any real model has")


@functools.cache
def runtime() -> tuple[type[Any], dict[str, Any]]:
    """The runtime's table and its types of numbers, by name; :class:`MissingRuntime` without it."""
    try:
        from flatbuffers import number_types
        from flatbuffers.table import Table as Runtime
    except ImportError as error:
        raise MissingRuntime(
            f"reading models needs the package flatbuffers ({error}): pip install flatbuffers"
        ) from None
    names = ("Bool", "Int8", "Uint8", "Int16", "Int32", "Int64", "Uint32", "Uint64", "Float32")
    return Runtime, {name.lower(): getattr(number_types, f"{name}Flags") for name in names}


class Table:
    """One table. Fields go by their id: 0-based, in the schema's order, a union counting as two."""

    __slots__ = ("_budget", "_buffer", "_offsets", "_size", "_table")

    def __init__(self, buffer: memoryview, position: int, budget: Budget) -> None:
        budget.spend(_TABLE)
        _within(buffer, position, 4, "a table")
        vtable = position - int(_SIGNED.unpack_from(buffer, position)[0])
        _within(buffer, vtable, 4, "a vtable")
        length, self._size = _HEADER.unpack_from(buffer, vtable)
        if length < 4 or self._size < 4:
            raise FlatError(f"the vtable at byte {vtable} is shorter than its own header")
        _within(buffer, vtable, length, "a vtable")
        _within(buffer, position, self._size, "a table")
        # All at once: the runtime reads the vtable's header again for each field.
        count = min((length - 4) // 2, _MOST_FIELDS)
        self._offsets = struct.unpack_from(f"<{count}H", buffer, vtable + 4)
        self._buffer, self._budget = buffer, budget
        self._table = runtime()[0](buffer, position)

    def number(self, field: int, kind: str, default: int = 0) -> int:
        """A whole number of ``kind`` ("int32"), or ``default`` where the field is absent."""
        flags = runtime()[1][kind]
        place = self._field(field, flags.bytewidth)
        return default if place is None else int(self._table.Get(flags, place))

    def numbers(self, field: int, kind: str, most: int) -> tuple[int, ...]:
        """A vector of whole numbers; empty where the field is absent; ``most`` is its longest."""
        flags = runtime()[1][kind]
        start, count = self._vector(field, flags.bytewidth)
        if count > most:
            raise FlatError(f"a list of {count} numbers where {most} is the most that makes sense")
        self._budget.spend(_ELEMENT * count)
        width = flags.bytewidth
        return tuple(int(self._table.Get(flags, start + i * width)) for i in range(count))

    def first(self, field: int, kind: str) -> float | None:
        """The first of a vector's numbers, or None if there is none."""
        flags = runtime()[1][kind]
        start, count = self._vector(field, flags.bytewidth)
        return self._table.Get(flags, start) if count else None

    def length(self, field: int) -> int:
        """How many elements a vector has, whatever they are; 0 where the field is absent."""
        return self._vector(field, 1)[1]

    def table(self, field: int) -> Table | None:
        """A table, or None where the field is absent."""
        place = self._field(field, 4)
        return None if place is None else self._at(place)

    def tables(self, field: int) -> list[Table]:
        """A vector of tables; empty where the field is absent."""
        start, count = self._vector(field, 4)
        self._budget.spend(_TABLE * count)
        return [self._at(start + 4 * i) for i in range(count)]

    def span(self, field: int) -> memoryview | None:
        """The bytes of a string or of a vector of bytes, not copied; None where it is absent."""
        place = self._field(field, 4)
        return None if place is None else self._span(place)

    def spans(self, field: int) -> list[memoryview]:
        """The bytes of each string of a vector of strings, not copied."""
        start, count = self._vector(field, 4)
        self._budget.spend(_TABLE * count)
        return [self._span(start + 4 * i) for i in range(count)]

    def place(self, field: int) -> tuple[int, int]:
        """Where the bytes of a vector of bytes begin in the buffer, and how many there are."""
        return self._vector(field, 1)

    def text(self, field: int) -> str:
        """A string, with what is not UTF-8 replaced and cut at :data:`LONGEST_TEXT` bytes."""
        span = self.span(field)
        if span is None:
            return ""
        self._budget.spend(_TEXT + 4 * min(len(span), LONGEST_TEXT))
        return bytes(span[:LONGEST_TEXT]).decode("utf-8", "replace")

    def _field(self, field: int, width: int) -> int | None:
        offset = self._offsets[field] if field < len(self._offsets) else 0
        if not offset:
            return None
        if offset < 4 or offset + width > self._size:
            raise FlatError(f"field {field} of the table at byte {self._table.Pos} lies outside it")
        return int(self._table.Pos + offset)

    def _follow(self, place: int) -> int:
        target = place + _read(self._buffer, place)
        _within(self._buffer, target, 4, "what an offset points at")
        return target

    def _at(self, place: int) -> Table:
        return Table(self._buffer, self._follow(place), self._budget)

    def _vector(self, field: int, width: int) -> tuple[int, int]:
        place = self._field(field, 4)
        if place is None:
            return 0, 0
        start = self._follow(place)
        count = _read(self._buffer, start)
        _within(self._buffer, start + 4, count * width, "a vector")
        return start + 4, count

    def _span(self, place: int) -> memoryview:
        start = self._follow(place)
        count = _read(self._buffer, start)
        _within(self._buffer, start + 4, count, "a string")
        return self._buffer[start + 4 : start + 4 + count]


def root(buffer: memoryview, identifier: bytes | None, budget: Budget) -> Table:
    """The root table of ``buffer``, which must have the file identifier, unless that is None."""
    if len(buffer) < 8:
        raise FlatError(f"{len(buffer)} bytes are too few for a FlatBuffer")
    if identifier is not None and bytes(buffer[4:8]) != identifier:
        raise FlatError(f"no {identifier.decode()} at byte 4, but {bytes(buffer[4:8])!r}")
    return Table(buffer, _read(buffer, 0), budget)


def _within(buffer: memoryview, start: int, size: int, what: str) -> None:
    if start < 0 or start + size > len(buffer):
        raise FlatError(
            f"{what} of {size} bytes at byte {start} lies outside the {len(buffer)} bytes there "
            "are: the file is cut short or damaged"
        )


def _read(buffer: memoryview, place: int) -> int:
    return int(_UNSIGNED.unpack_from(buffer, place)[0])

"""One string out of a FlexBuffer map: what ``edgetpu-custom-op`` keeps its package in.

``flatbuffers.flexbuffers`` is not used: its slices take a negative offset as one from the end, and to
compare a key it copies all bytes from the key on, 4 MB of parameters for each step of its search.
Layout: https://flatbuffers.dev/internals (FlexBuffers): values refer backwards, and a map's width, its
keys and its length lie before its first value.
"""

from __future__ import annotations

from hardware.edgetpu.flat import FlatError

_MAP, _KEY, _STRING, _BLOB = 9, 4, 5, 25
#: Real maps have three to five keys.
_MOST_KEYS = 256
_LONGEST_KEY = 64


def string(buffer: memoryview, key: bytes) -> memoryview | None:
    """The bytes of the string or blob under ``key``, not copied; None if there is no such key.

    :class:`FlatError` if ``buffer`` is no FlexBuffer map. The root is at the end: its value, its
    type and its width.
    """
    if len(buffer) < 3:
        raise FlatError(f"{len(buffer)} bytes are too few for a FlexBuffer")
    width, kind = buffer[-1], buffer[-2]
    if width not in (1, 2, 4, 8) or kind >> 2 != _MAP:
        raise FlatError("it is no FlexBuffer map")
    values, width = _follow(buffer, len(buffer) - 2 - width, width), 1 << (kind & 3)
    count = _number(buffer, values - width, width)
    if count > _MOST_KEYS:
        raise FlatError(f"a FlexBuffer map of {count} keys")
    keys = _follow(buffer, values - 3 * width, width)
    key_width = _number(buffer, values - 2 * width, width)
    if key_width not in (1, 2, 4, 8):
        raise FlatError(f"a FlexBuffer map whose keys are {key_width} bytes wide")
    for index in range(count):
        if _text(buffer, _follow(buffer, keys + index * key_width, key_width)) != key:
            continue
        kind = _number(buffer, values + count * width + index, 1)
        if kind >> 2 not in (_KEY, _STRING, _BLOB):
            return None
        start, size_width = _follow(buffer, values + index * width, width), 1 << (kind & 3)
        if kind >> 2 == _KEY:
            return memoryview(_text(buffer, start))
        size = _number(buffer, start - size_width, size_width)
        if size > len(buffer) - start:
            raise FlatError(f"a FlexBuffer string of {size} bytes in {len(buffer)} bytes")
        return buffer[start : start + size]
    return None


def _number(buffer: memoryview, place: int, width: int) -> int:
    if place < 0 or place + width > len(buffer):
        raise FlatError("a FlexBuffer's offset leads outside it")
    return int.from_bytes(buffer[place : place + width], "little")


def _follow(buffer: memoryview, place: int, width: int) -> int:
    target = place - _number(buffer, place, width)
    if target < 0:
        raise FlatError("a FlexBuffer's offset leads outside it")
    return target


def _text(buffer: memoryview, start: int) -> bytes:
    return bytes(buffer[start : start + _LONGEST_KEY]).split(b"\0", 1)[0]

"""Mutated model files, from the digits networks: TFLite by its flatbuffer, ONNX by its protobuf.

``mutated("tflite", 7)`` is the same bytes on every machine. Edits know the format, because a runtime
that checks its input refuses random bytes at the door: offsets, vtables, lengths and indices that
point elsewhere, shapes and types that do not fit the data, operators that do not exist.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.fuzz.mutations import applied, random_edit

_DIGITS = Path(__file__).resolve().parents[2] / "fixtures" / "models" / "digits"
SOURCES = {
    "tflite": ("digits_float32.tflite", "digits_int8.tflite"),
    "onnx": ("digits.onnx", "digits_int8.onnx"),
}
#: Whole numbers at which sizes, indices and products of them go wrong.
_NUMBERS = (
    *(0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 127, 128, 255, 256, 4096, 65535, 65536, 1 << 20, 1 << 24),
    *(2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1, -1, -2, -8, -(2**31)),
)
#: Text that would mean harm where it is shown, quoted in a message or taken for a path.
_TEXTS = (
    *(
        b"\x1b[31mred\x1b]0;title\x07",
        b"%s%n%x",
        b"\0",
        b"\xff\xfe",
        "\u202etfel".encode(),
        b"a\nb",
    ),
    *(b"<script>alert(1)</script>", b"../../../../etc/passwd", b"x" * 65536, b""),
)


@dataclass(frozen=True)
class Mutation:
    """A mutated file, with the classes of what was done to which source."""

    data: bytes
    source: str
    classes: tuple[str, ...]


def mutated(kind: str, seed: int) -> bytes:
    """The mutated ``kind`` (``tflite`` or ``onnx``) that ``seed`` stands for."""
    return mutation(kind, seed).data


def mutation(kind: str, seed: int) -> Mutation:
    """The same, with what was done: one to three edits, each of a class chosen at random."""
    source = random.Random(f"{kind} {seed}")
    name = source.choice(SOURCES[kind])
    data = (_DIGITS / name).read_bytes()
    offered = [each for each in CLASSES[kind] if kind == "onnx" or each in (*_places(data), *_RAW)]
    chosen = [source.choice(offered) for _ in range(source.choice((1, 1, 1, 2, 3)))]
    # Edits of raw bytes come last: after them, there may be no structure to find.
    chosen.sort(key=lambda each: each in _RAW)
    structured = [each for each in chosen if each not in _RAW]
    if structured:
        data = _EDITORS[kind](data, structured, source)
    for each in chosen:
        if each == "bytes":
            edits = [random_edit(source) for _ in range(source.randint(1, 8))]
            data = applied(data, [edit for edit in edits if edit.kind != "truncate"])
        elif each == "truncate":
            data = data[: source.randrange(len(data))]
    return Mutation(data, name, tuple(chosen))


# --- TFLite ---------------------------------------------------------------------------------------

#: Tables of TFLite's schema: what each field is, by its index; see tensorflow/lite/schema.
_TABLES: dict[str, dict[int, str]] = {
    "Model": {0: "version:I", 1: "[OperatorCode]", 2: "[SubGraph]", 3: "text", 4: "[Buffer]"},
    "OperatorCode": {0: "operator:b", 1: "text", 2: "version:i", 3: "operator:i"},
    "SubGraph": {0: "[Tensor]", 1: "wiring:[i]", 2: "wiring:[i]", 3: "[Operator]", 4: "text"},
    "Tensor": {0: "shape:[i]", 1: "type:b", 2: "buffer:I", 3: "text", 4: "Quantization"},
    "Operator": {0: "operator:I", 1: "wiring:[i]", 2: "wiring:[i]", 3: "operator:B", 4: "Options"},
    "Buffer": {0: "buffer:[B]", 1: "buffer:Q", 2: "buffer:Q"},
    "Quantization": {2: "quantisation:[f]", 3: "quantisation:[q]", 6: "quantisation:i"},
    "Options": {i: f"options:{kind}" for i, kind in enumerate("bbbbbb")},
}


@dataclass
class _Flatbuffer:
    """Where in a flatbuffer each class of edit applies: (offset, format)."""

    data: bytes
    places: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def note(self, kind: str, at: int, form: str) -> None:
        self.places.setdefault(kind, []).append((at, form))

    def u32(self, at: int) -> int:
        return int(struct.unpack_from("<I", self.data, at)[0])

    def follow(self, at: int) -> int:
        self.note("offset", at, "I")
        return at + self.u32(at)

    def table(self, name: str, at: int) -> None:
        vtable = at - struct.unpack_from("<i", self.data, at)[0]
        self.note("vtable", at, "i")
        size, width = struct.unpack_from("<HH", self.data, vtable)
        for entry in range(vtable, vtable + size, 2):
            self.note("vtable", entry, "H")
        for index, kind in _TABLES[name].items():
            entry = vtable + 4 + 2 * index
            where = struct.unpack_from("<H", self.data, entry)[0] if entry < vtable + size else 0
            if 0 < where < width:
                self.field(kind, at + where)

    def field(self, kind: str, at: int) -> None:
        what, _, form = kind.partition(":")
        if kind == "text":
            start = self.follow(at)
            self.note("length", start, "I")
            self.note("text", start + 4, f"{self.u32(start)}s")
        elif form.startswith("["):
            start, step = self.follow(at), struct.calcsize(form[1])
            self.note("length", start, "I")
            self.note("buffer" if what == "buffer" else "length", start, "I")
            for i in range(min(self.u32(start), 64)):
                self.note(what, start + 4 + step * i, form[1])
        elif what.startswith("["):
            start = self.follow(at)
            self.note("length", start, "I")
            for i in range(self.u32(start)):
                self.table(what[1:-1], self.follow(start + 4 + 4 * i))
        elif form:
            self.note(what, at, form)
        else:
            self.table(what, self.follow(at))


@cache
def _places(data: bytes) -> dict[str, list[tuple[int, str]]]:
    found = _Flatbuffer(data)
    found.note("root", 0, "I")
    found.note("root", 4, "4s")
    found.table("Model", found.u32(0))
    return found.places


def _edit_tflite(data: bytes, classes: list[str], source: random.Random) -> bytes:
    edited = bytearray(data)
    for each in classes:
        at, form = source.choice(_places(data)[each])
        struct.pack_into(f"<{form}", edited, at, _fitting(form, data, at, source))
    return bytes(edited)


def _fitting(form: str, data: bytes, at: int, source: random.Random) -> int | float | bytes:
    """A value to write at ``at``: far off, or near what is there."""
    if form.endswith("s"):
        length = int(form[:-1])
        return source.choice(_TEXTS)[:length].ljust(length, b"\0")
    if form == "f":
        return source.choice((0.0, -1.0, 1e-38, 3e38, float("inf"), float("nan")))
    bits = 8 * struct.calcsize(form)
    (now,) = struct.unpack_from(f"<{form}", data, at)
    near = (now + 1, now - 1, now * 2, now // 2, now ^ (1 << source.randrange(bits)), now + 4)
    value = source.choice((*near, *_NUMBERS)) % (1 << bits)
    return value - (1 << bits) if form.islower() and value >> (bits - 1) else value


# --- ONNX -----------------------------------------------------------------------------------------

_VALUE_INFO = {1: "text", 2: "Type"}
#: Messages of ONNX's schema: what each field is, by its number; see onnx/onnx.proto.
_MESSAGES: dict[str, dict[int, str]] = {
    "Model": {1: "version", 2: "text", 3: "text", 7: "Graph", 8: "OperatorSet"},
    "OperatorSet": {1: "text", 2: "version"},
    "Graph": {1: "Node", 2: "text", 5: "Tensor", 11: "Info", 12: "Info", 13: "Info"},
    "Node": {1: "wiring", 2: "wiring", 3: "text", 4: "operator", 5: "Attribute", 7: "operator"},
    "Attribute": {
        1: "text", 3: "attribute", 4: "text", 5: "Tensor", 6: "Graph", 8: "attribute", 20: "type",
    },
    "Tensor": {1: "dims", 2: "type", 8: "text", 9: "data", 14: "type"},
    "Info": _VALUE_INFO,
    "Type": {1: "TensorType"},
    "TensorType": {1: "type", 2: "Shape"},
    "Shape": {1: "Dim"},
    "Dim": {1: "dims", 2: "dims"},
}  # fmt: skip
_OPERATORS = (b"Conv", b"Gemm", b"Loop", b"If", b"Reshape", b"NoSuchOp", b"QLinearConv", b"Softmax")


@dataclass
class _Field:
    """One field of a message: ``parts`` of a nested message, else ``value``."""

    number: int
    wire: int
    value: int | bytes = b""
    parts: list[_Field] | None = None
    what: str = "field"
    #: What is written as its length instead of the truth.
    length: int | None = None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 128:
            return value, at


def _parse(data: bytes, message: str) -> list[_Field]:
    fields, at = [], 0
    while at < len(data):
        tag, at = _varint(data, at)
        one = _Field(tag >> 3, tag & 7)
        if one.wire == 0:
            one.value, at = _varint(data, at)
        else:
            length = {1: 8, 5: 4}.get(one.wire)
            if length is None:
                length, at = _varint(data, at)
            one.value, at = data[at : at + length], at + length
        what = _MESSAGES[message].get(one.number, "field")
        if what in _MESSAGES and isinstance(one.value, bytes):
            one.parts = _parse(one.value, what)
        one.what = what
        fields.append(one)
    return fields


def _encoded(number: int) -> bytes:
    number %= 1 << 64
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _written(fields: list[_Field]) -> bytes:
    out = bytearray()
    for one in fields:
        out += _encoded(one.number << 3 | one.wire)
        if isinstance(one.value, int):
            out += _encoded(one.value)
            continue
        body = _written(one.parts) if one.parts is not None else one.value
        if one.wire == 2:
            out += _encoded(len(body) if one.length is None else one.length)
        out += body
    return bytes(out)


def _walk(fields: list[_Field]) -> Iterator[tuple[list[_Field], _Field]]:
    for one in fields:
        yield fields, one
        yield from _walk(one.parts or [])


def _edit_onnx(data: bytes, classes: list[str], source: random.Random) -> bytes:
    model = _parse(data, "Model")
    for each in classes:
        every = list(_walk(model))
        if each in _ANYWHERE:
            places = [(group, one) for group, one in every if each != "length" or one.wire == 2]
            _ANYWHERE[each](*source.choice(places), source)
        else:
            same = [one for _, one in every if one.what == each and one.parts is None]
            _change(source.choice(same), same, source)
    return _written(model)


def _change(one: _Field, same: list[_Field], source: random.Random) -> None:
    if isinstance(one.value, int):
        now = one.value
        one.value = source.choice((now + 1, now - 1, now * 2, now // 2, *_NUMBERS))
    elif one.what == "data":
        half, more = one.value[: len(one.value) // 2], one.value * 2
        one.value = source.choice((b"", one.value[:-1], half, more, b"\xff" * len(one.value)))
    elif one.what == "operator":
        one.value = source.choice((*_OPERATORS, *_TEXTS))
    else:  # a name that something else goes by, or that nothing does
        one.value = source.choice((source.choice(same).value, *_TEXTS))


def _drop(group: list[_Field], one: _Field, _: random.Random) -> None:
    del group[next(i for i, other in enumerate(group) if other is one)]


def _twice(group: list[_Field], one: _Field, source: random.Random) -> None:
    group.insert(source.randrange(len(group) + 1), one)


def _length(_: list[_Field], one: _Field, source: random.Random) -> None:
    now = len(_written(one.parts) if one.parts is not None else one.value)  # type: ignore[arg-type]
    one.length = source.choice((now + 1, now - 1, 0, *_NUMBERS))


def _nest(group: list[_Field], one: _Field, source: random.Random) -> None:
    """A graph within an attribute of a node within a graph, deeper than a stack may be."""
    inner: list[_Field] = [_Field(2, 2, b"deep")]
    for _ in range(source.choice((3, 60, 200))):
        attribute = [_Field(1, 2, b"body"), _Field(6, 2, parts=inner), _Field(20, 0, 5)]
        inner = [_Field(1, 2, parts=[_Field(4, 2, b"If"), _Field(5, 2, parts=attribute)])]
    group.append(_Field(7 if one.what in ("version", "Graph") else 1, 2, parts=inner))


def _external(group: list[_Field], one: _Field, source: random.Random) -> None:
    """The data of a tensor in another file, which is none of its business."""
    path = source.choice(
        (b"/etc/passwd", b"../../../../etc/passwd", b"digits.onnx", b"", b"/dev/zero")
    )
    entry = [_Field(1, 2, b"location"), _Field(2, 2, path)]
    target = one.parts if one.what == "Tensor" and one.parts is not None else group
    target += [_Field(13, 2, parts=entry), _Field(14, 0, 1)]


_ANYWHERE: dict[str, Callable[[list[_Field], _Field, random.Random], None]] = {
    "drop": _drop,
    "twice": _twice,
    "length": _length,
    "nest": _nest,
    "external": _external,
}
_RAW = ("bytes", "truncate")
_EDITORS = {"tflite": _edit_tflite, "onnx": _edit_onnx}
#: Every class of edit, by the kind of file.
CLASSES = {
    "tflite": (
        *("root", "offset", "vtable", "length", "text", "buffer", "shape", "type", "operator"),
        *("wiring", "quantisation", "options", "version", *_RAW),
    ),
    "onnx": (
        *("dims", "type", "operator", "wiring", "data", "text", "attribute", "version"),
        *_ANYWHERE,
        *_RAW,
    ),
}

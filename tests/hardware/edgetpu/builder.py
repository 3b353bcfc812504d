"""Small model files with all that the reader reads, built with ``flatbuffers.Builder``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from hardware.edgetpu.operators import _BUILTIN

pytest.importorskip("flatbuffers", reason="models are built with it: pip install flatbuffers")

#: Types of tensors by their name in the schema.
FLOAT32, INT32, UINT8, INT64, INT16, INT8 = 0, 2, 3, 4, 7, 9
STAND_ALONE, CACHING, EXECUTION = 0, 1, 2


def flatbuffer(fields: Mapping[int, Any], identifier: bytes | None = None) -> bytes:
    """A FlatBuffer of a root table. A value is ``(kind, number)``, bytes (a string or a vector of
    bytes), a mapping (a table), or a list of mappings, bytes or ``(kind, number)``."""
    import flatbuffers

    builder = flatbuffers.Builder(256)
    builder.Finish(_table(builder, fields), identifier)
    return bytes(builder.Output())


def _table(builder: Any, fields: Mapping[int, Any]) -> Any:
    made = {field: _made(builder, value) for field, value in fields.items()}
    builder.StartObject(max(fields, default=-1) + 1)
    for field, value in fields.items():
        if isinstance(value, tuple):
            getattr(builder, f"Prepend{value[0]}")(value[1])
        else:
            builder.PrependUOffsetTRelative(made[field])
        builder.Slot(field)
    return builder.EndObject()


def _made(builder: Any, value: Any) -> Any:
    if isinstance(value, tuple):
        return None
    if isinstance(value, bytes):
        # Ended by a zero, which a vector may be and a string must be: TensorFlow Lite verifies it.
        return builder.CreateString(value)
    if isinstance(value, Mapping):
        return _table(builder, value)
    if value and isinstance(value[0], tuple):
        width = 8 if value[0][0].endswith("64") else 4
        builder.StartVector(width, len(value), width)
        for kind, number in reversed(value):
            getattr(builder, f"Prepend{kind}")(number)
        return builder.EndVector()
    offsets = [_made(builder, one) for one in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def layer(name: str, size: int, count: int = 1) -> dict[int, Any]:
    return {0: name.encode(), 1: ("Int32", size), 9: ("Int32", count)}


def executable(
    kind: int = EXECUTION,
    *,
    parameters: int = 0,
    instructions: Sequence[int] = (),
    inputs: Sequence[dict[int, Any]] = (),
    outputs: Sequence[dict[int, Any]] = (),
    scratch: int = 0,
    cycles: int = 0,
    cycles_64: int = 0,
    token: int = 0,
) -> bytes:
    fields: dict[int, Any] = {
        1: b"model",
        3: ("Int32", 1),
        4: ("Int32", scratch),
        5: [{0: bytes(size)} for size in instructions],
        6: bytes(parameters),
        8: list(inputs),
        9: list(outputs),
        11: ("Int32", cycles),
        13: ("Int16", kind),
        14: ("Uint64", token),
        16: ("Int64", cycles_64),
    }
    return flatbuffer(fields)


def package(executables: Sequence[bytes], version: int = 12, compiler: bytes = b"cl/1") -> bytes:
    multi = flatbuffer({0: list(executables)})
    return flatbuffer({0: ("Int32", version), 1: multi, 4: compiler}, b"DWN1")


def chips(packages: Sequence[bytes]) -> bytes:
    """A package of several packages, one for each chip."""
    return flatbuffer({0: ("Int32", 12), 6: [{0: one} for one in packages]}, b"DWN1")


def options(package: bytes, key: str = "4", blob: bool = False) -> bytes:
    """The FlexBuffer map that holds a package."""
    from flatbuffers import flexbuffers

    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Key("1")
        builder.Int(1)
        builder.Key(key)
        if blob:
            builder.Blob(package)
        else:  # String() takes text alone, and a package is none
            builder._WriteBlob(package, append_zero=True, type_=flexbuffers.Type.STRING)
    return bytes(builder.Finish())


def tensor(
    name: str = "t",
    shape: Sequence[int] = (1, 8),
    kind: int = UINT8,
    scale: float | None = 0.5,
    zero_point: int = 0,
    buffer: int = 0,
    signature: Sequence[int] = (),
) -> dict[int, Any]:
    fields: dict[int, Any] = {
        0: [("Int32", size) for size in shape],
        1: ("Int8", kind),
        2: ("Uint32", buffer),
        3: name.encode("utf-8", "surrogatepass"),
    }
    if scale is not None:
        fields[4] = {2: [("Float32", scale)], 3: [("Int64", zero_point)]}
    if signature:
        fields[7] = [("Int32", size) for size in signature]
    return fields


class Model:
    """A model that is put together tensor by tensor; ``bytes()`` is its file."""

    def __init__(self) -> None:
        self.tensors: list[dict[int, Any]] = []
        self.buffers: list[dict[int, Any]] = [{}]
        self.codes: list[dict[int, Any]] = []
        self.operators: list[dict[int, Any]] = []
        self.inputs: list[int] = []
        self.outputs: list[int] = []

    def add(self, name: str = "t", shape: Sequence[int] = (1, 8), **more: Any) -> int:
        self.tensors.append(tensor(name, shape, **more))
        return len(self.tensors) - 1

    def constant(self, shape: Sequence[int], data: bytes, **more: Any) -> int:
        self.buffers.append({0: data})
        return self.add("constant", shape, buffer=len(self.buffers) - 1, **more)

    def numbers(self, *values: int) -> int:
        data = b"".join(value.to_bytes(4, "little", signed=True) for value in values)
        return self.constant((len(values),), data, kind=INT32, scale=None)

    def operator(
        self,
        name: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        builtin: Mapping[int, Any] | None = None,
        custom: bytes | None = None,
    ) -> None:
        code = _BUILTIN.index(name) if name in _BUILTIN else 32
        fields: dict[int, Any] = {0: ("Int8", min(code, 127)), 3: ("Int32", code)}
        if code == 32:
            fields[1] = name.encode()
        self.codes.append(fields)
        made: dict[int, Any] = {
            0: ("Uint32", len(self.codes) - 1),
            1: [("Int32", index) for index in inputs],
            2: [("Int32", index) for index in outputs],
        }
        if builtin is not None:
            made |= {3: ("Uint8", 1), 4: builtin}
        if custom is not None:
            made[5] = custom
        self.operators.append(made)

    def bytes(self) -> bytes:
        graph = {
            0: self.tensors,
            1: [("Int32", index) for index in self.inputs],
            2: [("Int32", index) for index in self.outputs],
            3: self.operators,
            4: b"main",
        }
        fields = {0: ("Uint32", 3), 1: self.codes, 2: [graph], 3: b"built", 4: self.buffers}
        return flatbuffer(fields, b"TFL3")


def compiled(*customs: bytes, name: str = "input", cpu: Sequence[str] = ()) -> bytes:
    """A compiled model: an operator for the chip for each of ``customs``, and some on the CPU."""
    model = Model()
    last = model.add(name, (1, 4, 4, 3), scale=1 / 128, zero_point=128)
    model.inputs = [last]
    for one in customs:
        after = model.add("between")
        model.operator("edgetpu-custom-op", [last], [after], custom=one)
        last = after
    for operator in cpu:
        after = model.add("behind")
        model.operator(operator, [last], [after])
        last = after
    model.outputs = [last]
    return model.bytes()


def usual(token: int = 7, **more: Any) -> bytes:
    """The options of an operator as compilers write it: executes, and caches parameters."""
    running = executable(
        EXECUTION,
        parameters=more.get("streamed", 32),
        instructions=(100, 28),
        inputs=[layer("input", 48)],
        outputs=[layer("output", 8, 2)],
        scratch=16,
        cycles=more.get("cycles", 1000),
        cycles_64=more.get("cycles_64", 0),
        token=token,
    )
    caching = executable(CACHING, parameters=640, instructions=(10,), token=token)
    return options(package([running, caching]))


def network() -> bytes:
    """An uncompiled model of four layers, with a softmax behind them."""
    model = Model()
    image = model.add("image", (1, 8, 8, 3))
    model.inputs = [image]
    kernel = model.constant((32, 3, 3, 3), bytes(864))
    bias = model.constant((32,), bytes(128), kind=INT32)
    first = model.add("first", (1, 4, 4, 32))
    model.operator("CONV_2D", [image, kernel, bias], [first], {1: ("Int32", 2)})
    kernel = model.constant((1, 3, 3, 32), bytes(288))
    second = model.add("second", (1, 4, 4, 32))
    model.operator("DEPTHWISE_CONV_2D", [first, kernel], [second], {})
    third = model.add("third", (1, 32))
    model.operator("MEAN", [second, model.numbers(1, 2)], [third], {})
    kernel = model.constant((100, 32), bytes(3200))
    fourth = model.add("fourth", (1, 100))
    model.operator("FULLY_CONNECTED", [third, kernel, -1], [fourth], {})
    answer = model.add("answer", (1, 100))
    model.operator("SOFTMAX", [fourth], [answer], {})
    model.outputs = [answer]
    return model.bytes()

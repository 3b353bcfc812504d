"""Files that are made to hurt: cut short, mutated, or built to ask for more than they hold."""

from __future__ import annotations

import struct
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.edgetpu.compiled import CompiledError, read
from hardware.edgetpu.estimate import estimate, fits
from hardware.edgetpu.flat import Budget, FlatError, root
from hardware.edgetpu.flexmap import string
from hardware.edgetpu.graph import ModelError
from tests.fuzz.mutations import mutated
from tests.hardware.edgetpu import builder
from tests.hardware.edgetpu.test_compiled import written

COMPILED = [
    builder.compiled(builder.usual(), builder.usual(2), cpu=["SOFTMAX"]),
    builder.compiled(builder.options(builder.chips([builder.package([builder.executable()])]))),
]
UNCOMPILED = [builder.network()]
EXAMPLES = settings(max_examples=max(100, settings().max_examples))


@EXAMPLES
@given(mutated(COMPILED))
def test_a_mutated_compiled_model_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp(), data)
    try:
        model = read(path)
        if model.packages:
            model.footprint()
    except CompiledError as error:
        assert str(path) in str(error)


@EXAMPLES
@given(mutated(UNCOMPILED))
def test_a_mutated_uncompiled_model_is_estimated_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp(), data, "model.tflite")
    try:
        one = estimate(path)
        (fit,) = fits([one])
        assert 0 <= fit.cached[0] <= fit.cached[1]
        assert 0 <= fit.streamed[0] <= fit.streamed[1]
        one.footprint()
    except ModelError as error:
        assert str(path) in str(error)


@EXAMPLES
@given(st.one_of(st.binary(max_size=64), mutated([builder.usual()])))
def test_a_mutated_flexbuffer_is_read_or_refused(data: bytes) -> None:
    try:
        found = string(memoryview(data), b"4")
    except FlatError:
        return
    assert found is None or len(found) <= len(data)


@pytest.mark.parametrize("data", [COMPILED[0], UNCOMPILED[0]], ids=["compiled", "uncompiled"])
def test_a_file_cut_at_many_places(tmp_path: Path, data: bytes) -> None:
    for size in range(0, len(data), 11):
        path = written(tmp_path, data[:size])
        for reader in (read, estimate):
            try:
                reader(path)
            except ModelError as error:
                assert str(path) in str(error)


def amplified(pointers: int, fields: int) -> bytes:
    """A model whose codes, subgraphs and buffers are one vector of ``pointers``, all to one table."""
    data = bytearray(builder.compiled(builder.usual()))
    place, size = len(data), 4 + 2 * fields
    data += struct.pack("<I", pointers)
    data += b"".join(struct.pack("<I", 4 * (pointers - i) + size) for i in range(pointers))
    # A vtable whose fields are all absent, and a table of it.
    data += struct.pack("<HH", size, 4) + bytes(2 * fields) + struct.pack("<i", size)
    model = struct.unpack_from("<I", data, 0)[0]
    vtable = model - struct.unpack_from("<i", data, model)[0]
    for field in (1, 2, 4):
        where = model + struct.unpack_from("<H", data, vtable + 4 + 2 * field)[0]
        struct.pack_into("<I", data, where, place - where)
    return bytes(data)


@pytest.mark.parametrize("fields", [0, 32_000])
@pytest.mark.parametrize("pointers", [60_000, 2_000_000])
def test_many_offsets_to_one_table_do_not_take_gigabytes(
    tmp_path: Path, pointers: int, fields: int
) -> None:
    path = written(tmp_path, amplified(pointers, fields))
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(CompiledError, match="more tables or elements than any real model"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 200 << 20
    tracemalloc.stop()
    assert time.perf_counter() - start < 20


def test_fields_and_vtables_outside_are_refused() -> None:
    def first(data: bytes) -> int:
        return root(memoryview(data), None, Budget()).number(0, "int32")

    table = struct.pack("<IHHHHii", 12, 0, 6, 8, 4, 8, 7)  # root, padding, vtable of 6, table
    assert first(struct.pack("<IHHHHii", 12, 6, 8, 4, 0, 8, 77)) == 77
    for bad in (
        struct.pack("<IHHHHii", 12, 6, 8, 4, 0, -9999, 77),  # a vtable beyond the end
        struct.pack("<IHHHHii", 12, 6, 8, 4, 0, 9999, 77),  # before the beginning
        struct.pack("<IHHHHii", 12, 6, 8, 7, 0, 8, 77),  # a field across the table's end
        struct.pack("<IHHHHii", 12, 6, 8, 1, 0, 8, 77),  # a field in the table's own header
        struct.pack("<IHHHHii", 12, 6, 900, 4, 0, 8, 77),  # a table beyond the end
        struct.pack("<IHHHHii", 12, 60000, 8, 4, 0, 8, 77),  # a vtable beyond the end
        struct.pack("<IHHHHii", 12, 2, 8, 4, 0, 8, 77),  # a vtable without a header
        struct.pack("<IHHHHii", 0xFFFFFFFF, 6, 8, 4, 0, 8, 77),  # no root
        table[:9],
    ):
        with pytest.raises(FlatError):
            first(bad)


def test_a_flexbuffer_whose_offsets_lead_outside() -> None:
    good = builder.options(b"x" * 300)
    assert bytes(string(memoryview(good), b"4") or b"") == b"x" * 300
    assert string(memoryview(good), b"9") is None
    for place in range(1, 24):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            bad = bytearray(good)
            bad[-place] = value
            try:
                found = string(memoryview(bytes(bad)), b"4")
            except FlatError:
                continue
            assert found is None or len(found) <= len(bad)


def test_names_that_are_long_are_cut(tmp_path: Path) -> None:
    path = written(tmp_path, builder.compiled(builder.usual(), name="x" * 100_000))
    assert len(read(path).inputs[0].name) == 4096

"""Coral's documented limits, one by one: what maps, and the reason for what does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.edgetpu.estimate import estimate
from hardware.edgetpu.mapping import AFTER, Mapped
from tests.hardware.edgetpu import builder
from tests.hardware.edgetpu.builder import FLOAT32, INT8, INT16, INT32, Model
from tests.hardware.edgetpu.test_compiled import written

IMAGE = (1, 8, 8, 4)


def one(
    folder: Path, make: Callable[[Model], tuple[str, list[int], int] | tuple], runtime: int = 14
) -> Mapped:
    """What becomes of the one operator that ``make`` adds."""
    model = Model()
    name, inputs, output, *rest = make(model)
    model.operator(name, inputs, [output], *rest)
    model.inputs, model.outputs = [inputs[0]], [output]
    (mapped,) = estimate(written(folder, model.bytes(), "m.tflite"), runtime).operators
    return mapped


def simple(name: str, shape=IMAGE, out=IMAGE, options=None, extra=(), **more):
    """An operator with one input, some constants and one output."""

    def make(model: Model):
        first = model.add("in", shape, **more)
        constants = [model.numbers(*values) for values in extra]
        return name, [first, *constants], model.add("out", out, **more), options

    return make


def activation(field: int, value: int = 1):
    return {field: ("Int8", value)}


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (simple("RELU"), ""),
        (simple("LOGISTIC", kind=INT8), ""),
        (simple("CUMSUM"), "no such operator"),
        (simple("HARD_SWISH"), "no such operator"),
        (simple("my-own"), "no such operator"),
        (simple("RELU", kind=FLOAT32), "works on float32"),
        (simple("RELU", kind=INT16), "works on int16"),
        (simple("RELU", kind=INT32), "works on int32"),
        (simple("RELU", scale=None), "without a scale"),
        (simple("RELU", shape=(2, 8, 8, 4)), "the batch must be 1"),
        (simple("RELU", shape=(1, 1, 8, 8, 4)), ""),
        (simple("RELU", signature=(1, -1, -1, 4)), "dynamic size"),
        (simple("AVERAGE_POOL_2D", options={}), ""),
        (simple("AVERAGE_POOL_2D", options=activation(5)), "fused activation"),
        (simple("MAX_POOL_2D", options=activation(5)), "fused activation"),
        (simple("SOFTMAX", (1, 16000), (1, 16000)), ""),
        (simple("SOFTMAX", (1, 16001), (1, 16001)), "more than 16000"),
        (simple("SOFTMAX", (1, 4, 8), (1, 4, 8)), "more than one dimension"),
        (simple("MEAN", extra=[(1, 2)]), ""),
        (simple("MEAN", extra=[(0,)]), "batch"),
        (simple("MEAN", extra=[(-4,)]), "batch"),
        (simple("MEAN", extra=[(3,)]), ""),
        (simple("MEAN", (1, 8, 8, 6), extra=[(-1,)]), "which is 6, not a multiple of 4"),
        (simple("SUM", extra=[(0, 1)]), "batch"),
        (simple("REDUCE_MAX", extra=[(1,)]), ""),
        (simple("REDUCE_MIN", extra=[(0,)]), "batch"),
        (simple("PAD", extra=[(0, 0, 1, 1, 1, 1, 2, 2)]), ""),
        (simple("PAD", extra=[(0, 1, 0, 0, 0, 0, 0, 0)]), "pads the batch"),
        (simple("PACK", options={1: ("Int32", 0)}), "packs in the batch"),
        (simple("PACK", options={1: ("Int32", 1)}), ""),
        (simple("STRIDED_SLICE", extra=[(0,) * 4, (1,) * 4, (1,) * 4], options={}), ""),
        (simple("STRIDED_SLICE", extra=[(0,) * 4, (1,) * 4, (1, 2, 1, 1)], options={}), "stride"),
        (
            simple("STRIDED_SLICE", extra=[(0,), (1,), (1,)], options={3: ("Int32", 1)}),
            "an ellipsis or a new axis",
        ),
    ],
)
def test_limits(tmp_path: Path, make, reason: str) -> None:
    found = one(tmp_path, make)
    assert found.mapped is (not reason), found
    assert reason in found.reason


@pytest.mark.parametrize(
    ("make", "since"),
    [
        (simple("EXPAND_DIMS", extra=[(0,)]), 13),
        (simple("QUANTIZE"), 13),
        (simple("TRANSPOSE", extra=[(0, 2, 1, 3)]), 14),
        (simple("RSQRT"), 14),
        (simple("MEAN", extra=[(3,)]), 13),
        (simple("PAD", extra=[(0, 0, 0, 0, 0, 0, 1, 1)]), 13),
        (simple("SQUEEZE", (1, 5, 1, 10), (5, 10)), 13),
        (simple("SQUEEZE", (1, 1, 1, 10), (1, 10)), 0),
    ],
)
def test_what_needs_a_newer_runtime(tmp_path: Path, make, since: int) -> None:
    assert one(tmp_path, make, since).mapped
    if since:
        before = one(tmp_path, make, since - 1)
        assert not before.mapped
        assert f"runtime {since}" in before.reason


def convolution(name="CONV_2D", options=None, constant=True):
    def make(model: Model):
        shape = (4, 3, 3, 4) if name == "CONV_2D" else (1, 3, 3, 4)
        kernel = model.constant(shape, bytes(144)) if constant else model.add("kernel", shape)
        return name, [model.add("in", IMAGE), kernel, -1], model.add("out", IMAGE), options or {}

    return make


def test_dilations_and_kernels(tmp_path: Path) -> None:
    wide, both = {4: ("Int32", 2)}, {5: ("Int32", 2), 6: ("Int32", 2)}
    assert one(tmp_path, convolution()).mapped
    assert "another dilation" in one(tmp_path, convolution(options=wide)).reason
    assert one(tmp_path, convolution("DEPTHWISE_CONV_2D", both)).mapped
    assert "runtime 13" in one(tmp_path, convolution("DEPTHWISE_CONV_2D", both), 12).reason
    assert "input 1 must be a constant" in one(tmp_path, convolution(constant=False)).reason


def test_fully_connected(tmp_path: Path) -> None:
    def make(out, options):
        def added(model: Model):
            kernel = model.constant((4, 8), bytes(32))
            return "FULLY_CONNECTED", [model.add(), kernel], model.add("out", out), options

        return added

    assert one(tmp_path, make((1, 4), {})).mapped
    assert "more than one dimension" in one(tmp_path, make((2, 4), {})).reason
    assert "another format" in one(tmp_path, make((1, 4), {1: ("Int8", 1)})).reason


@pytest.mark.parametrize(
    ("others", "data", "zero_point", "reason"),
    [
        (1, bytes(8), 0, ""),
        (1, b"\x80" * 8, 128, ""),
        (1, b"\x80" * 8, 0, "not all zeros"),
        (1, bytes(7) + b"\1", 0, "not all zeros"),
        (2, bytes(8), 0, "more than one other input"),
    ],
)
def test_concatenation_with_a_constant(
    tmp_path: Path, others: int, data: bytes, zero_point: int, reason: str
) -> None:
    def make(model: Model):
        inputs = [model.add() for _ in range(others)]
        inputs.append(model.constant((1, 8), data, zero_point=zero_point))
        return "CONCATENATION", inputs, model.add("out", (1, 16)), {}

    found = one(tmp_path, make)
    assert found.mapped is (not reason)
    assert reason in found.reason


def test_concatenation_of_activations(tmp_path: Path) -> None:
    def make(options):
        return lambda model: (
            *("CONCATENATION", [model.add(), model.add(), model.add()]),
            *(model.add("out", (1, 24)), options),
        )

    assert one(tmp_path, make({})).mapped
    assert "fused activation" in one(tmp_path, make(activation(1))).reason


def test_prelu_and_split(tmp_path: Path) -> None:
    def prelu(shape):
        return lambda model: (
            *("PRELU", [model.add("in", IMAGE), model.constant(shape, bytes(256))]),
            model.add("out", IMAGE),
        )

    def split(axis):
        return lambda model: (
            *("SPLIT", [model.numbers(axis), model.add("in", IMAGE)]),
            model.add("out", IMAGE),
        )

    assert one(tmp_path, prelu((1, 1, 4))).mapped
    assert "alpha of more than one dimension" in one(tmp_path, prelu((8, 8, 4))).reason
    assert one(tmp_path, split(3)).mapped
    assert "splits the batch" in one(tmp_path, split(0)).reason


def test_what_may_not_map_after_all_is_said(tmp_path: Path) -> None:
    assert "large" in one(tmp_path, simple("RESHAPE")).caveat
    found = one(tmp_path, simple("RESIZE_BILINEAR", extra=[(8, 8)]))
    assert found.mapped
    assert "precision" in found.caveat
    found = one(tmp_path, simple("RELU", signature=(-1, 8, 8, 4)))
    assert found.mapped
    assert "batch is left open" in found.caveat


def chain(folder: Path, *names: str, several: bool = False) -> tuple[Mapped, ...]:
    model = Model()
    last = model.add("in", IMAGE)
    model.inputs = [last]
    for name in names:
        after = model.add(name, IMAGE)
        model.operator(name, [last], [after])
        last = after
    model.outputs = [last]
    return estimate(written(folder, model.bytes(), "m.tflite"), several=several).operators


def test_one_stretch_is_mapped_and_what_follows_stays(tmp_path: Path) -> None:
    names = ("CAST", "RELU", "TANH", "CAST", "RELU")
    found = chain(tmp_path, *names)
    assert [each.mapped for each in found] == [False, True, True, False, False]
    assert found[4].reason == AFTER
    found = chain(tmp_path, *names, several=True)
    assert [each.mapped for each in found] == [False, True, True, False, True]


def test_the_network_of_the_other_tests_maps(tmp_path: Path) -> None:
    path = written(tmp_path, builder.network(), "network.tflite")
    assert all(each.mapped for each in estimate(path).operators)

"""What an uncompiled model would ask of an Edge TPU, beside what compiled files hold."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.edgetpu.compiled import read
from hardware.edgetpu.estimate import AVAILABLE, Estimate, Layer, estimate, fits
from hardware.edgetpu.graph import ModelError
from hardware.edgetpu.mapping import Mapped
from hardware.edgetpu.parameters import layer_bytes
from tests.hardware.edgetpu import builder
from tests.hardware.edgetpu.real import asset
from tests.hardware.edgetpu.test_compiled import BIRD, LARGE, LSTM, SMALL, V1, V2, WITH, written

MIB = 2**20

# compiled file: its uncompiled twin, and what the file holds more than the rule says
TWINS = {
    BIRD: ("coral/mobilenet_v2_1.0_224_inat_bird_quant.tflite", 0),
    V2.format("a"): ("coral/mobilenet_v2_1.0_224_quant.tflite", 0),
    V2.format("b"): ("coral/mobilenet_v2_1.0_224_quant.tflite", 0),
    V1.format(SMALL, ""): ("coral/mobilenet_v1_0.25_128_quant.tflite", 48_256),
    V1.format(SMALL, WITH.format(LARGE)): ("coral/mobilenet_v1_0.25_128_quant.tflite", 48_256),
    V1.format(LARGE, ""): ("coral/mobilenet_v1_0.5_160_quant.tflite", 48_256),
    V1.format(LARGE, WITH.format(SMALL)): ("coral/mobilenet_v1_0.5_160_quant.tflite", 48_256),
}


@pytest.mark.parametrize("path", TWINS)
def test_the_rule_beside_published_files(path: str) -> None:
    """All seven that are no LSTM, of cached and streamed bytes together:

    =================  =========  =========  ======  =====
    model              rule       file       more    of it
    =================  =========  =========  ======  =====
    bird 2019-09       3 900 864  3 900 864       0  0.0 %
    v2 .a (2019)       3 900 864  3 900 864       0  0.0 %
    v2 .b (2020)       3 900 864  3 900 864       0  0.0 %
    v1 0.25 128 (two)    518 656    566 912  48 256  8.5 %
    v1 0.5 160 (two)   1 425 024  1 473 280  48 256  3.3 %
    =================  =========  =========  ======  =====

    What the compiler of July 2021 adds is the same for both widths: it is not in the layers that the
    rule counts. Compiled together or alone makes no difference to it.
    """
    twin, more = TWINS[path]
    (package,) = read(asset(path)).packages
    one = estimate(asset(twin))
    low, high = one.parameters
    held = package.cached_bytes + package.streamed_bytes
    assert held - low == more
    assert low <= held <= high
    assert all(operator.mapped for operator in one.operators), "the files have none on the CPU"
    assert (one.input, one.output) == (package.input_bytes, package.output_bytes)


def test_the_rule_does_not_hold_for_an_lstm() -> None:
    """It counts 9 024 bytes, those of the layer behind the LSTM; the file holds 44 544."""
    one = estimate(asset("coral/keras_lstm_mnist_ptq.tflite"))
    (package,) = read(asset(LSTM)).packages
    assert one.parameters[0] == 9_024
    assert package.cached_bytes + package.streamed_bytes == 44_544
    assert all(operator.mapped for operator in one.operators)
    assert one.unknown == ("UNIDIRECTIONAL_SEQUENCE_LSTM",)
    with pytest.raises(ModelError, match="does not hold for UNIDIRECTIONAL_SEQUENCE_LSTM"):
        one.footprint()


@pytest.mark.parametrize("version", ["a", "b"])
def test_what_was_streamed_is_within_the_range(version: str) -> None:
    """With as much memory as the file caches, the last layer alone is streamed by .a; .b splits
    otherwise: 1 076 416 bytes, which is no run of layers from either end."""
    one = estimate(asset("coral/mobilenet_v2_1.0_224_quant.tflite"))
    (package,) = read(asset(V2.format(version))).packages
    (fit,) = fits([one], package.cached_bytes)
    assert fit.cached[0] <= package.cached_bytes <= fit.cached[1]
    assert fit.streamed[0] <= package.streamed_bytes <= fit.streamed[1]
    if version == "a":
        assert package.streamed_bytes == one.layers[-1].bytes == 1_314_816


def test_files_for_the_cpu_alone_and_files_in_floats() -> None:
    for name in ("ic_resnet8", "kws_dscnn"):
        float_file = estimate(asset(f"mlperf_tiny/{name}_fp32.tflite"))
        assert not any(operator.mapped for operator in float_file.operators)
        with pytest.raises(ModelError, match="no operator of it"):
            float_file.footprint()
        quantised = estimate(asset(f"mlperf_tiny/{name}_int8.tflite"))
        assert all(operator.mapped for operator in quantised.operators)
        assert all("batch is left open" in operator.caveat for operator in quantised.operators)


def test_a_compiled_model_is_not_estimated(tmp_path: Path) -> None:
    path = written(tmp_path, builder.compiled(builder.usual()))
    with pytest.raises(ModelError, match="inspect it instead"):
        estimate(path)


def test_a_built_network(tmp_path: Path) -> None:
    one = estimate(written(tmp_path, builder.network(), "network.tflite"))
    assert one.layers == (
        Layer("first", "CONV_2D", 32 * (9 * 4 + 4)),
        Layer("second", "DEPTHWISE_CONV_2D", 32 * (4 * 9 + 4)),
        Layer("fourth", "FULLY_CONNECTED", 128 * (32 + 4)),
    )
    assert (one.input, one.output) == (192, 104)
    low, high = one.footprint()
    assert (low.cached, low.streamed, high.streamed) == (7168, 0, 0)
    assert 7168 < high.cached < 7168 * 1.1
    assert math.isnan(low.compute)
    assert low.instructions < high.instructions


@pytest.mark.parametrize(
    ("kind", "shape", "size"),
    [
        ("CONV_2D", (8, 3, 3, 3), 16 * (9 * 4 + 4)),
        ("CONV_2D", (48, 1, 1, 5), 48 * (8 + 4)),
        ("CONV_2D", (63, 1, 1, 4), 64 * 8),
        ("CONV_2D", (65, 1, 1, 4), 128 * 8),
        ("FULLY_CONNECTED", (2112, 1280), 2_711_808),
        ("FULLY_CONNECTED", (965, 1280), 1_314_816),
        ("DEPTHWISE_CONV_2D", (1, 3, 3, 24), 24 * 40),
        ("ADD", (1, 3, 3, 24), 0),
        ("CONV_2D", (), 0),
    ],
)
def test_the_rule(kind: str, shape: tuple[int, ...], size: int) -> None:
    assert layer_bytes(kind, shape) == size


def made(*sizes: int, lstm: bool = False) -> Estimate:
    layers = tuple(Layer(f"layer {i}", "CONV_2D", size) for i, size in enumerate(sizes))
    kind = "UNIDIRECTIONAL_SEQUENCE_LSTM" if lstm else "CONV_2D"
    return Estimate("made", (Mapped(0, kind, True),), layers, 8, 8)


def test_the_published_pair_of_bird_and_plant() -> None:
    """The log of June 2019: with 6.91 MiB, bird is cached wholly, plant keeps 2.49 MiB (2.47 by the
    rule) and streams the 2.59 MiB of its last layer, though 0.67 MiB stay free."""
    bird = made(2_586_048, 1_314_816)
    plant = made(2_586_048, 2_711_808)
    first, second = fits([bird, plant], round(6.91 * MIB))
    assert (first.cached[0], first.streamed) == (3_900_864, (0, 0))
    assert second.available[1] == round(6.91 * MIB) - 3_900_864
    assert second.cached[0] <= 2_586_048 <= second.cached[1]
    assert second.streamed[0] <= 2_711_808 <= second.streamed[1]


def test_nothing_is_left_and_nothing_fits() -> None:
    (fit,) = fits([made(1000, 2000)], 0)
    assert (fit.cached, fit.streamed[0]) == ((0, 0), 3000)
    first, second = fits([made(4 * MIB), made(4 * MIB)])
    assert first.cached[0] == 4 * MIB
    assert second.cached == (0, 0)


def test_after_an_lstm_nobody_knows_what_is_left() -> None:
    _, second = fits([made(1000, lstm=True), made(1000)])
    assert second.available == (0, AVAILABLE[1] - 1000)
    assert second.cached == (0, 1094)


@given(
    st.lists(st.lists(st.integers(1, 1 << 18).map(lambda n: 4 * n), max_size=12), max_size=4),
    st.integers(0, 8 << 20),
)
def test_ranges_are_ranges(models: list[list[int]], available: int) -> None:
    estimates = [made(*sizes) for sizes in models]
    for one, fit in zip(estimates, fits(estimates, available), strict=True):
        low, high = one.parameters
        assert 0 <= fit.cached[0] <= fit.cached[1] <= min(high, max(fit.available))
        assert 0 <= fit.streamed[0] <= fit.streamed[1] <= high
        assert low <= fit.cached[1] + fit.streamed[0] or fit.streamed == (0, 0)
        assert 0 <= fit.available[0] <= fit.available[1] <= available

"""Compiled models: published ones, and small ones that are built here."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hardware.edgetpu.compiled import Compiled, CompiledError, read
from tests.hardware.edgetpu import builder
from tests.hardware.edgetpu.real import asset

LSTM = "coral/keras_lstm_mnist_ptq_edgetpu.tflite"
V1 = "coral/mobilenet_v1_{}_quant{}_edgetpu.tflite"
SMALL, LARGE = "0.25_128", "0.5_160"
WITH = "_cocompiled_with_mobilenet_v1_{}_quant"
OLD = "coral_2019_2020/mobilenet_v2_1.0_224_"
BIRD = OLD + "inat_bird_quant_edgetpu.2019-09.tflite"
V2 = OLD + "quant_cocompiled_with_mobilenet_v1_1.0_224_quant_edgetpu.{}.tflite"


def written(folder: Path, data: bytes, name: str = "model_edgetpu.tflite") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def built(folder: Path, *customs: bytes, **more) -> Compiled:
    return read(written(folder, builder.compiled(*customs, **more)))


# runtime, token, cached, streamed, instructions, caching instr., input, output, scratch, cycles
REAL = {
    BIRD: (10, 0xFCE5123707112D0A, 3_900_864, 0, 135_184, 9_792, 150_528, 968, 0, 458_040),
    V2.format("a"): (
        *(10, 0x90765254C83F3853, 2_586_048, 1_314_816, 137_648, 7_984, 150_528, 1_008, 0, 458_040),
    ),
    V2.format("b"): (
        *(12, 0x5F73CEA64285A8BC, 2_824_448, 1_076_416, 142_688, 5_968, 150_528, 1_008, 0, 458_040),
    ),
    LSTM: (12, 0x6CAD28922F0B3DB3, 43_968, 576, 60_864, 3_152, 848, 80, 672, 0),
    V1.format(SMALL, ""): (
        *(12, 0x6D146C3F97D6648C, 566_912, 0, 170_032, 12_624, 49_152, 1_008, 0, 0),
    ),
    V1.format(SMALL, WITH.format(LARGE)): (
        *(12, 0xE2C366FD5D62FA6B, 566_912, 0, 170_032, 12_624, 49_152, 1_008, 0, 0),
    ),
    V1.format(LARGE, ""): (
        *(12, 0x8EBC2700DE21D6AA, 1_473_280, 0, 205_936, 12_624, 76_800, 1_008, 0, 0),
    ),
    V1.format(LARGE, WITH.format(SMALL)): (
        *(12, 0xE2C366FD5D62FA6B, 1_473_280, 0, 205_936, 12_624, 76_800, 1_008, 0, 0),
    ),
}


@pytest.mark.parametrize("path", REAL)
def test_published_files(path: str) -> None:
    """Every figure of the eight, whole models on the chip, in one package each.

    Two surprises. The file ending .b states its cycles in the 64-bit field alone, so a reader of the
    first field takes it for one without. And the LSTM states runtime 12, where Coral's
    page wants 14.
    """
    model = read(asset(path))
    (package,) = model.packages
    assert (
        package.min_runtime_version,
        package.token,
        package.cached_bytes,
        package.streamed_bytes,
        package.instruction_bytes,
        package.caching_instruction_bytes,
        package.input_bytes,
        package.output_bytes,
        package.scratch_bytes,
        package.estimated_cycles,
    ) == REAL[path]
    assert package.compiler_version == "cl/"
    assert [one.type for one in package.executables] == ["execution_only", "parameter_caching"]
    assert (model.tpu_ops, model.cpu_ops, model.without_package) == (1, {}, ())


def test_footprint_of_a_published_file() -> None:
    found = read(asset(BIRD)).footprint("bird")
    assert (found.model, found.cached, found.streamed) == ("bird", 3_900_864, 0)
    assert (found.instructions, found.caching_instructions) == (135_184, 9_792)
    assert (found.input, found.output, found.token) == (150_528, 968, 0xFCE5123707112D0A)
    assert found.compute == pytest.approx(458_040 / 500e6)


def test_a_name_that_a_publication_wondered_at_is_the_uncompiled_models_own() -> None:
    """The input of the bird classifier is called so before it is compiled, and compiled alone."""
    name = "map/TensorArrayStack/TensorArrayGatherV3"
    (twin,) = read(asset("coral/mobilenet_v2_1.0_224_inat_bird_quant.tflite")).inputs
    (own,) = read(asset(BIRD)).inputs
    assert own.name == twin.name == name
    assert (own.shape, own.scale, own.zero_point) == ((1, 224, 224, 3), 1 / 128, 128)
    assert (own.shape, own.type, own.scale) == (twin.shape, twin.type, twin.scale)


def test_states_of_an_lstm_are_intermediate_tensors() -> None:
    names = [one.name for one in read(asset(LSTM)).intermediates]
    assert names == ["tfl.pseudo_qconst", "tfl.pseudo_qconst1"]


def test_a_model_for_the_cpu_alone() -> None:
    model = read(asset("coral/mobilenet_v1_0.25_128_quant.tflite"))
    assert (model.packages, model.tpu_ops) == ((), 0)
    assert model.cpu_ops["CONV_2D"] == 15
    with pytest.raises(CompiledError, match="compile it with edgetpu_compiler first"):
        model.footprint()


def test_everything_of_a_built_file(tmp_path: Path) -> None:
    model = built(tmp_path, builder.usual(), cpu=["SOFTMAX", "DEQUANTIZE", "SOFTMAX"])
    (package,) = model.packages
    assert (package.cached_bytes, package.streamed_bytes) == (640, 32)
    assert (package.instruction_bytes, package.caching_instruction_bytes) == (128, 10)
    assert (package.input_bytes, package.output_bytes) == (48, 16), "an output of 8, twice"
    assert (package.scratch_bytes, package.estimated_cycles, package.token) == (16, 1000, 7)
    assert (package.min_runtime_version, package.compiler_version) == (12, "cl/1")
    assert (model.tpu_ops, model.cpu_ops) == (1, {"SOFTMAX": 2, "DEQUANTIZE": 1})
    assert [one.name for one in model.inputs] == ["input"]
    assert [one.name for one in model.outputs] == ["behind"]
    assert [one.name for one in model.intermediates] == ["between", "behind", "behind"]
    assert model.footprint().compute == 1000 / 500e6


def test_cycles_of_64_bits(tmp_path: Path) -> None:
    model = built(tmp_path, builder.usual(cycles=0, cycles_64=1 << 40))
    assert model.packages[0].estimated_cycles == 1 << 40
    both = built(tmp_path, builder.usual(cycles=5, cycles_64=6))
    assert both.packages[0].estimated_cycles == 6


def test_cycles_that_are_not_stated_are_no_number(tmp_path: Path) -> None:
    model = built(tmp_path, builder.usual(), builder.usual(cycles=0))
    found = model.footprint()
    assert math.isnan(found.compute)
    assert "states no cycles" in found.whence


def test_several_packages_add_up(tmp_path: Path) -> None:
    model = built(tmp_path, builder.usual(1), builder.usual(2))
    assert (len(model.packages), model.tokens) == (2, {1, 2})
    found = model.footprint("two")
    assert (found.cached, found.streamed, found.input, found.compute) == (
        1280,
        64,
        96,
        2000 / 500e6,
    )


def test_packages_of_several_chips(tmp_path: Path) -> None:
    one = builder.package([builder.executable(parameters=5, token=3)])
    model = built(tmp_path, builder.options(builder.chips([one, one])))
    assert [each.streamed_bytes for each in model.packages] == [5, 5]


def test_a_stand_alone_executable_streams_its_parameters(tmp_path: Path) -> None:
    alone = builder.executable(builder.STAND_ALONE, parameters=9, instructions=(3,), cycles=4)
    model = built(tmp_path, builder.options(builder.package([alone])))
    (package,) = model.packages
    assert (package.cached_bytes, package.streamed_bytes, package.token) == (0, 9, None)
    assert (package.instruction_bytes, package.caching_instruction_bytes) == (3, 0)
    assert model.footprint().token is None
    assert model.tokens == frozenset()


def test_a_type_of_executable_that_is_not_known_is_shown(tmp_path: Path) -> None:
    model = built(tmp_path, builder.options(builder.package([builder.executable(77)])))
    assert model.packages[0].executables[0].type == "type_77"


@pytest.mark.parametrize(
    ("custom", "reason"),
    [
        (b"", "too few"),
        (b"what was here before FlexBuffers", "no FlexBuffer map"),
        (builder.options(b"DWN1" * 20, key="5"), 'no key "4"'),
        (builder.options(b"something else " * 4), "not marked DWN1"),
    ],
)
def test_an_old_operator_without_a_package_is_said_to_have_none(
    tmp_path: Path, custom: bytes, reason: str
) -> None:
    model = built(tmp_path, custom)
    assert (model.tpu_ops, model.packages) == (1, ())
    assert reason in model.without_package[0]
    with pytest.raises(CompiledError, match="no Edge TPU package in it"):
        model.footprint()


def test_a_package_as_a_blob_or_bare(tmp_path: Path) -> None:
    made = builder.package([builder.executable(parameters=5)])
    for custom in (made, builder.options(made, blob=True)):
        assert built(tmp_path, custom).packages[0].streamed_bytes == 5


def test_a_damaged_package_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    made = builder.package([builder.executable(parameters=500)])
    path = written(tmp_path, builder.compiled(builder.options(made[:-400], blob=True)))
    with pytest.raises(CompiledError, match=r"damaged Edge TPU package: .*cut short") as caught:
        read(path)
    assert caught.value.path == str(path)
    negative = builder.package([builder.executable(scratch=-5)])
    with pytest.raises(CompiledError, match="states -5"):
        built(tmp_path, builder.options(negative, blob=True))


def test_what_is_no_model(tmp_path: Path) -> None:
    for data, reason in ((b"", "0 bytes"), (b"\x89PNG" * 9, "no TFL3"), (b"\0" * 64, "no TFL3")):
        with pytest.raises(CompiledError, match=reason):
            read(written(tmp_path, data))
    with pytest.raises(CompiledError, match="No such file"):
        read(tmp_path / "absent")
    with pytest.raises(CompiledError, match="not a regular file"):
        read(tmp_path)
    with pytest.raises(CompiledError, match="not a regular file"):
        read("/dev/zero")
    with pytest.raises(CompiledError, match="null byte"):
        read("a\0b")

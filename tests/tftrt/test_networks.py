"""Networks read, rewritten and converted by both converters; what is wrong is said in a sentence."""

from __future__ import annotations

import sys
import types
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.model import Tolerance
from fixtures.runtimes.tftrt import TfTrt, TfTrtKnobs
from fixtures.worker.errors import EngineMismatch, OpenError, Unsupported
from fixtures.worker.tftrt import converters, engines, frozen, installed
from fixtures.worker.tftrt.running import GraphSession

if TfTrt().unavailable() and not installed.probe.version("tensorflow", installed.DISTRIBUTIONS):
    pytest.skip("TensorFlow is not installed", allow_module_level=True)

from tests.tftrt import digits

INPUTS = np.random.default_rng(0).random((4, 8, 8, 1), np.float32)
ORIGINAL = Namespace(engine="original", threads=1)


def knobs(**more: Any) -> Namespace:
    given = TfTrtKnobs(**{"minimum_segment_size": 3, **more})
    return Namespace(engine_folder=None, calibration=[], **given.values())


def answers(network: frozen.Frozen) -> np.ndarray[Any, Any]:
    session = GraphSession(network, "t", ORIGINAL)
    session.feed(INPUTS)
    session.invoke()
    answer = session.fetch()
    session.close()
    return answer


def graph(*operators: tuple[str, str, tuple[str, ...]]) -> Any:
    """A graph of ``(name, op, inputs)``."""
    import tensorflow as tf

    made = tf.compat.v1.GraphDef()
    for name, op, inputs in operators:
        made.node.add(name=name, op=op, input=inputs)
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("digits")


@pytest.fixture(scope="module")
def written(folder: Path) -> dict[str, Path]:
    writers = {"frozen": digits.frozen, "saved_model": digits.saved_model, "keras": digits.keras}
    return {name: write(folder) for name, write in writers.items()}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The stand-in in the converter's place, of TensorFlow 2."""
    from tests.tftrt import trt_convert

    versions = types.ModuleType("versions")
    vars(versions).update(
        is_tensorrt_enabled=lambda: True,
        get_linked_tensorrt_version=lambda: (8, 6, 1),
        get_loaded_tensorrt_version=lambda: [8, 6, 2],
    )
    monkeypatch.setitem(sys.modules, converters.MODULE, trt_convert)
    monkeypatch.setitem(sys.modules, installed._MODULES[0], versions)
    return trt_convert


@pytest.mark.parametrize("form", ["frozen", "saved_model", "keras"])
def test_every_form_of_a_network_is_the_same_frozen_graph(
    written: dict[str, Path], form: str
) -> None:
    network = frozen.read(str(written[form]), "")
    assert not [n for n in network.graph_def.node if "Variable" in n.op or n.op == "VarHandleOp"]
    assert network.shape == [None, 8, 8, 1]
    expected = answers(frozen.read(str(written["frozen"]), ""))
    np.testing.assert_allclose(answers(network), expected, atol=1e-6)


@pytest.mark.parametrize("form", ["frozen", "saved_model", "keras"])
def test_relu6_is_rewritten_and_answers_as_before(written: dict[str, Path], form: str) -> None:
    network = frozen.read(str(written[form]), "")
    rewritten, count = frozen.without_relu6(network)
    assert count == 7
    assert "Relu6" not in {node.op for node in rewritten.graph_def.node}
    np.testing.assert_allclose(answers(rewritten), answers(network), atol=1e-6)


def test_control_edges_of_a_relu6_are_kept() -> None:
    network = frozen.Frozen(graph(("x", "Placeholder", ()), ("r", "Relu6", ("x", "^x"))), "x", "r")
    network.graph_def.node[1].attr["T"].type = 1
    (last,) = [n for n in frozen.without_relu6(network)[0].graph_def.node if n.name == "r"]
    assert (last.op, list(last.input)) == ("Sub", ["r/low", "r/high", "^x"])


def test_a_wrong_output_is_refused_with_those_there_are(written: dict[str, Path]) -> None:
    with pytest.raises(OpenError) as caught:
        frozen.read(str(written["frozen"]), "softmax")
    assert str(caught.value) == (
        "digits.pb: has no node 'softmax' to answer; those that nothing follows are: probabilities"
    )


@pytest.mark.parametrize(
    ("operators", "says"),
    [
        (
            [("x", "Placeholder", ()), ("a", "Relu", ("x",)), ("b", "Relu", ("x",))],
            "a, b; name one",
        ),
        ([("x", "Placeholder", ()), ("y", "Placeholder", ())], "has 2 inputs (x, y)"),
        ([("c", "Const", ())], "has 0 inputs (none)"),
    ],
)
def test_a_graph_of_which_input_or_output_cannot_be_told_is_refused(
    operators: list[tuple[str, str, tuple[str, ...]]], says: str
) -> None:
    with pytest.raises(OpenError) as caught:
        frozen.named(graph(*operators), "net.pb", "")
    assert says in str(caught.value)


def test_a_named_output_decides(written: dict[str, Path]) -> None:
    two = graph(("x", "Placeholder", ()), ("a", "Relu", ("x",)), ("b", "Relu", ("x",)))
    assert frozen.named(two, "net.pb", "b").answer == "b"


@pytest.mark.parametrize("kind", ["cut", "text", "empty", "missing"])
def test_a_damaged_frozen_graph_is_refused(
    written: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "net.pb"
    content = {
        "cut": written["frozen"].read_bytes()[:5000],
        "text": b"not a graph\n" * 9,
        "empty": b"",
    }
    if kind in content:
        path.write_bytes(content[kind])
    with pytest.raises(OpenError) as caught:
        frozen.read(str(path), "")
    said = str(caught.value)
    assert said.startswith("net.pb: ")
    assert "No such file" in said if kind == "missing" else "cut short" in said


def test_a_saved_model_without_a_signature_is_refused(folder: Path) -> None:
    path = digits.saved_model(folder, signature=False)
    with pytest.raises(OpenError, match="unsigned: has no signature 'serving_default'"):
        frozen.read(str(path), "")


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_a_damaged_keras_model_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(OpenError, match=f"^{name}: "):
        frozen.read(str(tmp_path / name), "")


def test_a_folder_that_is_no_saved_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OpenError, match=f"^{tmp_path.name}: "):
        frozen.read(str(tmp_path), "")
    with pytest.raises(OpenError, match="damaged, or something else"):
        engines.of_saved_model(str(tmp_path))


# --- conversion --------------------------------------------------------------------------------


def test_a_tensorflow_without_tensorrt_says_so(written: dict[str, Path], tmp_path: Path) -> None:
    if installed.libraries()[1]:
        pytest.skip("this TensorFlow has TensorRT")
    network = frozen.read(str(written["frozen"]), "")
    with pytest.raises(Unsupported, match="built without TensorRT"):
        converters.convert(network, "net.pb", knobs(), str(tmp_path))
    assert installed.version() is None
    missing = TfTrt().unavailable()
    assert missing
    assert "built with TensorRT" in missing


def test_a_tensorflow_that_finds_no_tensorrt_says_so(
    written: dict[str, Path],
    tmp_path: Path,
    stand_in: types.ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wheel of 2.15 without libnvinfer: asked for the version of what is loaded, it aborts."""
    versions = sys.modules[installed._MODULES[0]]
    monkeypatch.setattr(versions, "is_tensorrt_enabled", lambda: False)
    monkeypatch.setattr(versions, "get_loaded_tensorrt_version", lambda: pytest.fail("aborts"))
    network = frozen.read(str(written["frozen"]), "")
    with pytest.raises(
        Unsupported, match=r"built against TensorRT 8\.6\.1, and finds no libnvinfer"
    ):
        converters.convert(network, "net.pb", knobs(), str(tmp_path))
    assert installed.described("2.15.1") == "TensorFlow 2.15.1"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"precision": "int8"}, "int8 is calibrated on inputs, and there are none"),
        ({"is_dynamic_op": False, "batch": 4}, "batch 4 is more than its engines are built for"),
    ],
)
def test_what_makes_no_sense_is_refused(
    written: dict[str, Path],
    tmp_path: Path,
    stand_in: types.ModuleType,
    more: dict[str, Any],
    says: str,
) -> None:
    network = frozen.read(str(written["frozen"]), "")
    with pytest.raises(Unsupported, match=says):
        converters.convert(network, "net.pb", knobs(**more), str(tmp_path))


def test_calibrating_on_nothing_at_all_is_refused(
    written: dict[str, Path], tmp_path: Path, stand_in: types.ModuleType
) -> None:
    nothing = knobs(precision="int8")
    nothing.calibration = [np.zeros((0, 8, 8, 1), np.float32)]
    with pytest.raises(Unsupported, match="there are none"):
        converters.convert(frozen.read(str(written["frozen"]), ""), "n", nothing, str(tmp_path))


def test_an_engine_built_at_conversion_needs_a_fixed_size(
    tmp_path: Path, stand_in: types.ModuleType
) -> None:
    network = frozen.Frozen(graph(("x", "Placeholder", ()), ("r", "Relu", ("x",))), "x", "r")
    for size in (1, -1, -1, 3):
        network.graph_def.node[0].attr["shape"].shape.dim.add(size=size)
    with pytest.raises(Unsupported, match="no fixed size"):
        converters.convert(network, "net.pb", knobs(is_dynamic_op=False), str(tmp_path))


def test_what_the_converter_says_is_one_line(
    written: dict[str, Path],
    tmp_path: Path,
    stand_in: types.ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: Any, precision_mode: str = "", **named: Any) -> None:
        raise ValueError("precision mode 'FP4'\nis not supported")

    monkeypatch.setattr(stand_in.TrtGraphConverterV2, "__init__", refuse)
    network = frozen.read(str(written["frozen"]), "")
    with pytest.raises(OpenError) as caught:
        converters.convert(network, "net.pb", knobs(), str(tmp_path))
    assert str(caught.value) == "net.pb: not converted: precision mode 'FP4' is not supported"


class Older:
    """``TrtGraphConverterV2`` as TensorFlow 2.0 has it: parameters come as one."""

    def __init__(
        self, input_saved_model_dir: str | None = None, conversion_params: Any = None
    ) -> None:
        self.given = conversion_params
        made.append(self)

    def convert(self) -> None:
        pass

    def save(self, folder: str) -> None:
        Path(folder).mkdir()


made: list[Older] = []


def test_parameters_are_mapped_onto_older_converters(
    written: dict[str, Path],
    tmp_path: Path,
    stand_in: types.ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from collections import namedtuple

    fields = (
        "max_workspace_size_bytes precision_mode minimum_segment_size is_dynamic_op use_calibration"
    )
    defaults = namedtuple("TrtConversionParams", fields)(1, "FP32", 3, True, True)
    monkeypatch.setattr(stand_in, "TrtGraphConverterV2", Older)
    monkeypatch.setattr(stand_in, "DEFAULT_TRT_CONVERSION_PARAMS", defaults, raising=False)
    network = frozen.read(str(written["frozen"]), "")
    converters.convert(network, "n", knobs(minimum_segment_size=50), str(tmp_path))
    assert made[-1].given == defaults._replace(
        max_workspace_size_bytes=1 << 30,
        precision_mode="FP16",
        minimum_segment_size=50,
        use_calibration=False,
    )


def test_the_first_converter_is_told_what_to_leave_by_either_name(
    written: dict[str, Path],
    tmp_path: Path,
    stand_in: types.ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: dict[str, Any] = {}

    class Renamed(stand_in.TrtGraphConverter):  # type: ignore[name-defined,misc]
        def __init__(self, input_graph_def: Any, nodes_denylist: Any, **more: Any) -> None:
            told.update(more, left=nodes_denylist)
            super().__init__(
                input_graph_def=input_graph_def, nodes_blacklist=nodes_denylist, **more
            )

    monkeypatch.setattr(stand_in, "TrtGraphConverter", Renamed)
    monkeypatch.delattr(stand_in, "TrtGraphConverterV2")
    network = frozen.read(str(written["frozen"]), "")
    path = converters.convert(network, "net.pb", knobs(), str(tmp_path))
    assert told["left"] == ["probabilities"]
    assert (told["max_batch_size"], told["is_dynamic_op"]) == (1, True)
    assert (told["precision_mode"], told["max_workspace_size_bytes"]) == ("FP16", 1 << 30)
    assert engines.has_engines(path)
    assert not engines.has_engines(str(written["frozen"]))


# --- what is in a converted graph ------------------------------------------------------------


def converted(attribute: str, *, fallback: bool = True) -> engines.Converted:
    """An engine of two operators, one beside it, and one in a function that saving needs."""
    made = graph(
        ("x", "Placeholder", ()),
        ("scope/TRTEngineOp_0", "TRTEngineOp", ("x",)),
        ("out", "Softmax", ("scope/TRTEngineOp_0:0",)),
        ("save", "SaveV2", ("x",)),
    )
    made.node[1].attr["precision_mode"].s = b"FP16"
    name = "TRTEngineOp_0_native_segment"
    if attribute == "segment_func":
        made.node[1].attr[attribute].func.name = name
    elif attribute:
        made.node[1].attr[attribute].s = name.encode()
    if fallback:
        function = made.library.function.add()
        function.signature.name = name
        for each, op in (("w", "Const"), ("c", "Conv2D"), ("r", "Relu")):
            function.node_def.add(name=each, op=op)
    return engines.Converted(made, "out")


@pytest.mark.parametrize("attribute", ["segment_func", "segment_funcdef_name", ""])
def test_operators_inside_engines_are_counted_in_every_versions_way(attribute: str) -> None:
    coverage = converted(attribute).coverage(50)
    assert (coverage["taken"], coverage["total"]) == (2, 3)
    assert coverage["share"] == pytest.approx(2 / 3)
    assert coverage["detail"] == "1 TRTEngineOp of 2 operators"


def test_looking_at_a_graph_leaves_it_as_it_is() -> None:
    """Reading what a protobuf map lacks adds it, and TensorFlow 1.14 refuses what it does not know."""
    network = converted("")
    before = network.engines[0].SerializeToString(deterministic=True)
    network.coverage(50)
    network.check_precision("fp16", "net.pb")
    assert network.engines[0].SerializeToString(deterministic=True) == before


def test_engines_without_a_function_to_fall_back_to_are_counted_themselves() -> None:
    coverage = converted("", fallback=False).coverage(50)
    assert (coverage["taken"], coverage["share"], coverage["detail"]) == (
        None,
        None,
        "1 TRTEngineOp",
    )


def test_a_graph_without_engines_is_not_optimised() -> None:
    plain = graph(("x", "Placeholder", ()), ("r", "Relu", ("x",)), ("out", "Softmax", ("r",)))
    coverage = engines.Converted(plain, "out").coverage(50)
    assert (coverage["taken"], coverage["total"], coverage["share"]) == (0, 2, 0.0)
    assert coverage["detail"] == (
        "not optimised: no TRTEngineOp in the converted graph (minimum_segment_size=50)"
    )


def test_engines_of_another_precision_are_a_mismatch() -> None:
    network = converted("segment_func")
    network.check_precision("fp16", "net.pb")
    with pytest.raises(EngineMismatch) as caught:
        network.check_precision("fp32", "net.pb")
    assert (
        str(caught.value) == "net.pb: its engines are fp16, and fp32 is asked for: convert it again"
    )


def test_versions_are_told_where_they_differ(stand_in: types.ModuleType) -> None:
    assert installed.described("2.15.0") == (
        "TensorFlow 2.15.0, TensorRT 8.6.2 (built against 8.6.1)"
    )


# --- tolerances by precision -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "precision", "expected"),
    [
        (Tolerance(1e-4, bf16=0.08), "fp32", 1e-4),
        (Tolerance(1e-4, bf16=0.08), "bf16", 0.08),
        (Tolerance(1e-4, bf16=0.08), "fp16", 0.01),
        (Tolerance(1e-4, bf16=0.08), "int8", 0.32),
        (Tolerance(1e-4, bf16=0.08, fp16=0.02, int8=0.1), "fp16", 0.02),
        (Tolerance(1e-4, bf16=0.08, fp16=0.02, int8=0.1), "int8", 0.1),
        (Tolerance(0.5, bf16=0.08), "fp16", 0.5),
        (Tolerance(1e-4), "fp16", 1e-4),
    ],
)
def test_each_precision_has_a_tolerance_of_its_own(
    given: Tolerance, precision: str, expected: float
) -> None:
    assert given.at(precision).probability == pytest.approx(expected)


def test_what_is_quantised_already_keeps_its_steps() -> None:
    quantised = Tolerance(steps=8, bf16=28)
    assert [quantised.at(p).steps for p in ("int8", "fp16", "bf16")] == [8, 8, 28]

"""The digits network through both converters, by the STAND-IN, in workers as cells have them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.failure import failed
from fixtures.isolation.ending import WorkerDied
from fixtures.isolation.engine import Engine
from fixtures.isolation.interpreter import Interpreter, inspect
from fixtures.isolation.pool import Workers
from fixtures.isolation.session import Session
from fixtures.isolation.transport import Here
from fixtures.models import manifest
from fixtures.models.inputs import read_arrays
from fixtures.placing import asked_of
from fixtures.reference import ask
from fixtures.toolchains.freeze import freeze
from hardware import Device
from tests.tftrt import digits
from tests.tftrt.runtime import CUE, StandIn

RUNTIME = StandIn()
if RUNTIME.unavailable():
    pytest.skip("TensorFlow is not installed", allow_module_level=True)

HELDOUT = digits.TFLITE.with_name("heldout.npz")
JETSON = Device("jetson", "stand-in", "host", nature="simulated")
FORMS = {"frozen": digits.frozen, "saved_model": digits.saved_model, "keras": digits.keras}


class Bench:
    """What a test of this module does: convert, open and ask, by what the cue says."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self.workers, self.journal, self._cue = workers, folder / "journal", folder / "cue"
        self._made: list[Engine] = []

    def cue(self, **cue: Any) -> None:
        """What to stand for from the next conversion or opening on."""
        self._cue.write_text(json.dumps({"journal": str(self.journal), **cue}))

    def convert(self, network: Path, **knobs: Any) -> Engine:
        chosen = RUNTIME.knobs(**knobs)
        inputs = [images()[:1], images()[1:2]] if RUNTIME.placement(chosen).calibrated else []
        self._made.append(self.workers.convert(RUNTIME, network, JETSON, chosen, inputs))
        return self._made[-1]

    def tidy(self) -> None:
        """Let go of what was converted."""
        for engine in self._made:
            self.workers.discard(RUNTIME, engine.folder)
            assert not Path(engine.folder).exists()

    def open(self, network: Path, made: Engine | None = None, **knobs: Any) -> Session:
        """In a process that others may have used: what is tested does not depend on it."""
        chosen = RUNTIME.knobs(**knobs)
        return self.workers.open(RUNTIME, network, JETSON, chosen, engine=made)

    @property
    def done(self) -> list[str]:
        """What the stand-in did, in order."""
        return self.journal.read_text().splitlines() if self.journal.exists() else []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cued")


@pytest.fixture(scope="module")
def workers(place: Path) -> Iterator[Workers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CUE, str(place / "cue"))
        opened = Workers()
        yield opened
        opened.close()


@pytest.fixture
def bench(workers: Workers, place: Path) -> Iterator[Bench]:
    made = Bench(workers, place)
    made.journal.unlink(missing_ok=True)
    made.cue()
    yield made
    made.cue()
    made.tidy()


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("digits")
    return {name: write(folder) for name, write in FORMS.items()}


def images() -> np.ndarray[Any, Any]:
    spec = manifest.load()["digits_float32"].input
    (pixels,) = read_arrays(HELDOUT, spec, "images")
    return (pixels[:64] * np.float32(spec.scale[0])).astype(np.float32)


def right(session: Session) -> int:
    labels = np.load(HELDOUT)["labels"][:64]
    return int((ask(session, images(), 1).argmax(axis=1) == labels).sum())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("generation", [1, 2])
def test_digits_are_read_by_what_either_converter_makes(
    bench: Bench, networks: dict[str, Path], generation: int, form: str
) -> None:
    bench.cue(generation=generation)
    session = bench.open(networks[form])
    assert bench.done == [], "with is_dynamic_op nothing is built at conversion"
    assert right(session) >= 60
    assert bench.done == ["built at the first inference"]
    coverage = session.coverage()
    assert coverage is not None
    assert coverage.share is not None
    assert coverage.share > 0.9
    assert coverage.detail.startswith("1 TRTEngineOp of ")
    assert session.engine()["run_by"].endswith("TensorRT 8.6.1: a stand-in")


@pytest.mark.parametrize("generation", [1, 2])
def test_an_engine_may_be_built_at_conversion(
    bench: Bench, networks: dict[str, Path], generation: int
) -> None:
    bench.cue(generation=generation)
    engine = bench.convert(networks["frozen"], is_dynamic_op=False)
    assert bench.done == ["built at conversion"]
    session = bench.open(networks["frozen"], engine, is_dynamic_op=False)
    assert right(session) >= 60
    assert bench.done == ["built at conversion"], "and not again"
    assert engine.facts["bytes"] > networks["frozen"].stat().st_size, "as the source found"
    assert engine.facts["converter"] == f"TrtGraphConverter{'V2' if generation == 2 else ''}"
    assert engine.facts["relu6_rewritten"] == 7
    assert engine.facts["made_by"].endswith("TensorRT 8.6.1: a stand-in")


@pytest.mark.parametrize("generation", [1, 2])
def test_int8_is_calibrated_on_the_models_inputs(
    bench: Bench, networks: dict[str, Path], generation: int
) -> None:
    bench.cue(generation=generation)
    engine = bench.convert(networks["frozen"], precision="int8")
    assert bench.done == ["calibrated"] * 2
    assert right(bench.open(networks["frozen"], engine, precision="int8")) >= 58


def test_the_original_is_the_same_graph_without_an_engine(
    bench: Bench, networks: dict[str, Path]
) -> None:
    session = bench.open(networks["frozen"], engine="original")
    assert right(session) >= 60
    assert session.coverage() is None
    assert "TensorRT" not in session.engine()["run_by"]
    assert bench.done == []


def test_what_was_converted_elsewhere_is_not_converted_again(
    bench: Bench, networks: dict[str, Path], tmp_path: Path
) -> None:
    bench.cue(generation=1)
    engine = bench.convert(networks["frozen"], is_dynamic_op=False)
    copied = tmp_path / "frozen_fp16.pb"
    copied.write_bytes(Path(engine.path).read_bytes())
    assert right(bench.open(copied, is_dynamic_op=False)) >= 60
    assert bench.done == ["built at conversion"]


def test_an_engine_of_another_version_ends_the_process_and_is_a_mismatch(
    bench: Bench, networks: dict[str, Path]
) -> None:
    """What the source saw on its Nano, by the same converter and versions."""
    bench.cue(generation=1, loaded=[5, 1, 5])
    engine = bench.convert(networks["frozen"], is_dynamic_op=False)
    bench.cue(generation=1, loaded=[5, 1, 6])
    session = bench.open(networks["frozen"], engine, is_dynamic_op=False)
    session.feed(images()[:1])
    with pytest.raises(WorkerDied) as caught:
        session.invoke()
    ending = failed(caught.value, "first")
    assert ending.status == "engine_mismatch"
    assert "SIGSEGV ended its process" in ending.reason
    assert "the engine was built by TensorRT 5.1.5, and here is 5.1.6" in ending.reason


def test_a_plan_cut_short_is_a_mismatch(
    bench: Bench, networks: dict[str, Path], tmp_path: Path
) -> None:
    engine = bench.convert(networks["frozen"], is_dynamic_op=False)
    plan = Path(engine.path) / "assets" / "trt-serialized-engine.TRTEngineOp_0"
    plan.write_bytes(plan.read_bytes()[:2000])
    session = bench.open(networks["frozen"], engine, is_dynamic_op=False)
    session.feed(images()[:1])
    with pytest.raises(WorkerDied) as caught:
        session.invoke()
    ending = failed(caught.value, "first")
    assert (ending.status, "cut short" in ending.reason) == ("engine_mismatch", True)


@pytest.mark.parametrize("cue", [{"nothing": True}, {}])
def test_what_no_engine_took_is_not_optimised(
    bench: Bench, networks: dict[str, Path], cue: dict[str, Any]
) -> None:
    """Nothing that TensorRT could take, or nothing that was large enough."""
    bench.cue(**cue)
    more = {} if cue else {"minimum_segment_size": 500}
    session = bench.open(networks["frozen"], **more)
    assert right(session) >= 60, "it answers rightly, and no faster than TensorFlow"
    coverage = session.coverage()
    assert coverage is not None
    assert coverage.taken == 0
    assert "not optimised" in coverage.detail


def test_what_it_printed_is_heard_while_it_lives(bench: Bench, networks: dict[str, Path]) -> None:
    bench.cue(short_memory=True, workspace=2 << 30)
    session = bench.open(networks["frozen"])
    assert right(session) >= 60
    assert "ran out of memory trying to allocate 2.59GiB" in session.said
    assert "Running native segment" in session.said


class Elsewhere(Here):
    """As a board: it has no file of the host's but what is brought to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def handed(self, file: Path) -> str:
        there = self.folder / f"{len(list(self.folder.iterdir()))}" / file.name
        shutil.copytree(file, there) if file.is_dir() else shutil.copy(file, _made(there))
        return str(there)


def _made(path: Path) -> Path:
    path.parent.mkdir()
    return path


@pytest.mark.parametrize("generation", [1, 2])
def test_what_the_host_converted_is_brought_to_the_board(
    bench: Bench, networks: dict[str, Path], tmp_path: Path, generation: int
) -> None:
    """With ``converted_on=host``, as the source did it: PC and Nano."""
    bench.cue(generation=generation)
    board = StandIn()
    board.interpreter = Interpreter(
        sys.executable, "3", "aarch64", "2", {"tftrt": "1.14.0"}, Elsewhere(tmp_path)
    )
    engine = bench.convert(networks["frozen"], is_dynamic_op=False)
    knobs = board.knobs(is_dynamic_op=False, converted_on="host")
    session = bench.workers.open(board, networks["frozen"], JETSON, knobs, engine=engine)
    assert right(session) >= 60
    assert bench.done == ["built at conversion"], "the board has only loaded it"
    assert [path.name for path in tmp_path.glob("*/*")] == [Path(engine.path).name]


TENSORFLOW_1 = "EDGEPROOF_TENSORFLOW1_PYTHONS"


@pytest.mark.parametrize("form", ["frozen", "saved_model"])
def test_digits_are_read_by_tensorflow_1(
    bench: Bench, networks: dict[str, Path], tmp_path: Path, form: str
) -> None:
    """The versions of the source and of JetPack 4, on their Python 3.6; saved models are frozen here."""
    pythons = list(filter(None, os.environ.get(TENSORFLOW_1, "").split(":")))
    if not pythons:
        pytest.skip(f"no Python with TensorFlow 1.14 or 1.15: {TENSORFLOW_1} names some")
    network = networks[form]
    if form == "saved_model":
        network = tmp_path / "frozen.pb"
        freeze(networks[form], network)
    for python in pythons:
        old = StandIn()
        old.interpreter = inspect(python, asked_of({"tftrt": old}))
        for more in ({"engine": "original"}, {}, {"is_dynamic_op": False}):
            bench.cue(generation=1)
            session = bench.workers.open(old, network, JETSON, old.knobs(**more))
            assert right(session) >= 60, (python, more)
            assert "TensorFlow 1.1" in session.engine()["run_by"]

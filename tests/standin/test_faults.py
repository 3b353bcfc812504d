"""What goes wrong with a real Edge TPU, provoked one by one: each ends in its status, with its mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.bench import Bench, Settings
from fixtures.cells import Cell
from fixtures.failure import Failed
from fixtures.isolation.pool import Limits, Workers
from fixtures.models import manifest
from fixtures.models.library import Library
from fixtures.models.store import Store
from fixtures.reference import References
from fixtures.run import CellRun
from fixtures.runtimes import RUNTIMES
from fixtures.runtimes.litert import InterpreterKnobs
from hardware import Device
from reports.record import Record
from tests.fixtures.test_run import Pedantic, Sink
from tests.standin.build import LOST, OTHER_TFLITE, TOO_NEW, StandIn, shuffled, steps_off
from tests.standin.networks import TWIN, inputs_of, write_manifest

LITERT = RUNTIMES["litert"]
Start = Callable[[], CellRun]


@pytest.fixture
def start(stand_in: StandIn, tmp_path: Path) -> Iterator[Start]:
    """Begin a cell of a compiled model on the stand-in, with recorded answers for all its inputs."""
    models = manifest.load_all([write_manifest(tmp_path, "digits")], "digits")
    library = Library(models, Store(None, tmp_path / "cache"), build=False)
    compiled = library.artifact("digits", "edgetpu").path
    stand_in.record(compiled, TWIN, inputs_of("digits_int8"))
    workers = Workers(Limits(timeout=60.0))
    cpu = Device("cpu", "this host", "host")
    facts = {"delegate": "usb:0", "library": str(stand_in.library)}
    device = Device("edgetpu", "Edgeproof stand-in", "USB 1-1", facts, "simulated")

    def begin() -> CellRun:
        references = References(library, RUNTIMES, cpu, workers)
        settings = Settings(rounds=8)
        bench = Bench(library, references, Sink(), settings, {"id": "run"}, workers)
        knobs = InterpreterKnobs(delegate="edgetpu")
        cell = Cell("latency", models["digits"], LITERT, "edgetpu", "edgetpu", knobs)
        return CellRun(bench, cell, device)

    yield begin
    workers.close()


def ended(run: CellRun) -> Record:
    """The row of a cell that went as far as it could."""
    try:
        run.build()
        run.first()
        run.judge()
        run.steady(Pedantic())
        run.end()
    except Failed as error:
        assert error.status == run.record.status
    finally:
        run.close()
    return run.record


def test_without_a_fault_it_is_a_simulated_row_that_agrees(start: Start) -> None:
    record = ended(start())
    assert (record.status, record.nature) == ("ok", "simulated")
    assert len(record.samples) == 8
    assert record.agreement is not None
    assert record.coverage is not None
    assert (record.coverage.by, record.coverage.share) == ("edgetpu", 1.0)


@pytest.mark.parametrize(
    ("cue", "status", "says", "mend"),
    [
        (f"prepare {TOO_NEW}", "engine_mismatch", "runtime version (15)", "edgetpu_compiler -m"),
        (f"prepare {OTHER_TFLITE}", "engine_mismatch", "custom op handler", "belongs together"),
        (f"crash 1 {OTHER_TFLITE}", "engine_mismatch", "in first: SIGABRT", "belongs together"),
        ("crash 1 double free or corruption (out)", "crashed", "in first: SIGABRT", "double free"),
        ("crash 5 double free or corruption (out)", "crashed", "in verdict: SIGABRT", ""),
        ("crash 20 double free or corruption (out)", "crashed", "in steady: SIGABRT", ""),
        (f"crash 1 {LOST}", "device_lost", "in first: SIGABRT", "USB transfer error 5"),
        (f"crash 20 {LOST}", "device_lost", "in steady: SIGABRT", "USB transfer error 5"),
        (f"fail 3 {LOST}", "device_lost", "in verdict: ", "USB transfer error 5"),
        (f"fail 20 {LOST}", "device_lost", "in steady: ", "USB transfer error 5"),
        ("fail 2 the chip is on fire", "error", "in verdict: the chip is on fire", ""),
        ("claim nothing", "unsupported", "unresolved custom op: edgetpu-custom-op", ""),
        ("refuse", "error", "Failed to load delegate from", ""),
        ("refuse no more than one", "error", "no more than one", ""),
    ],
)
def test_a_fault_is_a_row_and_the_next_cell_runs(
    start: Start, stand_in: StandIn, cue: str, status: str, says: str, mend: str
) -> None:
    stand_in.cue(cue)
    record = ended(start())
    assert (record.status, record.nature, record.ranked) == (status, "simulated", False)
    assert says in record.reason
    assert mend in record.reason
    assert "\n" not in record.reason
    stand_in.cue()
    assert ended(start()).status == "ok", "what failed has let go of the device"


def test_a_library_given_by_its_path_that_opens_nothing_has_its_mend(
    start: Start, stand_in: StandIn
) -> None:
    stand_in.cue("refuse")
    assert "group plugdev" in ended(start()).reason


def test_a_delegate_that_left_its_operator_has_its_own_mend(
    start: Start, stand_in: StandIn
) -> None:
    stand_in.cue("claim nothing")
    assert "with delegate=edgetpu" not in ended(start()).reason


def test_a_device_that_another_process_has_is_an_error(start: Start, tmp_path: Path) -> None:
    holder = start()
    holder.build()
    other = Workers(Limits(timeout=60.0))
    run = start()
    run.bench.workers = other
    record = ended(run)
    other.close()
    assert record.status == "error"
    assert "Failed to load delegate from" in record.reason
    holder.close()
    assert ended(start()).status == "ok"


def test_answers_that_nobody_recorded_are_an_error(start: Start, stand_in: StandIn) -> None:
    run = start()
    for answer in stand_in.beside("answers").iterdir():
        answer.unlink()
    record = ended(run)
    assert record.status == "error"
    assert "stand-in for libedgetpu: no answer was recorded for this input" in record.reason


def test_another_answer_disagrees_and_is_not_ranked(start: Start, stand_in: StandIn) -> None:
    run = start()
    compiled = run.bench.library.artifact("digits", "edgetpu").path
    stand_in.record(compiled, TWIN, inputs_of("digits_int8"), shuffled)
    record = ended(run)
    assert (record.status, record.ranked) == ("disagrees", False)
    assert record.samples, "its time is shown all the same"


def test_a_step_here_and_there_is_within_the_tolerance(start: Start, stand_in: StandIn) -> None:
    run = start()
    compiled = run.bench.library.artifact("digits", "edgetpu").path
    stand_in.record(compiled, TWIN, inputs_of("digits_int8"), steps_off(0.1))
    record = ended(run)
    assert record.status == "ok"
    assert record.agreement is not None
    assert (record.agreement.measure, record.agreement.worst) == ("steps", 1)

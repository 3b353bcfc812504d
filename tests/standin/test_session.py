"""The path of a real Edge TPU through the worker, with the stand-in where Coral's library would be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.isolation.pool import Limits, Workers
from fixtures.isolation.session import Session
from fixtures.reference import ask
from fixtures.runtimes import RUNTIMES
from fixtures.runtimes.litert import InterpreterKnobs
from fixtures.worker.errors import OpenError
from hardware import Device
from tests.hardware.edgetpu.real import asset
from tests.standin.build import StandIn, shuffled, steps_off
from tests.standin.networks import TWIN, compiled_digits, inputs_of

LITERT = RUNTIMES["litert"]
KNOBS = InterpreterKnobs(delegate="edgetpu")
REAL = {
    "mobilenet_v1_025_128_quant": "mobilenet_v1_0.25_128_quant",
    "mobilenet_v1_05_160_quant": "mobilenet_v1_0.5_160_quant",
}


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(Limits(timeout=60.0))
    yield made
    made.close()


def device(stand_in: StandIn, address: str = "usb:0") -> Device:
    facts = {"delegate": address, "library": str(stand_in.library)}
    return Device("edgetpu", "Edgeproof stand-in", "USB 1-1", facts, "simulated")


def opened(workers: Workers, stand_in: StandIn, path: Path, **more: Any) -> Session:
    return workers.open(LITERT, path, device(stand_in), KNOBS, **more)


@pytest.mark.parametrize("model", REAL)
def test_a_published_compiled_file_answers_as_its_twin(
    workers: Workers, stand_in: StandIn, model: str
) -> None:
    compiled = asset(f"coral/{REAL[model]}_edgetpu.tflite")
    asset("images/cat.bmp")
    inputs = inputs_of(model)
    expected = stand_in.record(compiled, asset(f"coral/{REAL[model]}.tflite"), inputs)
    session = opened(workers, stand_in, compiled)
    coverage = session.coverage()
    assert coverage is not None
    assert (coverage.by, coverage.taken, coverage.total) == ("edgetpu", 1, 1)
    np.testing.assert_array_equal(ask(session, inputs, 1), expected)


def test_our_own_compiled_file_answers_as_its_twin(
    workers: Workers, stand_in: StandIn, tmp_path: Path
) -> None:
    """So that a clone without any published file takes this path as well."""
    compiled, inputs = compiled_digits(tmp_path), inputs_of("digits_int8")
    expected = stand_in.record(compiled, TWIN, inputs)
    session = opened(workers, stand_in, compiled)
    twin = workers.open(LITERT, TWIN, Device("cpu", "t", "host"), InterpreterKnobs(), role="twin")
    coverage = session.coverage()
    assert coverage is not None
    assert coverage.share == 1.0
    assert session.describe() == twin.describe()
    np.testing.assert_array_equal(ask(session, inputs, 1), expected)
    np.testing.assert_array_equal(ask(twin, inputs, 1), expected)


def test_two_models_of_one_contract_keep_their_answers_apart(
    workers: Workers, stand_in: StandIn, tmp_path: Path
) -> None:
    inputs = inputs_of("digits_int8")
    right, wrong = compiled_digits(tmp_path, token=1), compiled_digits(tmp_path, token=2)
    expected = stand_in.record(right, TWIN, inputs)
    other = stand_in.record(wrong, TWIN, inputs, shuffled)
    assert (expected != other).any()
    sessions = [opened(workers, stand_in, path) for path in (right, wrong)]
    np.testing.assert_array_equal(ask(sessions[0], inputs, 1), expected)
    np.testing.assert_array_equal(ask(sessions[1], inputs, 1), other)


def test_answers_may_be_a_step_off(stand_in: StandIn, tmp_path: Path) -> None:
    inputs = inputs_of("digits_int8")
    compiled = compiled_digits(tmp_path)
    exact = stand_in.record(compiled, TWIN, inputs).astype(int)
    off = stand_in.record(compiled, TWIN, inputs, steps_off(0.25)).astype(int)
    assert set(np.unique(np.abs(exact - off))) == {0, 1}
    assert 0.15 < (exact != off).mean() < 0.35


def test_what_is_left_on_the_cpu_is_not_covered(
    workers: Workers, stand_in: StandIn, tmp_path: Path
) -> None:
    session = opened(workers, stand_in, compiled_digits(tmp_path, behind="SOFTMAX"))
    coverage = session.coverage()
    assert coverage is not None
    assert (coverage.taken, coverage.total) == (1, 2)
    assert coverage.detail.startswith("1 partitions; left: SOFTMAX; libedgetpu ")
    assert coverage.detail.endswith("RuntimeVersion(14)"), "the library's own word"


def test_what_xnnpack_takes_is_not_the_edge_tpus(
    workers: Workers, stand_in: StandIn, tmp_path: Path
) -> None:
    session = opened(workers, stand_in, compiled_digits(tmp_path, behind="LOGISTIC"))
    coverage = session.coverage()
    assert coverage is not None
    assert (coverage.by, coverage.taken, coverage.total) == ("edgetpu", 1, 2)


def test_of_a_model_that_was_never_compiled_nothing_is_taken(
    workers: Workers, stand_in: StandIn
) -> None:
    """A delegate that was asked for and took no operators is no fast number: it disagrees."""
    coverage = opened(workers, stand_in, TWIN).coverage()
    assert coverage is not None
    assert (coverage.by, coverage.taken) == ("edgetpu", 0)


def test_a_model_of_which_the_chip_runs_a_part_has_no_recorded_answers(
    stand_in: StandIn, tmp_path: Path
) -> None:
    compiled = compiled_digits(tmp_path, behind="SOFTMAX")
    with pytest.raises(ValueError, match="not the whole model"):
        stand_in.record(compiled, TWIN, inputs_of("digits_int8"))


def test_one_process_at_a_time_has_the_device(
    workers: Workers, stand_in: StandIn, tmp_path: Path
) -> None:
    compiled = compiled_digits(tmp_path)
    first = opened(workers, stand_in, compiled)
    again = opened(workers, stand_in, compiled)
    assert first.pid == again.pid
    with pytest.raises(OpenError, match="Failed to load delegate"):
        opened(workers, stand_in, compiled, role="other")
    first.close()
    again.close()
    opened(workers, stand_in, compiled, role="other").close()


@pytest.mark.parametrize("address", ["usb", "pci", ":1", "usb:0", "pci:12"])
def test_it_is_addressed_as_libedgetpu_is(
    workers: Workers, stand_in: StandIn, tmp_path: Path, address: str
) -> None:
    path = compiled_digits(tmp_path)
    workers.open(LITERT, path, device(stand_in, address), KNOBS).close()


@pytest.mark.parametrize("address", ["/dev/apex_0", "usb:", "usb:x", "1", "pcie:0"])
def test_it_knows_no_other_address(
    workers: Workers, stand_in: StandIn, tmp_path: Path, address: str
) -> None:
    with pytest.raises(OpenError, match="Failed to load delegate"):
        workers.open(LITERT, compiled_digits(tmp_path), device(stand_in, address), KNOBS)


def test_parameters_are_waited_for_once_for_each_token(
    workers: Workers, stand_in: StandIn, tmp_path: Path
) -> None:
    inputs = inputs_of("digits_int8")[:1]
    one, other = (compiled_digits(tmp_path, token=token) for token in (1, 2))
    stand_in.cue(*(stand_in.emulate(path, load=0.01, busy=0.001) for path in (one, other)))
    stand_in.record(one, TWIN, inputs)
    stand_in.record(other, TWIN, inputs)
    sessions = [opened(workers, stand_in, path) for path in (one, other, one)]
    seconds = []
    for number in (0, 0, 2, 0, 1, 1, 0):
        sessions[number].feed(inputs)
        seconds.append(sessions[number].invoke())
    first, second = map(stand_in.key, (one, other))
    # Each interpreter loads once, and again only after a model of another token.
    assert stand_in.loads() == [first, first, second, first]
    assert min(seconds) >= 0.001
    assert min(seconds[n] for n in (0, 2, 4, 6)) >= 0.011


def test_it_says_what_it_is(libedgetpu: Path) -> None:
    code = (
        "import ctypes, sys; version = ctypes.CDLL(sys.argv[1]).edgetpu_version; "
        "version.restype = ctypes.c_char_p; print(version().decode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(libedgetpu)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "Edgeproof stand-in for libedgetpu, RuntimeVersion(14)"


def test_keys_are_fnv_1a(stand_in: StandIn) -> None:
    """The published test vectors of its authors."""
    assert stand_in._hash(b"") == 0xCBF29CE484222325
    assert stand_in._hash(b"a") == 0xAF63DC4C8601EC8C
    assert stand_in._hash(b"foobar") == 0x85944171F73967E8

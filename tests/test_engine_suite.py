"""The experiment on where engines are built, as a user runs it, on the network in the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.runtimes import RUNTIMES
from reports import journal
from reports.record import Record

ROOT = Path(__file__).resolve().parent.parent
#: TensorFlow's placements are of saved models, of which the repository brings none.
INSTALLED = [
    name
    for name in ("litert", "onnxruntime", "openvino", "tvm")
    if RUNTIMES[name].unavailable() is None
]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """Every placement of every runtime that is installed, each run once."""
    folder = tmp_path_factory.mktemp("engines")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-m", "cpu"]
    command += ["suites/test_engine_placement.py", "--models", "digits_float32"]
    command += ["--steady-seconds", "0.01", "--journal", str(folder / "j.jsonl")]
    places = {"EDGEPROOF_CACHE": str(folder / "cache"), "TMPDIR": str(folder)}
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **places}
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert not list(folder.glob("edgeproof-engine-*")), "engines go away with their cells"
    return journal.read(folder / "j.jsonl").records


def test_every_placement_of_every_runtime_is_a_row_with_a_verdict(records: list[Record]) -> None:
    assert {record.runtime for record in records} == set(INSTALLED)
    for name in INSTALLED:
        own = [record for record in records if record.runtime == name]
        assert len({record.engine["how"] for record in own}) == len(own) >= 2
        assert {record.status for record in own} == {"ok"}
        assert all(record.ranked for record in own)


def test_each_phase_is_timed_where_it_happens(records: list[Record]) -> None:
    for record in records:
        ahead = record.engine["when"] in ("ahead", "cached")
        assert (record.convert_s is not None) == ahead, record.cell
        assert ("convert" in record.memory) == ahead
        assert record.engine["original_bytes"] > 0
        times = (record.build_s, record.first_s, record.second_s)
        assert all(seconds is not None and seconds > 0 for seconds in times), record.cell
        assert len(record.samples) >= 5
        assert record.environment["process"] == "fresh worker"
        if ahead:
            assert record.convert_s
            assert record.memory["convert"] > 0
            assert record.engine["bytes"] > 0
            assert record.engine["made_by"] == record.engine["run_by"] == record.runtime_version


def collected(*options: str) -> list[str]:
    """The cells on this host's processor, as their tests are called."""
    command = [sys.executable, "-m", "pytest", "suites/test_engine_placement.py", "--collect-only"]
    command += ["-q", "-m", "cpu", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return [line.partition("[")[2] for line in done.stdout.splitlines() if "::" in line]


def test_threads_can_be_chosen_and_the_models_are_the_experiments_own() -> None:
    cells = collected("--threads", "2", "--models", "digits_*")
    assert cells
    assert all("-t2-b1" in cell and "digits_float32" in cell for cell in cells)


def test_the_quick_part_is_a_part() -> None:
    cells, quick = set(collected()), set(collected("--quick"))
    assert quick < cells
    assert {cell.split("-")[0] for cell in quick} == {"digits_float32", "mobilenet_v3_large"}

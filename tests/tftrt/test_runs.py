"""The TF-TRT experiment as a user runs it, on a recorded board with the STAND-IN for the converter."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reports import journal
from reports.record import Record
from tests.tftrt import digits
from tests.tftrt.runtime import CUE, StandIn

if StandIn().unavailable():
    pytest.skip("TensorFlow is not installed", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
BOARD = ROOT / "tests/hardware/trees/jetson-nano-2019"
MANIFEST = """\
schema = 1

[files]
graph = {{ path = "digits.pb", sha256 = "{sha256}" }}
twin = {{ path = "{twin}", sha256 = "{twin_sha256}" }}

[models.own]
title = "One's own digits"
precision = "float32"
tolerance = {{ probability = 1e-4, bf16 = 0.08 }}
input = {{ shape = [8, 8, 1], dtype = "float32", noise = [0.0, 1.0], count = 4 }}
output = {{ classes = 10 }}
artifacts.frozen_graph = "graph"
artifacts.tflite = "twin"
"""


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one's own: the digits network as a frozen graph, with its twin as the reference."""
    folder = tmp_path_factory.mktemp("own")
    graph, twin = digits.frozen(folder), folder / "twin.tflite"
    twin.write_bytes(digits.TFLITE.read_bytes())
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (graph, twin)]
    path = folder / "own.toml"
    path.write_text(MANIFEST.format(sha256=sums[0], twin=twin.name, twin_sha256=sums[1]))
    return path


class Run:
    """One run of the suite, by what the cue says."""

    def __init__(self, folder: Path, manifest: Path, *options: str, **cue: Any) -> None:
        (folder / "cue").write_text(json.dumps(cue))
        command = [sys.executable, "-m", "pytest", "suites/test_tftrt.py", "-m", "jetson", "-q"]
        command += ["-p", "tests.tftrt.plugin", "-p", "no:cacheprovider"]
        command += ["--hardware-root", str(BOARD), "--model-manifest", str(manifest)]
        command += ["--models", "own", "--journal", str(folder / "j.jsonl"), *options]
        places = {"TMPDIR": str(folder), CUE: str(folder / "cue")}
        self.done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **places}
        )
        self.left = list(folder.glob("edgeproof-*"))
        found = journal.read(folder / "j.jsonl").records
        self.records: dict[str, Record] = {record.cell: record for record in found}

    def __getitem__(self, cell: str) -> Record:
        return self.records[cell]


ORIGINAL = "tftrt/own-tftrt-jetson-t1-b1-engine=original"
FIRST = "tftrt/own-tftrt-jetson-t1-b1"
AHEAD = "tftrt/own-tftrt-jetson-t1-b1-is_dynamic_op=False"
INT8 = "tftrt_precision/own-tftrt-jetson-t1-b1-precision=int8"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, manifest: Path) -> Run:
    folder = tmp_path_factory.mktemp("run")
    chosen = "not (test_tftrt_precision and not int8)"
    return Run(folder, manifest, "-k", chosen, short_memory=True)


def test_the_sources_three_columns_are_rows_that_agree(run: Run) -> None:
    assert run.done.returncode == 0, run.done.stdout[-3000:]
    for cell in (ORIGINAL, FIRST, AHEAD):
        record = run[cell]
        assert (record.status, record.ranked) == ("ok", True), record.reason
        assert len(record.samples) == 100, "the mean of a hundred after the first"
        assert record.first_s
        assert record.second_s
        assert record.spent["warm_up"] == 0
        assert record.environment["process"] == "fresh worker"
    assert run.left == [], "converted networks go away with their cells"


def test_each_says_when_its_engine_is_built_and_by_what(run: Run) -> None:
    original, first, ahead = (run[cell].engine for cell in (ORIGINAL, FIRST, AHEAD))
    assert (original["when"], first["when"], ahead["when"]) == ("load", "first", "ahead")
    assert run[ORIGINAL].convert_s is None
    assert run[FIRST].convert_s
    assert run[AHEAD].convert_s
    for engine in (first, ahead):
        assert engine["how"].startswith("stand-in for TF-TRT, is_dynamic_op=")
        assert engine["made_by"].endswith("TensorRT 8.6.1: a stand-in")
        assert engine["run_by"].endswith("TensorRT 8.6.1: a stand-in")
        assert engine["made_on"] == "target"
        assert engine["bytes"] > engine["original_bytes"] > 10_000
    assert "TensorRT" not in original["run_by"]


def test_what_stands_in_is_labelled_and_ranked_with_nothing_measured(run: Run) -> None:
    for record in run.records.values():
        assert record.nature == "simulated"
        assert "stand-in" in record.runtime_version


def test_half_precision_and_int8_have_tolerances_of_their_own(run: Run) -> None:
    half, eight, own = (run[cell].agreement for cell in (FIRST, INT8, ORIGINAL))
    assert own is not None
    assert own.tolerance == 1e-4
    assert half is not None
    assert eight is not None
    assert (half.tolerance, eight.tolerance) == (pytest.approx(0.01), pytest.approx(0.32))
    assert 0 < half.worst < eight.worst < 0.32
    assert (half.k, half.topk_orders) == (5, 4)
    assert run[INT8].engine["when"] == "first"


def test_short_memory_is_a_note_on_the_row(run: Run) -> None:
    """As the source coloured its cells."""
    said = "memory ran short, and more might have made it faster (it had asked for up to 2.59GiB)"
    assert said in run[FIRST].notes
    assert run[FIRST].notes.count(said) == 1
    assert said not in run[ORIGINAL].notes


def test_coverage_is_the_share_of_operators_in_engines(run: Run) -> None:
    coverage = run[FIRST].coverage
    assert coverage is not None
    assert (coverage.by, coverage.taken, coverage.total) == ("TF-TRT", 47, 48)
    assert run[ORIGINAL].coverage is None


@pytest.mark.parametrize(
    ("cue", "says"),
    [
        (
            {"nothing": True},
            "TF-TRT was asked for and took no operators: not optimised: no TRTEngineOp in the "
            "converted graph (minimum_segment_size=50)",
        ),
        (
            {"workspace": 2 << 30},
            "not optimised: TensorFlow ran a segment without its engine; the workspace is too small "
            "for any implementation of 'conv': allow more",
        ),
    ],
)
def test_a_network_without_engines_is_not_optimised_however_well_it_answers(
    tmp_path: Path, manifest: Path, cue: dict[str, Any], says: str
) -> None:
    record = Run(tmp_path, manifest, "-k", "test_tftrt[own-tftrt-jetson-t1-b1]", **cue)[FIRST]
    assert (record.status, record.reason) == ("disagrees", says)
    assert record.agreement is not None
    assert record.agreement.worst < 0.01
    assert record.samples, "its time is shown, and ranked nowhere"


def test_an_engine_that_is_refused_and_built_anew_is_no_figure_of_one_made_ahead(
    tmp_path: Path, manifest: Path
) -> None:
    """TensorFlow 2 goes on where 1.14 crashed; the first inference pays, and only the log tells."""
    cue = {"loaded": [8, 6, 1], "ran_by": [8, 4, 0], "on_mismatch": "rebuild"}
    run = Run(tmp_path, manifest, "-k", "is_dynamic_op", **cue)
    assert run[AHEAD].status == "engine_mismatch"
    assert run[AHEAD].reason == (
        "built anew: the engine was built by TensorRT 8.6.1, and here is 8.4.0: build it again with "
        "the version that runs it"
    )


def test_an_engine_that_crashes_its_process_is_a_row(tmp_path: Path, manifest: Path) -> None:
    cue = {"generation": 1, "loaded": [5, 1, 5], "ran_by": [5, 1, 6]}
    run = Run(tmp_path, manifest, "-k", "is_dynamic_op", **cue)
    record = run[AHEAD]
    assert (record.status, record.phase) == ("engine_mismatch", "end")
    assert "SIGSEGV ended its process" in record.reason
    assert "the engine was built by TensorRT 5.1.5, and here is 5.1.6" in record.reason
    assert run.left == []


def test_without_a_board_it_is_skipped_saying_what_was_looked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "suites/test_tftrt.py", "-m", "jetson", "-q"]
    root = ROOT / "tests/hardware/trees/visionfive2"
    command += ["-p", "no:cacheprovider", "--hardware-root", str(root)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert (
        "no jetson device here: looked for nvidia,tegra* in /proc/device-tree/compatible"
        in done.stdout
    )

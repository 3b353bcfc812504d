"""Whole runs by the command line, on another machine's Edge TPU that the stand-in answers for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.models import manifest
from reports import journal, results
from reports.ranking import rank
from reports.record import Record
from reports.results import Run
from tests.hardware.boards import TREES
from tests.hardware.edgetpu.real import asset
from tests.standin.build import LOST, StandIn
from tests.standin.networks import TWIN, inputs_of, write_manifest

ROOT = Path(__file__).resolve().parents[2]
#: Published pairs of files, by our names of their models.
REAL = {
    "mobilenet_v1_025_128_quant": "coral/mobilenet_v1_0.25_128_quant{}.tflite",
    "mobilenet_v1_05_160_quant": "coral/mobilenet_v1_0.5_160_quant{}.tflite",
}
Suites = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def suites(stand_in: StandIn, tmp_path: Path) -> Suites:
    """Run the suites; journal and results go to ``tmp_path``."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rounds", "3"]
        command += ["--hardware-root", str(TREES / "laptop-coral-usb")]
        command += ["--edgetpu-library", str(stand_in.library)]
        command += ["--journal", str(tmp_path / "j.jsonl")]
        command += ["--benchmark-json", str(tmp_path / "run.json"), *arguments]
        clean = {k: v for k, v in os.environ.items() if k != "GITHUB_STEP_SUMMARY"}
        env = {**clean, "EDGEPROOF_CACHE": str(tmp_path / "cache")}
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=env)

    return run


@pytest.fixture
def digits(stand_in: StandIn, tmp_path: Path) -> list[str]:
    """The arguments for two models of a clone's own, with recorded answers; loading takes 2 ms."""
    path, inputs, cues = write_manifest(tmp_path, "one", "two"), inputs_of("digits_int8"), []
    for compiled in tmp_path.rglob("*_edgetpu.tflite"):
        stand_in.record(compiled, TWIN, inputs)
        cues.append(stand_in.emulate(compiled, load=0.002, busy=0.0001))
    stand_in.cue(*cues)
    return ["--model-manifest", str(path), "--models", "one,two"]


@pytest.fixture
def published(stand_in: StandIn) -> list[str]:
    """The arguments for the published pairs, with recorded answers."""
    contracts = manifest.load()
    for model, name in REAL.items():
        compiled, twin = asset(name.format("_edgetpu")), asset(name.format(""))
        for image in contracts[model].input.images:
            asset(image.path)
        stand_in.record(compiled, twin, inputs_of(model))
    return ["--models", ",".join(REAL)]


def records(tmp_path: Path) -> list[Record]:
    """The rows of the run; none of them is a measured one, whatever became of it."""
    found = journal.read(tmp_path / "j.jsonl").records
    assert found
    assert {record.nature for record in found} == {"simulated"}
    return list(found)


def all_agree(found: list[Record], stand_in: StandIn) -> None:
    for record in found:
        assert record.status == "ok", record.reason
        assert record.coverage is not None
        assert (record.coverage.by, record.coverage.share) == ("edgetpu", 1.0)
        assert record.device["facts"]["library"] == str(stand_in.library)
        assert record.knobs["delegate"] == "edgetpu"


def test_every_suite_runs_from_a_clone_alone(
    suites: Suites, digits: list[str], stand_in: StandIn, tmp_path: Path
) -> None:
    done = suites("suites", "-m", "edgetpu and litert and not cocompile", *digits)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "(simulated)" in done.stdout
    found = records(tmp_path)
    all_agree(found, stand_in)
    assert {"latency", "first_inference", "agreement"} <= {record.experiment for record in found}
    assert all(len(record.samples) == 3 for record in found if record.experiment == "latency")


def test_what_a_stand_in_timed_is_not_ranked_with_what_was_measured(
    suites: Suites, digits: list[str], tmp_path: Path
) -> None:
    done = suites("suites/test_latency.py", "-m", "edgetpu and litert", *digits)
    assert done.returncode == 0, done.stdout[-3000:]
    run = results.load(tmp_path / "run.json")
    assert len(run.records) == 2
    # The same rows, had a device of that name been there, and ten times as slow.
    measured = [
        replace(
            record,
            device={**record.device, "nature": "measured"},
            samples=[10 * seconds for seconds in record.samples],
        )
        for record in run.records
    ]
    entries = rank([run, Run("measured.json", {}, measured)])
    assert len(entries) == 4
    for entry in entries:
        assert (entry.best, entry.ratio) in ((False, None), (False, 1.0)), "alone in its group"


def test_a_stick_that_is_pulled_out_is_a_row_and_the_run_goes_on(
    suites: Suites, digits: list[str], stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in.cue(f"crash 18 {LOST}")  # after the 16 answers of the verdict
    done = suites("suites", "-m", "edgetpu and litert and not cocompile", *digits)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    rows = {record.cell: record for record in records(tmp_path)}
    lost = rows["latency/one-litert-edgetpu-t1-b1-delegate=edgetpu"]
    assert (lost.status, lost.ranked) == ("device_lost", False)
    assert "USB transfer error 5" in lost.reason
    assert lost.agreement is not None, "what was found before it was lost is kept"
    assert {record.status for record in rows.values()} == {"ok", "device_lost"}


def test_models_that_take_turns_load_again_unless_they_were_compiled_together(
    suites: Suites, digits: list[str], stand_in: StandIn, tmp_path: Path
) -> None:
    """Counted by the stand-in, which keeps parameters as the chip's memory would, by their token."""
    together = tmp_path / "together"
    done = suites(
        "suites/test_edgetpu_cocompile.py", *digits, "--cocompile", "one", "two",
        "--cocompiled", f"one,two={together}", "-k", "one+two and steady and not spread",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    found = records(tmp_path)
    assert len(found) == 4
    for record in found:
        assert record.status == "ok", record.reason
        assert len(record.samples) == 100
    loads = Counter(stand_in.loads())
    for name in ("one_edgetpu.tflite", "two_edgetpu.tflite"):
        assert loads[stand_in.key(tmp_path / name)] >= 100, "in each turn"
        assert loads[stand_in.key(together / name)] <= 10, "once each time it was opened"


def test_a_record_does_not_claim_a_worker_that_was_not_there(
    suites: Suites, digits: list[str], tmp_path: Path
) -> None:
    arguments = ["--cocompile", "one", "two", "-k", "one+two-apart-first", "--isolate", "never"]
    suites("suites/test_edgetpu_cocompile.py", *digits, *arguments)
    processes = {record.environment["process"] for record in records(tmp_path)}
    assert processes == {"not isolated: shared with the suites"}


def test_on_two_edge_tpus_no_model_loads_again(
    suites: Suites, digits: list[str], stand_in: StandIn, tmp_path: Path
) -> None:
    arguments = [*digits, "--cocompile", "one", "two", "-k", "one+two-spread-steady"]
    done = suites("suites/test_edgetpu_cocompile.py", *arguments)
    assert done.returncode == 0, done.stdout[-3000:]
    found = records(tmp_path)
    assert {record.status for record in found} == {"ok"}
    assert len({record.device["where"] for record in found}) == 2
    assert max(Counter(stand_in.loads()).values()) <= 10


def test_models_that_took_turns_leave_the_edge_tpu_to_what_follows(
    suites: Suites, digits: list[str], tmp_path: Path
) -> None:
    """The stand-in is opened by one process at a time, as a stick is."""
    arguments = ["--cocompile", "one", "two", "-k", "one+two-apart-steady or test_latency"]
    done = suites(
        "suites/test_edgetpu_cocompile.py", "suites/test_latency.py", "-m", "edgetpu and litert",
        *digits, *arguments,
    )  # fmt: skip
    found = {record.cell: record for record in records(tmp_path)}
    assert [cell.partition("/")[0] for cell in found] == ["cocompile"] * 2 + ["latency"] * 2
    assert {record.reason for record in found.values()} == {""}
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_model_that_could_not_take_turns_alone_was_not_measured(
    suites: Suites, digits: list[str], tmp_path: Path
) -> None:
    """Its answers were right, and nothing of its case was timed."""
    (tmp_path / "two_edgetpu.tflite").unlink()
    suites(
        "suites/test_edgetpu_cocompile.py",
        *digits,
        "--cocompile",
        "one",
        "two",
        "-k",
        "apart-steady",
    )
    one, two = records(tmp_path)
    assert one.agreement is not None
    assert (one.status, two.status) == ("not_measured", "not_measured")
    assert two.reason.startswith("no compiled file to verify against")
    assert one.reason == f"its case did not take turns: slot 2: {two.reason}"


def test_without_corals_compiler_cases_together_are_rows_that_say_so(
    suites: Suites, digits: list[str], tmp_path: Path
) -> None:
    if shutil.which("edgetpu_compiler"):
        pytest.skip("Coral's compiler is installed here")
    arguments = [*digits, "--cocompile", "one", "two", "-k", "two+one-together"]
    suites("suites/test_edgetpu_cocompile.py", *arguments)
    found = records(tmp_path)
    assert len(found) == 4
    for record in found:
        assert record.status == "not_measured"
        assert "edgetpu_compiler" in record.reason
        assert not record.samples


def test_published_compiled_files_go_through_every_suite(
    suites: Suites, published: list[str], stand_in: StandIn, tmp_path: Path
) -> None:
    done = suites("suites", "-m", "edgetpu and litert and not cocompile", *published)
    assert done.returncode == 0, done.stdout[-3000:]
    found = records(tmp_path)
    all_agree(found, stand_in)
    assert {record.model for record in found} == set(REAL)


def test_published_compiled_files_take_turns(
    suites: Suites, published: list[str], tmp_path: Path
) -> None:
    arguments = [*published, "--cocompile", *REAL, "-k", f"{'+'.join(REAL)}-apart"]
    done = suites("suites/test_edgetpu_cocompile.py", *arguments)
    assert done.returncode == 0, done.stdout[-3000:]
    found = records(tmp_path)
    assert [record.model for record in found] == [*REAL] * 2
    assert {record.status for record in found} == {"ok"}

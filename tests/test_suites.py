"""The suites as a user runs them, in a process of their own, on the network in the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.models import manifest
from fixtures.runtimes import RUNTIMES
from reports import journal
from tests.standin.networks import write_manifest

ROOT = Path(__file__).resolve().parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the suites on the digits networks; journal and results go to ``tmp_path``."""

    def go(*arguments: str, models: str = "digits_float32", **env: str) -> Any:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--models", models]
        journal_ = ["--journal", str(tmp_path / "j.jsonl")]
        command += [] if "--resume" in arguments else journal_
        command += ["--steady-seconds", "0.01", *arguments]
        clean = {k: v for k, v in os.environ.items() if k != "GITHUB_STEP_SUMMARY"}
        cache = {"EDGEPROOF_CACHE": str(tmp_path / "cache")}
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, env={**clean, **cache, **env}
        )

    return go


needs_litert = pytest.mark.skipif(
    RUNTIMES["litert"].unavailable() is not None, reason="LiteRT is not installed"
)


@needs_litert
def test_a_run_leaves_records_a_journal_and_a_table(run: Run, tmp_path: Path) -> None:
    results = tmp_path / "deep" / "run.json"
    summary = tmp_path / "summary.md"
    done = run(
        "suites", "-m", "cpu and litert", "--threads", "1", "--batch", "1,4",
        "--benchmark-json", str(results), GITHUB_STEP_SUMMARY=str(summary),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "devices:" in done.stdout
    assert "runtimes:" in done.stdout
    assert "edgeproof" in done.stdout
    data = json.loads(results.read_text())
    for bench in data["benchmarks"]:
        record = bench["extra_info"]["edgeproof"]
        assert record["status"] == "ok"
        assert record["cell"] in bench["fullname"].replace("[", "/").replace("test_", "")
        assert len(bench["stats"]["data"]) >= 5
    folded = journal.read(tmp_path / "j.jsonl")
    cells = {record.cell: record for record in folded.records}
    latency = cells["latency/digits_float32-litert-cpu-t1-b4"]
    assert latency.status == "ok"
    assert latency.coverage is not None
    assert latency.coverage.share == 1.0
    accuracy = cells["accuracy/digits_float32-litert-cpu-t1-b1"].accuracy
    assert accuracy is not None
    assert (accuracy.images, accuracy.top1) == (360, pytest.approx(355 / 360, abs=1.01 / 360))
    inside = {bench["extra_info"]["edgeproof"]["cell"] for bench in data["benchmarks"]}
    beside = {record["cell"] for record in data["edgeproof"]["records"]}
    assert inside | beside == set(cells)
    assert not inside & beside
    assert "digits" in summary.read_text()
    rendered = subprocess.run(
        [sys.executable, "-m", "reports", "render", str(results)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert rendered.returncode == 0, rendered.stderr
    assert "digits, float32" in rendered.stdout


@needs_litert
def test_agreement_needs_no_benchmark_and_still_reaches_the_json(run: Run, tmp_path: Path) -> None:
    results = tmp_path / "run.json"
    done = run("suites/test_agreement.py", "-m", "cpu and litert", "--benchmark-json", str(results))
    assert done.returncode == 0, done.stdout[-3000:]
    data = json.loads(results.read_text())
    assert data["benchmarks"] == []
    assert {record["status"] for record in data["edgeproof"]["records"]} == {"ok"}


@needs_litert
def test_a_summary_that_cannot_be_written_costs_nothing(run: Run, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "no" / "such" / "summary.md")
    arguments = ["suites/test_agreement.py", "-m", "cpu and litert", "-k", "t1-b1]"]
    done = run(*arguments, GITHUB_STEP_SUMMARY=nowhere)
    assert done.returncode == 0, done.stdout
    assert "GITHUB_STEP_SUMMARY: not written" in done.stdout
    assert "INTERNALERROR" not in done.stdout


def test_an_absent_device_is_skipped_with_what_was_looked_for(run: Run) -> None:
    done = run("suites", "-m", "edgetpu", "--benchmark-only", models="*")
    assert done.returncode == 0
    assert "no edgetpu device here: looked for" in done.stdout
    assert "1a6e:089a" in done.stdout


def test_a_required_device_that_is_absent_fails(run: Run, tmp_path: Path) -> None:
    results = tmp_path / "run.json"
    results.write_text('{"machine_info": {}, "benchmarks": ["of an older run"]}')
    done = run(
        "suites", "-m", "edgetpu", "--benchmark-only", "--require", "edgetpu",
        "--benchmark-json", str(results), models="*",
    )  # fmt: skip
    assert done.returncode == 1
    assert "--require edgetpu: no edgetpu device here" in done.stdout
    assert not results.exists() or "older run" not in results.read_text()
    assert "older run" in (tmp_path / "run.json.previous").read_text(), "nothing measured is lost"


@needs_litert
def test_a_required_device_that_nothing_ran_on_fails(run: Run) -> None:
    done = run("suites/test_agreement.py", "-m", "cpu and litert", "--require", "riscv")
    assert done.returncode == 1
    assert "--require riscv: not met" in done.stdout


#: A path that no file system takes: looking for it is an error of its own.
TOO_LONG = "/" + 300 * "x"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--require", "toaster"], "--require toaster: expected KIND"),
        (
            ["--threads", "0"],
            "argument --threads: expected positive whole numbers, as in 1,4; found 0",
        ),
        (
            ["--batch", "1,x"],
            "argument --batch: expected positive whole numbers, as in 1,4; found 1,x",
        ),
        (["--model-manifest", "/no/such.toml"], "/no/such.toml: cannot be read"),
        (["--hardware-root", "/no/such"], "--hardware-root /no/such: no such directory"),
        (["--hardware-root", TOO_LONG], ": no such directory"),
        (["--edgetpu-library", TOO_LONG], ": no such file"),
        (["--cocompiled", f"a,b={TOO_LONG}"], "expected A,B=DIR with a folder that is there"),
        (["--models", "digit_float32"], "no model matches; did you mean 'digits_float32'?"),
        (["--xfails", "/no/such"], "/no/such: no such folder"),
        (["--imagenet", "/no/such"], "/no/such/val.txt: cannot be read"),
        (["--rounds", "-3"], "expected a positive whole number"),
        (["--steady-seconds", "nan"], "expected seconds between"),
    ],
)
def test_bad_options_are_one_sentence(run: Run, arguments: list[str], says: str) -> None:
    done = run("suites", "--collect-only", "-q", *arguments)
    assert done.returncode == 4
    said = done.stdout + done.stderr
    assert says in said
    assert "Traceback" not in said


def test_a_board_is_recognised_in_its_own_tree(run: Run) -> None:
    board = ROOT / "tests" / "hardware" / "trees" / "raspberry-pi-4b"
    done = run("suites", "--collect-only", "-q", "-m", "raspberrypi", "--hardware-root", str(board))
    assert done.returncode == 0
    assert "test_latency[digits_float32-litert-cpu-t1-b1]" in done.stdout


@needs_litert
def test_another_machines_tree_gives_no_measured_rows(run: Run, tmp_path: Path) -> None:
    board = ROOT / "tests" / "hardware" / "trees" / "raspberry-pi-4b"
    arguments = ["suites/test_devices.py", "-m", "raspberrypi", "--hardware-root", str(board)]
    done = run(*arguments, "--require", "raspberrypi")
    assert done.returncode == 1
    assert "'--require raspberrypi:simulated' accepts it" in done.stdout
    done = run(*arguments)
    assert done.returncode == 0, done.stdout
    records = journal.read(tmp_path / "j.jsonl").records
    assert {record.nature for record in records} == {"simulated"}
    assert "(simulated)" in done.stdout


@needs_litert
def test_a_labels_file_that_does_not_fit_is_refused_in_a_run(run: Run, tmp_path: Path) -> None:
    digits = ROOT / "fixtures" / "models" / "digits"
    for name in ("heldout.npz", "digits_float32.tflite"):
        (tmp_path / name).write_bytes((digits / name).read_bytes())
    (tmp_path / "labels.txt").write_text("zero\none\n")
    (tmp_path / "m.toml").write_text(
        'schema = 1\n[files]\nnet = { path = "digits_float32.tflite" }\n'
        'names = { path = "labels.txt" }\npixels = { path = "heldout.npz" }\n'
        '[models.mine]\nprecision = "float32"\nlabels = "names"\noutput = { classes = 10 }\n'
        'input = { shape = [8, 8, 1], dtype = "float32", scale = 0.0625, npz = "pixels" }\n'
        'artifacts.tflite = "net"\n'
    )
    done = run(
        "suites/test_agreement.py", "-m", "cpu and litert", "-k", "t1-b1]",
        "--model-manifest", str(tmp_path / "m.toml"), models="mine",
    )  # fmt: skip
    assert done.returncode == 1
    (record,) = journal.read(tmp_path / "j.jsonl").records
    assert record.status == "error"
    assert "labels.txt: 2 labels, and mine has 10 classes" in record.reason


@needs_litert
def test_a_bad_model_is_a_row_and_the_rest_goes_on(run: Run, tmp_path: Path) -> None:
    digits = ROOT / "fixtures" / "models" / "digits"
    for name in ("heldout.npz", "digits_float32.tflite"):
        (tmp_path / name).write_bytes((digits / name).read_bytes())
    content = (digits / "digits_float32.tflite").read_bytes()
    bad = {"good": content, "torn": content[:5000], "empty": b"", "text": b"hello\n" * 99}
    text = 'schema = 1\n[files]\npixels = { path = "heldout.npz" }\n'
    for name, data in bad.items():
        (tmp_path / f"{name}.tflite").write_bytes(data)
        text += f'{name} = {{ path = "{name}.tflite" }}\n'
    text += f'wrong = {{ path = "good.tflite", sha256 = "{"0" * 64}" }}\n'
    for name in (*bad, "wrong"):
        text += (
            f'[models.mine_{name}]\nprecision = "float32"\noutput = {{ classes = 10 }}\n'
            f'input = {{ shape = [8, 8, 1], dtype = "float32", scale = 0.0625, npz = "pixels" }}\n'
            f'artifacts.tflite = "{name}"\n'
        )
    (tmp_path / "mine.toml").write_text(text)
    done = run(
        "suites/test_agreement.py", "-m", "cpu and litert", "-k", "t1-b1]",
        "--model-manifest", str(tmp_path / "mine.toml"), models="mine_*",
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    rows = {r.model: r for r in journal.read(tmp_path / "j.jsonl").records}
    assert rows["mine_good"].status == "ok"
    for name in ("torn", "empty", "text"):
        assert rows[f"mine_{name}"].status in ("error", "unsupported"), rows[f"mine_{name}"]
        assert f"{name}.tflite" in rows[f"mine_{name}"].reason
    assert "wrong checksum" in rows["mine_wrong"].reason


@needs_litert
def test_a_known_disagreement_is_expected_to_fail(run: Run, tmp_path: Path) -> None:
    text = f"""
schema = 1
[files]
pixels = {{ path = "heldout.npz" }}
net = {{ path = "net.tflite" }}
[models.strict]
precision = "int8"
tolerance = {{ steps = 0 }}
artifacts.tflite = "net"
output = {{ classes = 10, quantisation = {{ scale = 0.00390625, zero_point = -128 }} }}
[models.strict.input]
shape = [8, 8, 1]
dtype = "int8"
scale = 0.0625
npz = "pixels"
count = 64
quantisation = {{ scale = {1 / 255}, zero_point = -128 }}
"""
    digits = ROOT / "fixtures" / "models" / "digits"
    (tmp_path / "heldout.npz").write_bytes((digits / "heldout.npz").read_bytes())
    (tmp_path / "net.tflite").write_bytes((digits / "digits_int8.tflite").read_bytes())
    (tmp_path / "m.toml").write_text(text)
    arguments = ["suites/test_agreement.py", "-k", "none and not reference", "-m", "litert"]
    arguments += ["--model-manifest", str(tmp_path / "m.toml")]
    done = run(*arguments, models="strict")
    assert done.returncode == 1
    assert "would have passed" in done.stdout
    (tmp_path / "xfails").mkdir()
    (tmp_path / "xfails" / "litert.txt").write_text(
        "agreement/strict-*  disagrees  # rounding of builtins\n"
    )
    (tmp_path / "j.jsonl").unlink()
    done = run(*arguments, "--xfails", str(tmp_path / "xfails"), models="strict")
    assert done.returncode == 0, done.stdout
    assert "1 xfailed" in done.stdout
    assert "rounding of builtins" in done.stdout


@needs_litert
def test_a_simulated_edge_tpu_repeats_the_published_experiment(run: Run, tmp_path: Path) -> None:
    """Whether or not its networks are at hand: without a twin a row is shown, and never ranked."""
    done = run(
        "suites", "-m", "edgetpu", "--benchmark-only", "--simulate", "edgetpu=usb2", models="*"
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "9 independent predictions, mean error 1.7 %, worst 7.3 %" in done.stdout
    records = journal.read(tmp_path / "j.jsonl").records
    slots = [record for record in records if record.experiment == "cocompile"]
    assert len(slots) == 26
    assert {record.nature for record in slots} == {"simulated"}
    for record in slots:
        assert record.samples
        assert record.ranked == (record.status == "ok")
        if record.status != "ok":
            assert record.reason.startswith("no twin to verify against")


#: The network in the repository, under another name.
AGAIN = """schema = 1
[files]
net = { path = "digits_int8.tflite" }
heldout = { path = "heldout.npz" }
labels = { path = "labels.txt" }
[models.digits_again]
title = "digits, again"
precision = "int8"
labels = "labels"
tolerance = { steps = 8 }
output = { classes = 10, quantisation = { scale = 0.00390625, zero_point = -128 } }
artifacts.tflite = "net"
[models.digits_again.input]
shape = [8, 8, 1]
dtype = "int8"
scale = 0.0625
quantisation = { scale = 0.003921568859368563, zero_point = -128 }
npz = "heldout"
count = 16
"""


@needs_litert
def test_models_of_ones_own_take_turns_on_simulated_devices(run: Run, tmp_path: Path) -> None:
    """The network in the repository under two names: apart, together in both orders, on two devices."""
    mine = tmp_path / "mine.toml"
    mine.write_text(AGAIN)
    for name in ("digits_int8.tflite", "heldout.npz", "labels.txt"):
        shutil.copy(Path(manifest.__file__).with_name("digits") / name, tmp_path)
    asked = [
        "suites/test_edgetpu_cocompile.py", "-m", "edgetpu", "--benchmark-only",
        "--simulate", "edgetpu=usb2", "--simulate", "edgetpu=usb2",
        "--model-manifest", str(mine), "-k", "digits", "--cocompile", "digits_int8=3", "digits_again",
    ]  # fmt: skip
    done = run(*asked, models="digits*")
    assert done.returncode == 0, done.stdout[-3000:]
    records = journal.read(tmp_path / "j.jsonl").records
    assert len(records) == 16
    assert {(record.status, record.nature) for record in records} == {("ok", "simulated")}
    by_cell = {record.cell: record for record in records}
    apart, together, spread = (
        by_cell[f"cocompile/digits_int8=3+digits_again-{how}-steady#1"]
        for how in ("apart", "together", "spread")
    )
    assert (apart.knobs["use"], spread.knobs["devices"]) == (3, 2)
    assert len(apart.samples) == 300
    assert max(apart.samples) > min(apart.samples), "the first of each turn loads again"
    assert set(together.samples) == set(spread.samples) == {min(apart.samples)}
    for record in records:
        assert record.placement["cached"] > 0
        assert 0 < record.environment["low"] < record.environment["high"]
        assert any("predicted between" in note for note in record.notes)
    again = run(*asked, "--resume", str(tmp_path / "j.jsonl"), models="digits*")
    assert again.returncode == 0, again.stdout[-3000:]
    assert "--resume: 16 cells were in the journal, and unchanged" in again.stdout


@needs_litert
def test_a_resumed_run_keeps_its_simulated_cells(run: Run, tmp_path: Path) -> None:
    """They answer by the twin, and not by the compiled file that another cell would open."""
    asked = ["suites/test_latency.py", "-m", "edgetpu", "--simulate", "edgetpu=usb2"]
    asked += ["--model-manifest", str(write_manifest(tmp_path, "one"))]
    assert run(*asked, models="one").returncode == 0
    again = run(*asked, "--resume", str(tmp_path / "j.jsonl"), models="one")
    assert "--resume: 1 cells were in the journal, and unchanged" in again.stdout
    (tmp_path / "one.tflite").write_bytes((tmp_path / "one.tflite").read_bytes() + b"\0")
    changed = run(*asked, "--resume", str(tmp_path / "j.jsonl"), models="one")
    assert "--resume:" not in changed.stdout


def test_a_simulated_case_whose_twin_is_damaged_ends_as_it_failed(run: Run, tmp_path: Path) -> None:
    damaged = tmp_path / "coral" / "mobilenet_v2_1.0_224_inat_bird_quant.tflite"
    damaged.parent.mkdir()
    damaged.write_bytes(b"TFL3")
    done = run(
        "suites/test_edgetpu_cocompile.py", "-k", "single-apart-first or bird+plant-apart-first",
        "--simulate", "edgetpu=usb2", "--assets-dir", str(tmp_path), models="*",
    )  # fmt: skip
    assert done.returncode == 1
    single, bird, plant = journal.read(tmp_path / "j.jsonl").records
    for record in (single, bird):
        assert (record.status, record.phase, record.samples) == ("error", "end", ())
    assert (plant.status, plant.phase, len(plant.samples)) == ("not_measured", "end", 10)


@needs_litert
def test_unlike_edge_tpus_are_no_set(run: Run, tmp_path: Path) -> None:
    """One link's law does not hold on another: models are not spread over both."""
    asked = ["suites/test_edgetpu_cocompile.py", "-m", "edgetpu", "--collect-only", "-q"]
    asked += ["--model-manifest", str(write_manifest(tmp_path, "one", "two"))]
    asked += ["--simulate", "edgetpu=usb2", "--cocompile", "one", "two"]
    unlike = run(*asked, "--simulate", "edgetpu=pcie", models="*")
    assert "one+two-apart-first" in unlike.stdout
    assert "spread" not in unlike.stdout
    like = run(*asked, "--simulate", "edgetpu=usb2", models="*")
    assert "one+two-spread-first" in like.stdout


@needs_litert
def test_what_the_law_cannot_tell_is_a_row_that_says_so(run: Run, tmp_path: Path) -> None:
    """Of a float network no operator maps, though its answers are right."""
    asked = ["suites/test_edgetpu_cocompile.py", "-m", "edgetpu", "--simulate", "edgetpu=usb2"]
    asked += ["--cocompile", "digits_int8", "digits_float32", "-k", "digits and apart"]
    done = run(*asked, models="digits*")
    assert done.returncode == 0, done.stdout[-3000:]
    records = journal.read(tmp_path / "j.jsonl").records
    assert len(records) == 4
    for record in records:
        assert (record.status, record.samples) == ("not_measured", ())
        assert "the law cannot tell: " in record.reason
        assert "no operator of it would run on the Edge TPU" in record.reason


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["digits_int8"], "--cocompile: expected two to four different models"),
        (["digits_int8", "suites"], "--cocompile: suites is a path; paths go before it"),
        (["a=0", "b"], "expected MODEL or MODEL=TIMES"),
        (["a", "b", "--cocompiled", "b,c=."], "no case has b c together; --cocompile b c makes it"),
    ],
)
def test_what_cannot_be_compiled_together_is_said_in_one_line(
    run: Run, asked: list[str], said: str
) -> None:
    done = run("suites", "--collect-only", "--cocompile", *asked)
    assert done.returncode == 4
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_models_asked_for_in_both_orders_are_no_case_twice(run: Run) -> None:
    orders = [
        "--cocompile",
        "a",
        "b",
        "--cocompile",
        "b",
        "a",
        "--cocompile",
        TOO_LONG,
        "b\x1b[31m",
    ]
    done = run("suites/test_edgetpu_cocompile.py", "--collect-only", "-q", *orders)
    assert done.returncode == 0, done.stderr
    found = [line for line in done.stdout.splitlines() if "a+b-" in line or "b+a-" in line]
    how = ("a+b-apart", "a+b-together", "b+a-together", "b+a-apart")
    assert [line.partition("[")[2] for line in found] == [
        f"{one}-{phase}]" for one in how for phase in ("first", "steady")
    ]


def test_a_simulated_device_does_not_meet_a_requirement(run: Run) -> None:
    arguments = ["suites", "-m", "edgetpu", "--simulate", "edgetpu=usb2", "--require"]
    refused = run(*arguments, "edgetpu", models="*")
    assert refused.returncode == 1
    assert "'--require edgetpu:simulated' accepts it" in refused.stdout
    other = run("suites", "--simulate", "gpu=usb9")
    assert other.returncode == 4
    assert "--simulate gpu=usb9: expected edgetpu=HOST" in other.stdout + other.stderr


def test_cells_are_never_measured_side_by_side_and_tests_may_run_so(run: Run) -> None:
    pytest.importorskip("xdist")
    done = run("suites", "-m", "cpu", "-n", "2")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "-n: cells measured at the same time measure each other" in done.stderr
    done = run("tests/reports/test_break_even.py", "suites/test_latency.py", "-n", "2")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    done = run("tests/reports/test_break_even.py", "-n", "2", "--dist", "loadfile")
    assert done.returncode == 0, done.stdout[-3000:]

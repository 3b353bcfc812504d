"""The RISC-V experiment as a user runs it, from the command line to the best parameters."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports import journal
from reports.published.riscv import SYSTEM
from tests.test_suites import ROOT, Run, needs_litert
from tests.test_suites import run as run  # a fixture

SUITE = "suites/test_riscv_tvm_tflite.py"


def rendered(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "reports", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_litert
def test_the_quick_part_ends_in_sentences_and_in_the_best_parameters(
    run: Run, tmp_path: Path
) -> None:
    results = tmp_path / "run.json"
    done = run(
        SUITE, "-m", "cpu and (litert or onnxruntime)", "--quick", "--benchmark-only",
        "--benchmark-json", str(results),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    records = {record.cell: record for record in journal.read(tmp_path / "j.jsonl").records}
    one = records["riscv_tvm_tflite/digits_float32-litert-cpu-t1-b2"]
    assert one.status == "ok"
    assert len(one.source_samples) == 10
    assert one.source_samples[0] == one.first_s
    assert one.top_classes is not None
    assert len(one.top_classes.classes) == 16
    assert list(one.environment["system"]) == list(SYSTEM)
    other = records["riscv_tvm_tflite/digits_float32-litert-cpu-t1-b1-delegate=none"]
    assert other.top_classes is not None
    assert other.top_classes.classes == one.top_classes.classes
    text = rendered("render", str(results))
    assert "TVM and TensorFlow Lite are not compared: TVM is missing" in text
    assert "What separates the runtimes" in text
    found = json.loads(rendered("best", str(results)))
    chosen = {(row["runtime"], row["batch"]): row for row in found["best"]}
    assert ("litert", 2) in chosen
    assert chosen["litert", 1]["model_sha256"] == one.artifact["sha256"]
    assert chosen["litert", 1]["agreement"]["itself"]


@needs_litert
def test_a_resumed_run_keeps_the_source_s_iterations(run: Run, tmp_path: Path) -> None:
    asked = [SUITE, "-m", "cpu and litert", "--quick", "--threads", "1", "--batch", "1"]
    assert run(*asked).returncode == 0
    before = journal.read(tmp_path / "j.jsonl").records
    again = run(
        *asked, "--resume", str(tmp_path / "j.jsonl"), "--benchmark-json", str(tmp_path / "r")
    )
    assert "--resume: 2 cells were in the journal, and unchanged" in again.stdout
    rows = json.loads((tmp_path / "r").read_text())["benchmarks"]
    samples = [row["extra_info"]["edgeproof"]["source_samples"] for row in rows]
    assert sorted(samples) == sorted(list(record.source_samples) for record in before)


def test_threads_and_batches_of_the_command_line_replace_the_experiments_own(run: Run) -> None:
    asked = ["--collect-only", "-q", SUITE, "-m", "cpu", "--threads", "3", "--batch", "5"]
    done = run(*asked, models="digits_float32")
    cells = [line for line in done.stdout.splitlines() if "digits_float32-tvm-cpu" in line]
    assert len(cells) == 15, "levels and a layout more, in each schedule"
    assert all("-t3-b5" in cell for cell in cells)


def test_without_quick_the_matrix_is_whole(run: Run) -> None:
    done = run("--collect-only", "-q", SUITE, "-m", "cpu", models="densenet121")
    assert "270 tests collected" in done.stdout or "270/" in done.stdout
    quick = run("--collect-only", "-q", SUITE, "-m", "cpu", "--quick", models="densenet121")
    assert "2 tests collected" in quick.stdout or "2/2" in quick.stdout


#: Images of Coral's test data, by their classes among ImageNet's thousand.
LABELLED = {"cat.bmp": 285, "dragonfly.bmp": 319, "grace_hopper.bmp": 652, "sunflower.bmp": 985}


@needs_litert
def test_accuracy_on_a_few_labelled_images_has_a_wide_interval(run: Run, tmp_path: Path) -> None:
    assets = Path(os.environ.get("EDGEPROOF_ASSETS", "no assets"))
    if not (assets / "coral" / "mobilenet_v2_1.0_224_quant.tflite").is_file():
        pytest.skip("Coral's test data is not here: set EDGEPROOF_ASSETS to a folder of it")
    folder = tmp_path / "images"
    folder.mkdir()
    for name in LABELLED:
        shutil.copy(assets / "images" / name, folder)
    listed = "".join(f"{name} {label}\n" for name, label in LABELLED.items())
    (folder / "val.txt").write_text(listed)
    results = tmp_path / "run.json"
    done = run(
        "suites/test_accuracy.py", "-m", "cpu and litert", "-k", "t1-b1]", "--imagenet", str(folder),
        "--benchmark-json", str(results), models="mobilenet_v2_quant",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    (record,) = journal.read(tmp_path / "j.jsonl").records
    assert record.accuracy is not None
    assert (record.accuracy.images, record.accuracy.top1) == (4, 1.0)
    assert record.accuracy.top1_between == pytest.approx((0.51, 1.0), abs=0.01)
    assert "100.0 % (51.0 to 100.0)" in rendered("render", str(results))

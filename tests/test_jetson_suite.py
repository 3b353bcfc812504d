"""The published Jetson table's statuses, out of the TF-TRT suite itself on a recorded Jetson Nano.

The board is recorded files, its runtime fails on cue as the source says that its processes did, and
every row is ``simulated``. What is tried is all between: how a kill, a hang, a refused engine and a want
of memory become one status with one reason each, and that a night ends with every row.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reports import journal
from reports.record import Record
from tests.faults.nano import cells, write_manifest

ROOT = Path(__file__).resolve().parent.parent
NANO = ROOT / "tests/hardware/trees/jetson-nano-2019"
#: What the source did not measure: it had seen smaller ones fail.
LEFT_OUT = {key for key, rows in cells().items() if rows[0].status == "not_measured"}
LIMIT = 4


def night(folder: Path, *more: str) -> dict[tuple[str, str], Record]:
    """Run the suite; its records by model and what it was asked, in the order in which they ended."""
    manifest, out = write_manifest(folder), folder / "journal.jsonl"
    command = [
        sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.faults.nano", "-q",
        "suites/test_tftrt.py", "-k", "test_tftrt[", "-m", "jetson", "--model-manifest", str(manifest),
        "--models", "nano_*", "--hardware-root", str(NANO), "--require", "jetson:simulated",
        "--cell-timeout", str(LIMIT), "--failures", "report", "--journal", str(out),
    ]  # fmt: skip
    clean = {k: v for k, v in os.environ.items() if k != "GITHUB_STEP_SUMMARY"}
    done = subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stdout[-3000:]
    return {(record.model, _asked(record)): record for record in journal.read(out).records}


def _asked(record: Record) -> str:
    if record.knobs["engine"] == "original":
        return "original"
    return "true" if record.knobs["is_dynamic_op"] else "false"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: Any) -> dict[tuple[str, str], Record]:
    """Every cell that the source tried."""
    return night(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: Any) -> dict[tuple[str, str], Record]:
    """The same night with ``--prune``, but for the setting that the source tells in one sentence."""
    return night(
        tmp_path_factory.mktemp("pruned"), "--prune", "-k", "test_tftrt[ and not is_dynamic"
    )


ROWS = [
    pytest.param(key, row, id=f"{key[0]}-{key[1]}-{row.phase}")
    for key, rows in cells().items()
    for row in rows
]


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_a_published_cell_has_its_status(key: Any, row: Any, whole: Any, pruned: Any) -> None:
    record = (pruned if key in LEFT_OUT else whole)[key]
    assert (record.status, record.nature) == (row.status, "simulated"), record.reason
    assert not record.ranked or record.status == "ok"


def test_the_table_is_whole(whole: Any) -> None:
    assert len(ROWS) == 75
    assert set(whole) == set(cells())


def test_each_status_says_what_happened(whole: Any) -> None:
    says = {
        "killed": "SIGKILL ended its process",
        "oom": "OOM when allocating tensor",
        "timeout": f"no answer within {LIMIT}",
        "engine_mismatch": "the engine was built by TensorRT 5.1.5, and here is 5.1.6",
    }
    for key, record in whole.items():
        if key not in LEFT_OUT and record.status != "ok":
            assert says[record.status] in record.reason
    mismatch = whole["nano_vgg16", "false"]
    assert "SIGSEGV" in mismatch.reason, "it crashed, as the source's did"


def test_what_ran_has_its_times_and_its_engine(whole: Any) -> None:
    record = whole["nano_mobilenet_v1", "true"]
    assert len(record.samples) == 100, "the source's count"
    assert record.engine["when"] == "first"
    assert record.engine["bytes"] == 2 * record.engine["original_bytes"]
    assert record.device["facts"]["tensorrt"] == "5.1.6"
    assert record.device["facts"]["swap"]["zram"] > 0


def test_a_pruned_night_tries_the_smallest_first_and_loses_nothing_that_ran(pruned: Any) -> None:
    assert set(pruned) == {key for key in cells() if key[1] != "false"}
    sizes = [record.engine["original_bytes"] for record in pruned.values()]
    assert sizes == sorted(sizes)
    left_out = {key for key, record in pruned.items() if record.status == "not_measured"}
    assert left_out >= LEFT_OUT
    for key, rows in cells().items():
        if rows[0].status == "ok":
            assert pruned[key].status == "ok"
    tried = {key for key in pruned if pruned[key].status not in ("ok", "not_measured")}
    # Of 18 that failed or were not tried by the source, three teach the rest.
    assert tried == {
        ("nano_inception_v3", "original"),
        ("nano_resnet50_v1", "true"),
        ("nano_resnet50_v2", "true"),
    }
    reason = pruned["nano_vgg16", "original"].reason
    assert reason.startswith("pruned: tftrt/nano_inception_v3")
    assert reason.endswith("was killed, as for want of memory, and this is 5.7 times as large")

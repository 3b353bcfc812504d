"""Whole runs of the suites on runtimes that fail: rows, exit codes, kills and resumes."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fixtures.runtimes import RUNTIMES
from reports import csv_table, journal, results
from tests.faults.manifest import write_manifest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS: dict[str, dict[str, Any]] = {
    "a_good": {},
    "b_crash": {"in": "invoke", "how": "segfault", "call": 3},
    "c_hang": {"in": "open", "how": "sleep"},
    "d_good": {},
    "e_wrong": {"in": "answer", "how": "wrong"},
    "f_unsupported": {"in": "open", "how": "unsupported"},
    "g_good": {},
}
STATUSES = {
    "a_good": "ok",
    "b_crash": "crashed",
    "c_hang": "timeout",
    "d_good": "ok",
    "e_wrong": "disagrees",
    "f_unsupported": "unsupported",
    "g_good": "ok",
}


def command(manifest: Path, *more: str) -> list[str]:
    names = ",".join(line[8:-1] for line in manifest.read_text().splitlines() if "[models." in line)
    return [
        sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.faults.plugin",
        "suites/test_latency.py", "-m", "faulty", "--model-manifest", str(manifest),
        "--models", names, "--threads", "1", "--batch", "1", "--rounds", "5",
        "--steady-seconds", "0.01", "--cell-timeout", "2", *more,
    ]  # fmt: skip


def run(manifest: Path, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "GITHUB_STEP_SUMMARY"}
    return subprocess.run(
        command(manifest, *more), cwd=ROOT, capture_output=True, text=True, env=environment
    )


def statuses(records: Any) -> dict[str, str]:
    return {record.model: record.status for record in records}


@pytest.mark.parametrize(("mode", "code"), [("row", 1), ("report", 0)])
def test_a_failure_is_a_row_and_the_others_are_measured(
    mode: str, code: int, tmp_path: Path
) -> None:
    manifest, out = write_manifest(tmp_path, SCRIPTS), tmp_path / "run.json"
    more = ("--failures", mode, "--journal", str(tmp_path / "j.jsonl"))
    done = run(manifest, *more, "--benchmark-json", str(out))
    assert done.returncode == code, done.stdout[-3000:]
    assert statuses(results.load(out).records) == STATUSES
    assert statuses(journal.read(tmp_path / "j.jsonl").records) == STATUSES
    good = [r for r in results.load(out).records if r.status == "ok"]
    assert all(len(r.samples) == 5 for r in good)
    assert all(r.memory["run"] > 0 for r in good)
    if mode == "report":
        assert "3 passed" in done.stdout
        assert "4 xfailed" in done.stdout
    else:
        assert "4 failed, 3 passed" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_required_device_is_still_required_in_a_report(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, {"a_good": {}})
    journal_file = str(tmp_path / "j.jsonl")
    done = run(manifest, "--failures", "report", "--require", "riscv", "--journal", journal_file)
    assert done.returncode == 1
    assert "--require riscv: not met" in done.stdout


def test_what_ran_out_of_memory_prunes_what_is_larger(tmp_path: Path) -> None:
    scripts = {
        "small": {"in": "open", "how": "memory_error"},
        "larger": {"pad": "x" * 100},
        "tiny": {"": 0},
    }
    manifest = write_manifest(tmp_path, scripts)
    done = run(manifest, "--prune", "--journal", str(tmp_path / "j.jsonl"))
    found = {record.model: record for record in journal.read(tmp_path / "j.jsonl").records}
    assert statuses(found.values()) == {"small": "oom", "larger": "not_measured", "tiny": "ok"}
    assert "pruned: latency/small" in found["larger"].reason, done.stdout


def test_without_isolation_the_record_says_so(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, {"a_good": {}, "f": SCRIPTS["f_unsupported"]})
    done = run(manifest, "--isolate", "never", "--journal", str(tmp_path / "j.jsonl"))
    good, bad = journal.read(tmp_path / "j.jsonl").records
    assert (good.status, bad.status) == ("ok", "unsupported"), done.stdout
    assert good.environment["process"] == "not isolated: shared with the suites"


def test_a_strict_run_refuses_a_machine_that_is_busy(tmp_path: Path) -> None:
    """On a recorded machine whose governor is not what one measures with."""
    policy = tmp_path / "root/sys/devices/system/cpu/cpufreq/policy0"
    policy.mkdir(parents=True)
    (policy / "scaling_governor").write_text("powersave\n")
    (policy / "affected_cpus").write_text("0\n")
    (policy / "scaling_min_freq").write_text("600000\n")
    (policy / "scaling_max_freq").write_text("1500000\n")
    cpuinfo = tmp_path / "root/proc/cpuinfo"
    cpuinfo.parent.mkdir(parents=True)
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Test\n")
    manifest = write_manifest(tmp_path, {"a_good": {}})
    root = ("--hardware-root", str(tmp_path / "root"))
    for mode, expected in (("warn", "ok"), ("strict", "unstable")):
        path = tmp_path / f"{mode}.jsonl"
        done = run(manifest, "--environment", mode, *root, "--journal", str(path))
        (record,) = journal.read(path).records
        assert record.status == expected, done.stdout
        assert "powersave" in record.environment["unstable"][0]
        table = list(csv.DictReader(csv_table.render([results.load(path)]).splitlines()))
        assert [row["governor"] for row in table] == ["powersave"], "where reports look for it"
        assert len(record.samples) == 5
        assert record.ranked == (mode == "warn")


def test_a_resumed_run_measures_nothing_twice_and_what_changed_again(tmp_path: Path) -> None:
    manifest, path = write_manifest(tmp_path, SCRIPTS), tmp_path / "j.jsonl"
    run(manifest, "--journal", str(path))
    first = path.read_bytes()
    out = tmp_path / "run.json"
    again = run(manifest, "--resume", str(path), "--benchmark-json", str(out))
    assert again.returncode == 1, "what failed then is a failure still"
    assert "7 cells were in the journal" in again.stdout
    added = path.read_bytes()[len(first) :]
    assert [json.loads(line)["event"] for line in added.splitlines()] == ["resume"]
    assert statuses(results.load(out).records) == STATUSES
    write_manifest(tmp_path, {**SCRIPTS, "b_crash": {"now": "it is mended"}})
    mended = run(manifest, "--resume", str(path))
    assert "6 cells were in the journal" in mended.stdout
    folded = journal.read(path)
    assert statuses(folded.records) == {**STATUSES, "b_crash": "ok"}


@pytest.mark.parametrize("more", [("--resume", "no.jsonl"), ("--resume", "x", "--journal", "y")])
def test_a_resume_that_cannot_be_is_refused(more: tuple[str, ...], tmp_path: Path) -> None:
    done = run(write_manifest(tmp_path, {"a_good": {}}), *more)
    assert done.returncode == 4
    assert "--resume" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_the_demonstration_shows_every_failure_side_by_side(tmp_path: Path) -> None:
    """Real networks in real runtimes, killed half-way and resumed: the README's own command."""
    pytest.importorskip("onnx")
    for name in ("litert", "onnxruntime"):
        if why := RUNTIMES[name].unavailable():
            pytest.skip(why)
    command = [sys.executable, "-m", "fixtures.demonstration", "--folder", str(tmp_path)]
    done = subprocess.run(
        [*command, "--runtimes", "litert or onnxruntime"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    found = Counter(record.status for record in results.load(tmp_path / "failures.json").records)
    assert set(found) == {
        "ok", "crashed", "oom", "timeout", "unsupported", "disagrees", "degenerate",
    }  # fmt: skip
    killed = results.load(tmp_path / "killed.json").records
    assert 0 < len(killed) < sum(found.values())
    assert (tmp_path / "failures.html").stat().st_size > 10_000


KILLS = 50


def test_a_run_that_is_killed_over_and_over_loses_nothing(tmp_path: Path) -> None:
    """Killed at fifty random moments, and resumed each time: every finished cell is recovered."""
    chance = random.Random(20)
    scripts: dict[str, dict[str, Any]] = {f"m{n:02}": {"seconds": 0.01, "n": n} for n in range(48)}
    scripts["m07"] = {"in": "invoke", "how": "kill", "call": 6}
    scripts["m23"] = {"in": "invoke", "how": "raise", "call": 2}
    manifest, path = write_manifest(tmp_path, scripts), tmp_path / "j.jsonl"
    kills, completed, before = 0, 0, {}
    while kills < KILLS:
        resumed = path.exists()
        option = ("--resume" if resumed else "--journal", str(path))
        size = path.stat().st_size if resumed else 0
        process = subprocess.Popen(
            command(manifest, *option),
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while process.poll() is None and (not path.exists() or path.stat().st_size == size):
            time.sleep(0.005)  # until it has begun to write
        moment = time.monotonic() + chance.uniform(0, 0.6)
        while process.poll() is None and time.monotonic() < moment:
            time.sleep(0.001)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
        ended = _ended(path)
        folded = journal.read(path)
        finished = journal.finished(folded)
        assert set(finished) == set(ended), "every finished cell, and no other"
        assert max(ended.values(), default=1) == 1, "none twice"
        assert len(folded.records) == len({record.cell for record in folded.records})
        for cell, record in before.items():
            assert finished[cell] == record, "as it was"
        before = finished
        if len(finished) == len(scripts):
            completed += 1
            path.unlink()
            before = {}
    if before:
        run(manifest, "--resume", str(path))
        found = journal.finished(journal.read(path))
        assert Counter(r.status for r in found.values()) == {"ok": 46, "killed": 1, "error": 1}
        assert set(_ended(path).values()) == {1}


def _ended(path: Path) -> Counter[str]:
    """How often each cell came to its end, by the whole lines of the journal."""
    found: Counter[str] = Counter()
    for line in path.read_bytes().split(b"\n")[:-1]:
        said = json.loads(line)
        if said.get("phase") == "end":
            found[said["cell"]] += 1
    return found

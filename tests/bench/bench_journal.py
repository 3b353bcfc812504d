"""What the journal costs: ``python -m tests.bench.bench_journal [CELLS]``.

Writes the phases of cells as a run does, with 200 samples in each steady state, and prints the time
of an append beside its target; then writes a journal of CELLS cells (10000) and prints how long
``python -m reports recover`` takes to turn it into a results JSON, in a process of its own. The
journal is put into the repository's ``results`` folder, because its disk is what a run waits for.
Not collected: a timed assertion on a shared machine proves nothing.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.journal import Journal
from tests.reports.samples import CPU, agreement, run_facts

ROOT = Path(__file__).parents[2]
APPEND_TARGET = 1e-3
RECOVER_TARGET = 5.0
SAMPLES = 200
PROCESS = "warm worker"


def phases(number: int, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """The phases of cell ``number``, with about as much in each as a run writes."""
    facts = {
        "architecture": "aarch64",
        "extensions": ["neon", "fp16", "dotprod"],
        "caches": [{"name": f"L{n}", "bytes": 2 << (14 + n), "shared_by": n} for n in (1, 2, 3)],
        "memory_bytes": 8 << 30,
    }
    memory = {"before": 210 << 20, "build": 260 << 20, "limit": None, "by": "VmHWM"}
    yield (
        "open",
        {
            "experiment": "latency",
            "device": {**CPU, "facts": facts},
            "runtime": "litert",
            "runtime_version": "2.3.0",
            "model": f"model{number % 40}",
            "model_title": f"Model {number % 40}, quantised",
            "knobs": {
                "threads": 1 + number % 2,
                "batch": 1,
                "delegate": "xnnpack",
                "kernels": "all",
            },
            "variant": "",
            "provenance": {"id": "2026-03-01T100000-abcdef", "host": "pi4", "python": "3.11.7"},
            "notes": [],
            "status": "not_measured",
            "reason": "the run ended before this cell did",
        },
    )
    yield (
        "build",
        {
            "import_s": 0.0989,
            "build_s": 0.0565,
            "artifact": {"format": "tflite", "sha256": f"{number:064x}"},
            "coverage": {"by": "XNNPACK", "taken": 29, "total": 31, "share": 29 / 31, "detail": ""},
            "environment": {"load_1min": 0.77, "cpus": 4, "process": PROCESS},
            "memory": memory,
        },
    )
    yield "first", {"first_s": 0.00142}
    yield "verdict", {"agreement": vars(agreement()), "status": "not_measured", "reason": "so far"}
    samples = [rng.lognormvariate(-5, 0.2) for _ in range(SAMPLES)]
    yield "steady", {"samples": samples, "spent": {"verdict": 0.012, "warm_up": 0.09}}
    conditions = {name: [1.5e9, 1.5e9, 1.4e9] for name in ("before", "after")}
    yield (
        "end",
        {
            "status": "ok",
            "reason": "",
            "memory": {**memory, "run": 280 << 20},
            "environment": {"cpus": 4, "process": PROCESS, "conditions": conditions},
        },
    )


def appending(folder: Path, cells: int) -> None:
    """Time each append of a run's phases."""
    rng = random.Random(0)
    seconds: dict[str, list[float]] = {}
    journal = Journal(folder / "append.jsonl", run_facts())
    for number in range(cells):
        for phase, fields in phases(number, rng):
            start = time.perf_counter()
            journal.append(f"latency/model{number}", phase, fields)
            seconds.setdefault(phase, []).append(time.perf_counter() - start)
    journal.close()
    seconds["all"] = [each for taken in seconds.values() for each in taken]
    for phase, taken in seconds.items():
        median, p99 = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
        print(
            f"append {phase:8} median {median * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms"
            f" (target: median below {APPEND_TARGET * 1e3:.0f} ms)"
        )


def recovering(folder: Path, cells: int) -> None:
    """Time the recovery of a journal of ``cells``, the last of them cut off."""
    rng, source = random.Random(0), folder / "died.jsonl"
    with source.open("w", encoding="utf-8") as file:  # without fsync: not what is timed here
        file.write(json.dumps({"event": "run", "schema": 1, "run": run_facts()}) + "\n")
        for number in range(cells):
            for phase, fields in phases(number, rng):
                line = {"event": "phase", "cell": f"latency/model{number}", "phase": phase}
                file.write(json.dumps({**line, "fields": fields}, separators=(",", ":")) + "\n")
        file.truncate(file.tell() - 9)
    target = folder / "recovered.json"
    command = [sys.executable, "-m", "reports", "recover", str(source), "-o", str(target)]
    start = time.perf_counter()
    child = os.posix_spawn(sys.executable, command, {**os.environ, "PYTHONPATH": str(ROOT)})
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    assert status == 0, f"exit status {status}"
    print(
        f"recover {cells} cells, {source.stat().st_size / 1e6:.0f} MB of journal, "
        f"{target.stat().st_size / 1e6:.0f} MB of JSON: {seconds:.2f} s "
        f"(target: below {RECOVER_TARGET:.0f} s), of which {usage.ru_utime + usage.ru_stime:.2f} s "
        f"of processor time; {usage.ru_maxrss / 1024:.0f} MiB"
    )


def main(cells: int = 10_000) -> None:
    """Print both."""
    results = ROOT / "results"
    results.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=results) as folder:
        appending(Path(folder), 200)
        recovering(Path(folder), cells)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

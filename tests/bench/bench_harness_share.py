"""How much of a sweep's wall time goes into what it is for.

    python tests/bench/bench_harness_share.py [--models GLOB] [--suite FILE] [--marks EXPRESSION]
        [--steady-seconds S] [--journal FILE]

Runs a sweep in a process of its own and divides what its records say was spent making engines, building
sessions, in ``invoke`` and in the verdict's own inferences by the process's whole wall time. The
frameworks' imports are part of opening a session; the share without them is printed too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from reports import journal  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="*")
    parser.add_argument("--suite", default="suites/test_latency.py")
    parser.add_argument("--marks", default="cpu")
    parser.add_argument("--steady-seconds", default="0.5")
    parser.add_argument("--journal", type=Path, help="keep the records there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.journal or Path(folder) / "sweep.jsonl"
        command = [sys.executable, "-m", "pytest", options.suite, "-m", options.marks, "-q"]
        command += ["--benchmark-quiet", "--models", options.models, "--journal", str(path)]
        command += ["--steady-seconds", options.steady_seconds]
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        wall = time.perf_counter() - start
        records = [r for r in journal.read(path).records if r.build_s is not None]
    imports = sum((r.import_s or 0) + (r.engine.get("import_s") or 0) for r in records)
    parts = {
        "making engines ahead": sum(r.convert_s or 0 for r in records),
        "building sessions": sum(r.build_s or 0 for r in records),
        "first and second": sum((r.first_s or 0) + (r.second_s or 0) for r in records),
        "verdicts' inferences": sum(r.spent.get("verdict", 0) for r in records),
        "warm-up": sum(r.spent.get("warm_up", 0) for r in records),
        "steady state": sum(sum(r.samples) for r in records),
    }
    work = sum(parts.values())
    print(f"{len(records)} cells, {wall:.1f} s of wall time")
    for name, seconds in {"importing frameworks": imports, **parts}.items():
        print(f"  {name:<22} {seconds:8.1f} s  {seconds / wall:6.1%}")
    print(f"share: {(work + imports) / wall:.1%}; without imports {work / (wall - imports):.1%}")


if __name__ == "__main__":
    main()

"""How long inspecting takes: ``python -m tests.bench.bench_inspect [FILES [MEGABYTES]]``.

Writes compiled models (1000 of 4 MB), each two of which share a token, runs ``python -m hardware edgetpu
inspect --json`` on all of them in a process of its own and prints its wall time, processor time and peak
memory; then the same with their pages dropped from the page cache where the system allows it. Not
collected: a timed assertion on a shared machine proves nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.hardware.edgetpu import builder

ROOT = Path(__file__).parents[2]
TARGET = 10.0


def model(size: int, token: int) -> bytes:
    """A compiled model whose cached parameters fill ``size`` bytes."""
    running = builder.executable(instructions=(135_184,), cycles=458_040, token=token)
    caching = builder.executable(
        builder.CACHING, parameters=size - 150_000, instructions=(9_792,), token=token
    )
    return builder.compiled(builder.options(builder.package([running, caching])))


def main(files: int = 1000, megabytes: int = 4) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(dir=ROOT / "results") as folder:
        paths = [Path(folder) / f"model_{number:05}_edgetpu.tflite" for number in range(files)]
        made = b""
        for number, path in enumerate(paths):
            if number % 2 == 0:
                made = model(megabytes * 1_000_000, 1 + number)
            path.write_bytes(made)
        print(f"{files} files of {len(made) / 1e6:.2f} MB, target {TARGET:.0f} s")
        for title, cold in (("in the page cache", False), ("pages dropped", True)):
            if cold:
                os.sync()
                for path in paths:
                    with path.open("rb") as file:
                        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            listing = Path(folder) / "listing.json"
            command = [sys.executable, "-m", "hardware", "edgetpu", "inspect", "--json"]
            start = time.perf_counter()
            with listing.open("wb") as output:
                child = subprocess.Popen([*command, *map(str, paths)], cwd=ROOT, stdout=output)
                _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - start
            assert status == 0
            assert len(json.loads(listing.read_text())) == files
            busy, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
            print(f"{title:18} {seconds:6.2f} s, busy {busy:6.2f} s, peak {peak:.0f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

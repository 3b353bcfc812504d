"""``python -m tests.hardware.edgetpu.fuzz [N]``: reads N (10000) mutated model files.

Prints how many were read and how many refused, the slowest, and the peak memory of the process. Any
exception but the readers' own is a crash, a file that takes more than five seconds a hang: the bytes
are kept beside the temporary files and the exit status is 1. The seeds are built here; small
published files are added where they are at hand; a quarter are mutations of the repository's own
TensorFlow Lite files that know the format.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from hardware.edgetpu.compiled import read
from hardware.edgetpu.estimate import estimate, fits
from hardware.edgetpu.graph import ModelError
from tests.fuzz import models
from tests.fuzz.mutations import applied, random_edit
from tests.hardware.edgetpu import builder
from tests.hardware.edgetpu.real import FOLDER

HANG = 5.0
_SMALL = ("coral/keras_lstm_mnist_ptq.tflite", "coral/keras_lstm_mnist_ptq_edgetpu.tflite")


def seeds() -> list[bytes]:
    """The files that are mutated: built ones thrice as often as published ones."""
    built = [
        builder.compiled(builder.usual(), builder.usual(2), cpu=["SOFTMAX"]),
        builder.compiled(builder.options(builder.chips([builder.package([builder.executable()])]))),
        builder.network(),
    ]
    published = [FOLDER / name for name in _SMALL]
    return built * 3 + [path.read_bytes() for path in published if path.is_file()]


def main(count: int = 10_000) -> int:
    """Mutate, read and count."""
    source, files = random.Random(0), seeds()
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutated_edgetpu.tflite"
        for number in range(count):
            if number % 4 == 0:  # a tenth of the bytes' mutations get as far as these
                data = models.mutated("tflite", number)
            else:
                edits = [random_edit(source) for _ in range(source.randint(1, 6))]
                data = applied(source.choice(files), edits)
            path.write_bytes(data)
            start = time.perf_counter()
            for name, reader in (("read", read), ("estimate", estimate)):
                try:
                    found = reader(path)
                    if name == "estimate":
                        fits([found])
                    outcomes[f"{name}: taken"] += 1
                except ModelError:
                    outcomes[f"{name}: refused"] += 1
                except Exception:
                    outcomes["crashes"] += 1
                    traceback.print_exc()
                    print(f"file {number}: {data[:64].hex()}...", file=sys.stderr)
            took = time.perf_counter() - start
            slowest = max(slowest, took)
            outcomes["hangs"] += took > HANG
    for name in ("read: taken", "read: refused", "estimate: taken", "estimate: refused"):
        print(f"{name:18} {outcomes[name]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"crashes {outcomes['crashes']}, hangs {outcomes['hangs']} of {count} files")
    print(f"slowest {slowest * 1e3:.0f} ms, peak memory {peak:.0f} MiB")
    return 1 if outcomes["crashes"] or outcomes["hangs"] else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

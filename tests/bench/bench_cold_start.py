"""Our cold start, as records have it, against an external stopwatch around a program of its own.

    python tests/bench/bench_cold_start.py [--pairs N]

The program is what a device would run: it imports the runtime, opens the model, answers one image, and
says so on a pipe after each of the three. The stopwatch is this process's clock at the other end.
Ours is a worker's, of the same runtime, model and image. Both start a process each time, in turns, ABBA;
the figure is the ratio of the two medians, for opening and the first inference together and for the
first inference alone: single ones of 10 ms scatter by half. Importing is in neither.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fixtures.isolation.pool import Workers  # noqa: E402
from fixtures.models import manifest  # noqa: E402
from fixtures.models.library import Library  # noqa: E402
from fixtures.models.store import Store  # noqa: E402
from fixtures.runtimes import RUNTIMES  # noqa: E402
from hardware import Device  # noqa: E402

NETWORKS = ("mobilenet_v3_large", "densenet121")
SAID = "import sys\ndef say(): sys.stdout.write('.'); sys.stdout.flush()\n"
#: As the runtimes' own documentation does it, on one thread. Each says so three times.
PROGRAMS = {
    "onnxruntime": """
import numpy as np, onnxruntime as ort
image = np.load(sys.argv[2]); say()
options = ort.SessionOptions(); options.intra_op_num_threads = 1
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"]); say()
session.run(None, {session.get_inputs()[0].name: image}); say()
""",
    "openvino": """
import numpy as np, openvino as ov
image = np.load(sys.argv[2]); say()
core = ov.Core(); model = core.read_model(sys.argv[1]); model.reshape(image.shape)
told = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY"}
compiled = core.compile_model(model, "CPU", told); say()
compiled(image); say()
""",
    "litert": """
import numpy as np
from ai_edge_litert.interpreter import Interpreter
image = np.load(sys.argv[2]); say()
interpreter = Interpreter(sys.argv[1], num_threads=1); interpreter.allocate_tensors()
fed, got = interpreter.get_input_details()[0], interpreter.get_output_details()[0]; say()
interpreter.set_tensor(fed["index"], image); interpreter.invoke()
interpreter.get_tensor(got["index"]); say()
""",
}


def stopwatch(name: str, model: Path, image: Path) -> tuple[float, float]:
    """Seconds from the import's end to the first answer, and of the first inference of them."""
    command = [sys.executable, "-c", SAID + PROGRAMS[name], str(model), str(image)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    at = []
    while os.read(process.stdout.fileno(), 1):
        at.append(time.perf_counter())
    if process.wait() or len(at) != 3:
        raise SystemExit(f"{name}: the program failed on {model}")
    return at[2] - at[0], at[2] - at[1]


def ours(name: str, model: Path, image: Any) -> tuple[float, float]:
    """The same, as a cell's record has it."""
    runtime, workers = RUNTIMES[name], Workers()
    device = Device("cpu", "here", "host")
    session = workers.open(runtime, model, device, runtime.knobs(), fresh=True)
    session.feed(image)
    first = session.invoke()
    found = session.opened.build_s + first, first
    workers.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=24)
    options = parser.parse_args()
    library = Library(manifest.load(), Store())
    for model in NETWORKS:
        image = np.ascontiguousarray(library.inputs(model)[:1])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "image.npy"
            np.save(path, image)
            for name in PROGRAMS:
                if RUNTIMES[name].unavailable():
                    continue
                artifact = library.artifact(model, RUNTIMES[name].formats[0]).path
                pairs = []
                for pair in range(options.pairs):
                    if pair % 2:
                        other = stopwatch(name, artifact, path)
                        mine = ours(name, artifact, image)
                    else:
                        mine = ours(name, artifact, image)
                        other = stopwatch(name, artifact, path)
                    pairs.append((mine, other))
                for n, what in enumerate(("opening and first inference", "first inference")):
                    mine, other = (
                        statistics.median(pair[who][n] for pair in pairs) for who in (0, 1)
                    )
                    print(
                        f"{name} {model}, {what}: {other * 1e3:.1f} ms, "
                        f"ours / stopwatch {mine / other:.3f}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()

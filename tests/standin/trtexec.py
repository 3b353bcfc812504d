"""A stand-in for TensorRT's trtexec: options and words of a version, answers of ONNX Runtime on the CPU.

``python trtexec.py VERSION FAULT ARGUMENTS``. Each version refuses the options that it has not, as the
real ones do. Its plans are the ONNX file behind a line with the version.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import numpy as np

#: Options by the first number of the version that has them, and the first that has them not.
OPTIONS = {
    "onnx": (0, 99), "saveEngine": (0, 99), "loadEngine": (0, 99), "fp16": (0, 99), "int8": (0, 99),
    "shapes": (0, 99), "loadInputs": (0, 99), "iterations": (0, 99), "warmUp": (0, 99),
    "duration": (0, 99), "avgRuns": (0, 99), "exportTimes": (0, 99), "exportOutput": (0, 99),
    "explicitBatch": (0, 10), "workspace": (0, 10), "buildOnly": (0, 10),
    "memPoolSize": (8.4, 99), "skipInference": (8.6, 99),
}  # fmt: skip


def main(number: str, fault: str, *arguments: str) -> int:
    """Do as trtexec would; its exit status."""
    whole = int(number)
    thousand = 1000 if len(number) < 6 else 10000
    version = float(f"{whole // thousand}.{whole % thousand // 100}")
    told = f" [TensorRT v{number}]" if version >= 8 else ""
    tag = f"TensorRT.trtexec{told} # trtexec {' '.join(arguments)}"
    print(f"&&&& RUNNING {tag}")
    if "--help" in arguments:
        print("=== Model Options ===\n  --onnx=<file>  ONNX model")
        return 0
    try:
        _run(version, number, fault, arguments)
    except Refused as error:
        print(f"[01/01/2020-00:00:00] [E] {error}\n&&&& FAILED {tag}")
        return 1
    print(f"&&&& PASSED {tag}")
    return 0


class Refused(Exception):
    """What trtexec would say as an error."""


def _run(version: float, number: str, fault: str, arguments: tuple[str, ...]) -> None:
    given = {}
    for argument in arguments:
        name, _, value = argument.removeprefix("--").partition("=")
        since, until = OPTIONS.get(name, (99, 99))
        if not since <= version < until:
            raise Refused(f"Unknown option: --{name} {value}")
        given[name] = value
    if fault == "die":
        os.kill(os.getpid(), 9)
    if "onnx" in given:
        if fault == "workspace":
            raise Refused("Error[10]: Could not find any implementation for node conv1.")
        content = Path(given["onnx"]).read_bytes()
        if "saveEngine" in given:
            Path(given["saveEngine"]).write_bytes(f"plan {number}\n".encode() + content)
        print("[I] Engine built in 1.5 sec.")
    else:
        head, _, content = Path(given["loadEngine"]).read_bytes().partition(b"\n")
        made = head.decode("utf-8", "replace").removeprefix("plan ")
        if made != number:
            raise Refused(
                "[TRT] The engine plan file is not compatible with this version of TensorRT, expecting "
                f"library version {_dotted(number)} got {_dotted(made)}, please rebuild."
            )
    if "buildOnly" in given or "skipInference" in given:
        return
    _infer(content, given, fault)


def _infer(content: bytes, given: dict[str, str], fault: str) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    wanted = session.get_inputs()[0]
    name, path = re.fullmatch(r"'?([^']*?)'?:([^:]*)", given["loadInputs"]).groups()  # type: ignore[union-attr]
    shape = [int(size) for size in given["shapes"].rpartition(":")[2].split("x")]
    if name != wanted.name or not isinstance(wanted.shape[0], str):
        raise Refused(f"Cannot find input tensor with name '{name}'")
    fed = np.fromfile(path, np.float32).reshape(shape)
    answer = session.run(None, {name: fed})[0]
    warm = 3 if float(given["warmUp"]) else 0
    times = [
        {"computeMs": 0.5, "latencyMs": 0.75 + n / 100}
        for n in range(warm + int(given["iterations"]))
    ]
    Path(given["exportTimes"]).write_text(json.dumps(times[fault == "few" :]))
    values = ", ".join("-nan" if fault == "nan" else f"{value:g}" for value in answer.ravel())
    shape = "x".join(map(str, answer.shape))
    one = f'{{ "name" : "y", "dimensions" : "{shape}", "values" : [ {values} ] }}'
    Path(given["exportOutput"]).write_text(f"[ {one}{', ' + one if fault == 'two' else ''} ]")


def _dotted(number: str) -> str:
    return ".".join(number[:3]) if len(number) < 6 else f"{number[:2]}.{number[3]}.{number[5]}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

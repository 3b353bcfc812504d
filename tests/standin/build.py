"""Building the stand-in for libedgetpu with the system's compiler, and recording what it answers.

::

    stand_in = StandIn.in_folder(library(cache), tmp_path)
    stand_in.record(compiled, twin, inputs)
    stand_in.cue("fail 3 " + LOST)
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.edgetpu.compiled import read

Array = NDArray[Any]
#: Makes the chip's answers (n, ...) of the twin's.
Variation = Callable[[Array], Array]

SOURCES = tuple(Path(__file__).with_name(name) for name in ("libedgetpu.c", "tflite_interface.h"))
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-fvisibility=hidden")
CUSTOM_OP = "edgetpu-custom-op"

#: What libedgetpu says, as users reported it: of a package that is too new for it, of an interpreter
#: of another TensorFlow Lite than its own, and of a stick that was pulled out (then it aborts).
TOO_NEW = (
    "Failed to prepare for TPU. Failed precondition: Package requires runtime version (15), "
    "which is newer than this runtime version (14)."
)
OTHER_TFLITE = "Internal: Unsupported data type in custom op handler: 0"
LOST = (
    "F driver/usb/usb_driver.cc:1148] HandleQueuedBulkIn transfer in failed. "
    "Not found: USB transfer error 5 [LibUsbDataInCallback]"
)


class NoCompiler(Exception):
    """There is no C compiler here; the message says what was looked for."""


def library(cache: Path) -> Path:
    """The stand-in, built into ``cache`` under a name that its sources and flags decide.

    Raises:
        NoCompiler: where there is no ``cc``.
    """
    cc = shutil.which("cc")
    if cc is None:
        raise NoCompiler("the stand-in for libedgetpu is built with a C compiler: no cc in PATH")
    made_of = b"".join(path.read_bytes() for path in SOURCES) + " ".join(FLAGS).encode()
    digest = hashlib.sha256(made_of).hexdigest()[:16]
    target = cache / f"standin-{digest}" / "libedgetpu.so.1"
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    os.close(handle)
    subprocess.run([cc, *FLAGS, "-o", name, str(SOURCES[0]), "-ldl"], check=True)
    Path(name).replace(target)  # in one step: another run may be building it too
    return target


@dataclass(frozen=True)
class StandIn:
    """A copy of the library with its recorded answers and cues beside it."""

    library: Path

    @classmethod
    def in_folder(cls, built: Path, folder: Path) -> StandIn:
        """A copy of ``built`` in a folder of its own within ``folder``, whose name says what it is."""
        target = folder / "stand-in" / "libedgetpu.so.1"
        target.parent.mkdir(parents=True)
        shutil.copy(built, target)
        target.with_name(target.name + ".answers").mkdir()
        return cls(target)

    def beside(self, ending: str) -> Path:
        """One of the files beside the library, which ``libedgetpu.c`` lists."""
        return self.library.with_name(f"{self.library.name}.{ending}")

    def cue(self, *lines: str) -> None:
        """Misbehave, or wait, as ``libedgetpu.c`` lists; nothing more of earlier cues."""
        self.beside("cue").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def emulate(self, compiled: Path, load: float, busy: float) -> str:
        """The cue by which ``compiled`` takes ``busy`` seconds, and ``load`` more when it is loaded."""
        token = next(iter(read(compiled).tokens))
        return f"model {self.key(compiled)} {token:x} {load * 1e6:.0f} {busy * 1e6:.0f}"

    def loads(self) -> list[str]:
        """The models whose parameters were waited for, by their keys, in order."""
        path = self.beside("loads")
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def key(self, compiled: Path) -> str:
        """What the stand-in knows ``compiled`` by."""
        return f"{self._custom_op(compiled)[0]:016x}"

    def record(
        self, compiled: Path, twin: Path, inputs: Array, vary: Variation = lambda answers: answers
    ) -> Array:
        """Record what ``compiled`` answers to ``inputs`` (n, *shape), and return it (n, ...).

        It is what ``twin``, the model that it was compiled from, answers by LiteRT on this CPU, varied
        by ``vary``: see ``steps_off`` and ``shuffled``.

        Raises:
            ValueError: if the chip's operator does not take the model's input, or hands its answer
                to another one: the twin tells nothing of what lies between.
        """
        options, whole = self._custom_op(compiled)
        if not whole:
            raise ValueError(f"{compiled.name}: the chip's part is not the whole model")
        answers = vary(_asked(twin, inputs))
        for each, answer in zip(inputs, answers, strict=True):
            key = self._hash(each.tobytes(), options)
            (self.beside("answers") / f"{key:016x}").write_bytes(answer.tobytes())
        return answers

    def _custom_op(self, compiled: Path) -> tuple[int, bool]:
        """The key of its only operator for the chip, and whether that is the whole model."""
        graph = read(compiled).graph.main
        (operator,) = (one for one in graph.operators if one.name == CUSTOM_OP)
        whole = (operator.inputs, operator.outputs) == (graph.inputs, graph.outputs)
        start, size = operator.place
        return self._hash(compiled.read_bytes()[start : start + size]), whole

    def _hash(self, data: bytes, seed: int = 0xCBF29CE484222325) -> int:
        """FNV-1a by the library itself: in Python a model would take seconds."""
        function = ctypes.CDLL(str(self.library)).edgeproof_fnv1a
        function.argtypes = [ctypes.c_uint64, ctypes.c_char_p, ctypes.c_size_t]
        function.restype = ctypes.c_uint64
        return int(function(seed, data, len(data)))


def steps_off(share: float, seed: int = 1) -> Variation:
    """Answers of which ``share`` of the numbers are one step of the quantisation off."""

    def vary(answers: Array) -> Array:
        rng = np.random.default_rng(seed)
        limits = np.iinfo(answers.dtype)
        moved = rng.random(answers.shape) < share
        up = answers.astype(np.int64) + np.where(answers == limits.max, -1, 1)
        return np.where(moved, up, answers).astype(answers.dtype)

    return vary


def shuffled(answers: Array) -> Array:
    """Answers with their classes in another order: right in their sum, and wrong."""
    return np.roll(answers, 1, axis=-1)


def _asked(twin: Path, inputs: Array) -> Array:
    """What ``twin`` answers to ``inputs``, one by one."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(twin), num_threads=1)
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    answers = []
    for each in inputs:
        interpreter.set_tensor(source["index"], each[np.newaxis])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(target["index"])[0])
    return np.stack(answers)

"""A runtime that fails on cue, in the phase and in the way that its model file says.

The file is JSON: ``{"in": PHASE, "how": FAULT, "call": N}``. Phases are those in which a session can be
asked for something: load, convert, open, coverage, feed, invoke, fetch, close, and ``between``, when it
is not asked for anything at all. ``call`` says at which call, from 1. Otherwise it answers as it
should: the first ten numbers of what it was fed, as probabilities.
"""

import ctypes
import json
import os
import signal
import threading
import time

import numpy as np

from fixtures.worker.errors import DeviceLost, EngineMismatch, Unsupported

#: Set by the tests to the file that the import itself looks at.
LOADS = os.environ.get("EDGEPROOF_FAULTY_LOAD", "")


def load():
    if LOADS:
        fail(LOADS)


def open_session(artifact, device, knobs):
    with open(artifact) as file:
        script = json.load(file)
    if script.get("in") == "open":
        fail(script["how"])
    if script.get("in") == "between":
        threading.Timer(script.get("after", 0.05), fail, [script["how"]]).start()
    return FaultySession(script, knobs)


def convert(artifact, device, knobs, folder):
    """Its engine is a copy; ``bytes`` in the script is what it claims of it."""
    with open(artifact) as file:
        script = json.load(file)
    path = os.path.join(folder, "engine.json")
    with open(path, "w") as file:
        json.dump(script, file)
    if script.get("in") == "convert":
        fail(script["how"])
    return script.get("claims", {"open": path, "bytes": os.path.getsize(path)})


class FaultySession:
    def __init__(self, script, knobs):
        self.script, self.batch = script, knobs.batch
        self.calls = {}

    def _at(self, phase):
        self.calls[phase] = self.calls.get(phase, 0) + 1
        if self.script.get("in") == phase and self.calls[phase] == self.script.get("call", 1):
            fail(self.script["how"])

    def feed(self, inputs):
        self._at("feed")
        self.inputs = inputs.reshape(len(inputs), -1)[:, :10].astype("float64")

    def invoke(self):
        self._at("invoke")
        if self.script.get("seconds"):
            time.sleep(self.script["seconds"])
        scores = np.exp(self.inputs - self.inputs.max(axis=1, keepdims=True))
        self.answer = (scores / scores.sum(axis=1, keepdims=True)).astype("float32")

    def fetch(self):
        self._at("fetch")
        how = self.script["how"] if self.script.get("in") == "answer" else ""
        if how == "nan":
            return self.answer * np.float32("nan")
        if how == "shape":
            return self.answer[:, :7]
        if how == "flat":
            return self.answer.ravel()
        if how == "objects":
            return np.array([[None] * 10] * self.batch)
        if how == "wrong":
            return self.answer[:, ::-1]
        return self.answer

    def coverage(self):
        self._at("coverage")
        return self.script.get("coverage")

    def close(self):
        self._at("close")


def fail(how):
    """Fail in one of the ways that runtimes do."""
    name, _, detail = how.partition(":")
    FAULTS[name](*([detail] if detail else []))


def _segfault():
    ctypes.string_at(0)


def _said(name, text):
    os.write(2, (text + "\n").encode())
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(10)


def _engine():
    # As TensorRT 5.1.6 with an engine of 5.1.5: it says so, and then crashes.
    os.write(2, b"The engine plan file is not compatible with this version of TensorRT\n")
    _segfault()


def _allocate():
    held = []
    while True:
        held.append(np.ones(4 << 20, np.uint8))  # 4 MiB, touched


def _bad_alloc():
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def _sleep_holding_the_gil():
    ctypes.PyDLL(None).sleep(1000000)


def _ignore_and_sleep():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(1000000)


def _wire():
    """The wire's file descriptor, as somebody would find it who should not."""
    for number in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            if os.readlink(f"/proc/self/fd/{number}").startswith("socket:"):
                return number
        except OSError:
            continue
    raise RuntimeError("no wire")


def _garbage(kind="noise"):
    blob = {
        "noise": b"\x00\xff" * 4000,
        "text": b"Segmentation fault (core dumped)\n" * 3,
        "huge": b"EPm1" + b"\xff" * 12,
        "json": b"EPm1\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00{{{",
        "half": b"EPm1",
    }[kind]
    os.write(_wire(), blob)
    time.sleep(10)


def _hang_up():
    os.close(_wire())
    os.close(_wire())
    time.sleep(1000000)


def _flood():
    while True:
        os.write(2, b"warning: nothing to see here\n" * 1000)


def _raise(kind, message):
    raise kind(message)


def _orphan():
    """A child in a session of its own, holding everything open, and then death."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(30)
        os._exit(0)
    _segfault()


def _cut():
    """Kill the sshd whose connection this worker came by, the first time in this home."""
    flag = os.path.expanduser("~/cut")
    if os.path.exists(flag):
        return
    open(flag, "w").close()
    os.write(2, b"W: a word of a framework's own\n")
    with open("/proc/%d/stat" % os.getppid()) as file:  # of who minds the worker
        sshd = int(file.read().rpartition(")")[2].split()[1])
    os.kill(sshd, signal.SIGKILL)
    time.sleep(1000000)


FAULTS = {
    "cut": _cut,
    "segfault": _segfault,
    "abort": os.abort,
    "bus": lambda: _said("SIGBUS", "DMA: bus error"),
    "illegal": lambda: _said("SIGILL", "an instruction that this processor lacks"),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL) or time.sleep(10),
    "terminate": lambda: os.kill(os.getpid(), signal.SIGTERM) or time.sleep(10),
    "exit": lambda status="0": os._exit(int(status)),
    "engine": _engine,
    "allocate": _allocate,
    "bad_alloc": _bad_alloc,
    "sleep": _sleep_holding_the_gil,
    "stubborn": _ignore_and_sleep,
    "garbage": _garbage,
    "hang_up": _hang_up,
    "flood": _flood,
    "orphan": _orphan,
    "memory_error": lambda: _raise(MemoryError, "Unable to allocate 7.45 GiB"),
    "cuda": lambda: _raise(RuntimeError, "CUDA failure 2: out of memory ; GPU=0"),
    "raise": lambda: _raise(ValueError, "what\nnow"),
    "unsupported": lambda: _raise(Unsupported, "no kernel for FancyOp"),
    "mismatch": lambda: _raise(EngineMismatch, "made by 5.1.5, and this is 5.1.6"),
    "lost": lambda: _raise(DeviceLost, "USB 1-2: gone"),
    "escape": lambda: _raise(ValueError, "\x1b]0;owned\x07\x1b[31m<script>alert(1)</script>\u202e"),
    "long": lambda: _raise(ValueError, "x" * 10000000),
}

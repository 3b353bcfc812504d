"""The wrapper, run: what the emulator is told, and that it serves as an interpreter."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path

import pytest

from hardware.emulate.machine import EmulationError
from hardware.emulate.wrapper import command
from tests.hardware.emulate.made import RISCV, emulator, whole

TELLS = """#!/usr/bin/env python3
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "kept": os.environ.get("EDGEPROOF_X")}))
"""


def told(words: list[str], option: str) -> list[str]:
    return [value for name, value in itertools.pairwise(words) if name == option]


def test_what_the_emulator_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator(tmp_path, monkeypatch, TELLS)
    sysroot = whole(tmp_path / "a cache of one's own")
    monkeypatch.setenv("EDGEPROOF_X", "kept")
    monkeypatch.setenv("PYTHONPATH", "/mine")
    wrapper = sysroot.python("v256")
    done = subprocess.run(
        [wrapper, "-B", "it's.py", "a b", ""], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    words, root = said["arguments"], str(sysroot.root)
    assert said["kept"] == "kept", "the environment goes through"
    assert words[-5:] == [f"{root}/usr/bin/python3.13", "-B", "it's.py", "a b", ""]
    assert told(words, "-cpu") == ["rv64,v=true,vlen=256,elen=64,vext_spec=v1.0"]
    assert told(words, "-L") == [root]
    assert told(words, "-U") == ["LD_PRELOAD"]
    assert told(words, "-0") == [str(wrapper)], "sys.executable starts another one"
    settings = dict(each.split("=", 1) for each in told(words, "-E"))
    libraries = f"{root}/usr/lib/riscv64-linux-gnu"
    assert settings == {
        "LD_LIBRARY_PATH": f"{libraries}/blas:{libraries}/lapack:{libraries}",
        "PYTHONHOME": f"{root}/usr",
        "PYTHONPATH": f"{root}/usr/lib/python3/dist-packages:/mine",
    }


def test_it_is_the_process_that_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator(tmp_path, monkeypatch)
    wrapper = whole(tmp_path / "cache").python()
    with subprocess.Popen(
        [wrapper, "-c", "import os; print(os.getpid())"], stdout=subprocess.PIPE, text=True
    ) as process:
        said, _ = process.communicate()
    assert int(said) == process.pid, "signals and limits reach the emulator itself"


def test_there_must_be_an_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EmulationError, match="there is no qemu for riscv64"):
        command(RISCV, "", tmp_path)

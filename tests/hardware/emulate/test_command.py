"""``python -m hardware emulate``, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hardware.__main__ import main
from tests.hardware.emulate.made import emulator, whole


def test_what_is_missing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGEPROOF_CACHE", str(tmp_path))
    assert main(["emulate", "riscv64"]) == 1
    assert "there is no sysroot for riscv64" in capsys.readouterr().out


def test_the_wrappers_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator(tmp_path, monkeypatch)
    sysroot = whole(tmp_path / "cache")
    monkeypatch.setenv("EDGEPROOF_CACHE", str(tmp_path / "cache"))
    assert main(["emulate", "riscv64"]) == 0
    said = capsys.readouterr().out
    assert "riscv64 under qemu-riscv64 9.8.7: 1 packages of Debian" in said
    for lane in ("", "v128", "v256"):
        assert f"  {sysroot.python(lane)}  " in said
    assert "--emulate riscv64" in said
    assert main(["emulate", "riscv64", "--json"]) == 0
    listing = json.loads(capsys.readouterr().out)
    assert list(listing) == [
        *("schema", "machine", "kind", "folder", "lacks", "emulator", "python", "versions")
    ]
    assert listing["python"]["v128"] == str(sysroot.python("v128"))
    assert listing["lacks"] is None


def test_what_fails_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator(tmp_path, monkeypatch)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EDGEPROOF_CACHE", str(tmp_path / "file"))
    assert main(["emulate", "riscv64", "--install"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("machine", ["vax", "", "riscv64:v128"])
def test_unknown_machines_are_refused(machine: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["emulate", machine])
    assert "riscv64" in capsys.readouterr().err


def test_an_interruption_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("EDGEPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr("hardware.emulate.command.install", interrupted)
    assert main(["emulate", "riscv64", "--install"]) == 130
    assert capsys.readouterr().err.splitlines() == [
        "interrupted: the same command goes on with what was downloaded"
    ]

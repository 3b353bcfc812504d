"""What pip would install elsewhere: its report, its markers and the table, without the network."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.resolve import (
    TARGETS,
    WORKER,
    Target,
    Unresolved,
    deps,
    reason,
    requirements,
    resolve,
    table,
    versions,
)

HERE = Path(__file__).resolve().parent
TRIXIE = Target("trixie", "Raspberry Pi OS 13", "aarch64", (2, 41), "3.13.5", "edgetpu")
OLD = Target("old", "an old board", "aarch64", (2, 27), "3.6.9", WORKER)


def wheel(folder: Path, name: str, tag: str, *metadata: str) -> None:
    """A wheel with nothing in it but ``metadata``."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as file:
        lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *metadata, ""]
        file.writestr(f"{info}/METADATA", "\n".join(lines))
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        file.writestr(f"{info}/RECORD", "")


def offline(target: Target, lines: str, folder: Path) -> dict[str, str]:
    pytest.importorskip("pip")
    return resolve(target, lines, "--no-index", "--find-links", str(folder))


def test_a_recorded_report() -> None:
    report = json.loads((HERE / "data/pip_report.json").read_text(encoding="utf-8"))
    found = versions(report, TRIXIE)
    assert found["ai-edge-litert"] == "2.3.0"
    assert found["backports-strenum"] == "1.2.8"  # pip wrote backports.strenum
    assert len(found) == len(report["install"]) == 8


def test_a_report_for_other_markers_is_refused() -> None:
    report = json.loads((HERE / "data/pip_report.json").read_text(encoding="utf-8"))
    with pytest.raises(Unresolved, match=r"another environment.*'python_version': '3\.13'"):
        versions(report, OLD)


def test_tags_go_back_from_the_boards_own_c_library() -> None:
    assert OLD.platforms[:2] == ("manylinux_2_27_aarch64", "manylinux_2_26_aarch64")
    assert OLD.platforms[-3:] == (
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
        "linux_aarch64",
    )
    assert (OLD.abi, TRIXIE.abi) == ("cp36m", "cp313")


def test_markers_are_the_targets_for_dependencies_too(tmp_path: Path) -> None:
    wheel(
        tmp_path,
        "lane",
        "py3-none-any",
        "Requires-Dist: past; python_version < '3.7' and platform_machine == 'aarch64'",
        "Requires-Dist: present; python_full_version >= '3.13.5'",
    )
    wheel(tmp_path, "past", "cp36-cp36m-manylinux2014_aarch64")
    wheel(tmp_path, "present", "cp313-cp313-manylinux_2_41_aarch64")
    lines = "lane\nnowhere; platform_machine == 'x86_64'\n"
    assert offline(OLD, lines, tmp_path) == {"lane": "1.0", "past": "1.0"}
    assert offline(TRIXIE, lines, tmp_path) == {"lane": "1.0", "present": "1.0"}


def test_a_wheel_for_a_newer_c_library_is_none(tmp_path: Path) -> None:
    wheel(tmp_path, "present", "cp313-cp313-manylinux_2_42_aarch64")
    with pytest.raises(Unresolved, match="No matching distribution found for present"):
        offline(TRIXIE, "present", tmp_path)


def test_a_reason_is_pips_errors() -> None:
    said = "WARNING: slow\nERROR: nothing fits numpy\nERROR: No matching distribution found\n"
    assert reason(said) == "nothing fits numpy; No matching distribution found"
    assert reason("Traceback\nKeyError: 1\n") == "Traceback\nKeyError: 1"
    assert reason("") == "pip said nothing"


def test_requirements_as_tox_shows_them() -> None:
    shown = "[testenv:edgetpu]\ndeps =\n  numpy>=1.23\n  tomli>=2; python_version<'3.11'\n"
    assert deps(shown, "edgetpu") == "numpy>=1.23\ntomli>=2; python_version<'3.11'"
    assert "numpy" in requirements(WORKER)


def test_every_target_wants_what_is_there() -> None:
    tox = (HERE.parent / "tox.ini").read_text(encoding="utf-8")
    for target in TARGETS:
        if target.wants != WORKER:
            assert target.wants in tox
        assert target.wants in str(target)


def test_the_table_has_a_row_a_package_and_a_column_a_target() -> None:
    assert table({"one": {"numpy": "2.4.6", "a": "1"}, "two": {"numpy": "1.19.4"}}) == (
        "| package | one   | two    |\n"
        "| ------- | ----- | ------ |\n"
        "| a       | 1     |        |\n"
        "| numpy   | 2.4.6 | 1.19.4 |"
    )

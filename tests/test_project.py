"""The project holds to its own rules."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = (
    "ai_edge_litert", "tflite_runtime", "onnxruntime", "onnx", "openvino", "tensorflow", "keras",
    "tvm", "tf2onnx", "sklearn", "PIL",
)  # fmt: skip


def python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **more},
    )


def test_collecting_every_suite_imports_no_framework() -> None:
    code = (
        "import sys, pytest\n"
        "status = pytest.main(['--collect-only', '-q', 'suites'])\n"
        f"print('LOADED', [name for name in {FRAMEWORKS!r} if name in sys.modules])\n"
        "sys.exit(status)"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "LOADED []" in done.stdout
    assert int(re.findall(r"(\d+) tests collected", done.stdout)[0]) > 500


@pytest.mark.parametrize("command", ["hardware", "reports", "fixtures"])
def test_the_commands_explain_themselves_without_a_framework(command: str) -> None:
    code = (
        f"import runpy, sys; sys.argv = ['{command}', '--help']\n"
        f"try: runpy.run_module('{command}', run_name='__main__', alter_sys=True)\n"
        "except SystemExit as stop: assert not stop.code\n"
        f"print('LOADED', [name for name in {FRAMEWORKS!r} if name in sys.modules])"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "usage: python -m " + command in done.stdout
    assert "LOADED []" in done.stdout


def imports(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r"^\s*(?:from|import) (hardware|fixtures|reports|suites)\b", text, re.M))


def test_imports_point_one_way() -> None:
    allowed = {"hardware": {"hardware"}, "reports": {"reports"}}
    allowed["fixtures"] = {"hardware", "reports", "fixtures"}
    for folder, names in allowed.items():
        for path in (ROOT / folder).rglob("*.py"):
            assert imports(path) <= names, f"{path} imports {imports(path) - names}"


def test_modules_stay_small() -> None:
    for folder in ("hardware", "fixtures", "reports", "suites"):
        for path in (ROOT / folder).rglob("*.py"):
            count = len(path.read_text(encoding="utf-8").splitlines())
            assert count <= 320, f"{path}: {count} lines"


def requirements(text: str) -> set[str]:
    found = set()
    for line in text.splitlines():
        line = line.strip().strip('",')
        if re.match(r"[a-z][a-z0-9-]*[<>=]", line):
            found.add(line.split(";")[0].replace('"', "").strip())
    return found


def test_tox_installs_what_pyproject_names() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = set(re.findall(r'"([a-z][a-z0-9-]*[<>=][^";]*)', project))
    wanted = {
        requirement
        for section in tox.sections()
        for key, value in tox[section].items()
        if section == "base" or key == "deps"
        for requirement in requirements(value)
    }
    unknown = {r for r in wanted if r not in named and not r.startswith("onnxruntime-gpu")}
    assert not unknown, "a requirement is stated in one place with one range"


def test_tox_has_an_environment_for_every_backend_and_board() -> None:
    text = (ROOT / "tox.ini").read_text(encoding="utf-8")
    for name in (
        "litert",
        "tflite",
        "tflite_c",
        "onnxruntime",
        "openvino",
        "tensorflow",
        "tvm",
        "cpu",
    ):
        assert f"[testenv:{name}]" in text
    for name in ("edgetpu", "gpu", "jetson"):
        assert f"[testenv:{name}]" in text
    assert "[testenv:{riscv, raspberrypi}]" in text


def test_another_package_named_fixtures_is_refused(tmp_path: Path) -> None:
    intruder = tmp_path / "fixtures"
    intruder.mkdir()
    (intruder / "__init__.py").write_text("")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import fixtures\n"
        "import pytest; sys.exit(pytest.main(['--collect-only', '-q', 'suites']))"
    )
    done = python("-c", code)
    assert done.returncode != 0
    assert "not this clone's own package" in done.stdout + done.stderr

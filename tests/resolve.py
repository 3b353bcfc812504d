"""What pip would install on boards that are not here: python -m tests.resolve

Asks pip to resolve, for each board below, a lane's requirements as tox reads them, or a worker's. Only
wheels count: pip cannot build for another machine, so what comes as source alone is missing. Prints a
table of versions, and pip's reason where a board gets none; the exit status is then 1. Needs the network
and tox, and installs nothing.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

#: pip chooses wheels by --platform and --python-version, and yet evaluates markers, dependencies' too,
#: for the interpreter that it runs on. So it is started with the target's markers instead; its
#: report says which it used, and ``versions`` looks.
PIP = """
import json, runpy, sys
from pip._vendor.packaging import markers
here, there = markers.default_environment(), json.loads(sys.argv.pop(1))
markers.default_environment = lambda: {**here, **there}
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Target:
    """A board's image: its ``machine``, C library and Python, and what is to be installed there.

    ``wants`` is a tox environment, or a file of requirements.
    """

    name: str
    image: str
    machine: str
    glibc: tuple[int, int]
    python: str
    wants: str

    def __str__(self) -> str:
        glibc = ".".join(map(str, self.glibc))
        file = self.wants.endswith(".txt")
        command = f"pip install -r {self.wants}" if file else f"tox -e {self.wants}"
        where = f"{self.machine}, glibc {glibc}, Python {self.python}"
        return f"{self.name}: {self.image} ({where}): {command}"

    @property
    def platforms(self) -> tuple[str, ...]:
        """Tags of the wheels that its C library runs, best first: PEP 600, and 2014's older name."""
        major, newest = self.glibc
        tags = [f"manylinux_{major}_{minor}_{self.machine}" for minor in range(newest, 16, -1)]
        return (*tags, f"manylinux2014_{self.machine}", f"linux_{self.machine}")

    @property
    def abi(self) -> str:
        """CPython's own, which carried an m until 3.7."""
        major, minor, _ = map(int, self.python.split("."))
        return f"cp{major}{minor}{'m' if minor < 8 else ''}"

    @property
    def markers(self) -> dict[str, str]:
        """The environment markers of its Python."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": self.python,
            "python_version": self.python.rpartition(".")[0],
            "sys_platform": "linux",
        }


WORKER = "fixtures/worker/requirements.txt"
TARGETS = (
    Target("bookworm", "Raspberry Pi OS 12", "aarch64", (2, 36), "3.11.2", "edgetpu"),
    Target("trixie", "Raspberry Pi OS 13", "aarch64", (2, 41), "3.13.5", "edgetpu"),
    Target("jetpack6", "Jetson, JetPack 6", "aarch64", (2, 35), "3.10.12", "jetson"),
    Target("mendel", "Coral Dev Board, Mendel 5", "aarch64", (2, 28), "3.7.3", WORKER),
    Target("jetpack4", "Jetson, JetPack 4", "aarch64", (2, 27), "3.6.9", WORKER),
)


class Unresolved(Exception):
    """No set of wheels was found, and why."""


@cache
def requirements(wants: str) -> str:
    """The lines of a file of requirements, or of tox environment ``wants`` as tox itself reads it."""
    if wants.endswith(".txt"):
        return (ROOT / wants).read_text(encoding="utf-8")
    ask = [sys.executable, "-m", "tox", "config", "-e", wants, "-k", "deps"]
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"tox config -e {wants}: {done.stderr.strip() or done.stdout.strip()}")
    return deps(done.stdout, wants)


def deps(shown: str, environment: str) -> str:
    """The requirements that ``tox config`` has ``shown``."""
    read = configparser.ConfigParser(interpolation=None)
    read.read_string(shown)
    return read[f"testenv:{environment}"]["deps"].strip()


def resolve(target: Target, lines: str, *options: str) -> dict[str, str]:
    """The versions that pip would install on ``target`` for these ``lines`` of requirements.

    Raises:
        Unresolved: with pip's reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "requirements.txt"
        asked.write_text(lines, encoding="utf-8")
        platforms = [word for tag in target.platforms for word in ("--platform", tag)]
        command = [
            *(sys.executable, "-c", PIP, json.dumps(target.markers)),
            *("install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"),
            *("--target", folder),  # nothing is put there, but pip insists
            *("--python-version", target.python, "--implementation", "cp", "--abi", target.abi),
            *(*platforms, "--only-binary", ":all:", *options, "-r", str(asked)),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unresolved(reason(done.stderr))
    return versions(json.loads(done.stdout), target)


def versions(report: Mapping[str, Any], target: Target) -> dict[str, str]:
    """The version of each package in pip's ``report``, by its normalised name.

    Raises:
        Unresolved: if pip evaluated the markers of another environment than ``target``'s.
    """
    used = report["environment"]
    other = {key: used.get(key) for key, value in target.markers.items() if used.get(key) != value}
    if other:
        raise Unresolved(f"pip evaluated the markers of another environment: {other}")
    found = (each["metadata"] for each in report["install"])
    return {re.sub(r"[-_.]+", "-", each["name"]).lower(): each["version"] for each in found}


def reason(errors: str) -> str:
    """What pip said last: its errors, without warnings and progress."""
    said = [line[7:] for line in errors.splitlines() if line.startswith("ERROR: ")]
    return "; ".join(said) or errors.strip()[-400:] or "pip said nothing"


def table(columns: Mapping[str, Mapping[str, str]]) -> str:
    """A row for each package and a column for each target, in Markdown."""
    names = sorted({name for column in columns.values() for name in column})
    rows = [["package", *columns]]
    rows += [[name, *(column.get(name, "") for column in columns.values())] for name in names]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows)


def main() -> int:
    if int(version("pip").split(".")[0]) < 25:
        # Older ones hold Requires-Python against the interpreter that they run on.
        raise SystemExit(f"pip {version('pip')} cannot resolve for another Python: 25 is needed")
    lines = {target.wants: requirements(target.wants) for target in TARGETS}

    def attempt(target: Target) -> dict[str, str] | Unresolved:
        try:
            return resolve(target, lines[target.wants])
        except Unresolved as error:
            return error

    with ThreadPoolExecutor() as pool:
        answers = dict(zip(TARGETS, pool.map(attempt, TARGETS), strict=True))
    for target, answer in answers.items():
        print(target)
        if isinstance(answer, Unresolved):
            print(f"  has no set of wheels (source alone does not count): {answer}")
    found = {t.name: answer for t, answer in answers.items() if isinstance(answer, dict)}
    print(table(found))
    return 0 if len(found) == len(TARGETS) else 1


if __name__ == "__main__":
    sys.exit(main())

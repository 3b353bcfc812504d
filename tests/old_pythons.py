"""The worker's own files on the oldest Pythons that can be had: python -m tests.old_pythons FOLDER

Looks for Python 3.6 to 3.9 on the PATH and among pyenv's, makes an environment with NumPy in FOLDER for
the oldest, and for the oldest on which tflite-runtime installs; then runs the tests of old interpreters
on both. Where there is none, it says so and runs nothing: vermin has then been the only check.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VERSIONS = ("3.6", "3.7", "3.8", "3.9")


def candidates() -> Iterator[tuple[str, str]]:
    """Interpreters that start, by version, oldest first."""
    homes = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in VERSIONS:
        places = [shutil.which(f"python{version}"), *homes.glob(f"{version}.*/bin/python")]
        for place in filter(None, places):
            done = subprocess.run([str(place), "-c", "import venv, ssl"], capture_output=True)
            if done.returncode == 0:
                yield version, str(place)
                break


def environment(python: str, folder: Path, packages: str) -> str | None:
    """A virtual environment with ``packages``; its interpreter, None if that cannot be had."""
    made = folder / "bin" / "python"
    marker = folder / "ready"
    if not marker.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        install = [str(made), "-m", "pip", "install", "--quiet", *packages.split()]
        if subprocess.run(install, capture_output=True).returncode != 0:
            return None
        marker.touch()
    return str(made)


def main() -> int:
    folder = Path(sys.argv[1]).absolute()
    ready: list[str] = []
    for packages in ("numpy<2", "tflite-runtime numpy<2"):
        for version, python in candidates():
            name = f"{packages.split('<')[0].split()[0]}-{version}"
            if made := environment(python, folder / name, packages):
                print(f"Python {version} with {packages}: {made}", flush=True)
                ready.append(made)
                break
    if not ready:
        print("no Python from 3.6 to 3.9 here: the worker was checked by vermin only")
        return 0
    command = [sys.executable, "-m", "pytest", "-q", "tests/fixtures/isolation/test_old_pythons.py"]
    where = {**os.environ, "EDGEPROOF_WORKER_PYTHONS": ":".join(ready)}
    return subprocess.run(command, env=where).returncode


if __name__ == "__main__":
    sys.exit(main())

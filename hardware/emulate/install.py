"""Making a machine's sysroot: Debian's packages and wheels, unpacked into the cache as one."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from hardware.edgetpu.text import clean
from hardware.emulate import unpack, wheels
from hardware.emulate.machine import EmulationError, Machine
from hardware.emulate.packages import Packages, Progress, complaint, own_mirror
from hardware.emulate.sysroot import MARKER, Sysroot
from hardware.emulate.wrapper import check, script

#: Of the marker; raised when a key changes its meaning or goes.
SCHEMA = 1
#: Seconds that the new Python may take to import NumPy under the emulator, on a slow host.
_STARTING = 120


def install(sysroot: Sysroot, mirror: str | None, progress: Progress) -> None:
    """Make ``sysroot`` whole, and its emulator there; what is whole already is left as it is.

    It is made beside its place and moved there in one step. ``mirror`` is Debian's; by default the one
    that this machine's own apt uses.

    Raises:
        EmulationError: one sentence with what failed: the cache, its path, the network, apt, pip, qemu.
    """
    check(sysroot.root)
    try:
        with _alone(sysroot):
            _ensure_emulator(sysroot.machine)
            if sysroot.broken() is not None:
                versions = _make(sysroot, mirror, progress)
                _write_wrappers(sysroot)
                _try_out(sysroot)
                _mark(sysroot, versions)
            else:
                _write_wrappers(sysroot)  # the emulator may have another name by now
    except OSError as error:
        where = error.filename or sysroot.folder
        raise EmulationError(f"{where}: cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _alone(sysroot: Sysroot) -> Iterator[None]:
    """Nobody else makes the same one meanwhile."""
    sysroot.folder.parent.mkdir(parents=True, exist_ok=True)
    with sysroot.folder.with_name(f"{sysroot.folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmulationError(f"{sysroot.folder}: somebody else is installing it now") from None
        yield


def _ensure_emulator(machine: Machine) -> None:
    if machine.emulator() is not None:
        return
    package = ["install", "--yes", "--no-install-recommends", "qemu-user-static"]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise EmulationError(
            f"there is no qemu for {machine.name}, and only root may install it: "
            "'sudo apt-get install qemu-user-static' on Debian and Ubuntu"
        )
    for words in (package, ["update"], package):  # the lists of a container are often gone
        done = subprocess.run(
            ["apt-get", "-qq", *words],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        )
        if machine.emulator() is not None:
            return
    raise EmulationError(f"qemu-user-static cannot be installed: {complaint(done.stderr)}")


def _make(sysroot: Sysroot, mirror: str | None, progress: Progress) -> dict[str, str]:
    """Unpack everything beside its place, and move it there; versions by name."""
    machine, partial = sysroot.machine, sysroot.partial
    root = partial / "root"
    shutil.rmtree(partial, ignore_errors=True)
    root.mkdir(parents=True)
    packages = Packages(
        sysroot.folder.with_name(f"apt-{machine.name}"),
        machine.debian,
        machine.releases,
        mirror or own_mirror(),
    )
    found = packages.download(machine.packages, progress)
    for number, package in enumerate(found):
        progress("unpacking packages", number / len(found))
        unpack.unpack(package, root)
    versions = {package.name: package.version for package in found}
    if machine.wheels:
        progress("downloading wheels", 0.0)
        folder = root / sysroot.modules[0]
        python = machine.python.removeprefix("python")
        versions |= wheels.install(machine.wheels, machine.name, python, folder)
    unpack.mend_links(root)
    if machine.name == "aarch64":
        unpack.imitate_kernel(root)
    shutil.rmtree(sysroot.folder, ignore_errors=True)
    partial.rename(sysroot.folder)
    progress("trying it out", 0.0)
    return versions


def _write_wrappers(sysroot: Sysroot) -> None:
    for lane in sysroot.machine.lanes:
        path = sysroot.python(lane)
        text = script(sysroot.machine, lane, sysroot.root, sysroot.modules)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(path)


def _try_out(sysroot: Sysroot) -> None:
    """Its Python must start and have NumPy: all that a worker needs."""
    program = "import platform, numpy; print(platform.machine())"
    try:
        done = subprocess.run(
            [str(sysroot.python()), "-c", program],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_STARTING,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EmulationError(f"{sysroot.python()}: does not start in {_STARTING} s") from None
    if done.stdout.strip() != sysroot.machine.name:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise EmulationError(f"{sysroot.python()}: does not start: {clean(last, 200)}")


def _mark(sysroot: Sysroot, versions: dict[str, str]) -> None:
    marker = {
        "schema": SCHEMA,
        "machine": sysroot.machine.name,
        "recipe": sysroot.machine.recipe,
        "versions": dict(sorted(versions.items())),
    }
    path = sysroot.folder / MARKER
    fresh = Path(f"{path}.new")
    fresh.write_text(json.dumps(marker, indent=1), encoding="utf-8")
    fresh.replace(path)

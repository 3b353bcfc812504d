"""The scripts that start a sysroot's Python: to whoever runs them they are a Python like any other."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from hardware.emulate.machine import EmulationError, Machine

#: Where Debian's alternatives would point, which are made on installation; and the other libraries.
_LIBRARIES = ("blas", "lapack", "")


def command(machine: Machine, lane: str, root: Path) -> list[str]:
    """What runs any program of ``machine`` in the sysroot ``root``: its path and arguments follow.

    Raises:
        EmulationError: if there is no emulator.
    """
    emulator = machine.emulator()
    if emulator is None:
        raise EmulationError(f"there is no qemu for {machine.name}")
    libraries = ":".join(
        str(root / "usr/lib" / machine.triplet / part).rstrip("/") for part in _LIBRARIES
    )
    return [
        emulator,
        *("-cpu", machine.lanes[lane].cpu),
        *("-L", str(root)),
        *("-U", "LD_PRELOAD"),
        *("-E", f"LD_LIBRARY_PATH={libraries}"),
    ]


def check(root: Path) -> None:
    """Refuse a ``root`` that qemu and loaders cannot be told, as they split what they are told.

    Raises:
        EmulationError: if there is a comma or a colon in its path.
    """
    if set(str(root)) & {",", ":"}:
        raise EmulationError(
            f"{root}: qemu and loaders split what they are told at a comma or a colon: "
            "set EDGEPROOF_CACHE to a folder without one"
        )


def script(machine: Machine, lane: str, root: Path, modules: Sequence[str]) -> str:
    """The text of the wrapper for Python; ``modules`` are folders of the sysroot it finds modules in.

    Python is told the wrapper's own name (``-0``), so that ``sys.executable`` starts another one.
    """
    words = [*command(machine, lane, root), "-E", f"PYTHONHOME={root / 'usr'}"]
    path = ":".join(str(root / folder) for folder in modules)
    said = " ".join(map(shlex.quote, words))
    return (
        f"#!/bin/sh\n"
        f"# Debian's Python for {machine.name} under qemu; made by 'python -m hardware emulate'.\n"
        f'exec {said} -E PYTHONPATH={shlex.quote(path)}"${{PYTHONPATH:+:$PYTHONPATH}}" '
        f'-0 "$0" {shlex.quote(str(root / "usr/bin" / machine.python))} "$@"\n'
    )

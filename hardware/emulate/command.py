"""``python -m hardware emulate``: a machine of another architecture on this one, under qemu.

Debian's packages are unpacked into the cache, without a root file system, chroot or binfmt; the wrapper
that starts their Python serves as any interpreter does: ``--emulate`` runs cells on it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys

from hardware.emulate.emulated import version
from hardware.emulate.install import install
from hardware.emulate.machine import MACHINES, EmulationError
from hardware.emulate.sysroot import Sysroot

#: Of the JSON; raised when a key changes its meaning or goes.
SCHEMA = 1
#: Status of a command that was interrupted, as shells have it.
_INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of this command."""
    parser.add_argument("machine", choices=tuple(MACHINES), help="the architecture")
    parser.add_argument("--install", action="store_true", help="make it whole, if it is not")
    parser.add_argument("--mirror", metavar="URL", help="Debian's mirror (default: apt's own)")


def show(options: argparse.Namespace) -> int:
    """Say what there is; 0 if it is whole, 1 if not, 2 if it could not be made so, 130 if stopped."""
    sysroot = Sysroot.of(MACHINES[options.machine])
    if options.install:
        bar = _Bar()
        try:
            install(sysroot, options.mirror, bar)
        except EmulationError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("interrupted: the same command goes on with what was downloaded", file=sys.stderr)
            return _INTERRUPTED
        finally:
            bar.close()
    lacks = sysroot.lacks()
    print(_json(sysroot, lacks) if options.json else _text(sysroot, lacks))
    return 0 if lacks is None else 1


def _json(sysroot: Sysroot, lacks: str | None) -> str:
    machine = sysroot.machine
    listing = {
        "schema": SCHEMA,
        "machine": machine.name,
        "kind": machine.kind,
        "folder": str(sysroot.folder),
        "lacks": lacks,
        "emulator": version(machine) if machine.emulator() else None,
        "python": {lane or "plain": str(sysroot.python(lane)) for lane in machine.lanes},
        "versions": dict(sysroot.versions()),
    }
    return json.dumps(listing, indent=2)


def _text(sysroot: Sysroot, lacks: str | None) -> str:
    machine, versions = sysroot.machine, sysroot.versions()
    if lacks is not None:
        return lacks
    shown = [f"{name} {versions[name]}" for name in versions if _named(name, machine.packages)]
    shown += [f"{name} {versions[name]}" for name in versions if _named(name, machine.wheels)]
    lines = [
        f"{machine.name} under {version(machine)}: {len(versions)} packages of Debian "
        f"{' and '.join(machine.releases)} in {sysroot.root}",
        f"  with {', '.join(shown)}",
    ]
    for lane, processor in machine.lanes.items():
        lines.append(f"  {sysroot.python(lane)}  (-cpu {processor.cpu})")
    lines.append(f"  pytest suites -m {machine.kind} --emulate {machine.name}")
    return "\n".join(lines)


def _named(name: str, wanted: tuple[str, ...]) -> bool:
    """Whether something of this name was asked for, as a package, a pattern or a requirement."""
    plain = (re.split(r"[<>=!~]", each, maxsplit=1)[0] for each in wanted)
    return any(name == each or re.fullmatch(each.strip("^$"), name) for each in plain if each)


class _Bar:
    """A progress bar on a terminal; the steps' names alone elsewhere."""

    def __init__(self) -> None:
        from tqdm import tqdm

        layout = "{desc}: {percentage:3.0f}% |{bar}| {elapsed}"
        self._bar = tqdm(total=1.0, file=sys.stderr, bar_format=layout, leave=False, disable=None)
        self._doing = ""

    def __call__(self, doing: str, share: float) -> None:
        if doing != self._doing:
            self._doing = doing
            self._bar.set_description_str(doing)
            if self._bar.disable:
                print(f"{doing} ...", file=sys.stderr, flush=True)
        self._bar.n = share
        self._bar.refresh()

    def close(self) -> None:
        """Take it away."""
        self._bar.close()

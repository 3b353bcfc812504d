"""``python -m hardware``: what there is here, and what was looked for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hardware import environment, nvidia_command
from hardware.detect import detect_in, tree_of
from hardware.device import Finding
from hardware.edgetpu import command as edgetpu
from hardware.emulate import command as emulate
from hardware.emulation import emulation

#: Of the JSON listing; raised when a key changes its meaning or goes.
SCHEMA = 1


def parser() -> argparse.ArgumentParser:
    """The command line. Sub-commands set ``run`` of their own; without one, detection runs."""
    command = argparse.ArgumentParser(prog="python -m hardware", description=__doc__)
    _add_common(command, as_json=False, root=Path("/"))
    command.set_defaults(run=list_devices)
    commands = command.add_subparsers(metavar="COMMAND")
    state = commands.add_parser(
        "environment",
        help="the machine's state over a second, and what a strict run would object to",
        description=environment.show.__doc__,
    )
    # Without a default of its own, so that options before the sub-command hold too.
    _add_common(state, as_json=argparse.SUPPRESS, root=argparse.SUPPRESS)
    environment.add_arguments(state)
    state.set_defaults(run=environment.show)
    files = commands.add_parser(
        "edgetpu",
        help="what an Edge TPU's own files say: compiled models, logs, memory and latency",
        description=edgetpu.__doc__,
    )
    edgetpu.add_arguments(files)
    files.set_defaults(run=edgetpu.show)
    vendor = commands.add_parser(
        "nvidia",
        help="what of NVIDIA's is here, what is missing, and which container brings it",
        description=nvidia_command.__doc__,
    )
    _add_common(vendor, as_json=argparse.SUPPRESS, root=argparse.SUPPRESS)
    vendor.set_defaults(run=nvidia_command.show)
    machine = commands.add_parser(
        "emulate",
        help="a machine of another architecture under qemu: what there is, and how to get it",
        description=emulate.__doc__,
    )
    _add_common(machine, as_json=argparse.SUPPRESS, root=argparse.SUPPRESS)
    emulate.add_arguments(machine)
    machine.set_defaults(run=emulate.show)
    return command


def _add_common(command: argparse.ArgumentParser, as_json: Any, root: Any) -> None:
    command.add_argument(
        "--json", action="store_true", default=as_json, help="print JSON with stable keys"
    )
    command.add_argument(
        "--root", type=Path, default=root, metavar="DIR", help="look in a recorded tree instead"
    )


def list_devices(options: argparse.Namespace) -> int:
    """Detect and print."""
    tree = tree_of(options.root)
    findings, emulated = detect_in(tree), emulation(tree)
    if options.json:
        listing = {
            "schema": SCHEMA,
            "root": str(options.root),
            "emulated": emulated,
            "findings": [_as_json(finding) for finding in findings],
        }
        print(json.dumps(listing, indent=2))
    else:
        print("\n".join(_lines(findings, emulated)))
    return 0


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "looked_for": finding.looked_for,
        "sentence": finding.sentence,
        "devices": [asdict(device) for device in finding.devices],
    }


def _lines(findings: Sequence[Finding], emulated: str | None) -> list[str]:
    lines = [f"emulated: {emulated}"] if emulated else []
    for finding in findings:
        lines.append(finding.sentence)
        if finding.devices:
            lines.append(f"  looked for {finding.looked_for}")
        for device in finding.devices:
            if len(finding.devices) > 1:
                lines.append(f"  {device.name} ({device.where})")
            lines += [f"    {name}: {_shown(value)}" for name, value in device.facts.items()]
    return lines


def _shown(value: Any) -> str:
    """A fact in words; None is what was not seen or cannot be known."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(f"{name}={_shown(part)}" for name, part in value.items())
    if isinstance(value, list):
        separator = "; " if any(isinstance(part, dict) for part in value) else " "
        return separator.join(map(_shown, value)) or "none"
    return str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status; 2 if the tree to look in is not there."""
    options = parser().parse_args(arguments)
    if not options.root.is_dir():
        print(f"error: --root {options.root}: no such directory", file=sys.stderr)
        return 2
    status: int = options.run(options)
    return status


if __name__ == "__main__":
    sys.exit(main())

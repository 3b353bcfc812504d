"""The state of the machine around a measurement: samples, what held between them, and objections.

::

    tree = Tree()
    samples = [sample(tree, [worker])]
    ...  # measure
    samples.append(sample(tree, [worker]))
    held = conditions(samples)
    record(held.to_json(), unstable(held, other_load=0.1))

``python -m hardware environment`` prints the same of the machine as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

from hardware.conditions import OTHER_LOAD, Conditions, conditions, unstable
from hardware.detect import tree_of
from hardware.sampling import Sample, sample

__all__ = ["OTHER_LOAD", "Conditions", "Sample", "conditions", "sample", "unstable"]

#: Of the JSON; raised when a key changes its meaning or goes.
SCHEMA = 1


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The options of the sub-command, beside ``--json`` and ``--root``."""
    command.add_argument(
        "--seconds", type=_seconds, default=1.0, metavar="S", help="between two samples (1)"
    )
    command.add_argument(
        "--other-load",
        type=float,
        default=OTHER_LOAD,
        metavar="SHARE",
        help=f"what others may take of the processors' time, 0 to 1 ({OTHER_LOAD})",
    )


def show(options: argparse.Namespace) -> int:
    """Take two samples, print what held between them and what a strict run would object to."""
    tree = tree_of(options.root)
    samples = []
    for wait in (0.0, options.seconds):
        time.sleep(wait)
        samples.append(sample(tree, [os.getpid()] if tree.live else [], programs=True))
    held = conditions(samples)
    objections = unstable(held, options.other_load)
    if options.json:
        listing = {
            "schema": SCHEMA,
            "root": str(options.root),
            "environment": held.to_json(),
            "unstable": list(objections),
        }
        print(json.dumps(listing, indent=2))
    else:
        print("\n".join(_lines(held.to_json())))
        print("\n".join(f"unstable: {reason}" for reason in objections) or "stable")
    return 0


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("between 0 and 3600")
    return seconds


def _lines(listing: dict[str, Any]) -> list[str]:
    width = max(map(len, listing)) + 2
    return [f"{name:<{width}}{_shown(value)}" for name, value in listing.items()]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(part)}" for name, part in value.items()) or "none"
    if isinstance(value, list):
        if value and isinstance(value[0], int):
            return "-".join(map(str, value))
        return "; ".join(map(_shown, value))
    return str(value)

"""``python -m hardware edgetpu SUBCOMMAND``: what the Edge TPU's own files say, for a reader."""

from __future__ import annotations

import argparse
import io
import sys
from typing import Protocol

from hardware.edgetpu import estimate_command, inspect, log_command, plan_command


class Subcommand(Protocol):
    """What a module gives to be one: a line of help, its options, and what it does.

    The text of its ``run``'s docstring is the sub-command's description. ``options.json`` is there
    for every one of them. ``run`` prints and returns the exit status.
    """

    HELP: str

    def add_arguments(self, command: argparse.ArgumentParser) -> None:
        """Add the options that only this sub-command has."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it, print it, and return the exit status."""


#: The sub-commands, by name, in the order in which the help lists them: one line adds one.
SUBCOMMANDS: dict[str, Subcommand] = {
    "inspect": inspect,
    "estimate": estimate_command,
    "log": log_command,
    "plan": plan_command,
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Each sub-command of :data:`SUBCOMMANDS`, with ``--json``."""
    commands = command.add_subparsers(metavar="SUBCOMMAND", required=True)
    for name, module in SUBCOMMANDS.items():
        one = commands.add_parser(name, help=module.HELP, description=module.run.__doc__)
        # Without a default of its own, so that a --json before the sub-command holds too.
        one.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print JSON"
        )
        module.add_arguments(one)
        one.set_defaults(subcommand=module)


def show(options: argparse.Namespace) -> int:
    """Run the sub-command that was chosen and return its exit status."""
    chosen: Subcommand = options.subcommand
    # A name out of a file may hold what the terminal's encoding does not.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return chosen.run(options)

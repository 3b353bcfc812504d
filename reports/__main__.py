"""``python -m reports``: render runs, compare two, choose the best, recover one, read others' logs."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from reports.commands import UsageError, best, compare, ingest, published, recover, render
from reports.text import clean


class Command(Protocol):
    """What a module of ``reports.commands`` offers."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the subcommand's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do the work and give the exit code."""


COMMANDS: dict[str, Command] = {
    "render": render,
    "compare": compare,
    "best": best,
    "recover": recover,
    "ingest": ingest,
    "published": published,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand: 0 when it did its work, 2 for bad usage or bad input."""
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        module.add_arguments(subparsers.add_parser(name, help=module.HELP, description=module.HELP))
    args = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")  # a redirected report is a file like any other
    try:
        return COMMANDS[args.command].run(args)
    except UsageError as error:
        print(f"error: {clean(error, 1000)}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader has seen enough; without this, the interpreter complains when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    gc.disable()  # what a command reads, it keeps to its end: looking for garbage is a third of it
    sys.exit(main())

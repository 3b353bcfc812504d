"""``python -m hardware edgetpu log``: a compiler's log as a table, or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from hardware.edgetpu.log import Compilation, Entry, Log, LogError, Run, Size, read

HELP = "what the Edge TPU compiler said: memory and operators of each model, or why it failed"
#: Of the JSON; raised when a key changes its meaning or goes.
SCHEMA = 1

_HEAD = ("#", "model", "input", "output", "before", "cached", "after", "streamed", "on Edge TPU")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The log to read."""
    command.add_argument(
        "file", type=Path, metavar="FILE", help="what edgetpu_compiler printed, or an _edgetpu.log"
    )


def run(options: argparse.Namespace) -> int:
    """Show what the Edge TPU compiler printed or logged: each model's memory (on-chip memory left before
    and after, parameters cached and streamed), its operators, and why a compilation failed. The exit
    status is 1 if the file is no such log; a failed compilation in it is not an error here.
    """
    try:
        log = read(options.file)
    except LogError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"schema": SCHEMA, **asdict(log)}, indent=2))
    else:
        print("\n".join(lines(log)))
    return 0


def lines(log: Log) -> list[str]:
    """The log for a reader: a table for each run, then its operators, then its failures."""
    shown: list[str] = []
    for number, one in enumerate(log.runs, 1):
        count = f" (run {number} of {len(log.runs)})" if len(log.runs) > 1 else ""
        shown.append(f"Edge TPU Compiler version {one.version or 'unknown'}{count}")
        shown += [f"  {line}".rstrip() for line in _run_lines(one)]
    return shown + [f"warning: {warning}" for warning in log.warnings]


def _run_lines(one: Run) -> list[str]:
    shown = []
    if one.entries:
        rows = [_row(entry) for entry in one.entries]
        shown += aligned([_HEAD, *rows], left=(1,))
    for entry in one.entries:
        if entry.operators:
            shown += ["", f"{entry.name}:"]
            table = [(o.name, str(o.count), o.status) for o in entry.operators]
            shown += [f"  {line}" for line in aligned(table, left=(0, 2))]
    for part in one.compilations:
        shown += _outcome(part)
    return shown if one.compilations else [f"failed: {one.failure}"]


def _outcome(part: Compilation) -> list[str]:
    tried = "" if part.tried_operators is None else f" with {part.tried_operators} operators"
    if part.failure:
        word = "tried" if part.superseded else "failed"
        return [f"{word}{tried}: {part.failure}", *(f"  {line}" for line in part.messages)]
    took = "" if part.milliseconds is None else f" in {part.milliseconds} ms"
    names = " + ".join(entry.name for entry in part.entries)
    return [f"compiled {names}{took}{tried}"] if took or tried else []


def _row(entry: Entry) -> tuple[str, ...]:
    total = entry.operations
    if total is None and entry.operators:
        total = sum(operator.count for operator in entry.operators)
    known = entry.mapped is not None and total is not None
    return (
        str(entry.position),
        entry.name,
        *map(_size, (entry.input_size, entry.output_size, entry.available, entry.cached)),
        *map(_size, (entry.remaining, entry.streamed)),
        f"{entry.mapped} of {total}" if known else "-",
    )


def _size(size: Size | None) -> str:
    return "-" if size is None else size.text


def aligned(rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    """``rows`` in columns two spaces apart, flush right but for the columns in ``left``."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]

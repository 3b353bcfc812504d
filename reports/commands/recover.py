"""``recover``: the results of a run that died, from its journal."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from reports.commands import UsageError, put, warn

HELP = "write the results JSON of a run that died, from its journal"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``recover`` takes."""
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="the run's journal (.jsonl)")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="RUN.json",
        help="results JSON to write; - for stdout",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace an older RUN.json, which is kept as RUN.json.previous",
    )


def run(args: argparse.Namespace) -> int:
    """Read the journal, write what pytest-benchmark would have written at the run's end."""
    from reports import journal
    from reports.results import benchmark_json

    output = None if str(args.output) == "-" else args.output
    if output and output.is_file() and not args.force:
        raise UsageError(f"{output}: there already; give -o another name, or --force to replace it")
    try:
        folded = journal.read(args.journal)
    except journal.JournalError as error:
        raise UsageError(str(error)) from None
    for warning in folded.warnings:
        warn(warning)
    unfinished = len(folded.records) - len(journal.finished(folded))
    if unfinished:
        cells = "1 cell" if unfinished == 1 else f"{unfinished} cells"
        warn(f"{args.journal}: {cells} began and did not end: not_measured, with a reason")
    data = benchmark_json(folded.run, folded.records)
    text = json.dumps(data, allow_nan=False, check_circular=False)  # as read from lines, a tree
    put(text, output, [args.journal], keep=args.force)
    return 0

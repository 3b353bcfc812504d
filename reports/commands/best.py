"""``best``: the best parameters of each network, runtime and batch, as JSON for a deployment."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from reports.commands import UsageError, put, runs_of

HELP = "the fastest setting that agrees, by network, runtime and batch, as JSON for a deployment"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``best`` takes."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="results JSON or journal")
    parser.add_argument("-o", "--output", type=Path, help="file to write; default: stdout")


def run(args: argparse.Namespace) -> int:
    """Read the runs, choose, write."""
    from reports.best import best_json
    from reports.ranking import rank

    runs = runs_of(args.runs)
    found = best_json(rank(runs))
    if not found["best"]:
        raise UsageError("nothing that agrees was timed: there is nothing to choose")
    put(json.dumps(found, indent=1, allow_nan=False) + "\n", args.output, args.runs)
    return 0

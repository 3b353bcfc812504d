"""``ingest``: what another program printed elsewhere, as a run that ``render`` reads."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from reports.commands import UsageError, put

HELP = "the log of another program as a run: shown in reports, and without a verdict never ranked"

FORMATS = ("trtexec",)
#: The largest log that is read, in bytes: verbose ones name every tactic of every layer.
_LARGEST = 64 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ingest`` takes."""
    parser.add_argument("format", choices=FORMATS, help="whose log it is")
    parser.add_argument("logs", nargs="+", type=Path, metavar="LOG", help="what it printed")
    parser.add_argument("--model", help="the network's id, where the log does not name its file")
    parser.add_argument("--device", help="the machine's name, where the log does not tell")
    parser.add_argument(
        "--kind", choices=("gpu", "jetson"), help="the device's kind; default: by its name"
    )
    parser.add_argument(
        "--times", type=Path, metavar="JSON", help="what trtexec's --exportTimes wrote"
    )
    parser.add_argument("-o", "--output", type=Path, help="results JSON to write; default: stdout")


def run(args: argparse.Namespace) -> int:
    """Read the logs, write their records."""
    from reports.ingest import IngestError, trtexec
    from reports.results import benchmark_json

    if args.times is not None and len(args.logs) > 1:
        raise UsageError(f"--times {args.times}: is of one log, and {len(args.logs)} are given")
    said = {"model": args.model, "device": args.device, "kind": args.kind}
    times = None if args.times is None else _text(args.times)
    records = []
    for path in args.logs:
        try:
            records += trtexec.read(_text(path), str(path), said, times)
        except IngestError as error:
            raise UsageError(f"{path}: {error}") from None
    known = {"id": f"{args.format} log", "host": "elsewhere", "ingested": list(map(str, args.logs))}
    data = benchmark_json(known, records)
    put(json.dumps(data, allow_nan=False) + "\n", args.output, [*args.logs])
    return 0


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(
                f"{path}: larger than {_LARGEST >> 20} MiB: cut it to the runs to be read"
            )
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None

"""``render``: the report of one or several runs in one format."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.commands import put, runs_of, warn

if TYPE_CHECKING:
    from reports.results import Run

HELP = "render runs as Markdown, CSV, HTML, SVG or plain text"

FORMATS = ("md", "csv", "html", "svg", "terminal")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``render`` takes."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="results JSON or journal")
    parser.add_argument(
        "--format", choices=FORMATS, help="default: by the ending of -o, otherwise md"
    )
    parser.add_argument("-o", "--output", type=Path, help="file to write; default: stdout")


def run(args: argparse.Namespace) -> int:
    """Read the runs, render them, write the report."""

    ending = args.output.suffix[1:].lower() if args.output else ""
    chosen = args.format or (ending if ending in FORMATS else "md")
    runs = runs_of(args.runs)
    for cell in _repeated(runs):
        warn(f"{cell}: in more than one run; all of them are shown")
    put(_render(runs, chosen, to_terminal=args.output is None), args.output, args.runs)
    return 0


def _render(runs: Sequence[Run], form: str, *, to_terminal: bool) -> str:
    from reports.overview import overview

    if form == "csv":
        from reports import csv_table

        return csv_table.render(runs)
    summed = overview(runs)
    if form == "html":
        from reports import html

        return html.render(summed)
    if form == "svg":
        from reports import plots

        return plots.overview_svg(summed)
    if form == "terminal":
        from reports import terminal

        coloured = to_terminal and sys.stdout.isatty()
        columns = shutil.get_terminal_size((100, 24)).columns
        return terminal.render(summed, columns, terminal.bold if coloured else str)
    from reports import markdown

    return markdown.render(summed)


def _repeated(runs: Sequence[Run], most: int = 5) -> list[str]:
    """The first few cells that several runs hold."""
    seen: set[str] = set()
    repeated: dict[str, None] = {}
    for each in runs:
        cells = {record.cell for record in each.records}
        repeated.update(dict.fromkeys(sorted(cells & seen)))
        seen |= cells
    return list(repeated)[:most]

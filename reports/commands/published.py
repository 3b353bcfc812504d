"""``published``: an experiment's published tables alone, as reports show them beside measured ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from reports.commands import put

HELP = "the published tables of an experiment, from the records that reports compare runs with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``published`` takes."""
    parser.add_argument("experiment", choices=("tftrt",))
    parser.add_argument("-o", "--output", type=Path, help="file to write; default: stdout")


def run(args: argparse.Namespace) -> int:
    """Render the tables as Markdown, each under its title."""
    from reports import markdown
    from reports.published.tftrt import DEVICES, TFTRT
    from reports.tables.tftrt import published_tables
    from reports.text import markdown as escape

    tables = [table for kind in DEVICES for table in published_tables(kind)]
    tables = list({table.title: table for table in tables}.values())  # sizes are no device's
    lines = [f"# {escape(TFTRT.title)}", "", f"Published {TFTRT.date}, not measured here."]
    for table in tables:
        lines += ["", f"## {escape(table.title)}", "", *markdown.table(table)]
    put("\n".join(lines) + "\n", args.output, [])
    return 0

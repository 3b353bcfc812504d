"""A short Markdown summary on the page of a GitHub Actions job."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reports.markdown import header, table
from reports.overview import Overview
from reports.tables.outcomes import severity
from reports.text import markdown as escape

#: Failures listed; GitHub drops a step's whole summary beyond 1 MiB.
FAILURES = 50


def append(overview: Overview, environ: Mapping[str, str] = os.environ) -> bool:
    """Append the summary to the file that ``GITHUB_STEP_SUMMARY`` names; whether there is one.

    Raises:
        OSError: if that file cannot be written.
    """
    name = environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return False
    with Path(name).open("a", encoding="utf-8", newline="\n") as file:
        file.write(render(overview))
    return True


def render(overview: Overview) -> str:
    """Verdicts, outcomes, the fastest that agrees, and the worst failures with their reasons."""
    lines = ["## Edgeproof", "", *header(overview)]
    if outcomes := overview.outcomes_table():
        lines += ["", f"### {outcomes.title}", "", *table(outcomes)]
    if overview.fastest:
        lines += ["", "### Fastest that agrees", "", *table(overview.fastest_table())]
    failures = [e for section in overview.sections for e in section.entries if e.reason]
    failures.sort(key=severity)
    if failures:
        lines += ["", "### Not ranked", ""]
    for entry in failures[:FAILURES]:
        what = f"{entry.experiment}: {entry.model}, {entry.setup}"
        lines.append(f"- {escape(what)}: **{escape(entry.record.status)}**: {escape(entry.reason)}")
    if len(failures) > FAILURES:
        lines.append(f"- and {len(failures) - FAILURES} more")
    return "\n".join(lines) + "\n\n"

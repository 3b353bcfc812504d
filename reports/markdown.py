"""GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from reports.overview import Overview
from reports.tables import Cell, Table
from reports.text import markdown as escape

#: Longest sentence of what a section amounts to, in characters.
SENTENCE = 1000


def render(overview: Overview) -> str:
    """The whole report of ``overview``."""
    lines = ["# Edgeproof report", "", *header(overview)]
    if outcomes := overview.outcomes_table():
        lines += ["", f"## {outcomes.title}", "", *table(outcomes)]
    if overview.fastest:
        lines += ["", "## Fastest that agrees", "", *table(overview.fastest_table())]
    for section in overview.sections:
        lines += ["", f"## {escape(section.title)}"]
        if section.findings:
            lines += ["", *(f"- {escape(said, SENTENCE)}" for said in section.findings)]
        for each in section.tables():
            lines += ["", f"### {escape(each.title)}", "", *table(each)]
    return "\n".join(lines) + "\n"


def header(overview: Overview) -> Iterator[str]:
    """The verdicts, where it ran, with what, and what was left out."""
    yield "**" + ", ".join(f"{count} {word}" for word, count, _ in overview.verdicts) + "**"
    details = [f"{word}: {detail}" for word, _, detail in overview.verdicts if detail]
    if details:
        yield f"({escape('; '.join(details))})"
    yield ""
    if len(overview.runs) > 1:
        yield f"- runs: {escape(', '.join(overview.runs))}"
    for name, value in overview.facts:
        yield f"- {name}: {escape(value)}"
    for device in overview.devices:
        yield f"- device: {escape(device)}"
    for runtime in overview.runtimes:
        if runtime.unavailable:
            yield f"- {escape(runtime.name)}: missing: {escape(runtime.unavailable)}"
        else:
            yield f"- {escape(runtime.name)} {escape(runtime.version)}"
    for warning in overview.warnings:
        yield f"- warning: {escape(warning)}"


def table(data: Table) -> Iterator[str]:
    """The lines of one table and its footnotes; the best in its group is bold."""
    if not data.rows:
        yield "*(nothing)*"
        return
    yield _row(escape(column.title) for column in data.columns)
    yield _row("---:" if column.numeric else "---" for column in data.columns)
    for row in data.rows:
        yield _row(map(_cell, row))
    if data.footnotes:
        yield ""
        for number, text in enumerate(data.footnotes, 1):
            yield f"- <sup>{number}</sup> {escape(text)}"


def _row(cells: Iterator[str] | map[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.best:
        text = f"**{text}**"
    return text if cell.footnote is None else f"{text}<sup>{cell.footnote}</sup>"

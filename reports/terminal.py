"""Aligned plain text for a terminal of a given width, such as pytest's summary."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from reports.overview import Overview
from reports.tables import Cell, Column, Table
from reports.text import clip, width

#: Columns of text are clipped to this before whole columns are left out, and to the second after.
CLIPPED, NARROW = 26, 12
GAP = "  "


def bold(text: str) -> str:
    """``text`` in bold by an ANSI sequence."""
    return f"\x1b[1m{text}\x1b[0m"


def render(overview: Overview, columns: int = 100, mark: Callable[[str], str] = str) -> str:
    """The verdicts, every cell, the fastest and the outcomes.

    ``mark`` makes the best in its group stand out.
    """
    lines = ["Edgeproof: " + ", ".join(f"{count} {word}" for word, count, _ in overview.verdicts)]
    for device in overview.devices:
        lines.append(clip(f"device: {device}", columns))
    for runtime in overview.runtimes:
        if runtime.unavailable:
            lines.append(clip(f"missing: {runtime.name}: {runtime.unavailable}", columns))
    for section in overview.sections:
        main, *others = section.brief
        title = f"{section.title}: {main.title}" if others or section.view else section.title
        lines += ["", clip(title, columns), *table_lines(main, columns, mark)]
        for table in others:
            lines += ["", table.title, *table_lines(table, columns, mark)]
        for said in section.findings:
            lines += textwrap.wrap(
                said, max(columns, 20), initial_indent="* ", subsequent_indent="  "
            )
    if overview.fastest:
        fastest = overview.fastest_table()
        lines += ["", fastest.title, *table_lines(fastest, columns, mark)]
    if outcomes := overview.outcomes_table():  # last, because a terminal shows the end
        lines += ["", outcomes.title, *table_lines(outcomes, columns, mark)]
    return "\n".join(lines) + "\n"


def table_lines(
    table: Table, columns: int = 100, mark: Callable[[str], str] = str
) -> Iterator[str]:
    """The lines of ``table``, none wider than ``columns`` if its main columns fit at all.

    Text columns are clipped first; then columns are left out by priority, and a line says which.
    """
    texts = [[_text(cell) for cell in row] for row in table.rows]
    kept = list(range(len(table.columns)))
    while True:
        widths = {i: max([width(table.columns[i].title), *(width(t[i]) for t in texts)])
                  for i in kept}  # fmt: skip
        droppable = [i for i in kept if table.columns[i].priority > 0]
        _shrink(widths, table.columns, columns, CLIPPED if droppable else NARROW)
        if _total(widths) <= columns or not droppable:
            break
        kept.remove(max(droppable, key=lambda i: (table.columns[i].priority, i)))
    heads = [_pad(table.columns[i].title, widths[i], table.columns[i]) for i in kept]
    yield GAP.join(heads).rstrip()
    yield GAP.join("-" * widths[i] for i in kept)
    for row, line in zip(table.rows, texts, strict=True):
        cells = []
        for i in kept:
            text = clip(line[i], widths[i])
            padded = _pad(text, widths[i], table.columns[i])
            cells.append(padded.replace(text, mark(text), 1) if row[i].best and text else padded)
        yield GAP.join(cells).rstrip()
    left_out = [c.title for i, c in enumerate(table.columns) if i not in kept]
    if left_out:
        yield clip(f"(left out for want of width: {', '.join(left_out)})", columns)
    for number, text in enumerate(table.footnotes, 1):
        yield clip(f"[{number}] {text}", columns)


def _text(cell: Cell) -> str:
    best = " *" if cell.best else ""  # seen without colour as well
    return cell.text + best if cell.footnote is None else f"{cell.text} [{cell.footnote}]"


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def _shrink(widths: dict[int, int], columns: Sequence[Column], room: int, least: int) -> None:
    """Clip the widest columns of text, never a figure, until all fits or none exceeds ``least``."""
    while (excess := _total(widths) - room) > 0:
        wide = [i for i in widths if not columns[i].numeric and widths[i] > least]
        if not wide:
            return
        widest = max(wide, key=lambda i: widths[i])
        second = max([widths[i] for i in wide if i != widest], default=least)
        widths[widest] -= min(excess, max(1, widths[widest] - max(second, least)))


def _pad(text: str, to: int, column: Column) -> str:
    room = " " * (to - width(text))
    return room + text if column.numeric else text + room

"""Tables as data, before any format: what a cell says, whether it may be ranked, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.ranking import Entry
from reports.units import NOTHING, figure


@dataclass(frozen=True)
class Column:
    """A column; where room is short, those with the highest ``priority`` are left out first."""

    title: str
    numeric: bool = False
    priority: int = 0


@dataclass(frozen=True)
class Cell:
    """``text`` is clean already. ``status`` is set where a status word stands instead of a figure,
    ``footnote`` is the number, from 1, of the reason in the table's footnotes.
    """

    text: str
    status: str = ""
    best: bool = False
    sort_key: float | str | None = None
    footnote: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows as long as ``columns``; the first ``headers`` columns say what a row is."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    footnotes: tuple[str, ...] = ()
    headers: int = 1


@dataclass
class Footnotes:
    """The reasons of one table, each written once."""

    texts: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int | None:
        """The footnote that says ``text``; None for nothing to say."""
        return self.texts.setdefault(text, len(self.texts) + 1) if text else None

    def failure(self, entry: Entry, figures: str = "") -> Cell:
        """The status word where a figure would stand; ``figures`` were measured, unproven."""
        status = entry.record.status
        text = f"{status} ({figures})" if figures else status
        return Cell(text, status=status, footnote=self.number(entry.reason))

    def ranked(self, entry: Entry, value: float | None, shown: str, *, best: bool = False) -> Cell:
        """``value`` as ``shown``; of an entry that may not be ranked, its status with the figure."""
        if not entry.record.ranked:
            return self.failure(entry, shown if value is not None else "")
        return number(value, shown, best=best)

    def table(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        headers: int = 1,
    ) -> Table:
        """A table with these footnotes."""
        return Table(title, tuple(columns), tuple(map(tuple, rows)), tuple(self.texts), headers)


def text(value: str, sort_key: float | str | None = None) -> Cell:
    """A cell that says what a row is."""
    return Cell(value or NOTHING, sort_key=sort_key)


def number(value: float | None, shown: str | None = None, *, best: bool = False) -> Cell:
    """A cell that holds a figure, shown as ``shown`` or with three digits."""
    if value is None:
        return Cell(NOTHING)
    if shown is None:
        shown = str(value) if isinstance(value, int) else figure(value)
    return Cell(shown, best=best, sort_key=value)


def told(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], keep: int = 0
) -> tuple[list[Column], list[list[Cell]]]:
    """``columns`` and ``rows`` without what says nothing of any row; the first ``keep`` stay."""
    said = [
        i
        for i in range(len(columns))
        if i < keep or any(row[i].text != NOTHING or row[i].footnote for row in rows)
    ]
    return [columns[i] for i in said], [[row[i] for i in said] for row in rows]

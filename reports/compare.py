"""Two runs side by side, cell by cell: what changed, and by how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reports.ranking import Entry, Place, place_label, rank
from reports.results import Run
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.text import clean
from reports.units import NOTHING, milliseconds, ratio

#: Printed with every comparison.
CAUTION = (
    "Two runs one after the other do not prove a difference: on a shared machine the same code "
    "compared with itself was called different 52-77 % of the time. Measure both in one run, "
    "interleaved, before you believe a small ratio."
)
#: What of the environment moves a figure, where a run recorded it.
ENVIRONMENT = ("governor", "turbo", "affinity", "kernel", "cpu_model", "process")

Key = tuple[str, str, int]


class DevicesDifferError(ValueError):
    """The runs come from different devices, so that a ratio would compare the devices."""


@dataclass(frozen=True)
class Comparison:
    """What two runs have in common, what changed in it, and what only one of them has."""

    table: Table
    notes: tuple[str, ...]


def compare(a: Run, b: Run, *, across_devices: bool = False) -> Comparison:
    """Match the records of ``a`` and ``b`` by cell and model; ratios are B/A.

    Raises:
        DevicesDifferError: if matched cells ran on different devices, or none match and the devices
            are others, unless ``across_devices``. Measured and emulated cells never get a ratio.
    """
    left, right = _keyed(a), _keyed(b)
    common = [key for key in left if key in right]
    if not across_devices:
        _same_devices(left, right, common, a.source, b.source)
    footnotes = Footnotes()
    columns = (
        Column("cell"),
        Column("model"),
        Column("status"),
        Column("A median (ms)", numeric=True),
        Column("B median (ms)", numeric=True),
        Column("B/A median", numeric=True),
        Column("B/A build", numeric=True),
        Column("B/A first", numeric=True),
        Column("B/A convert", numeric=True),
        Column("B/A second", numeric=True),
    )
    rows = [
        _row(left.get(key), right.get(key), footnotes) for key in dict.fromkeys((*left, *right))
    ]
    notes = [*_environment(left, right, common), *_summary(left, right, common), CAUTION]
    title = f"B ({clean(b.label, 80)}) against A ({clean(a.label, 80)})"
    return Comparison(footnotes.table(title, *told(columns, rows, keep=8)), tuple(notes))


def _keyed(run: Run) -> dict[Key, Entry]:
    """Entries by cell, model, and which of several with both the same."""
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for entry in rank([run]):
        name = (entry.record.cell, entry.record.model)
        key = (entry.record.cell, entry.record.model, seen[name])
        found[key] = entry
        seen[name] += 1
    return found


def _same_devices(
    left: dict[Key, Entry], right: dict[Key, Entry], common: Sequence[Key], a: str, b: str
) -> None:
    pairs: list[tuple[Place, Place]] = [(left[key].place, right[key].place) for key in common]
    if not common:
        places = ({entry.place for entry in left.values()}, {e.place for e in right.values()})
        if places[0] and places[1] and not places[0] & places[1]:
            pairs = [(min(places[0]), min(places[1]))]
    for one, other in pairs:
        if one != other:
            raise DevicesDifferError(
                f"{a} ran on {place_label(one)} and {b} on {place_label(other)}: a ratio would "
                "compare the devices; pass --across-devices if that is what you want"
            )


def _row(a: Entry | None, b: Entry | None, notes: Footnotes) -> list[Cell]:
    either = a or b
    assert either is not None
    head = [text(clean(either.record.cell, 120)), text(either.model)]
    if a is None or b is None:
        only = Cell(f"only in {'A' if b is None else 'B'}: {either.record.status}")
        return [*head, only, _median(a, notes), _median(b, notes), *[Cell(NOTHING)] * 5]
    same = a.record.status == b.record.status
    words = a.record.status if same else f"{a.record.status} → {b.record.status}"
    status = Cell(words, status=b.record.status if b.record.status != "ok" else "")
    figures = [_median(a, notes), _median(b, notes)]
    if a.record.nature != b.record.nature:
        why = f"{a.record.nature} against {b.record.nature} is not compared"
        return [
            *head,
            status,
            *figures,
            *[Cell(NOTHING, footnote=notes.number(clean(why)))] * 3,
            *[Cell(NOTHING)] * 2,
        ]
    pairs = (
        (_steady(a), _steady(b)),
        (a.record.build_s, b.record.build_s),
        (a.record.first_s, b.record.first_s),
        (a.record.convert_s, b.record.convert_s),
        (a.record.second_s, b.record.second_s),
    )
    proven = a.record.ranked and b.record.ranked
    return [
        *head,
        status,
        *figures,
        *(_ratio(*pair) if proven else Cell(NOTHING) for pair in pairs),
    ]


def _median(entry: Entry | None, notes: Footnotes) -> Cell:
    if entry is None:
        return Cell(NOTHING)
    median = _steady(entry)
    return notes.ranked(entry, median, milliseconds(median))


def _steady(entry: Entry) -> float | None:
    return entry.statistics.median if entry.statistics else None


def _ratio(a: float | None, b: float | None) -> Cell:
    value = b / a if a and b is not None else None
    return number(value, ratio(value))


def _environment(
    left: dict[Key, Entry], right: dict[Key, Entry], common: Sequence[Key]
) -> list[str]:
    """Whether what moves figures was the same in both runs."""
    notes = []
    for name in ENVIRONMENT:
        values = [
            sorted({clean(side[key].record.environment.get(name, "unknown"), 60) for key in common})
            for side in (left, right)
        ]
        if values[0] != values[1]:
            notes.append(f"{name} differs: A {', '.join(values[0])}; B {', '.join(values[1])}.")
    recorded = any(name in left[key].record.environment for key in common for name in ENVIRONMENT)
    if not notes and recorded:
        notes.append("The recorded environment (governor and the like) is the same in both.")
    return notes


def _summary(left: dict[Key, Entry], right: dict[Key, Entry], common: Sequence[Key]) -> list[str]:
    changed = sum(left[key].record.status != right[key].record.status for key in common)
    counts = f"{len(common)} cells in both, {changed} of them with another status"
    return [f"{counts}; {len(left) - len(common)} only in A, {len(right) - len(common)} only in B."]

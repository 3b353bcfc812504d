"""The best classes of each image with their probabilities, as the source prints them."""

from __future__ import annotations

from collections.abc import Sequence

from reports.ranking import Entry
from reports.riscv import Network, Setting, networks
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.text import clean
from reports.units import NOTHING

#: Images that a table shows; a record keeps more.
IMAGES = 6
_FAMILIES = ("tvm", "tflite", "onnxruntime")


def top_classes_tables(entries: Sequence[Entry]) -> list[Table]:
    """A table for each network of which best classes were kept."""
    found = [_table(network) for network in networks(entries)]
    return [table for table in found if table is not None]


def _table(network: Network) -> Table | None:
    chosen = {family: _chosen(network, family) for family in _FAMILIES}
    first = next((e for e in chosen.values() if e is not None), None)
    shown = first.record.top_classes if first else None
    if shown is None:
        return None
    rows = []
    for image in range(min(len(shown.inputs), IMAGES)):
        for place, number_of in enumerate(shown.classes[image]):
            chances = [_chance(entry, image, number_of) for entry in chosen.values()]
            label = clean(shown.labels.get(str(number_of), ""), 60)
            head = [
                text(clean(shown.inputs[image], 40)),
                number(place + 1),
                number(number_of),
                text(label),
            ]
            rows.append([*head, *chances])
    columns = [
        Column("image"),
        Column("rank", numeric=True),
        Column("class", numeric=True),
        Column("label"),
    ]
    columns += [
        Column(Setting.of(entry).label if entry else family, numeric=True)
        for family, entry in chosen.items()
    ]
    return Footnotes().table(
        f"Best classes of each image: {network.name}", *told(columns, rows, 3), headers=3
    )


def _chosen(network: Network, family: str) -> Entry | None:
    """The first cell of the family's best setting that kept its classes, or else of any."""
    best = network.best(family)
    known = [*best.entries.values()] if best else []
    known += [e for e in network.entries if Setting.of(e).family == family]
    return next((entry for entry in known if entry.record.top_classes is not None), None)


def _chance(entry: Entry | None, image: int, wanted: int) -> Cell:
    """The probability of a class, with the source's seven decimals, and its rank where that differs."""
    top = entry.record.top_classes if entry else None
    if top is None or image >= len(top.classes) or wanted not in top.classes[image]:
        return Cell(NOTHING)
    chance = top.probabilities[image][top.classes[image].index(wanted)]
    return number(chance, f"{chance:.7f}")

"""TVM against TensorFlow Lite: who leads, what separates them, whether they agree, on what machine."""

from __future__ import annotations

from collections.abc import Sequence

from reports.published.riscv import RELATIVE, SYSTEM
from reports.ranking import Entry
from reports.riscv import (
    Curve,
    Network,
    Setting,
    networks,
)
from reports.riscv_agreement import pairs
from reports.riscv_causes import CAUSES, examine
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.tables.riscv_fps import PUBLISHED
from reports.text import clean
from reports.units import NOTHING, ratio

_FAMILIES = ("tvm", "tflite", "onnxruntime")


def difference_table(entries: Sequence[Entry]) -> Table | None:
    """Best against best: a row for each network, with the published difference; None without any."""
    notes = Footnotes()
    found = networks(entries)
    if not found:
        return None
    rows = []
    for network in found:
        best = [network.best(family) for family in _FAMILIES]
        tvm, tflite, _ = best
        batches = sorted(tvm.over(tflite)) if tvm and tflite else []
        published = RELATIVE.get(network.published or "")
        rows.append(
            [
                text(network.name),
                number(network.difference, ratio(network.difference)),
                number(published, ratio(published)),
                text(", ".join(map(str, batches))),
                *(
                    _setting(curve, network, name, notes)
                    for curve, name in zip(best, _FAMILIES, strict=True)
                ),
            ]
        )
    columns = [
        Column("network"),
        Column("TFLite ÷ TVM, mean of FPS ratios", numeric=True),
        Column(PUBLISHED, numeric=True),
        Column("batches"),
        Column("best of TVM"),
        Column("best of TensorFlow Lite"),
        Column("best of ONNX Runtime", priority=1),
    ]
    return notes.table("Average relative difference", *told(columns, rows, keep=2))


def _setting(curve: Curve | None, network: Network, family: str, notes: Footnotes) -> Cell:
    if curve is not None:
        return text(curve.setting.knobs)
    failed = [e for e in network.entries if Setting.of(e).family == family]
    return notes.failure(failed[0]) if failed and not failed[0].record.ranked else Cell(NOTHING)


def causes_table(entries: Sequence[Entry]) -> Table | None:
    """What each knob is worth, and how much of the difference it accounts for; None without networks."""
    rows = []
    for network in networks(entries):
        for cause in CAUSES:
            found = examine(network, cause)
            head = [text(network.name), text(cause.name)]
            if found is None:
                rows.append(
                    [*head, Cell("not tested", status="not_measured"), *[Cell(NOTHING)] * 5]
                )
                continue
            between = f"{found.least:.2f} to {found.most:.2f}" if found.cells > 1 else ""
            rows.append(
                [
                    *head,
                    number(found.speedup, ratio(found.speedup)),
                    text(between),
                    number(found.cells),
                    number(found.unequal, ratio(found.unequal)),
                    number(found.equal, ratio(found.equal)),
                    _share(found.share),
                ]
            )
    columns = (
        Column("network"),
        Column("what"),
        Column("FPS with it ÷ without", numeric=True),
        Column("range", priority=2),
        Column("pairs of cells", numeric=True, priority=3),
        Column("TFLite ÷ TVM, set apart by it", numeric=True),
        Column("TFLite ÷ TVM, levelled", numeric=True),
        Column("accounts for", numeric=True),
    )
    return (
        Footnotes().table("What separates the runtimes", columns, rows, headers=2) if rows else None
    )


def _share(share: float | None) -> Cell:
    if share is None:
        return Cell(NOTHING)
    shown = "all of it" if share >= 1 else "none of it" if share <= 0 else f"{share * 100:.0f} %"
    return number(share, shown)


def agreement_tables(entries: Sequence[Entry]) -> list[Table]:
    """The runtimes two by two, over all of their cells that kept their best classes."""
    rows = []
    for network in networks(entries):
        for pair in pairs(network):
            alike = pair.same == pair.images
            cells = " and ".join(
                map(str, pair.cells if pair.first != pair.second else pair.cells[:1])
            )
            rows.append(
                [
                    text(network.name),
                    text(pair.first),
                    text(pair.second if pair.first != pair.second else "itself"),
                    text(cells),
                    Cell(
                        f"{pair.same} of {pair.images}",
                        "" if alike else "disagrees",
                        sort_key=pair.same,
                    ),
                    number(pair.worst, f"{pair.worst:.2g}" if pair.worst is not None else None),
                ]
            )
    columns = (
        Column("network"),
        Column("runtime"),
        Column("against"),
        Column("cells", priority=1),
        Column("images with the same order in every cell", numeric=True),
        Column("largest difference of a probability", numeric=True),
    )
    if not rows:
        return []
    return [Footnotes().table("Best classes, two by two", columns, rows, headers=3)]


def system_table(entries: Sequence[Entry]) -> Table | None:
    """The machine in the source's seven lines, beside the published one; None where no record says."""
    systems: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for entry in entries:
        said = entry.record.environment.get("system")
        if isinstance(said, dict) and said:
            lines = tuple((clean(k, 40), clean(v)) for k, v in said.items())
            who = systems.setdefault(lines, [])
            if entry.runtime not in who:
                who.append(entry.runtime)
    if not systems:
        return None
    known = [dict(lines) for lines in systems]
    heads = [", ".join(sorted(who)) for who in systems.values()]
    rows = [
        [text(name), *(text(each.get(name, "")) for each in known), text(value)]
        for name, value in SYSTEM.items()
    ]
    columns = [Column("characteristic"), *map(Column, heads), Column(PUBLISHED)]
    return Footnotes().table("System", columns, rows)

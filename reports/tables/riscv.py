"""TVM against TensorFlow Lite as its source tabulates it: FPS over batch, setting by setting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reports.published.riscv import RELATIVE, SYSTEM
from reports.ranking import Entry
from reports.riscv import (
    LEVELS,
    Curve,
    Network,
    Setting,
    networks,
    published_curve,
)
from reports.riscv_agreement import pairs
from reports.riscv_causes import CAUSES, tested
from reports.tables import Cell, Column, Footnotes, Table, number, text, told
from reports.text import clean
from reports.units import NOTHING, figure, ratio

#: What a published row is called, wherever it stands.
PUBLISHED = "published, another board"
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
                *(
                    _setting(curve, network, name, notes)
                    for curve, name in zip(best, _FAMILIES, strict=True)
                ),
                text(", ".join(map(str, batches))),
                number(network.difference, ratio(network.difference)),
                number(published, ratio(published)),
            ]
        )
    columns = [
        Column("network"),
        Column("best of TVM"),
        Column("best of TensorFlow Lite"),
        Column("best of ONNX Runtime", priority=1),
        Column("batches"),
        Column("TFLite ÷ TVM, mean of FPS ratios", numeric=True),
        Column(PUBLISHED, numeric=True),
    ]
    return notes.table("Average relative difference", *told(columns, rows, keep=3))


def _setting(curve: Curve | None, network: Network, family: str, notes: Footnotes) -> Cell:
    if curve is not None:
        return text(curve.setting.knobs)
    failed = [e for e in network.entries if Setting.of(e).family == family]
    return notes.failure(failed[0]) if failed and not failed[0].record.ranked else Cell(NOTHING)


def level_tables(entries: Sequence[Entry]) -> list[Table]:
    """For each network TVM's levels over batch, in the schedule and threads of its best."""
    found = []
    for network in networks(entries):
        best = network.best("tvm")
        if best is None:
            continue
        rows = [(setting, {"level": setting.level}) for setting in ladder(network, best)]
        what = replace(best.setting, level=None, layout=None).knobs
        title = f"FPS by opt_level: {network.name}, Apache TVM, {what}"
        found.append(_fps_table(network, title, "tvm", rows))
    return found


def ladder(network: Network, best: Curve) -> list[Setting]:
    """The levels that were to be measured as ``best`` was, each in its own layout and in the other."""
    wanted = (
        replace(best.setting, level=level, layout=layout)
        for level in LEVELS
        for layout in ("NCHW", "NHWC")
    )
    known = {setting for setting, _ in network.cells}
    return [setting for setting in wanted if setting in known]


def thread_tables(entries: Sequence[Entry]) -> list[Table]:
    """For each network and runtime its best setting over batch, thread by thread, published below."""
    found = []
    for network in networks(entries):
        for family in ("tflite", "tvm", "onnxruntime"):
            best = network.best(family)
            if best is None:
                continue
            settings = threads(network, best)
            rows = [(each, {"threads": each.threads}) for each in settings]
            what = replace(best.setting, threads=None).label
            title = f"FPS by threads: {network.name}, {what}"
            if len(settings) > 1 or family == "tflite":
                found.append(_fps_table(network, title, family, rows))
    return found


def threads(network: Network, best: Curve) -> list[Setting]:
    """The settings that differ from that of ``best`` in their threads alone, itself among them."""
    known = dict.fromkeys(setting for setting, _ in network.cells)
    alike = [each for each in known if replace(each, threads=best.setting.threads) == best.setting]
    return sorted(alike, key=lambda setting: setting.order)


def _fps_table(
    network: Network,
    title: str,
    family: str,
    rows: Iterable[tuple[Setting, dict[str, int | None]]],
) -> Table:
    """Rows of settings with their FPS, ours in the steady state beside, and the published ones."""
    notes = Footnotes()
    rows = list(rows)
    highest = _highest(network, [setting for setting, _ in rows])
    lines = []
    for setting, _ in rows:
        cells = [network.cells.get((setting, batch)) for batch in network.batches]
        fps = [
            _fps(e, notes, highest.get(batch))
            for e, batch in zip(cells, network.batches, strict=True)
        ]
        lines.append([text(setting.knobs), text("FPS, as the source computes it"), *fps])
        lines.append([text(setting.knobs), text("FPS, steady state"), *map(_steady, cells)])
        lines.append(
            [
                text(setting.knobs),
                text("median (ms), as the source computes it"),
                *map(_latency, cells),
            ]
        )
    shown = []
    for setting, knobs in rows:
        known = {name: value for name, value in knobs.items() if value is not None}
        published = published_curve(network, family, **known)
        if published and known not in shown and _printed(setting):
            shown.append(known)
            (what,) = (
                f"{'opt_level' if name == 'level' else name} {value}"
                for name, value in known.items()
            )
            figures = [
                number(published.get(batch), _three(published.get(batch)))
                for batch in network.batches
            ]
            lines.append(
                [text(f"{PUBLISHED}: {what}"), text("FPS, as the source computes it"), *figures]
            )
    columns = [
        Column("setting"),
        Column("figure"),
        *(Column(f"batch {b}", numeric=True) for b in network.batches),
    ]
    return notes.table(title, columns, lines, headers=2)


def _printed(setting: Setting) -> bool:
    """Whether the source has rows for such a setting: it ran TFLite with XNNPACK alone."""
    return setting.delegate != "none"


def _highest(network: Network, settings: Sequence[Setting]) -> dict[int, float]:
    """The highest FPS at each batch, where at least two are ranked."""
    curves = [curve for curve in network.curves if curve.setting in settings]
    found = {b: [c.fps[b] for c in curves if b in c.fps] for b in network.batches}
    return {batch: max(fps) for batch, fps in found.items() if len(fps) > 1}


def _fps(entry: Entry | None, notes: Footnotes, highest: float | None) -> Cell:
    if entry is None:
        return Cell(NOTHING)
    fps = entry.source.fps if entry.source else None
    return notes.ranked(entry, fps, figure(fps), best=fps is not None and fps == highest)


def _steady(entry: Entry | None) -> Cell:
    shown = entry.statistics if entry and entry.record.ranked else None
    return number(shown.fps, figure(shown.fps)) if shown else Cell(NOTHING)


def _latency(entry: Entry | None) -> Cell:
    source = entry.source if entry and entry.record.ranked else None
    return number(source.latency, figure(source.latency * 1e3)) if source else Cell(NOTHING)


def _three(value: float | None) -> str | None:
    """With three decimals, as the source prints its own."""
    return None if value is None else f"{value:.3f}"


def causes_table(entries: Sequence[Entry]) -> Table | None:
    """What each knob is worth, and how much of the difference it accounts for; None without networks."""
    rows = []
    for network in networks(entries):
        for cause in CAUSES:
            found = tested(network, cause)
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

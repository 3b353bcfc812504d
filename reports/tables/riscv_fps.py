"""FPS over batch, setting by setting, as the experiment's source draws it, and the published rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.ranking import Entry
from reports.riscv import LEVELS, Curve, Network, Setting, networks, published_curve
from reports.tables import Cell, Column, Footnotes, Table, number, text
from reports.units import NOTHING, figure

#: What a published row is called, wherever it stands.
PUBLISHED = "published, another board"
#: Said beside every comparison with the published figures.
OTHER_BOARD = (
    "Published figures are of another board, and of Relay, which had schedules at every level and a "
    "thread pool of its own choosing."
)
_SOURCE = (
    "as the source computes it: of its ten iterations without a warm-up, those within three standard "
    "deviations; FPS is their inputs over their time, latency their median"
)

#: A setting, what a row calls it, and the knobs of the published setting that is like it.
Row = tuple[Setting, str, dict[str, int]]


def level_tables(entries: Sequence[Entry]) -> list[Table]:
    """For each network TVM's levels over batch, in the schedule and threads of its best."""
    found = []
    for network in networks(entries):
        best = network.best("tvm")
        if best is None:
            continue
        rows = [
            (each, replace(each, schedule=None, threads=None).knobs, {"level": each.level or 0})
            for each in ladder(network, best)
        ]
        what = replace(best.setting, level=None, layout=None).knobs
        title = f"FPS by opt_level: {network.name}, Apache TVM, {what}"
        found.append(_table(network, title, "tvm", rows))
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
    """For each network and runtime its best setting over batch, thread by thread."""
    found = []
    for network in networks(entries):
        for family in ("tflite", "tvm", "onnxruntime"):
            best = network.best(family)
            if best is None:
                continue
            rows = [
                (each, Setting(each.runtime, each.threads).knobs, {"threads": each.threads or 0})
                for each in threads(network, best)
            ]
            what = replace(best.setting, threads=None).label
            title = f"FPS by threads: {network.name}, {what}"
            if len(rows) > 1 or family == "tflite":
                found.append(_table(network, title, family, rows))
    return found


def threads(network: Network, best: Curve) -> list[Setting]:
    """The settings that differ from that of ``best`` in their threads alone, itself among them."""
    known = dict.fromkeys(setting for setting, _ in network.cells)
    alike = [each for each in known if replace(each, threads=best.setting.threads) == best.setting]
    return sorted(alike, key=lambda setting: setting.order)


def _table(network: Network, title: str, family: str, rows: Sequence[Row]) -> Table:
    """FPS and latency as the source computes them, FPS in our steady state, and the published FPS."""
    notes, batches = Footnotes(), network.batches
    highest = _highest(network, [setting for setting, *_ in rows])
    lines = []
    for setting, called, _ in rows:
        cells = [network.cells.get((setting, batch)) for batch in batches]
        fps = [_fps(e, notes, highest.get(b)) for e, b in zip(cells, batches, strict=True)]
        lines.append([text(called), Cell("FPS", footnote=notes.number(_SOURCE)), *fps])
        lines.append([text(called), text("latency (ms)"), *map(_latency, cells)])
        lines.append([text(called), text("FPS, steady state"), *map(_steady, cells)])
    for knobs in _distinct([like for setting, _, like in rows if setting.delegate != "none"]):
        if published := published_curve(network, family, **knobs):
            (what,) = (f"{name.replace('level', 'opt_level')} {n}" for name, n in knobs.items())
            figures = [_published(published.get(batch)) for batch in batches]
            other = Cell("FPS", footnote=notes.number(OTHER_BOARD))
            lines.append([text(f"{PUBLISHED}: {what}"), other, *figures])
    columns = [Column("setting"), Column("figure")]
    columns += [Column(f"batch {batch}", numeric=True) for batch in batches]
    return notes.table(title, columns, lines, headers=2)


def _distinct(each: Sequence[dict[str, int]]) -> list[dict[str, int]]:
    return [knobs for number, knobs in enumerate(each) if knobs not in each[:number]]


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


def _published(fps: float | None) -> Cell:
    """With three decimals, as the source prints its own."""
    return number(fps, None if fps is None else f"{fps:.3f}")

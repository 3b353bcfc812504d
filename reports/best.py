"""The best parameters of each network, runtime and batch: as a table, and as JSON for a deployment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reports.plain import jsonable
from reports.ranking import Entry, grouped
from reports.tables import Column, Footnotes, Table, number, text, told
from reports.units import figure, milliseconds

#: Raised with every change that an older reader would misread.
SCHEMA = 1
KIND = "edgeproof-best-parameters"
#: Experiments whose cells are no alternatives for a deployment: their processes are cold, or shared.
_APART = ("first_inference", "cocompile", "engine_placement", "tftrt")


def best_entries(entries: Iterable[Entry]) -> list[Entry]:
    """For each run, device, network, runtime and batch the ranked entry with the lowest median."""
    ranked = [
        entry
        for entry in entries
        if entry.record.ranked and entry.statistics and entry.record.experiment not in _APART
    ]
    groups = grouped(
        ranked, lambda e: (e.run, e.place, e.record.model, e.record.runtime, e.record.batch)
    )
    return [
        min(group, key=lambda e: e.statistics.median if e.statistics else 0.0)
        for group in groups.values()
    ]


def best_json(entries: Iterable[Entry]) -> dict[str, Any]:
    """What a deployment reads: see ``KIND`` and ``SCHEMA`` in it; times in seconds."""
    chosen = best_entries(entries)
    return {"kind": KIND, "schema": SCHEMA, "best": [_chosen(entry) for entry in chosen]}


def _chosen(entry: Entry) -> dict[str, Any]:
    record, statistics = entry.record, entry.statistics
    assert statistics is not None
    device = {name: record.device.get(name) for name in ("kind", "name")}
    found: dict[str, Any] = jsonable(
        {
            "model": record.model,
            "model_title": record.model_title,
            "model_sha256": record.artifact.get("sha256"),
            "format": record.artifact.get("format"),
            "runtime": record.runtime,
            "runtime_version": record.runtime_version,
            "knobs": record.knobs,
            "compiler": _compiler(record.artifact.get("compiler")),
            "batch": record.batch,
            "median_s": statistics.median,
            "p99_s": statistics.p99,
            "fps": statistics.fps,
            "rounds": statistics.rounds,
            "agreement": record.agreement,
            "device": device,
            "nature": record.nature,
            "cell": record.cell,
            "run": record.provenance.get("id"),
        }
    )
    return found


def _compiler(said: Any) -> dict[str, Any] | None:
    """What a deployment needs to compile the same: versions and target, and not what ran within."""
    if not isinstance(said, dict):
        return None
    return {name: value for name, value in said.items() if name not in ("passes", "rules")}


def best_table(entries: Sequence[Entry], title: str = "Best parameters") -> Table | None:
    """As ``best_json``, the fastest runtime of each network and batch marked; None without any."""
    chosen = best_entries(entries)
    if not chosen:
        return None
    rows = []
    for group in grouped(
        chosen, lambda e: (e.run, e.place, e.record.model, e.record.batch)
    ).values():
        lowest = min(e.statistics.median for e in group if e.statistics)
        for entry in group:
            assert entry.statistics is not None
            median = entry.statistics.median
            best = len(group) > 1 and median == lowest
            rows.append(
                [
                    text(entry.model),
                    number(entry.record.batch),
                    text(entry.runtime),
                    text(f"{entry.knobs} [{entry.run}]" if entry.run else entry.knobs),
                    number(median, milliseconds(median), best=best),
                    number(entry.statistics.fps, figure(entry.statistics.fps)),
                ]
            )
    columns = [
        Column("network"),
        Column("batch", numeric=True),
        Column("runtime"),
        Column("knobs"),
        Column("median (ms)", numeric=True),
        Column("FPS", numeric=True),
    ]
    return Footnotes().table(title, *told(columns, rows, 4), headers=3)

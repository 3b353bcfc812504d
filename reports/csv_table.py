"""CSV: one flat row for each record, units in the header, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from typing import Any

from reports.ranking import Entry, rank
from reports.record import ENGINE, MEMORY, PLACEMENT
from reports.results import Run
from reports.tables import Table
from reports.text import spreadsheet

Getter = Callable[[Entry], Any]


def _fields(part: Getter, names: str, template: str) -> list[tuple[str, Getter]]:
    """A column for each attribute of ``part``, empty where an entry has no such part."""

    def getter(name: str) -> Getter:
        return lambda entry: getattr(part(entry), name, None)

    return [(template.format(name), getter(name)) for name in names.split()]


def _memory(name: str) -> Getter:
    return lambda entry: entry.record.memory.get(name)


def _engine(name: str) -> Getter:
    return lambda entry: entry.record.engine.get(name)


def _between(top: str, bound: int) -> Getter:
    return lambda entry: (
        getattr(entry.record.accuracy, f"{top}_between")[bound] if entry.record.accuracy else None
    )


def _placement(name: str) -> Getter:
    return lambda entry: entry.record.placement.get(name)


#: What else of ``Record.engine`` is text.
_MADE = ("made_by", "made_on", "run_by")

#: Header and value, in the order of the columns; times stay in seconds, as in a record.
COLUMNS: tuple[tuple[str, Getter], ...] = (
    ("run", lambda e: e.run),
    *_fields(lambda e: e.record, "cell experiment", "{}"),
    ("device_kind", lambda e: e.place[0]),
    ("device_name", lambda e: e.place[1]),
    ("device_nature", lambda e: e.place[2]),
    *_fields(lambda e: e.record, "runtime runtime_version model model_title", "{}"),
    ("model_sha256", lambda e: e.record.artifact.get("sha256")),
    ("batch", lambda e: e.record.batch),
    ("threads", lambda e: e.record.knobs.get("threads")),
    ("knobs", lambda e: e.variant),
    *_fields(lambda e: e.record, "status phase reason", "{}"),
    ("ranked", lambda e: e.ratio is not None),
    ("best", lambda e: e.best),
    ("ratio_to_best", lambda e: e.ratio),
    *_fields(lambda e: e.record, "import_s convert_s build_s first_s second_s", "{}"),
    *((f"engine_{name}", _engine(name)) for name in ("when", "how", *_MADE)),
    *((f"engine_{name}", _engine(name)) for name in ENGINE),
    *((f"memory_{name}_bytes", _memory(name)) for name in MEMORY),
    ("memory_by", _memory("by")),
    *((f"placement_{name}_bytes", _placement(name)) for name in PLACEMENT),
    ("placement_whence", _placement("whence")),
    *_fields(lambda e: e.statistics, "rounds", "{}"),
    *_fields(lambda e: e.statistics, "min median mean p90 p95 p99 max stddev", "{}_s"),
    *_fields(lambda e: e.statistics, "fps", "{}_per_s"),
    *_fields(lambda e: e.source, "taken kept", "source_{}"),
    *_fields(lambda e: e.source, "latency", "source_{}_s"),
    *_fields(lambda e: e.source, "fps", "source_{}_per_s"),
    *_fields(
        lambda e: e.record.agreement,
        "reference inputs measure tolerance worst would_pass top1 topk_sets topk_orders k"
        " near_ties cosine snr_db itself",
        "agreement_{}",
    ),
    *_fields(lambda e: e.record.coverage, "by taken total share detail", "coverage_{}"),
    *_fields(lambda e: e.record.accuracy, "dataset images top1 top5", "accuracy_{}"),
    *(
        (f"accuracy_{top}_{bound}", _between(top, n))
        for top in ("top1", "top5")
        for n, bound in enumerate(("low", "high"))
    ),
    ("governor", lambda e: e.record.environment.get("governor")),
    ("process", lambda e: e.record.environment.get("process")),
    ("notes", lambda e: "; ".join(e.record.notes)),
)


def render(runs: Sequence[Run]) -> str:
    """All records of ``runs`` with every statistic."""
    rows = [[value(entry) for _, value in COLUMNS] for entry in rank(runs)]
    return _csv([name for name, _ in COLUMNS], rows)


def render_table(table: Table) -> str:
    """One table as it is shown, each reason in a last column."""
    notes = table.footnotes
    rows = [
        [
            *(cell.text for cell in row),
            "; ".join(dict.fromkeys(notes[c.footnote - 1] for c in row if c.footnote)),
        ]
        for row in table.rows
    ]
    return _csv([*(column.title for column in table.columns), "reason"], rows)


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(spreadsheet, header))
    writer.writerows([_value(value) for value in row] for row in rows)
    return file.getvalue()


def _value(value: Any) -> Any:
    """A number as it is, for a reader that computes; anything else as inert text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return (
            value if abs(value) < 2**63 else spreadsheet(value, 100)
        )  # no reader computes with it
    if isinstance(value, float):
        return value if math.isfinite(value) else ""
    return spreadsheet(value)

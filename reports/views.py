"""What an experiment shows that has tables of its own: all of them, a terminal's, and sentences.

Other experiments have tables of setups: see ``reports.section``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports import (
    cocompile,
    engine_findings,
    engines,
    riscv,
    riscv_findings,
    tftrt,
    tftrt_findings,
)
from reports.best import best_table
from reports.ranking import Entry
from reports.tables import Table
from reports.tables.cocompile import placement_table, turns_table
from reports.tables.engines import break_even_table, engine_tables
from reports.tables.published import published_table
from reports.tables.riscv import agreement_tables, causes_table, difference_table, system_table
from reports.tables.riscv_fps import level_tables, thread_tables
from reports.tables.tftrt import tftrt_tables
from reports.tables.top_classes import top_classes_tables

Tables = Iterable[Table | None]


def _nothing(entries: Sequence[Entry]) -> list[str]:  # noqa: ARG001
    return []


@dataclass(frozen=True)
class View:
    """An experiment of its own: its ``title``, and what stands at the foot of its plots.

    ``chosen`` says that its cells are alternatives, among which a reader chooses the fastest.
    """

    title: str
    foot: str
    tables: Callable[[Sequence[Entry]], Tables]
    brief: Callable[[Sequence[Entry]], Tables]
    findings: Callable[[Sequence[Entry]], list[str]] = _nothing
    chosen: bool = False


def _cocompile(entries: Sequence[Entry]) -> Tables:
    return published_table(entries), placement_table(entries), turns_table(entries)


def _cocompile_brief(entries: Sequence[Entry]) -> Tables:
    return published_table(entries), turns_table(entries, sums=True)


def _riscv(entries: Sequence[Entry]) -> Tables:
    return (
        difference_table(entries),
        causes_table(entries),
        *level_tables(entries),
        *thread_tables(entries),
        best_table(entries),
        *agreement_tables(entries),
        *top_classes_tables(entries),
        system_table(entries),
    )


def _riscv_brief(entries: Sequence[Entry]) -> Tables:
    return difference_table(entries), causes_table(entries), best_table(entries)


def _engines_brief(entries: Sequence[Entry]) -> Tables:
    return (break_even_table(entries),)


_MEANS = "Means, as the source of the published figures computes them."

VIEWS = {
    cocompile.EXPERIMENT: View("Co-compilation", _MEANS, _cocompile, _cocompile_brief),
    riscv.EXPERIMENT: View(
        "TVM against TensorFlow Lite",
        _MEANS,
        _riscv,
        _riscv_brief,
        riscv_findings.findings,
        chosen=True,
    ),
    engines.EXPERIMENT: View(
        "Where engines are built",
        "Steady states are medians; only placements that agree are compared.",
        engine_tables,
        _engines_brief,
        engine_findings.findings,
    ),
    tftrt.EXPERIMENT: View(
        "TF-TRT against the original", _MEANS, tftrt_tables, tftrt_tables, tftrt_findings.findings
    ),
}

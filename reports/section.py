"""One experiment on one device: its tables, what a terminal shows of them, and what they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reports import cocompile, reference_accuracy, riscv
from reports.best import best_table
from reports.ranking import Entry
from reports.riscv_findings import findings
from reports.tables import Table
from reports.tables.accuracy import accuracy_table
from reports.tables.agreement import agreement_table
from reports.tables.cells import cells_table
from reports.tables.cocompile import placement_table, turns_table
from reports.tables.comparison import comparison_tables
from reports.tables.first import first_table
from reports.tables.memory import memory_table
from reports.tables.published import published_table
from reports.tables.riscv import (
    agreement_tables,
    causes_table,
    difference_table,
    system_table,
)
from reports.tables.riscv_fps import level_tables, thread_tables
from reports.tables.top_classes import top_classes_tables


@dataclass(frozen=True)
class Fastest:
    """The fastest cell that agrees, of one experiment, device, model and its smallest batch.

    ``entries`` are all cells of that group, the ranked ones first; ``winner`` is None where no
    cell that was timed agrees, and ``runner_up`` is the ratio of the next setup to it.
    """

    entries: tuple[Entry, ...]
    winner: Entry | None
    runner_up: float | None


@dataclass(frozen=True)
class Section:
    """The entries of one experiment on one device."""

    experiment: str
    device: str
    entries: tuple[Entry, ...]
    fastest: tuple[Fastest, ...]

    @property
    def title(self) -> str:
        """The experiment and the device, with its nature unless that is measured."""
        return f"{self.experiment} on {self.device}"

    @property
    def first(self) -> bool:
        """Whether the experiment is about the first inference rather than the steady state."""
        return "first_inference" in self.experiment

    @property
    def published(self) -> bool:
        """Whether its cells are cases of a published table, and no alternatives to choose among."""
        return self.experiment == cocompile.EXPERIMENT

    @property
    def search(self) -> bool:
        """Whether its cells are a search for the best knobs, more of them than tables of setups hold."""
        return self.experiment == riscv.EXPERIMENT

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """What its cells amount to, in sentences."""
        if self.search:
            return tuple(findings(self.entries))
        return tuple(reference_accuracy.findings(self.entries))

    @property
    def brief(self) -> list[Table]:
        """The tables that a terminal has room for."""
        entries = self.entries
        if self.published:
            chosen = [published_table(entries), turns_table(entries, sums=True)]
        elif self.search:
            chosen = [difference_table(entries), causes_table(entries), best_table(entries)]
        else:
            chosen = [accuracy_table(entries), cells_table(entries)]
        return [table for table in chosen if table] or [cells_table(entries)]

    def tables(self) -> list[Table]:
        """The tables that this section's records have something for, every cell last."""
        entries = self.entries
        if self.published:
            chosen = [published_table(entries), placement_table(entries), turns_table(entries)]
        elif self.search:
            chosen = [
                difference_table(entries),
                causes_table(entries),
                *level_tables(entries),
                *thread_tables(entries),
                best_table(entries),
                *agreement_tables(entries),
                *top_classes_tables(entries),
                system_table(entries),
            ]
        else:
            chosen = [agreement_table(entries), accuracy_table(entries)]
            chosen += [first_table(entries)] if self.first else comparison_tables(entries)
            chosen.append(memory_table(entries))
        return [*(table for table in chosen if table), cells_table(entries)]

"""One experiment on one device: its tables, what a terminal shows of them, and what they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reports import reference_accuracy
from reports.ranking import Entry
from reports.tables import Table
from reports.tables.accuracy import accuracy_table
from reports.tables.agreement import agreement_table
from reports.tables.cells import cells_table
from reports.tables.comparison import comparison_tables
from reports.tables.first import first_table
from reports.tables.memory import memory_table
from reports.views import VIEWS, View


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
    def view(self) -> View | None:
        """What its experiment shows of its own; None where tables of setups are what there is."""
        return VIEWS.get(self.experiment)

    @property
    def chosen(self) -> bool:
        """Whether its cells are alternatives for the steady state, of which one is the fastest."""
        return self.view.chosen if self.view else not self.first

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """What its cells amount to, in sentences."""
        said = self.view.findings if self.view else reference_accuracy.findings
        return tuple(said(self.entries))

    @property
    def brief(self) -> list[Table]:
        """The tables that a terminal has room for."""
        entries = self.entries
        chosen = (
            self.view.brief(entries)
            if self.view
            else (accuracy_table(entries), cells_table(entries))
        )
        return [table for table in chosen if table] or [cells_table(entries)]

    def tables(self) -> list[Table]:
        """The tables that this section's records have something for, every cell last."""
        entries = self.entries
        chosen = self.view.tables(entries) if self.view else self._of_setups()
        return [*(table for table in chosen if table), cells_table(entries)]

    def _of_setups(self) -> list[Table | None]:
        entries = self.entries
        timed = [first_table(entries)] if self.first else comparison_tables(entries)
        return [agreement_table(entries), accuracy_table(entries), *timed, memory_table(entries)]

"""Which cell is the fastest, and among which: like compared with like, and verdicts first."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from reports.record import Record
from reports.results import Run
from reports.source_metrics import Performance, performance
from reports.statistics import Statistics, summarise
from reports.text import clean

K = TypeVar("K")
T = TypeVar("T")

#: The experiments that a reader looks for first, in that order; the others follow by name.
EXPERIMENTS = {name: n for n, name in enumerate(("latency", "first_inference", "agreement"))}

#: A device as rankings tell it apart: kind, name, nature.
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Entry:
    """A record with its statistics and its standing; every label is clean and says the nature.

    ``best`` marks the lowest median of a group of at least two entries; ``ratio`` is the median
    over the group's lowest. Neither is ever set for an entry that may not be ranked.
    """

    record: Record
    statistics: Statistics | None
    run: str = ""
    best: bool = False
    ratio: float | None = None

    @cached_property
    def source(self) -> Performance | None:
        """Latency and FPS as the experiment's source computes them, of its own iterations."""
        return performance(self.record.source_samples, self.record.batch)

    @cached_property
    def experiment(self) -> str:
        """The experiment's name."""
        return clean(self.record.experiment, 80)

    @cached_property
    def model(self) -> str:
        """The model's title, which says so where its weights are untrained."""
        return clean(self.record.model_title or self.record.model, 80)

    @cached_property
    def runtime(self) -> str:
        """The runtime's name, with the device's nature unless that is measured."""
        return clean(self.record.runtime, 60) + nature_suffix(self.record.nature)

    @cached_property
    def place(self) -> Place:
        """The device, for grouping."""
        device = self.record.device
        return str(device.get("kind", "")), str(device.get("name", "")), self.record.nature

    @cached_property
    def device(self) -> str:
        """The device's kind and name, with its nature unless that is measured."""
        return place_label(self.place)

    @cached_property
    def threads(self) -> str:
        """The number of threads as text, or nothing where it was not a knob."""
        return knob_text(self.record.knobs.get("threads"))

    @cached_property
    def variant(self) -> str:
        """What was set otherwise than by default; every knob, of a record that does not say."""
        if self.record.variant is not None:
            return clean(self.record.variant, 120)
        return self._knobs(without=("batch", "threads"))

    @cached_property
    def knobs(self) -> str:
        """Threads, batch and variant, as in ids; every knob, of a record that names no variant."""
        if self.record.variant is None:
            return self._knobs(without=())
        short = [f"t{self.threads}"] if self.threads else []
        return ", ".join(filter(None, (" ".join([*short, f"b{self.record.batch}"]), self.variant)))

    def _knobs(self, without: Sequence[str]) -> str:
        return clean(
            ", ".join(
                f"{clean(name, 40)}={knob_text(value)}"
                for name, value in self.record.knobs.items()
                if name not in without and value is not None
            ),
            120,
        )

    @cached_property
    def setup(self) -> str:
        """Runtime, threads and variant: what a reader chooses between."""
        threads = f"{self.threads} thread{'s' * (self.threads != '1')}" if self.threads else ""
        return ", ".join(part for part in (self.runtime, threads, self.variant) if part)

    @cached_property
    def reason(self) -> str:
        """Why the status is not ``ok``; never empty then."""
        if self.record.ranked:
            return ""
        unstable = self.record.environment.get("unstable")
        given = "; ".join(map(str, unstable)) if isinstance(unstable, list) else unstable
        return clean(self.record.reason or given or "") or (
            f"no reason was recorded; the last phase that finished is {self.record.phase}"
        )

    @cached_property
    def order(self) -> tuple[Any, ...]:
        """Where a reader looks for it: by experiment, device, model, batch, runtime, knobs."""
        return (
            EXPERIMENTS.get(self.experiment, len(EXPERIMENTS)),
            self.experiment,
            self.device,
            self.model,
            self.record.batch,
            self.runtime,
            natural(self.record.knobs.get("threads")),
            self.variant,
            self.run,
        )


def rank(runs: Sequence[Run]) -> list[Entry]:
    """The entries of ``runs``, ranked within their groups and in reading order.

    A group holds one experiment, device (kind, name and nature), model and batch: only its entries
    whose verdict is ``ok`` have a standing. Runs are named where there are several.
    """
    names = _run_names(runs)
    entries = [
        Entry(record, summarise(record.samples, record.batch), name)
        for run, name in zip(runs, names, strict=True)
        for record in run.records
    ]
    ranked: list[Entry] = []
    for group in grouped(entries, _group).values():
        medians = [m for entry in group if (m := _rankable(entry)) is not None]
        lowest = min(medians, default=None)
        for entry in group:
            median = _rankable(entry)
            if median is not None and lowest is not None:
                entry = dataclasses.replace(
                    entry,
                    best=median == lowest and len(group) > 1,
                    ratio=median / lowest if lowest > 0 else None,
                )
            ranked.append(entry)
    return sorted(ranked, key=lambda entry: entry.order)


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """``items`` by ``key``, groups and items in the order of appearance."""
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def by_model(entries: Iterable[Entry]) -> list[list[Entry]]:
    """``entries`` split by model: by its id, since two may share a title."""
    return list(grouped(entries, lambda entry: entry.record.model).values())


def timed_models(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Those of ``by_model`` that were timed, or failed before they could be.

    None where nothing at all was timed: then the entries are of an experiment that times nothing.
    """
    if not any(entry.statistics for entry in entries):
        return []
    return [
        of_model
        for of_model in by_model(entries)
        if any(entry.statistics or entry.record.status != "not_measured" for entry in of_model)
    ]


def natural(value: Any) -> tuple[int, float, str]:
    """A sort key that puts nothing first, then numbers by value, then text."""
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, (int, float)) and abs(value) < 1e300:
        return (1, float(value), "")
    return (2, 0.0, clean(value, 60))


def nature_suffix(nature: str) -> str:
    """`` (emulated)`` and the like; nothing for what was measured."""
    return "" if nature == "measured" else f" ({clean(nature, 20)})"


def place_label(place: Place) -> str:
    """A device for a reader: kind, name, and its nature unless that is measured."""
    kind, name, nature = place
    label = " ".join(part for part in (clean(kind, 30), clean(name, 80)) if part)
    return (label or "unknown device") + nature_suffix(nature)


def knob_text(value: Any) -> str:
    """A knob's value on one short line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else clean(value, 60)


def _group(entry: Entry) -> tuple[Any, ...]:
    record = entry.record
    # Cases of an experiment and places in them are not alternatives to choose among.
    place = [str(record.knobs.get(name)) for name in ("case", "cocompiled", "phase", "slot")]
    return (record.experiment, entry.place, record.model, record.batch, *place)


def _rankable(entry: Entry) -> float | None:
    """The median to rank by, of an entry whose verdict allows it."""
    return entry.statistics.median if entry.record.ranked and entry.statistics else None


def _run_names(runs: Sequence[Run]) -> list[str]:
    """A short name for each run, told apart by number where two are the same."""
    if len(runs) == 1:
        return [""]
    labels = [clean(run.label, 40) for run in runs]
    return [
        label if labels.count(label) == 1 else f"{label} #{number}"
        for number, label in enumerate(labels, 1)
    ]

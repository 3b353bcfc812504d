"""TVM against TensorFlow Lite: FPS over batch of every setting, network by network.

FPS is what the experiment's source computes of its own iterations (``reports.source_metrics``), of cells
whose answers agree and no others. A network's curves all come from one run on one device.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports.published.riscv import TITLES, curve
from reports.ranking import Entry, grouped, natural
from reports.source_metrics import ITERATIONS, average_relative_difference
from reports.text import clean

EXPERIMENT = "riscv_tvm_tflite"
#: The runtimes by what they are compared as, and what a reader knows them by.
FAMILIES = {
    "tvm": ("tvm", "Apache TVM"),
    "litert": ("tflite", "LiteRT"),
    "tflite": ("tflite", "TensorFlow Lite"),
    "tflite_c": ("tflite", "TensorFlow Lite (C API)"),
    "onnxruntime": ("onnxruntime", "ONNX Runtime"),
}
LEVELS = range(4)
#: Inputs per second beyond which a figure is no measurement, and no ratio of it a number.
FASTEST = 1e12


@dataclass(frozen=True)
class Setting:
    """What is set of a runtime, but for the batch; None where a knob is not its own or makes no sense.

    ``layout`` is the one that convolutions end up in: at level 3 TVM converts to NHWC by itself.
    """

    runtime: str
    threads: int | None = None
    level: int | None = None
    schedule: str | None = None
    layout: str | None = None
    delegate: str | None = None

    @classmethod
    def of(cls, entry: Entry) -> Setting:
        """The setting of ``entry``, whatever its knobs hold."""
        knobs, runtime = entry.record.knobs, clean(entry.record.runtime, 60)
        threads = _count(knobs.get("threads"), 1, 4096)
        if runtime == "tvm":
            level = _count(knobs.get("opt_level"), 0, 3)
            own = "NHWC" if level == 3 else "NCHW"
            layout = _word(knobs.get("layout"))
            layout = own if layout in (None, "auto") else layout
            return cls(runtime, threads, level, _word(knobs.get("schedule")), layout)
        return cls(runtime, threads, delegate=_word(knobs.get("delegate")))

    @property
    def family(self) -> str:
        """``tvm``, ``tflite`` or ``onnxruntime``; of another runtime its own name."""
        return FAMILIES.get(self.runtime, (self.runtime, ""))[0]

    @property
    def title(self) -> str:
        """The runtime, for a reader."""
        return FAMILIES.get(self.runtime, ("", self.runtime))[1]

    @cached_property
    def knobs(self) -> str:
        """What is set, in few words."""
        parts = []
        if self.level is not None:
            parts.append(f"opt_level {self.level}")
        if self.schedule is not None:
            parts.append("no schedule" if self.schedule == "none" else f"{self.schedule} schedule")
        parts += [self.layout] if self.layout else []
        if self.delegate is not None:
            parts.append("without XNNPACK" if self.delegate == "none" else self.delegate.upper())
        if self.threads is not None:
            parts.append(f"{self.threads} thread{'s' * (self.threads != 1)}")
        return ", ".join(parts)

    @property
    def label(self) -> str:
        """Runtime and knobs."""
        return ", ".join(filter(None, (self.title, self.knobs)))

    @property
    def order(self) -> tuple[Any, ...]:
        """Where a reader looks for it."""
        known = list(FAMILIES)
        place = known.index(self.runtime) if self.runtime in known else len(known)
        words = (self.schedule or "", self.layout or "", self.delegate or "")
        return (place, self.runtime, natural(self.level), *words, natural(self.threads))


@dataclass(frozen=True)
class Curve:
    """One setting over batch: its ranked entries with their FPS, by batch in order."""

    setting: Setting
    entries: Mapping[int, Entry]

    @cached_property
    def fps(self) -> dict[int, float]:
        """FPS as the source computes it, by batch."""
        found = {batch: entry.source for batch, entry in self.entries.items()}
        return {b: source.fps for b, source in found.items() if source and source.fps < FASTEST}

    def over(self, other: Curve) -> dict[int, float]:
        """How many times the FPS of ``other`` it has, at the batches that both have."""
        return {b: fps / other.fps[b] for b, fps in self.fps.items() if b in other.fps}


@dataclass(frozen=True)
class Network:
    """The curves of one network in one run, in reading order, and all its entries, ranked or not."""

    model: str
    title: str
    run: str
    entries: tuple[Entry, ...]
    curves: tuple[Curve, ...]

    @cached_property
    def cells(self) -> dict[tuple[Setting, int], Entry]:
        """Every entry by setting and batch, of repeated ones the first."""
        return {(Setting.of(e), e.record.batch): e for e in reversed(self.entries)}

    @cached_property
    def batches(self) -> list[int]:
        """Every batch that was to be measured."""
        return sorted({entry.record.batch for entry in self.entries})

    @property
    def published(self) -> str | None:
        """The network's name in the published tables, if it is in them."""
        return TITLES.get(self.model)

    @property
    def name(self) -> str:
        """The title, with the run where there are several."""
        return f"{self.title} [{self.run}]" if self.run else self.title

    def of(self, family: str, **knobs: Any) -> list[Curve]:
        """The curves of a family whose settings have all of ``knobs``."""
        return [
            each
            for each in self.curves
            if each.setting.family == family
            and all(getattr(each.setting, name) == value for name, value in knobs.items())
        ]

    def best(self, family: str, **knobs: Any) -> Curve | None:
        """The fastest of those curves: see ``fastest``."""
        return fastest(self.of(family, **knobs))

    @cached_property
    def difference(self) -> float | None:
        """The source's average relative difference: TFLite's FPS over TVM's, best against best."""
        tvm, tflite = self.best("tvm"), self.best("tflite")
        return average_relative_difference(tvm.fps, tflite.fps) if tvm and tflite else None

    @cached_property
    def taken(self) -> tuple[int, int]:
        """Of how many iterations figures come, at least and at most."""
        counts = [len(e.record.source_samples) for c in self.curves for e in c.entries.values()]
        return (min(counts), max(counts)) if counts else (ITERATIONS, ITERATIONS)


def networks(entries: Iterable[Entry]) -> list[Network]:
    """The networks of ``entries``, which are of one device, in their order."""
    wanted = [entry for entry in entries if entry.record.experiment == EXPERIMENT]
    found = []
    for (model, run), group in grouped(wanted, lambda e: (e.record.model, e.run)).items():
        ranked = [entry for entry in group if entry.record.ranked and entry.source]
        curves = []
        for setting, points in grouped(ranked, Setting.of).items():
            by_batch = {entry.record.batch: entry for entry in reversed(points)}
            curves.append(Curve(setting, dict(sorted(by_batch.items()))))
        curves.sort(key=lambda each: each.setting.order)
        found.append(Network(clean(model, 80), group[0].model, run, tuple(group), tuple(curves)))
    return found


def fastest(curves: Sequence[Curve]) -> Curve | None:
    """The curve with the highest geometric mean of FPS, among those with the most batches.

    Over the same batches for all of them: one that was measured at fewer is no candidate.
    """
    most = max((len(each.fps) for each in curves), default=0)
    whole = [each for each in curves if len(each.fps) == most]
    if not most:
        return None
    batches = set(whole[0].fps)
    whole = [each for each in whole if set(each.fps) == batches]
    return max(whole, key=lambda each: geometric_mean(list(each.fps.values())))


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of positive ``values``: of ratios, the one that their inverses invert."""
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def published_curve(network: Network, family: str, **knobs: int) -> dict[int, float]:
    """FPS by batch of a published setting, which is another board's; empty where there is none."""
    if network.published is None:
        return {}
    return curve(network.published, family, knobs.get("level"), knobs.get("threads"))


def passes_of(entry: Entry) -> tuple[str, ...]:
    """The compiler's passes that ran, in their order, as far as the artifact says."""
    compiler = entry.record.artifact.get("compiler")
    said = compiler.get("passes") if isinstance(compiler, dict) else None
    if not isinstance(said, (list, tuple)):
        return ()
    return tuple(name for each in said[:1000] if (name := clean(each, 60)))


def _count(value: Any, least: int, most: int) -> int | None:
    return value if type(value) is int and least <= value <= most else None


def _word(value: Any) -> str | None:
    return clean(value, 30) or None if isinstance(value, str) else None

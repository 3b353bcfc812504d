"""Runs of the RISC-V experiment: its published figures as records, and what else was set beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.published.riscv import TITLES, riscv_throughput
from reports.ranking import Entry, rank
from reports.record import Record
from reports.results import Run
from reports.top_classes import TopClasses
from tests.reports.samples import agreement, record

BOARD = {"kind": "riscv", "name": "RV64 board", "where": "host", "nature": "measured"}
IDS = {title: name for name, title in TITLES.items()}
TOP = TopClasses(
    ("cat", "dog"), ((1, 2, 3), (4, 2, 3)), ((0.7, 0.2, 0.1), (0.6, 0.3, 0.1)), {"1": "a"}
)
SYSTEM = {"CPU": "Undefined", "Number of CPUs": "4", "RAM size": "16116960 kB"}


def cell(fps: float, runtime: str, model: str = "densenet121", **changes: Any) -> Record:
    """A cell whose ten iterations give ``fps``; knobs by name, the rest of a record under ``more``."""
    more = changes.pop("more", {})
    batch = changes.get("batch", 1)
    usual: dict[str, dict[str, Any]] = {
        "tvm": {"opt_level": 3, "schedule": "default", "layout": "auto", "target": "auto"},
        "litert": {"delegate": "xnnpack", "kernels": "builtin"},
    }
    knobs = {"threads": 1, **usual.get(runtime, {}), **changes}
    seconds = batch / fps
    values: dict[str, Any] = {
        "cell": f"riscv_tvm_tflite/{model}-{runtime}-{'-'.join(map(str, knobs.values()))}",
        "experiment": "riscv_tvm_tflite",
        "device": BOARD,
        "runtime": runtime,
        "model": model,
        "model_title": TITLES.get(model, model),
        "knobs": knobs,
        "first_s": seconds,
        "source_samples": (seconds,) * 10,
        "samples": (seconds,) * 5,
        "agreement": agreement(reference="LiteRT"),
        "top_classes": TOP,
        "artifact": {"format": "onnx", "sha256": "ab" * 32},
        "environment": {"system": SYSTEM},
    }
    return record(**{**values, **more})


def published() -> list[Record]:
    """The published table as if it had been measured: TVM's threads are not in it, and one here."""
    return [
        cell(row.fps, "tvm", IDS[row.model], opt_level=row.opt_level, batch=row.batch)
        if row.backend == "tvm"
        else cell(row.fps, "litert", IDS[row.model], threads=row.threads, batch=row.batch)
        for row in riscv_throughput()
    ]


def entries(*groups: Iterable[Record]) -> list[Entry]:
    return rank([Run("r", {}, [one for group in groups for one in group])])

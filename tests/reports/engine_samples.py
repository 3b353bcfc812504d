"""Runs of the engine experiment: five networks, four runtimes, every placement, and some trouble."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable
from typing import Any

from reports.ranking import Entry, rank
from reports.record import Record
from reports.results import Run
from tests.reports.samples import agreement, record

HOST = {"kind": "cpu", "name": "x86-64, 2 cores", "where": "host", "nature": "measured"}
MIB = 2**20
NETWORKS = {
    "digits_float32": ("Digits 8x8", 0.02e-3, 0.1),
    "resnet8_float32": ("ResNet-8 (CIFAR-10)", 0.9e-3, 0.3),
    "mobilenet_v2_quant": ("MobileNet v2 (int8)", 7e-3, 3.4),
    "mobilenet_v3_large": ("MobileNet v3 large (seeded weights)", 6e-3, 21.0),
    "densenet121": ("DenseNet-121 (seeded weights)", 60e-3, 31.0),
}
#: Import in seconds, and of each placement: knob, when, how, seconds of converting and of opening for
#: each second of a steady inference, the first and the steady inference over the usual one, and the
#: engine's size over the model's.
Setting = tuple[str, str, str, float, float, float, float, float]
RUNTIMES: dict[str, tuple[str, float, tuple[Setting, ...]]] = {
    "openvino": ("2026.4.1", 0.21, (
        ("load", "load", "compile_model", 0.0, 40.0, 1.6, 1.0, 0.0),
        ("cache", "cached", "CACHE_DIR, filled by an earlier use", 44.0, 8.0, 1.6, 1.0, 1.05),
        ("blob", "ahead", "export_model, import_model", 46.0, 6.0, 1.5, 1.01, 1.05),
    )),
    "onnxruntime": ("1.31.1", 0.12, (
        ("load", "load", "optimised at load", 0.0, 16.0, 1.3, 1.2, 0.0),
        ("onnx", "ahead", "optimised model, saved as ONNX", 18.0, 9.0, 1.3, 1.2, 1.01),
        ("ort", "ahead", "optimised model, saved in ORT format", 18.0, 5.0, 1.3, 1.2, 1.02),
    )),
    "litert": ("2.3.0", 0.08, (
        ("load", "load", "CompiledModel, XNNPACK packs at load", 0.0, 3.0, 2.0, 1.5, 0.0),
        ("cache", "cached", "XNNPACK weight cache", 4.0, 1.6, 2.0, 1.5, 1.9),
        ("plain", "load", "Interpreter, no delegate", 0.0, 0.3, 5.0, 5.0, 0.0),
    )),
    "tensorflow": ("2.21.0", 3.3, (
        ("traced", "first", "traced at the first call", 0.0, 90.0, 60.0, 2.6, 0.0),
        ("jit", "first", "XLA, compiled at the first call", 0.0, 90.0, 300.0, 1.7, 0.0),
        ("aot", "ahead", "XLA, compiled ahead", 420.0, 6.0, 3.0, 1.7, 2.4),
    )),
}  # fmt: skip


def placed(runtime: str = "openvino", when: str = "load", **changes: Any) -> Record:
    """One placement of ResNet-8: build 0.5 s, first 0.1 s, steady 0.01 s unless ``changes`` say more."""
    engine = {"when": when, "how": changes.pop("how", when), **changes.pop("sizes", {})}
    steady = changes.pop("steady", 0.01)
    values: dict[str, Any] = {
        "experiment": "engine_placement",
        "device": HOST,
        "runtime": runtime,
        "knobs": {"engine": engine["how"], **changes.pop("knobs", {})},
        "engine": engine,
        "import_s": 0.2,
        "convert_s": 1.0 if when in ("ahead", "cached") else None,
        "build_s": 0.5,
        "first_s": 0.1,
        "second_s": 0.01,
        "samples": () if steady is None else (steady,) * 3,
        "variant": "",
    }
    return record(**{**values, **changes})


def whole_run(seed: int = 4) -> list[Record]:
    """Every placement of every network, with an engine that was refused and one that died."""
    rng = random.Random(seed)  # figures, not secrets
    return [
        _troubled(_cell(rng, model, runtime, setting))
        for model in NETWORKS
        for runtime, (_, _, settings) in RUNTIMES.items()
        for setting in settings
    ]


def _cell(rng: random.Random, model: str, runtime: str, setting: Setting) -> Record:
    title, base, size = NETWORKS[model]
    version, imported, _ = RUNTIMES[runtime]
    knob, when, how, convert, opening, first, steady, growth = setting
    seconds = base * steady * rng.uniform(0.97, 1.03)
    fixed = 4e-3 * rng.uniform(0.9, 1.1)  # what opening takes however small a network is
    ahead = when in ("ahead", "cached")
    engine: dict[str, Any] = {"when": when, "how": how, "run_by": version}
    engine["original_bytes"] = int(size * MIB)
    if ahead:
        engine |= {"made_by": version, "made_on": "target", "bytes": int(size * growth * MIB)}
    before = 60 * MIB
    memory: dict[str, Any] = {"before": before, "by": "VmHWM"}
    memory["build"] = before + int(size * MIB * (1.4 if ahead else 3.1))
    memory["run"] = memory["build"] + int(0.6 * size * MIB)
    if ahead:
        memory["convert"] = before + int(size * MIB * 3.6)
    return placed(
        runtime, when, model=model, model_title=title, runtime_version=version, engine=engine,
        import_s=imported, convert_s=base * convert + 2 * fixed if ahead else None,
        build_s=base * opening + fixed, first_s=base * first, second_s=seconds * 1.05,
        samples=tuple(seconds * (1 + rng.expovariate(30)) for _ in range(30)),
        knobs={"engine": knob}, variant=f"engine={knob}", memory=memory,
        agreement=agreement(itself=False),
    )  # fmt: skip


def _troubled(one: Record) -> Record:
    engine = one.knobs["engine"]
    early: dict[str, Any] = {"samples": (), "agreement": None, "second_s": None, "first_s": None}
    if (one.model, engine) == ("densenet121", "aot"):
        why = "the worker reached 3.0 GiB, its limit (--memory)"
        return dataclasses.replace(one, status="oom", reason=why, phase="convert", convert_s=None,
                                   build_s=None, **early)  # fmt: skip
    if (one.model, one.runtime, engine) == ("mobilenet_v2_quant", "openvino", "cache"):
        why = "model.onnx: not taken from the cache but compiled again"
        return dataclasses.replace(one, status="engine_mismatch", reason=why, build_s=None, **early)
    if (one.model, one.runtime, engine) == ("mobilenet_v2_quant", "onnxruntime", "ort"):
        why = "top-1 differs on 3 of 8 inputs"
        return dataclasses.replace(one, status="disagrees", reason=why)
    return one


def entries(*groups: Iterable[Record]) -> list[Entry]:
    """The records of a run, ranked."""
    return rank([Run("r", {}, [one for group in groups for one in group])])

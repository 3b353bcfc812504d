"""Records and runs for the tests: a small maker, and a whole run such as a board would give."""

from __future__ import annotations

import dataclasses
import itertools
import random
from typing import Any

from reports.record import Accuracy, Agreement, Coverage, Record

CPU = {"kind": "cpu", "name": "Cortex-A72", "where": "host", "nature": "measured"}
EMULATED = {"kind": "riscv", "name": "qemu rv64gcv", "where": "user", "nature": "emulated"}

MODELS = {
    "mobilenet_v1_quant": ("MobileNet v1 (int8)", 9.0),
    "mobilenet_v1_float": ("MobileNet v1", 14.0),
    "mobilenet_v2_quant": ("MobileNet v2 (int8)", 7.5),
    "mobilenet_v2_float": ("MobileNet v2", 12.0),
    "mobilenet_v3_large": ("MobileNet v3 large (seeded weights)", 11.0),
    "mobilenet_v3_small": ("MobileNet v3 small", 4.2),
    "resnet8": ("ResNet-8 (CIFAR-10)", 1.1),
    "ds_cnn": ("DS-CNN keyword spotting", 0.6),
    "digits": ("Digits 8x8", 0.012),
    "densenet121": ("DenseNet-121 (seeded weights)", 140.0),
    "inception_v3": ("Inception v3", 260.0),
    "efficientnet_lite0": ("EfficientNet-Lite0 (int8)", 16.0),
    "squeezenet": ("SqueezeNet 1.1", 10.0),
    "autoencoder": ("Anomaly autoencoder", 0.05),
}
RUNTIMES = {
    "litert": ("2.3.0", 1.0, 20.0),
    "onnxruntime": ("1.31.1", 0.85, 80.0),
    "openvino": ("2026.4.1", 0.7, 400.0),
    "tensorflow": ("2.21.0", 1.9, 1500.0),
    "tvm": ("0.27.0", 1.3, 90.0),
}


def agreement(**changes: Any) -> Agreement:
    """Full agreement over 8 inputs."""
    values: dict[str, Any] = {
        "reference": "tensorflow",
        "inputs": 8,
        "measure": "probability",
        "tolerance": 0.02,
        "worst": 0.0013,
        "would_pass": 0.0013,
        "top1": 8,
        "topk_sets": 8,
        "topk_orders": 8,
        "k": 5,
        "near_ties": 0,
        "cosine": 0.99998,
        "snr_db": 48.2,
    }
    return Agreement(**{**values, **changes})


def record(**changes: Any) -> Record:
    """One ``ok`` record with three samples, unless ``changes`` say otherwise."""
    knobs = {"batch": 1, "threads": 1, **changes.pop("knobs", {})}
    values: dict[str, Any] = {
        "experiment": "latency",
        "device": CPU,
        "runtime": "litert",
        "runtime_version": "2.3.0",
        "model": "resnet8",
        "model_title": "ResNet-8 (CIFAR-10)",
        "phase": "end",
        "status": "ok",
        "build_s": 0.02,
        "first_s": 0.004,
        "samples": (0.0010, 0.0011, 0.0012),
        "agreement": agreement(),
    }
    values.update(changes)
    name = f"{values['model']}-{values['runtime']}-{'-'.join(map(str, knobs.values()))}"
    cell = values.pop("cell", f"suites/test_{values['experiment']}.py::test_{name}")
    return Record(cell=cell, knobs=knobs, **values)


def run_facts(**changes: Any) -> dict[str, Any]:
    """The provenance of a run."""
    return {
        "id": "2026-03-01T10-00-00",
        "started": "2026-03-01T10:00:00+00:00",
        "host": "pi4",
        "python": "3.11.7",
        "devices": [CPU],
        "runtimes": [
            *({"name": name, "version": version} for name, (version, *_) in RUNTIMES.items()),
            {"name": "edgetpu", "unavailable": "libedgetpu.so.1 was not found; apt install it"},
        ],
        "options": ["--benchmark-only"],
        **changes,
    }


def whole_run(rounds: int = 40, seed: int = 1) -> list[Record]:
    """14 models, 5 runtimes, 1 and 2 threads, batches of 1, 4 and 16, with every kind of trouble."""
    rng = random.Random(seed)  # figures, not secrets
    grid = itertools.product(MODELS.items(), RUNTIMES.items(), (1, 2), (1, 4, 16))
    records = [_cell(rng, rounds, *point) for point in grid]
    records += [_cell(rng, rounds, *point, experiment="first_inference") for point in
                itertools.product(list(MODELS.items())[:5], RUNTIMES.items(), (2,), (1,))]  # fmt: skip
    records += [_accuracy(rng, *point) for point in
                itertools.product(list(MODELS.items())[:4], RUNTIMES.items())]  # fmt: skip
    for batch in (1, 4):
        records.append(record(device=EMULATED, knobs={"batch": batch}, samples=(0.11 * batch,) * 5))
        slower = {"batch": batch, "delegate": "xnnpack"}
        records.append(record(device=EMULATED, knobs=slower, samples=(0.13 * batch,) * 5))
    return records


#: How the cells of a long night end, beside those of ``whole_run``: status, phase and reason.
TROUBLE = {
    ("tvm", "inception_v3"): ("crashed", "build", "the worker got SIGSEGV (signal 11) in build"),
    ("tvm", "mobilenet_v3_small"): ("timeout", "first", "first took longer than 60 s (--timeout)"),
    ("onnxruntime", "squeezenet"): ("killed", "open", "the worker got SIGKILL: out of memory?"),
    ("tensorflow", "autoencoder"): (
        "error",
        "build",
        "ValueError in build: unknown layer 'Lambda'",
    ),
    ("openvino", "densenet121"): ("oom", "build", "the worker reached 1.5 GiB, its limit"),
    ("onnxruntime", "mobilenet_v1_float"): ("engine_mismatch", "open", "made for another version"),
}
UNSTABLE = "the clock fell from 1.8 to 0.6 GHz while it was measured: throttled (78 °C)"


def night_run(rounds: int = 10, seed: int = 2) -> list[Record]:
    """``whole_run`` twice over, a thousand cells, with every status, memory and processes."""
    rng = random.Random(seed)
    twice = [
        dataclasses.replace(one, cell=f"{one.cell} {delegate}".rstrip(), variant=delegate)
        for delegate in ("", "delegate=none")
        for one in whole_run(rounds, seed)
    ]
    return [_night(rng, one) for one in twice]


def _night(rng: random.Random, one: Record) -> Record:
    by = "VmHWM, reset for each phase"
    before = rng.randrange(60, 90) << 20
    build = before + rng.randrange(5, 90) * (1 << 20) * one.batch
    memory: dict[str, Any] = {"before": before, "build": build, "limit": 1536 << 20, "by": by}
    environment = {**one.environment, "process": "warm worker"}
    trouble = TROUBLE.get((one.runtime, one.model))
    if trouble and one.experiment == "latency":
        status, phase, reason = trouble
        early = {"samples": (), "agreement": None, "first_s": None, "build_s": None}
        if phase == "open":
            memory = {}
        return dataclasses.replace(
            one, status=status, phase="end", reason=reason, memory=memory, **early,
            environment=environment,
        )  # fmt: skip
    if one.samples:
        memory["run"] = build + rng.randrange(1, 40) * (1 << 20)
    if one.status == "ok" and one.samples and rng.random() < 0.04:
        status = rng.choice(("unstable", "unstable", "device_lost", "degenerate"))
        reason = {"unstable": UNSTABLE, "device_lost": "the USB device went away",
                  "degenerate": "its answers are constant: they prove nothing"}[status]  # fmt: skip
        return dataclasses.replace(
            one, status=status, reason=reason, memory=memory, environment=environment
        )
    return dataclasses.replace(one, memory=memory, environment=environment)


def _cell(
    rng: random.Random,
    rounds: int,
    model: tuple[str, tuple[str, float]],
    runtime: tuple[str, tuple[str, float, float]],
    threads: int,
    batch: int,
    experiment: str = "latency",
) -> Record:
    (model_id, (title, base)), (name, (version, factor, build)) = model, runtime
    median = base / 1e3 * factor * batch**0.93 / threads**0.7 * rng.uniform(0.85, 1.15)
    samples = tuple(median * (1 + rng.expovariate(20)) for _ in range(rounds))
    common: dict[str, Any] = {
        "experiment": experiment,
        "runtime": name,
        "runtime_version": version,
        "model": model_id,
        "model_title": title,
        "knobs": {"batch": batch, "threads": threads},
        "artifact": {"format": "tflite", "sha256": f"{abs(hash(model_id)):064x}"[:64]},
        "environment": {"governor": "schedutil"},
    }
    early: dict[str, Any] = {"agreement": None, "samples": (), "first_s": None, "build_s": None}
    if name == "openvino" and model_id == "mobilenet_v1_quant":
        reason = "top-1 differs on 3 of 8 inputs, worst 0.31 against a tolerance of 0.02"
        wrong = agreement(top1=5, worst=0.31, would_pass=0.31)
        return record(**common, samples=samples, status="disagrees", reason=reason, agreement=wrong)
    if name == "tvm" and model_id in ("digits", "efficientnet_lite0"):
        reason = "tvm cannot import: Op 'TFLite_Detection_PostProcess' is not supported"
        return record(**common, **early, phase="build", status="unsupported", reason=reason)
    if name == "tensorflow" and batch == 16 and model_id in ("inception_v3", "densenet121"):
        reason = "the worker reached 1.5 GiB, its limit (--memory)"
        return record(**common, **early, phase="build", status="oom", reason=reason)
    if name == "tvm" and model_id == "autoencoder":
        reason = "--maxfail was reached before this cell"
        return record(**common, **early, phase="open", status="not_measured", reason=reason)
    quantised = "int8" in title
    verdict = agreement(
        measure="steps" if quantised else "probability",
        tolerance=8 if quantised else 0.02,
        worst=rng.choice((0, 1, 3)) if quantised else rng.uniform(1e-6, 4e-3),
        near_ties=rng.choice((0, 0, 0, 1)),
        itself=name == "tensorflow" and not quantised,
    )
    taken = Coverage("XNNPACK", 29, 31, 29 / 31) if name == "litert" else None
    return record(
        **common,
        samples=samples,
        agreement=verdict,
        coverage=taken,
        build_s=build / 1e3 * rng.uniform(0.8, 1.2),
        first_s=median * rng.uniform(1.5, 12),
    )


def _accuracy(
    rng: random.Random,
    model: tuple[str, tuple[str, float]],
    runtime: tuple[str, tuple[str, float, float]],
) -> Record:
    (model_id, (title, _)), (name, (version, *_rest)) = model, runtime
    top1 = rng.uniform(0.68, 0.74)
    bad = name == "tvm" and model_id == "mobilenet_v2_quant"
    return record(
        experiment="accuracy",
        runtime=name,
        runtime_version=version,
        model=model_id,
        model_title=title,
        knobs={"threads": 2},
        samples=(),
        accuracy=None if bad else Accuracy("imagenet-500", 500, top1, top1 + 0.18),
        **(
            {"status": "crashed", "reason": "the worker got SIGSEGV", "phase": "first"}
            if bad
            else {}
        ),
    )

"""Runs of the TF-TRT experiment: the published figures as if they had been measured, and stand-ins."""

from __future__ import annotations

from typing import Any

from reports.published.tftrt import DEVICES, IDS, TITLES, at_most, tftrt_filesize, tftrt_latency
from reports.record import Record
from tests.reports.samples import agreement, record

GPU = {"kind": "gpu", "name": "NVIDIA H200", "where": "host", "nature": "measured"}
NANO = {"kind": "jetson", "name": "Jetson Nano", "where": "host", "nature": "measured"}
#: As ``fixtures`` says it of TensorFlow's warning.
SHORT = "memory ran short, and more might have made it faster (it had asked for up to 1.12GiB)"


def cell(model: str = "vgg16", engine: str = "tf-trt", **changes: Any) -> Record:
    """A cell of the suite: first 10 s, later inferences 0.1 s unless ``changes`` say otherwise."""
    converted = engine != "original"
    dynamic = changes.pop("dynamic", True)
    precision = changes.pop("precision", "FP16" if converted else "FP32")
    knobs = {"engine": engine, "is_dynamic_op": dynamic, "precision": precision}
    knobs |= {"converted_on": changes.pop("converted_on", "host")}
    usual = {"original_bytes": 100 << 20, **({"bytes": 200 << 20} if converted else {})}
    sizes = changes.pop("sizes", usual)
    first, steady = changes.pop("first", 10.0), changes.pop("steady", 0.1)
    failed = changes.get("status", "ok") not in ("ok", "disagrees", "unstable")
    values: dict[str, Any] = {
        "cell": f"tftrt/{model}-{'-'.join(map(str, knobs.values()))}",
        "experiment": "tftrt",
        "device": GPU,
        "runtime": "tftrt",
        "runtime_version": "TensorFlow 1.14, TensorRT 5.1.6",
        "model": model,
        "model_title": TITLES.get(model, model),
        "knobs": knobs,
        "variant": "" if precision in ("FP16", "FP32") else f"precision={precision}",
        "engine": {"when": "first" if dynamic else "ahead", "how": "TF-TRT", **sizes},
        "build_s": 2.0,
        "first_s": None if failed else first,
        "samples": () if failed else (steady,) * 100,
        "agreement": None if failed else agreement(reference="TensorFlow", itself=not converted),
    }
    return record(**{**values, **changes})


def board(kind: str = "jetson", slower: float = 1.1) -> list[Record]:
    """A board on which everything ends as published, and takes ``slower`` times as long."""
    device = {"gpu": GPU, "jetson": NANO}[kind]
    rows = {
        (r.model, r.variant, r.is_dynamic_op, r.phase): r
        for r in tftrt_latency()
        if r.device == DEVICES[kind]
    }
    found = []
    for size in tftrt_filesize():
        for variant, dynamic in (
            ("original", ""),
            ("tf-trt-fp16", "true"),
            ("tf-trt-fp16", "false"),
        ):
            first = rows[size.model, variant, dynamic, "first"]
            steady = rows.get((size.model, variant, dynamic, "steady")) or rows.get(
                (size.model, variant, "any", "steady")
            )
            converted = variant != "original"
            sizes = {"original_bytes": at_most(size.original)}
            if converted:
                sizes["bytes"] = at_most(size.tf_trt_fp16)
            timed: dict[str, Any] = {}
            if first.latency_ms is not None and steady and steady.latency_ms is not None:
                timed = {
                    "first": first.latency_ms / 1e3 * slower,
                    "steady": steady.latency_ms / 1e3 * slower,
                }
            short = kind == "jetson" and first.status == "ok" and size.model.startswith("Incep")
            found.append(
                cell(
                    IDS[size.model], "tf-trt" if converted else "original", dynamic=dynamic != "false",
                    device=device, status=first.status, reason=first.source_word, sizes=sizes,
                    notes=(SHORT,) if short else (), **timed,
                )
            )  # fmt: skip
    return found

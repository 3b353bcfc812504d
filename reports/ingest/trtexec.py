"""Runs of TensorRT's ``trtexec`` on another machine, as records: from its log, and from its times.

A log has no answers, so its rows have no verdict: they are ``not_measured``, with what was printed as
their reason, and none is ranked. Where ``--exportTimes`` left the time of every query, those are the
samples; else the only one is the median that was printed, or the mean of TensorRT before 7.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from reports.ingest import IngestError
from reports.ingest.trtexec_log import Spread, TrtexecRun, parse
from reports.record import Record
from reports.text import clean
from reports.units import figure, milliseconds

#: What of a device's name says that it is a Jetson's: trtexec names chips and boards.
_JETSON = re.compile(r"\b(tegra|xavier|orin|thor|nano)\b", re.IGNORECASE)
#: What TensorRT's words mean in the closed set of statuses.
_STATUSES = (
    ("plan file is not compatible|incompatible device|version tag|magicTag", "engine_mismatch"),
    ("out of memory|OutOfMemory", "oom"),
)
#: Queries of an export beyond which the rest is left out: what a journal's line can bear.
_MOST = 100_000


def read(text: str, source: str, said: Mapping[str, str | None], times: str | None) -> list[Record]:
    """A record for each run in ``text``, the log at ``source``.

    ``said`` is what the log may not tell: ``model``, ``device`` and ``kind``. ``times`` is the JSON that
    ``--exportTimes`` wrote, of a log with one run.

    Raises:
        IngestError: if there is no run in it, or its times are not what trtexec writes.
    """
    runs = parse(text)
    if times is not None and len(runs) > 1:
        raise IngestError(f"{len(runs)} runs in one log: its times could be those of any")
    samples = () if times is None else times_of(times)
    return [_record(run, n, source, said, samples) for n, run in enumerate(runs, 1)]


def times_of(text: str) -> tuple[float, ...]:
    """The latency of each query in seconds, from ``--exportTimes``: a list with ``latencyMs`` in each.

    Raises:
        IngestError: if it is no such list.
    """
    try:
        found = [float(query["latencyMs"]) / 1e3 for query in json.loads(text)[:_MOST]]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        found = []
    if not found or not all(0 <= seconds <= 1e9 for seconds in found):
        raise IngestError("the times are no list of queries with their latencyMs (--exportTimes)")
    return tuple(found)


def _record(
    run: TrtexecRun,
    number: int,
    source: str,
    said: Mapping[str, str | None],
    samples: Sequence[float],
) -> Record:
    model = said.get("model") or _model(run) or PurePath(source).stem
    device = said.get("device") or run.device or "not named in the log"
    kind = said.get("kind") or ("jetson" if _JETSON.search(device) else "gpu")
    typical = run.latency or run.compute
    status, reason = _ending(run, bool(samples or typical))
    version = f"TensorRT {run.version}" if run.version else "TensorRT of a version not told"
    if not samples and typical is not None and typical.typical is not None:
        samples = (typical.typical,)
    saved = run.option("loadEngine") is not None
    return Record(
        cell=f"trtexec/{clean(PurePath(source).name, 80)}#{number}",
        experiment="trtexec log",
        device={
            "kind": kind,
            "name": clean(device, 100),
            "where": "in a log",
            "nature": "measured",
        },
        runtime="trtexec",
        runtime_version=version,
        model=clean(model, 100),
        model_title=clean(model, 100),
        knobs={"batch": _batch(run), "precision": run.precision or "not told"},
        variant=f"precision={run.precision}" if run.precision else "",
        phase="end",
        status=status,
        reason=reason,
        engine={
            "when": "ahead" if saved else "load",
            "how": "a saved plan" if saved else "built by trtexec",
            "bytes": run.engine_bytes,
            "run_by": version,
            **({} if saved else {"made_by": version}),
        },
        build_s=run.loaded_s if saved else run.built_s,
        samples=tuple(samples),
        environment={"process": "trtexec, on a machine that nobody watched", "log": _figures(run)},
        provenance={"ingested": "trtexec", "log": clean(source, 300), "command": run.command},
        notes=run.warnings,
    )


def _ending(run: TrtexecRun, timed: bool) -> tuple[str, str]:
    """The status and its reason: what it printed of times, or why there are none."""
    if timed:
        figures = ", ".join(filter(None, (_said(run), *_rate(run))))
        return "not_measured", f"a log has no verdict; trtexec printed {figures}"
    words = " | ".join(run.errors)
    told = (status for pattern, status in _STATUSES if re.search(pattern, words, re.IGNORECASE))
    status = next(told, "error")
    if run.errors:
        return status, f"trtexec: {clean(words)}"
    if run.passed is False:
        return "error", "trtexec failed, and its log does not say why"
    built = f"; it built an engine in {run.built_s:.1f} s" if run.built_s is not None else ""
    return "not_measured", f"nothing was timed in this log, or it ends before that{built}"


def _said(run: TrtexecRun) -> str:
    latency, compute = run.latency, run.compute
    parts = [
        f"latency {_shown(latency)}" if latency else "",
        f"GPU {_shown(compute)}" if compute else "",
    ]
    return ", ".join(filter(None, parts)) or "the times of its queries"


def _shown(spread: Spread) -> str:
    what = "mean" if spread.median is None else "median"
    return f"{milliseconds(spread.typical)} ms ({what})"


def _rate(run: TrtexecRun) -> list[str]:
    rate = [f"{figure(run.qps)} queries/s"] if run.qps else []
    return [*rate, f"{run.queries} queries"] if run.queries else rate


def _figures(run: TrtexecRun) -> dict[str, Any]:
    """What was printed, in seconds, for whoever computes with it."""
    spreads = {"latency": run.latency, "gpu": run.compute}
    found: dict[str, Any] = {
        name: {
            "mean": spread.mean,
            "median": spread.median,
            "min": spread.low,
            "max": spread.high,
            **{f"p{share:g}": value for share, value in spread.percentiles.items()},
        }
        for name, spread in spreads.items()
        if spread is not None
    }
    rest = {
        "qps": run.qps,
        "queries": run.queries,
        "walltime_s": run.walltime_s,
        "built_s": run.built_s,
    }
    return {**found, **{name: value for name, value in rest.items() if value is not None}}


def _model(run: TrtexecRun) -> str | None:
    """The network by its file's name: of the model, or else of the engine."""
    given = (run.option(name) for name in ("onnx", "uff", "model", "deploy", "loadEngine"))
    path = next((path for path in given if path), None)
    return re.split(r"[\\/]", path)[-1].rpartition(".")[0] or None if path else None


def _batch(run: TrtexecRun) -> int:
    """Of an implicit batch, or of the first input's shape: ``--shapes=x:8x3x224x224``."""
    shape = re.search(r":([0-9]{1,6})x", run.option("shapes") or "")
    given = run.option("batch") or (shape[1] if shape else "")
    return int(given) if re.fullmatch(r"0{0,3}[1-9][0-9]{0,5}", given) else 1

"""A run, read from what it left on disk: a results JSON or a journal.

A results JSON is what pytest-benchmark writes, with two additions: each benchmark's ``extra_info``
carries its record (whose samples are the benchmark's own), and a top-level ``edgeproof`` object
carries the run's provenance and the records of the cells that gave no benchmark.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports import journal
from reports.plain import jsonable, nests_too_deeply
from reports.record import SCHEMA, Record, RecordError
from reports.text import clean

#: The key of Edgeproof's part, at the top level and in a benchmark's ``extra_info``.
KEY = "edgeproof"


class ResultsError(ValueError):
    """A results file that cannot be read: one sentence with its name and how to mend it."""


@dataclass
class Run:
    """One run: its provenance, its records, and what was left out in reading them.

    ``run`` may hold ``id``, ``started``, ``host``, ``python``, ``devices``, ``runtimes`` (each with
    ``name``, ``version`` and, where it is missing, ``unavailable``) and ``options``; none is sure
    to be there.
    """

    source: str
    run: Mapping[str, Any] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """A short name for the run: the file's, without its ending."""
        return Path(self.source).stem


def load(path: Path | str) -> Run:
    """Read the run at ``path``: a results JSON, or a journal.

    Raises:
        ResultsError: for anything that cannot be read as one.
    """
    content = _content(Path(path))
    source = str(path)
    if Path(path).suffix == ".jsonl" or content.startswith(b'{"event":'):
        return _from_journal(content, source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ResultsError(f"{source}: not UTF-8 text, so not a results file") from None
    try:
        data = json.loads(text)
    except RecursionError:
        raise ResultsError(f"{source}: nested too deeply to be a results file") from None
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise ResultsError(
                f"{source}: the JSON ends too early (line {error.lineno}): the run was stopped "
                "while writing it; render its journal (.jsonl) instead"
            ) from None
        raise ResultsError(f"{source}: not JSON: {error}") from None
    except ValueError as error:
        raise ResultsError(f"{source}: not JSON: {error}") from None
    return _from_results(data, source)


def results_json(run: Mapping[str, Any], records: Iterable[Record] = ()) -> dict[str, Any]:
    """The top-level ``edgeproof`` object; ``records`` are of the cells without a benchmark."""
    return {
        "schema": SCHEMA,
        "run": jsonable(run),
        "records": [record.to_json() for record in records],
    }


def benchmark_json(run: Mapping[str, Any], records: Iterable[Record]) -> dict[str, Any]:
    """A whole results file, for a run whose benchmarks pytest-benchmark did not write.

    pytest-benchmark's own ``compare`` reads it: records with samples become benchmarks.
    """
    records = list(records)
    return {
        "machine_info": {"node": clean(run.get("host") or "unknown")},
        "commit_info": {},
        "benchmarks": [_benchmark(r) for r in records if r.samples],
        "datetime": jsonable(run.get("started")),
        "version": "5.0.0",  # the oldest pytest-benchmark with this layout
        KEY: results_json(run, [r for r in records if not r.samples]),
    }


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ResultsError(f"{path}: no such file: name the JSON or the journal of a run") from None
    except IsADirectoryError:
        raise ResultsError(f"{path}: a folder: name a file in it") from None
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from None
    if not content.strip():
        raise ResultsError(f"{path}: empty: no benchmark ran, or the run was stopped") from None
    return content


def _from_journal(content: bytes, source: str) -> Run:
    try:
        folded = journal.fold_bytes(content, source)
    except journal.JournalError as error:
        raise ResultsError(str(error)) from None
    return _whole(Run(source, folded.run, folded.records, folded.warnings))


def _from_results(data: Any, source: str) -> Run:
    if not isinstance(data, Mapping):
        raise ResultsError(f"{source}: not a results file: it holds no JSON object")
    benchmarks = data.get("benchmarks")
    ours = data.get(KEY)
    result = Run(source)
    for where, record in _embedded(benchmarks if isinstance(benchmarks, list) else ()):
        _keep(result, where, record)
    if bare := sum(not record.samples for record in result.records):
        result.warnings.append(
            f"{source}: {bare} benchmarks without their samples, so without figures: "
            "write results with --benchmark-json, or save with --benchmark-save-data"
        )
    if isinstance(ours, Mapping):
        _check_schema(ours.get("schema"), source)
        run, others = ours.get("run"), ours.get("records")
        if nests_too_deeply(run):
            raise ResultsError(f"{source}: what it says about its run nests too deeply")
        result.run = dict(run) if isinstance(run, Mapping) else {}
        for number, record in enumerate(others if isinstance(others, list) else ()):
            _keep(result, f"{KEY}.records[{number}]", record)
    elif result.records or result.warnings:
        result.warnings.append(f"{source}: says nothing about its run (no '{KEY}' object)")
    elif isinstance(benchmarks, list):
        raise ResultsError(
            f"{source}: made by plain pytest-benchmark, without verdicts: "
            "run it through Edgeproof's suites"
        )
    else:
        raise ResultsError(f"{source}: not a results file: neither 'benchmarks' nor '{KEY}' in it")
    return _whole(result)


def _embedded(benchmarks: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The records that benchmarks carry, joined with the benchmarks' samples."""
    for number, benchmark in enumerate(benchmarks):
        extra = benchmark.get("extra_info") if isinstance(benchmark, Mapping) else None
        record = extra.get(KEY) if isinstance(extra, Mapping) else None
        if record is None:
            continue
        stats = benchmark.get("stats")
        samples = stats.get("data") if isinstance(stats, Mapping) else None
        if isinstance(record, Mapping) and samples and not record.get("samples"):
            record = {**record, "samples": samples}
        yield f"benchmarks[{number}]", record


def _keep(result: Run, where: str, data: Any) -> None:
    """Add the record that ``data`` holds, or a warning that says why it holds none."""
    try:
        result.records.append(Record.from_json(data))
    except RecordError as error:
        result.warnings.append(f"{result.source}: left out {where}: {error}")


def _whole(run: Run) -> Run:
    """``run``, unless nothing of it could be read."""
    if run.warnings and not run.records and not run.run:
        raise ResultsError(run.warnings[0])
    left_out = [w for w in run.warnings if ": left out " in w]
    if left_out and not run.records:
        raise ResultsError(left_out[0])
    return run


def _check_schema(schema: Any, source: str) -> None:
    if schema == SCHEMA and not isinstance(schema, bool):
        return
    if isinstance(schema, int) and schema > SCHEMA:
        advice = "update Edgeproof"
    else:
        advice = "run the suite again, or render with the version that made it"
    raise ResultsError(f"{source}: results schema {schema!r:.40}, this reads {SCHEMA}: {advice}")


def _benchmark(record: Record) -> dict[str, Any]:
    """``record`` in the form in which pytest-benchmark writes a benchmark.

    Its names are clean, because pytest-benchmark prints them as they are; the record's own are not.
    """
    return {
        "group": clean(record.experiment),
        "name": clean(record.cell.rsplit("::", 1)[-1]),
        "fullname": clean(record.cell, 1000),
        "params": None,
        "param": None,
        "extra_info": {KEY: record.to_json(samples=False)},
        "options": {},
        "stats": {**_stats(record.samples), "data": list(record.samples), "iterations": 1},
    }


def _stats(samples: Sequence[float]) -> dict[str, Any]:
    """pytest-benchmark's statistics; outliers lie beyond 1.5 interquartile ranges (Tukey).

    By the standard library: for a few hundred samples it takes half of NumPy's time.
    """
    data = sorted(samples)
    q1, median, q3 = (_quantile(data, share) for share in (0.25, 0.5, 0.75))
    total = math.fsum(data)
    mean = total / len(data)
    distance = math.dist(data, [mean] * len(data))
    deviation = distance / math.sqrt(len(data) - 1) if len(data) > 1 else 0.0
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    within = _between(data, low, high)
    unusual = len(data) - len(_between(data, mean - deviation, mean + deviation))
    return {
        "min": data[0],
        "max": data[-1],
        "mean": mean,
        "stddev": deviation,
        "rounds": len(data),
        "median": median,
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": len(data) - len(within),
        "stddev_outliers": unusual,
        "outliers": f"{unusual};{len(data) - len(within)}",
        "ld15iqr": within[0],
        "hd15iqr": within[-1],
        "ops": 1 / mean if mean > 0 else 0.0,
        "total": total,
    }


def _between(ordered: Sequence[float], low: float, high: float) -> Sequence[float]:
    return ordered[bisect_left(ordered, low) : bisect_right(ordered, high)]


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value that ``share`` of ``ordered`` lie below, interpolated linearly."""
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place % 1)

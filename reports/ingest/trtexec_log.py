"""What TensorRT's ``trtexec`` prints, of versions 4 to 10.

Wordings and units are those of samples/common/sampleReporting.cpp, sampleEngines.cpp and trtexec.cpp in
github.com/NVIDIA/TensorRT, and before 7 of logs that users showed: times are milliseconds, but for whole
runs and building. Its latency is copying there, computing and copying back of one query. Several runs
may stand in one file, cut anywhere, with the colours and the line lengths of whatever terminal it was.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reports.ingest import IngestError
from reports.text import clean

_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{0,15})?(?:[eE][-+]?[0-9]{1,3})?"
#: Seconds beyond which no figure is believed, as a record does not.
_MOST = 1e9
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
#: Of a run's beginning and of its end: both name the version (since 8) and the command line.
_MARK = re.compile(
    r"&&&& (RUNNING|PASSED|FAILED|WAIVED) TensorRT\.trtexec\b(?: \[TensorRT v([0-9]{4,6})\])?"
    r"(?: \[b[0-9]{1,5}\])?(?: # ?(.{0,4000}))?"
)
_ERROR = re.compile(r"^(?:\[[^\]]{1,40}\] ?)?\[E\] ?(?:\[TRT\] ?)?(.{1,2000})$", re.MULTILINE)
_WARNED = re.compile(r"\[W\] \* (.{1,500})$", re.MULTILINE)


@dataclass(frozen=True)
class Spread:
    """Seconds of one query, over all of a run; what was not printed is None. Percentiles by number."""

    mean: float | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    percentiles: Mapping[float, float] = field(default_factory=dict)

    @property
    def typical(self) -> float | None:
        """The median, or else the mean: of TensorRT before 7, and of a log that is cut short."""
        return self.mean if self.median is None else self.median


@dataclass(frozen=True)
class TrtexecRun:
    """One run of trtexec, as far as its log tells.

    ``version`` is TensorRT's; ``latency`` and ``compute`` are of one query, with the copies and
    without; ``walltime_s`` of all ``queries``. ``built_s`` is what the engine took to build,
    ``loaded_s`` to read, and ``engine_bytes`` its size, as precise as it was printed.
    """

    version: str | None = None
    command: str = ""
    passed: bool | None = None
    device: str | None = None
    precision: str | None = None
    latency: Spread | None = None
    compute: Spread | None = None
    qps: float | None = None
    queries: int | None = None
    walltime_s: float | None = None
    built_s: float | None = None
    loaded_s: float | None = None
    engine_bytes: int | None = None
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def option(self, name: str) -> str | None:
        """The value of ``--name=value`` on its command line."""
        found = re.search(rf"--{re.escape(name)}=(\"[^\"]*\"|'[^']*'|\S+)", self.command)
        return found[1].strip("\"'") if found else None


def parse(text: str) -> tuple[TrtexecRun, ...]:
    """Every run in ``text``, in its order; one whose beginning is cut off is a run still.

    Raises:
        IngestError: if nothing in it is trtexec's.
    """
    lines = (_COLOUR.sub("", line).rstrip() for line in text.splitlines())
    runs = tuple(_run(part) for part in _parts("\n".join(lines)))
    found = tuple(run for run in runs if run != TrtexecRun())
    if not found:
        raise IngestError("nothing in it was printed by trtexec")
    return found


def version_of(number: str) -> str:
    """``8201`` as ``8.2.1`` and ``100600`` as ``10.6.0``: NV_TENSORRT_VERSION, which changed with 10."""
    value, thousand = int(number), 1000 if len(number) < 6 else 10000
    return f"{value // thousand}.{value % thousand // 100}.{value % 100}"


def _parts(text: str) -> Iterator[str]:
    """``text``, cut before each beginning of a run."""
    begins = (found.start() for found in _MARK.finditer(text) if found[1] == "RUNNING")
    yield from (text[a:b] for a, b in itertools.pairwise([0, *begins, len(text)]) if a < b)


def _run(text: str) -> TrtexecRun:
    marks = list(_MARK.finditer(text))
    number = next((mark[2] for mark in marks if mark[2]), None)
    told = re.search(r"\] TensorRT version: ([0-9.]{3,20})", text)
    ended = [mark[1] for mark in marks if mark[1] != "RUNNING"]
    latency, compute = _spreads(text)
    return TrtexecRun(
        version=version_of(number) if number else told[1].strip(".") if told else None,
        command=clean(next((mark[3] for mark in marks if mark[3]), ""), 1000),
        passed=ended[-1] == "PASSED" if ended else None,
        device=_words(text, r"\] Selected Device: (.{1,100})$"),
        precision=_precision(_words(text, r"\] Precision: (.{1,60})$")),
        latency=latency,
        compute=compute,
        # 7.1 was seen to print 0 of a run whose batch it did not know
        qps=_figure(text, rf"[Tt]hroughput: ({_NUMBER}) qps") or None,
        queries=_queries(text),
        walltime_s=_figure(text, rf"(?:Total Host Walltime|walltime): ({_NUMBER}) s\b"),
        built_s=_figure(text, rf"Engine built in ({_NUMBER}) sec"),
        loaded_s=_figure(text, rf"Engine (?:loaded|deserialized) in ({_NUMBER}) sec"),
        engine_bytes=_bytes(text),
        errors=tuple(clean(error) for error in _ERROR.findall(text)[:20]),
        warnings=tuple(dict.fromkeys(clean(warning) for warning in _WARNED.findall(text)[:20])),
    )


def _spreads(text: str) -> tuple[Spread | None, Spread | None]:
    """Latency and computing, of the summary of 8 and later, of 7, or of the means of ten before.

    The means of ten serve as well where a later log ends before its summary.
    """
    latency, compute = _line(text, "Latency"), _line(text, "GPU Compute Time")
    if latency is None and compute is None:
        latency, compute = _block(text, "Host [Ll]atency"), _block(text, "GPU Compute")
    if latency is None and compute is None:
        latency = _mean(text, rf"Average on [0-9]+ runs .{{1,60}}Host latency: ({_NUMBER}) ms")
        compute = _mean(text, rf"Average on [0-9]+ runs - GPU latency: ({_NUMBER}) ms")
    if latency is None and compute is None:
        latency = _mean(text, rf"host walltime is ({_NUMBER}) ms")
        compute = _mean(text, rf"Average over [0-9]+ runs is ({_NUMBER}) ms")
    return latency, compute


def _line(text: str, name: str) -> Spread | None:
    """``Latency: min = 5.4 ms, ..., percentile(99%) = 13 ms``, of TensorRT 8 and later."""
    found = re.search(rf"(?:\] |^){name}: (min = .{{1,600}})$", text, re.MULTILINE)
    if not found:
        return None
    pairs = re.findall(rf"(\w+)(?:\(({_NUMBER})%\))? = ({_NUMBER}) ms", found[1])
    return _spread({word: value for word, _, value in pairs}, {p: v for _, p, v in pairs if p})


def _block(text: str, name: str) -> Spread | None:
    """``Host Latency`` with a line for each figure below it, of TensorRT 7."""
    line = r".{0,60}\b(?:min|max|mean|median|percentile): .{1,200}(?:\n|$)"
    found = re.search(rf"\b{name}\n((?:{line})+)", text)
    if not found:
        return None
    pairs = re.findall(rf"\b(\w+): ({_NUMBER}) ms(?: at ({_NUMBER})%)?", found[1])
    return _spread({word: value for word, value, _ in pairs}, {p: v for _, v, p in pairs if p})


def _spread(found: Mapping[str, str], percentiles: Mapping[str, str]) -> Spread | None:
    of = {name: _seconds(value, 1e-3) for name, value in found.items()}
    shares = {float(p): _seconds(value, 1e-3) for p, value in percentiles.items()}
    spread = Spread(
        of.get("mean"),
        of.get("median"),
        of.get("min"),
        of.get("max"),
        {p: s for p, s in shares.items() if s is not None and p <= 100},
    )
    return None if spread.typical is None else spread


def _mean(text: str, pattern: str) -> Spread | None:
    """The mean of equally many queries' means."""
    found = (_seconds(value, 1e-3) for value in re.findall(pattern, text))
    means = [seconds for seconds in found if seconds is not None]
    return Spread(mean=math.fsum(means) / len(means)) if means else None


def _queries(text: str) -> int | None:
    """How many were timed: it says so since 7; before, ten a line."""
    if found := re.search(r"Timing trace has ([0-9]{1,12}) queries", text):
        return int(found[1])
    tens = re.findall(r"Average (?:over|on) ([0-9]{1,9}) runs", text)
    return sum(map(int, tens)) or None


def _bytes(text: str) -> int | None:
    mebibytes = _figure(text, rf"(?:Created|Loaded) engine (?:with )?size: ({_NUMBER}) MiB")
    # Loading says 0 of what is smaller than one.
    return round(mebibytes * 2**20) if mebibytes else None


def _precision(words: str | None) -> str | None:
    """``FP32+FP16`` is what it may use: the narrowest is what was asked for."""
    lowered = (words or "").lower()
    return next((name for name in ("int8", "fp8", "bf16", "fp16", "fp32") if name in lowered), None)


def _words(text: str, pattern: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return clean(found[1], 100) or None if found else None


def _figure(text: str, pattern: str) -> float | None:
    found = re.search(pattern, text)
    return _seconds(found[1], 1.0) if found else None


def _seconds(text: str, unit: float) -> float | None:
    """A figure that a record can hold."""
    value = float(text) * unit
    return value if math.isfinite(value) and 0 <= value <= _MOST else None

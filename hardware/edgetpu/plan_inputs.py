"""Models to plan for, out of files: compiled models, logs of the compiler, uncompiled models.

What a file does not say is assumed, in a range, unless the caller gives it; each candidate's rule
names what was assumed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hardware.edgetpu import compiled, log
from hardware.edgetpu.estimate import estimate
from hardware.edgetpu.footprint import Footprint
from hardware.edgetpu.graph import ModelError
from hardware.edgetpu.log_parts import Compilation, Entry, Size
from hardware.edgetpu.plan_group import AVAILABLE, ESTIMATE, LOG, Candidate, exact

#: Seconds of computing where neither a file nor the caller says it: MobileNet v2's cycles are 0.92 ms,
#: Inception v1 is fitted at 2.5 ms; a small MobileNet v1 is less, a detector more.
COMPUTE = (0.2e-3, 1.5e-3, 4e-3)
#: Bytes of inputs and of outputs, of which a compiler's log says nothing: pictures of 96, 224 and 299
#: pixels squared; ten classes, a thousand, boxes of a detector.
INPUT = (96 * 96 * 3, 224 * 224 * 3, 299 * 299 * 3)
OUTPUT = (16, 1_008, 100_000)

Three = tuple[float, float, float]


class PlanError(ValueError):
    """What is wrong with what a plan was asked for, and how to mend it."""


@dataclass(frozen=True)
class Given:
    """What the caller says of models, by name: inferences per second, seconds, bytes."""

    rate: Mapping[str, float] = field(default_factory=dict)
    compute: Mapping[str, Three] = field(default_factory=dict)
    input: Mapping[str, int] = field(default_factory=dict)
    output: Mapping[str, int] = field(default_factory=dict)


def candidates(paths: Iterable[Path], given: Given) -> list[Candidate]:
    """The models in the files at ``paths``, one from each model file, all those of each log.

    A model is called by its file's stem, or as the log has it. A rate that is not given is 1.

    :raises PlanError: for a file that is neither, that lacks what is needed, or a name that is given
        but not there.
    """
    found: list[Candidate] = []
    # Logs do not print tokens: each compilation gets one that no file has.
    tokens = itertools.count(-1, -1)
    for path in paths:
        found += _from(path, given, tokens)
    names = [one.name for one in found]
    for what in (given.rate, given.compute, given.input, given.output):
        for name in what:
            if name not in names:
                raise PlanError(f"no model is called {name!r}: there are {', '.join(names)}")
    return found


def _from(path: Path, given: Given, tokens: Iterator[int]) -> list[Candidate]:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror or error}") from None
    try:
        return [_model(path, given)] if head[4:8] == b"TFL3" else _log(path, given, tokens)
    except (ModelError, log.LogError) as error:
        raise PlanError(str(error)) from None


def _model(path: Path, given: Given) -> Candidate:
    name, model = path.stem, compiled.read(path)
    if model.packages or model.without_package:
        footprint = model.footprint(name)
        one = exact(name, footprint, given.rate.get(name, 1.0))
        return _computing(_without_cpu(one, sum(model.cpu_ops.values())), given)
    found = estimate(path)
    # Of all its parameters, how many are cached is for the plan to say.
    low, high = (
        replace(one, model=name, cached=parameters, streamed=0)
        for one, parameters in zip(found.footprint(), found.parameters, strict=True)
    )
    likely = replace(
        low,
        instructions=(low.instructions + high.instructions) // 2,
        caching_instructions=(low.caching_instructions + high.caching_instructions) // 2,
    )
    one = Candidate(
        name,
        given.rate.get(name, 1.0),
        low,
        likely,
        high,
        ESTIMATE,
        "uncompiled model: parameters by the rule of layers, instructions as other networks have",
        tuple(layer.bytes for layer in found.layers),
        AVAILABLE,
    )
    on_cpu = sum(not operator.mapped for operator in found.operators)
    return _computing(_without_cpu(one, on_cpu), given)


def _log(path: Path, given: Given, tokens: Iterator[int]) -> list[Candidate]:
    found: list[Candidate] = []
    for run in log.read(path).runs:
        for part in run.compilations:
            token = next(tokens)
            if not part.superseded:
                found += [_entry(entry, part, token, given) for entry in part.entries]
    if not found:
        raise PlanError(f"{path}: no model was compiled in this log")
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PlanError(
            f"{path}: {twice[0]} was compiled {names.count(twice[0])} times: keep the one "
            "compilation that you would run, from 'Edge TPU Compiler version' on"
        )
    return found


def _entry(entry: Entry, part: Compilation, token: int, given: Given) -> Candidate:
    name = entry.name
    if entry.mapped == 0:
        raise PlanError(f"{name}: none of its operators runs on the Edge TPU, by the log")
    inputs = (given.input[name],) * 3 if name in given.input else INPUT
    outputs = (given.output[name],) * 3 if name in given.output else OUTPUT
    assumed = [
        what
        for what, known in (("input", given.input), ("output", given.output))
        if name not in known
    ]
    ends: list[Footprint] = []
    for end in range(3):
        try:
            found = log.footprint(
                entry, input=inputs[end], output=outputs[end], compute=math.nan, token=token
            )
        except ValueError as error:
            raise PlanError(str(error)) from None
        ends.append((found.low, found.likely, found.high)[end])
    rule = "compiler's log: bytes to two decimals, instructions from the output file's size"
    if assumed:
        rule += f"; assumed {' and '.join(assumed)} bytes"
    rate = given.rate.get(name, 1.0)
    low, likely, high = ends
    one = Candidate(name, rate, low, likely, high, LOG, rule, None, _available(part))
    return _computing(_without_cpu(one, sum(entry.unmapped.values()) or entry.on_cpu or 0), given)


def _available(part: Compilation) -> tuple[int, int, int]:
    """What the set had for parameters: as printed for its first model, or what it used and left."""
    first, last = part.entries[0], part.entries[-1]
    parts: list[Size] = []
    if first.available is not None:
        parts = [first.available]
    elif last.remaining is not None:
        parts = [last.remaining, *(one.cached for one in part.entries if one.cached is not None)]
    if not parts:
        return AVAILABLE
    low, likely, high = (
        sum(getattr(size, end) for size in parts) for end in ("low", "likely", "high")
    )
    return low, likely, high


def _without_cpu(one: Candidate, operators: int) -> Candidate:
    """``one``, whose rule says that its operators on the CPU come on top."""
    if not operators:
        return one
    return replace(one, rule=f"{one.rule}; without its {operators} operators on the CPU")


def _computing(one: Candidate, given: Given) -> Candidate:
    """``one`` with seconds of computing: the caller's, the file's, or assumed ones."""
    if one.name in given.compute:
        compute, note = given.compute[one.name], "compute as given"
    elif math.isnan(one.likely.compute):
        compute = COMPUTE
        low, _, high = (1e3 * seconds for seconds in COMPUTE)
        note = f"assumed {low:g} to {high:g} ms of computing"
    else:
        return one
    low_, likely, high_ = (
        replace(footprint, compute=seconds)
        for footprint, seconds in zip((one.low, one.likely, one.high), compute, strict=True)
    )
    return replace(one, low=low_, likely=likely, high=high_, rule=f"{one.rule}; {note}")

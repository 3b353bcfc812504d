"""``python -m hardware edgetpu plan``: how to share an Edge TPU among models, as text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hardware.edgetpu.interface import INTERFACES, Interface, Parameter
from hardware.edgetpu.law import Latency
from hardware.edgetpu.plan import MARGIN, Plan, plan
from hardware.edgetpu.plan_arrangement import Arrangement, ModelPlan
from hardware.edgetpu.plan_inputs import Given, Three, candidates
from hardware.edgetpu.plan_search import TURNS
from hardware.edgetpu.text import clean

HELP = "in which order to compile models for one Edge TPU, or whether to use two"
#: Of the JSON; raised when a key changes its meaning or goes.
SCHEMA = 1

Value = TypeVar("Value")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The files, and what they do not say."""
    command.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="compiled models, logs of the compiler, or uncompiled models; each is called by its stem",
    )
    of = "NAME={}"
    command.add_argument(
        "--rate",
        action="append",
        default=[],
        type=_named(_number),
        metavar=of.format("PER_SECOND"),
        help="inferences per second of a model (1)",
    )
    command.add_argument(
        "--host", choices=INTERFACES, default="usb2", help="how the Edge TPU is attached (usb2)"
    )
    command.add_argument(
        "--turns",
        choices=TURNS,
        default=TURNS[0],
        help="inferences arrive at random, or alternate as often as they can (random)",
    )
    command.add_argument(
        "--margin",
        type=_number,
        default=MARGIN,
        metavar="SHARE",
        help=f"of the work that a second Edge TPU must save to be advised ({MARGIN:g})",
    )
    command.add_argument(
        "--compute",
        action="append",
        default=[],
        type=_named(_milliseconds),
        metavar=of.format("MS[-MS]"),
        help="milliseconds of computing, for files that state no cycles",
    )
    for name in ("input", "output"):
        command.add_argument(
            f"--{name}",
            action="append",
            default=[],
            type=_named(_bytes),
            metavar=of.format("BYTES"),
            help=f"bytes of a model's {name}, of which logs say nothing",
        )
    command.add_argument(
        "--top", type=_bytes, default=10, metavar="N", help="arrangements to show as text (10)"
    )


def run(options: argparse.Namespace) -> int:
    """Predict every way to have models on one Edge TPU (compiled together in any order, apart, or some
    together) at the rates asked for, rank them by how busy the device is, and say when a second one is
    due. Nothing is measured: latencies are simulated, with bounds of error. The exit status is 1
    if a file cannot be used.
    """
    try:
        given = Given(
            *(dict(getattr(options, name)) for name in ("rate", "compute", "input", "output"))
        )
        found = plan(
            candidates(options.files, given),
            INTERFACES[options.host],
            turns=options.turns,
            margin=options.margin,
        )
    except ValueError as error:
        print(f"error: {clean(error, 400)}", file=sys.stderr)
        return 1
    print(
        json.dumps(as_json(found), indent=2)
        if options.json
        else "\n".join(_lines(found, options.top))
    )
    return 0


def as_json(found: Plan) -> dict[str, Any]:
    """The plan: seconds, bytes, and shares of the time."""
    link = found.interface
    return {
        "schema": SCHEMA,
        "nature": "simulated",
        "host": _interface(link),
        "turns": found.turns,
        "margin": found.margin,
        "models": [
            {"name": one.name, "rate": one.rate, "source": one.source, "rule": one.rule}
            for one in found.candidates
        ],
        "arrangements": [_arrangement(one) for one in found.arrangements],
        "two": None if found.two is None else [_arrangement(one) for one in found.two],
        "advice": list(found.advice),
    }


def _interface(link: Interface) -> dict[str, Any]:
    def parameter(one: Parameter) -> dict[str, Any]:
        return {"value": one.value, "unit": one.unit, "how": one.how, "source": one.source}

    parameters = ("bandwidth", "load_bandwidth", "overhead", "clock")
    return {
        "name": link.name,
        "what": link.what,
        **{name: parameter(getattr(link, name)) for name in parameters},
        "low": link.low,
        "high": link.high,
        "bound": link.bound,
        "why": link.why,
    }


def _latency(one: Latency) -> dict[str, Any]:
    return {"value": one.seconds, "low": one.low, "high": one.high, "bound": one.bound}


def _arrangement(one: Arrangement) -> dict[str, Any]:
    return {
        "label": one.label,
        "kind": one.kind,
        "busy": _latency(one.busy),
        "groups": [
            {"compiled": not group.anew, "models": [_model(model) for model in group.models]}
            for group in one.groups
        ],
    }


def _model(one: ModelPlan) -> dict[str, Any]:
    placed = one.placed
    return {
        "name": one.name,
        "latency": _latency(one.latency),
        "steady": placed.steady.likely,
        "reload": placed.load.likely,
        "reloading": one.reloading,
        "cached": placed.cached._asdict(),
        "streamed": placed.streamed._asdict(),
        "fits": one.fits,
    }


def _lines(found: Plan, top: int) -> list[str]:
    link = found.interface
    lines = [
        f"{link.name}: {link.what}",
        f"simulated; bounds ({link.bound}): {link.low - 1:+.0%} to {link.high - 1:+.0%}, and what "
        f"files do not say; turns: {found.turns}",
    ]
    for model in found.candidates:
        lines.append(f"{clean(model.name)}: {model.rate:g}/s; {clean(model.rule, 400)}")
    if any("assumed" in model.rule for model in found.candidates):
        lines.append("what is assumed can be said: --compute, --input, --output")
    lines.append("")
    shown = found.arrangements[:top]
    for rank, one in enumerate(shown, 1):
        lines += _shown(f"{rank}.", one)
    if len(shown) < len(found.arrangements):
        lines.append(f"and {len(found.arrangements) - len(shown)} more (--top N, --json)")
    if found.two is not None:
        lines += ["", "on two Edge TPUs:"]
        for name, one in zip(("first", "second"), found.two, strict=True):
            lines += _shown(name, one)
    return [*lines, *(["", *found.advice] if found.advice else [])]


def _shown(rank: str, one: Arrangement) -> list[str]:
    busy = one.busy
    lines = [
        f"{rank} busy {busy.seconds:.1%} ({busy.low:.1%} to {busy.high:.1%}), {one.kind}: "
        f"{clean(one.label, 400)}"
    ]
    for group in one.groups:
        for model in group.models:
            latency, streamed = model.latency, model.placed.streamed
            held = "fits" if model.fits else f"{_size(streamed.likely)} streamed"
            reload = f", {model.reloading:.0%} reload" if model.reloading else ""
            how = "" if group.anew else ", as compiled"
            lines.append(
                f"   {clean(model.name)}: {latency.seconds * 1e3:.2f} ms ({latency.low * 1e3:.2f} to "
                f"{latency.high * 1e3:.2f}), {held}{reload}{how}"
            )
    return lines


def _size(count: float) -> str:
    return f"{count / 2**20:.2f} MiB" if count >= 2**18 else f"{count / 2**10:.1f} KiB"


def _named(read: Callable[[str], Value]) -> Callable[[str], tuple[str, Value]]:
    def named(text: str) -> tuple[str, Value]:
        name, found, value = text.rpartition("=")
        if not found or not name:
            raise argparse.ArgumentTypeError(f"{clean(text)!r} is not NAME=VALUE")
        return name, read(value)

    return named


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise argparse.ArgumentTypeError(f"{clean(text)!r} is not a number from 0 to 1e9")
    return number


def _bytes(text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise argparse.ArgumentTypeError(f"{clean(text)!r} is not a whole number from 0")
    return int(text)


def _milliseconds(text: str) -> Three:
    low, _, high = text.partition("-")
    least, most = _number(low) / 1e3, _number(high or low) / 1e3
    if least > most:
        raise argparse.ArgumentTypeError(f"{clean(text)!r}: the lower comes first")
    return least, (least + most) / 2, most

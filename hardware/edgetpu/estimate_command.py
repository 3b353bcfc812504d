"""``python -m hardware edgetpu estimate``: what uncompiled models would ask of an Edge TPU."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hardware.edgetpu.compiled import Compiled
from hardware.edgetpu.estimate import AVAILABLE, Estimate, Fit, estimate, fits
from hardware.edgetpu.flat import MissingRuntime
from hardware.edgetpu.footprint import ON_CHIP
from hardware.edgetpu.graph import ModelError
from hardware.edgetpu.limits import RUNTIME
from hardware.edgetpu.parameters import EXACTNESS
from hardware.edgetpu.related import compiled_of
from hardware.edgetpu.text import clean

HELP = "what uncompiled models would ask: operators that map and why not, bytes, what fits"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The models in the order in which they would be compiled together, and what they run on."""
    command.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="an uncompiled .tflite"
    )
    command.add_argument(
        "--available",
        type=_available,
        default=AVAILABLE,
        metavar="BYTES",
        help="on-chip memory for parameters; the compiler's log states it (6.53 to 6.91 MiB seen)",
    )
    command.add_argument(
        "--runtime",
        type=int,
        default=RUNTIME,
        metavar="VERSION",
        help=f"of the Edge TPU runtime ({RUNTIME})",
    )
    command.add_argument(
        "--multiple-subgraphs",
        action="store_true",
        help="as the compiler's --enable_multiple_subgraphs",
    )
    command.add_argument(
        "--compiled",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="a compiled file or a folder to compare with, beside those next to FILE",
    )


def _available(text: str) -> tuple[int, int]:
    size = int(text)
    if not 0 <= size <= ON_CHIP:
        raise argparse.ArgumentTypeError(f"between 0 and {ON_CHIP} bytes")
    return size, size


def run(options: argparse.Namespace) -> int:
    """Estimate from uncompiled models which operators the Edge TPU compiler would map, and why it
    would not map the others, the bytes of their parameters on the chip, and what of them fits when
    the models are compiled together in the order given. Where a compiled file of a model is at hand,
    the difference to it is stated. Status 2: a file that is no readable uncompiled model.
    """
    estimates: list[Estimate] = []
    status = 0
    for path in options.files:
        try:
            estimates.append(estimate(path, options.runtime, options.multiple_subgraphs))
        except (ModelError, MissingRuntime) as error:
            print(f"error: {clean(error, 400)}", file=sys.stderr)
            status = 2
    shown = []
    for one, fit in zip(estimates, fits(estimates, options.available), strict=True):
        files = compiled_of(Path(one.path), options.compiled)
        if options.json:
            shown.append(_as_json(one, fit, files))
        else:
            print("\n".join(_lines(one, fit, files)))
    if options.json:
        print(json.dumps(shown, indent=2))
    elif estimates:
        print(f"The rule for parameters: {EXACTNESS}.")
    return status


def _parameters(model: Compiled) -> int:
    return sum(one.cached_bytes + one.streamed_bytes for one in model.packages)


def _as_json(one: Estimate, fit: Fit, files: Sequence[Compiled]) -> dict[str, Any]:
    valid = not one.unknown
    return {
        "path": one.path,
        "operators": [vars(operator) for operator in one.operators],
        "layers": [vars(layer) for layer in one.layers],
        "input_bytes": one.input,
        "output_bytes": one.output,
        "parameter_bytes": list(one.parameters) if valid else None,
        "available_bytes": list(fit.available),
        "cached_bytes": list(fit.cached) if valid else None,
        "streamed_bytes": list(fit.streamed) if valid else None,
        "rule": EXACTNESS,
        "not_valid_for": list(one.unknown),
        "compiled": [
            {
                "path": file.path,
                "parameter_bytes": _parameters(file),
                "more_than_the_rule": _parameters(file) - one.parameters[0],
            }
            for file in files
        ],
    }


def _lines(one: Estimate, fit: Fit, files: Sequence[Compiled]) -> list[str]:
    mapped = sum(operator.mapped for operator in one.operators)
    lines = [
        clean(one.path, 400),
        f"  operators: {len(one.operators)}, of which {mapped} would be mapped to the Edge TPU",
    ]
    reasons = Counter((each.operator, each.reason) for each in one.operators if not each.mapped)
    doubts = Counter((each.operator, each.caveat) for each in one.operators if each.caveat)
    for verb, counted in (("stays on the CPU", reasons), ("mapped, but", doubts)):
        for (name, why), count in counted.items():
            lines.append(f"    {count} {clean(name, 60)} {verb}: {why}")
    low, high = one.parameters
    lines.append(
        f"  parameters: {low} B by the rule, at most {high} B, in {len(one.layers)} layers"
    )
    if one.unknown:
        lines.append(f"    not valid: the rule does not hold for {', '.join(one.unknown)}")
    else:
        lines += [
            f"  on-chip memory for them: {_range(fit.available)}",
            f"  cached: {_range(fit.cached)}",
            f"  streamed: {_range(fit.streamed)}",
        ]
    if one.layers:
        largest = max(one.layers, key=lambda layer: layer.bytes)
        name = clean(largest.name, 80)
        lines.append(f"  largest layer: {largest.bytes} B, {largest.kind} {name}")
    for file in files:
        size = _parameters(file)
        share = f"{(size - low) / size:.1%} of it" if size else "all of it"
        verdict = "as the rule says" if size == low else f"{size - low:+d} B ({share})"
        lines.append(f"  compiled: {size} B, {verdict}: {clean(file.path, 400)}")
    return lines


def _range(ends: tuple[int, int]) -> str:
    return f"{ends[0]} B" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} B"

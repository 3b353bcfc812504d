"""``python -m hardware edgetpu inspect``: compiled models, for a reader and as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hardware.edgetpu.compiled import Compiled, CompiledError, read
from hardware.edgetpu.flat import MissingRuntime
from hardware.edgetpu.footprint import CLOCK
from hardware.edgetpu.graph import Tensor
from hardware.edgetpu.package import Package
from hardware.edgetpu.related import Claim, Twin, all_together, claim_of, sharing, twin_of
from hardware.edgetpu.text import clean

HELP = "what compiled models hold: bytes cached and streamed, cycles, operators, tensors, tokens"

#: The properties of a package, which are also the keys of its JSON, and what a reader is told.
_PACKAGE = {
    "min_runtime_version": "minimum runtime version",
    "compiler_version": "compiler version",
    "token": "caching token",
    "cached_bytes": "cached parameters",
    "streamed_bytes": "streamed parameters",
    "instruction_bytes": "instructions",
    "caching_instruction_bytes": "caching instructions",
    "input_bytes": "input",
    "output_bytes": "output",
    "scratch_bytes": "scratch",
    "estimated_cycles": "estimated cycles",
}
#: So many intermediate tensors or files of one token are listed; JSON has them all.
_MOST_LISTED = 8


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The files, and what is known of them."""
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a .tflite file")
    command.add_argument(
        "--cocompiled",
        action="store_true",
        help="the files are said to be compiled together: check",
    )
    command.add_argument(
        "--uncompiled",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="an uncompiled model or a folder of them, beside those that lie next to FILE",
    )


def run(options: argparse.Namespace) -> int:
    """Print what compiled models (`*_edgetpu.tflite`) say of themselves. All sizes are bytes.

    Status 1: models that are said to be compiled together are not. Status 2: a file that is no
    readable model, which is said on the error output; the others are shown.
    """
    models: list[Compiled] = []
    status = 0
    for path in options.files:
        try:
            models.append(read(path))
        except (CompiledError, MissingRuntime) as error:
            print(f"error: {clean(error, 400)}", file=sys.stderr)
            status = 2
    together = {one.path: one for one in all_together(models)} if options.cocompiled else {}
    sets = sharing(models)
    by_name = {Path(model.path).name: model for model in models}
    uncompiled = [Path(model.path) for model in models if not model.tpu_ops]
    shown = []
    for model in models:
        claim = together.get(model.path) or claim_of(model, by_name)
        if claim is not None and claim.holds is False:
            status = status or 1
        twin = twin_of(model, (*options.uncompiled, *uncompiled)) if model.tpu_ops else None
        shared = {other.path for token in model.tokens for other in sets.get(token, ())}
        with_others = sorted(shared - {model.path})
        if options.json:
            shown.append(_as_json(model, claim, twin, with_others))
        else:
            print("\n".join(_lines(model, claim, twin, with_others)))
    if options.json:
        print(json.dumps(shown, indent=2))
    return status


def _as_json(
    model: Compiled, claim: Claim | None, twin: Twin | None, with_others: Sequence[str]
) -> dict[str, Any]:
    return {
        "path": model.path,
        "size": model.graph.size,
        "packages": [{key: getattr(one, key) for key in _PACKAGE} for one in model.packages],
        "without_package": list(model.without_package),
        "tpu_ops": model.tpu_ops,
        "cpu_ops": model.cpu_ops,
        "subgraphs": len(model.graph.subgraphs),
        "tensors": {
            "inputs": [_tensor_json(one) for one in model.inputs],
            "outputs": [_tensor_json(one) for one in model.outputs],
            "intermediates": [_tensor_json(one) for one in model.intermediates],
        },
        "executables": [
            [
                {"type": one.type, "parameters": one.parameters, "instructions": one.instructions}
                for one in package.executables
            ]
            for package in model.packages
        ],
        "shares_token_with": list(with_others),
        "cocompiled": None if claim is None else {"holds": claim.holds, "reason": claim.sentence},
        "uncompiled": None
        if twin is None
        else {"path": twin.path, "differences": list(twin.differences)},
    }


def _tensor_json(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "type": tensor.type,
        "scale": tensor.scale if tensor.scale is None else _finite(tensor.scale),
        "zero_point": tensor.zero_point,
        "channels": tensor.channels,
    }


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None


def _lines(
    model: Compiled, claim: Claim | None, twin: Twin | None, with_others: Sequence[str]
) -> list[str]:
    lines = [clean(model.path, 400)]
    if not model.tpu_ops:
        lines.append("  not compiled for the Edge TPU: no edgetpu-custom-op in it")
    lines += [f"  no DWN1 package: {clean(why)}" for why in model.without_package]
    for number, package in enumerate(model.packages, 1):
        if len(model.packages) > 1:
            lines.append(f"  package {number} of {len(model.packages)}")
        lines += _package_lines(package)
    if model.tpu_ops:
        lines.append(f"  operators on the Edge TPU: {model.tpu_ops} (edgetpu-custom-op)")
    cpu = ", ".join(f"{clean(name, 60)} {count}" for name, count in model.cpu_ops.items())
    lines.append(f"  operators on the CPU: {clean(cpu or 'none', 1000)}")
    for what, tensors in (("input", model.inputs), ("output", model.outputs)):
        lines += [f"  {what} {_tensor(tensor)}" for tensor in tensors]
    inner = model.intermediates
    lines += [f"  intermediate {_tensor(tensor)}" for tensor in inner[:_MOST_LISTED]]
    if len(inner) > _MOST_LISTED:
        lines.append(
            f"  and {len(inner) - _MOST_LISTED} more intermediate tensors (--json has all)"
        )
    if twin is not None:
        same = "names, shapes and quantisation of inputs and outputs are the uncompiled model's own"
        lines.append(f"  {same}: {clean(twin.path)}" if not twin.differences else "")
        lines[-1] = lines[-1] or f"  unlike the uncompiled model {clean(twin.path)}:"
        lines += [f"    {clean(line)}" for line in twin.differences]
    lines += [
        f"  shares its caching token with {clean(path, 400)}" for path in with_others[:_MOST_LISTED]
    ]
    if len(with_others) > _MOST_LISTED:
        lines.append(f"  and with {len(with_others) - _MOST_LISTED} more files (--json has all)")
    if claim is not None:
        lines.append(f"  compiled with the other: {clean(claim.sentence, 400)}")
    return lines


def _package_lines(package: Package) -> list[str]:
    lines = []
    for key, title in _PACKAGE.items():
        value = getattr(package, key)
        if key == "token":
            shown = "none" if value is None else f"{value:016x}"
        elif key == "estimated_cycles":
            shown = f"{value} ({value / CLOCK * 1e3:.3f} ms at 500 MHz)" if value else "not stated"
        elif key.endswith("_bytes"):
            shown = f"{value} B"
        else:
            shown = clean(value) or "not stated"
        lines.append(f"  {title:<24}{shown}")
    kinds = " + ".join(clean(one.type) for one in package.executables)
    return [*lines, f"  {'executables':<24}{kinds or 'none'}"]


def _tensor(tensor: Tensor) -> str:
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    text = f"{clean(tensor.name) or '(no name)'}: {tensor.type} {shape}"
    if tensor.scale is not None:
        text += f", scale {tensor.scale:.6g}, zero point {tensor.zero_point}"
    return text + (f", {tensor.channels} channels" if tensor.channels > 1 else "")

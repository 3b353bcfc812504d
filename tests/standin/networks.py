"""Compiled files to open with the stand-in: published ones where they are at hand, and our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixtures.models import manifest
from fixtures.models.library import Library
from fixtures.models.store import Store
from hardware.edgetpu.compiled import read
from hardware.edgetpu.graph import Tensor
from hardware.edgetpu.operators import _TYPES
from tests.hardware.edgetpu import builder

DIGITS = Path(manifest.__file__).with_name("digits")
TWIN = DIGITS / "digits_int8.tflite"


def inputs_of(model: str) -> NDArray[Any]:
    """The inputs (n, *shape) that the suites feed one of our models."""
    models = manifest.load()
    return np.asarray(Library(models, Store(), build=False).inputs(model))


def compiled_digits(
    folder: Path, token: int = 7, *, behind: str = "", name: str = "", cycles: int = 1000
) -> Path:
    """``digits_int8`` as if it had been compiled: one operator for the chip, of the twin's contract.

    Its parameters are zeros: nothing but a stand-in can run it. ``behind`` is an operator that is left
    on the CPU, behind the chip's; ``cycles`` tells models of one token apart.
    """
    twin = read(TWIN)
    model = builder.Model()
    last = model.add("image", **_contract(twin.inputs[0]))
    model.inputs = [last]
    answer = model.add("answer", **_contract(twin.outputs[0]))
    options = builder.usual(token, cycles=cycles)
    model.operator("edgetpu-custom-op", [last], [answer], custom=options)
    if behind:
        after = model.add("behind", **_contract(twin.outputs[0]))
        model.operator(behind, [answer], [after])
        answer = after
    model.outputs = [answer]
    path = folder / f"{name or f'digits_int8_{token}{behind}'}_edgetpu.tflite"
    path.write_bytes(model.bytes())
    return path


def _contract(tensor: Tensor) -> dict[str, Any]:
    return {
        "shape": tensor.shape,
        "kind": _TYPES.index(tensor.type),
        "scale": tensor.scale,
        "zero_point": tensor.zero_point or 0,
    }


def write_manifest(folder: Path, *models: str) -> Path:
    """A manifest of ``models``, each of them ``digits_int8`` with a compiled file of its own.

    Beside it are the files, and in ``together`` compiled ones that share a token.
    """
    (folder / "heldout.npz").write_bytes((DIGITS / "heldout.npz").read_bytes())
    (folder / "together").mkdir()
    lines = ["schema = 1", "[files]", 'heldout = { path = "heldout.npz" }']
    for token, model in enumerate(models, 1):
        twin = folder / f"{model}.tflite"
        twin.write_bytes(TWIN.read_bytes())
        compiled = compiled_digits(folder, token, name=model)
        compiled_digits(folder / "together", 99, name=model, cycles=1000 * token)
        lines.append(f'{model} = {{ path = "{twin.name}" }}')
        lines.append(f'{model}_edgetpu = {{ path = "{compiled.name}" }}')
    contract = manifest.load()["digits_int8"]
    source, answer = contract.input.quantisation, contract.output.quantisation
    for model in models:
        lines += [
            f"[models.{model}]",
            f'title = "{model}, for a stand-in"',
            'precision = "int8"',
            "batches = [1]",
            "tolerance = { steps = 8 }",
            f"output = {{ classes = 10, quantisation = {_quantisation(answer)} }}",
            f'artifacts.tflite = "{model}"',
            f'artifacts.edgetpu = "{model}_edgetpu"',
            f"[models.{model}.input]",
            "shape = [8, 8, 1]",
            'dtype = "int8"',
            "scale = 0.0625",
            'npz = "heldout"',
            "count = 16",
            f"quantisation = {_quantisation(source)}",
        ]
    path = folder / "stand-in.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _quantisation(known: Any) -> str:
    return f"{{ scale = {known.scale}, zero_point = {known.zero_point} }}"

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


def compiled_digits(folder: Path, token: int = 7, behind: str = "") -> Path:
    """``digits_int8`` as if it had been compiled: one operator for the chip, of the twin's contract.

    Its parameters are zeros: nothing but a stand-in can run it. ``behind`` is an operator that is left
    on the CPU, behind the chip's.
    """
    twin = read(TWIN)
    model = builder.Model()
    last = model.add("image", **_contract(twin.inputs[0]))
    model.inputs = [last]
    answer = model.add("answer", **_contract(twin.outputs[0]))
    model.operator("edgetpu-custom-op", [last], [answer], custom=builder.usual(token))
    if behind:
        after = model.add("behind", **_contract(twin.outputs[0]))
        model.operator(behind, [answer], [after])
        answer = after
    model.outputs = [answer]
    path = folder / f"digits_int8_{token}{behind}_edgetpu.tflite"
    path.write_bytes(model.bytes())
    return path


def _contract(tensor: Tensor) -> dict[str, Any]:
    return {
        "shape": tensor.shape,
        "kind": _TYPES.index(tensor.type),
        "scale": tensor.scale,
        "zero_point": tensor.zero_point or 0,
    }

"""A manifest of models that are scripts of faults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_manifest(folder: Path, scripts: Mapping[str, Mapping[str, Any]]) -> Path:
    """A manifest of one model for each of ``scripts``, by id."""
    lines = ["schema = 1", "", "[files]"]
    for name, script in scripts.items():
        text = json.dumps(script)
        (folder / f"{name}.tflite").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        lines.append(f'{name} = {{ path = "{name}.tflite", sha256 = "{digest}" }}')
    for name in scripts:
        lines += [
            "",
            f"[models.{name}]",
            f'title = "{name}"',
            'precision = "float32"',
            'reference = ["honest"]',
            "tolerance = { probability = 1e-6 }",
            'input = { shape = [10], dtype = "float32", noise = [-2.0, 2.0], count = 4 }',
            "output = { classes = 10 }",
            f'artifacts.tflite = "{name}"',
        ]
    path = folder / "faults.toml"
    path.write_text("\n".join(lines) + "\n")
    return path

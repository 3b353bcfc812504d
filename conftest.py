"""Wires the plugins together, and makes sure that they are Edgeproof's own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
# Edgeproof runs from its clone; other packages called `fixtures` or `reports` exist.
sys.path.insert(0, str(ROOT))

for _name in ("fixtures", "hardware", "reports"):
    _found = __import__(_name)
    if Path(_found.__file__ or "").resolve().parent != ROOT / _name:
        raise pytest.UsageError(
            f"'import {_name}' gives {_found.__file__}, not this clone's own package: "
            f"uninstall the package that brings it, or use a fresh virtual environment"
        )

pytest_plugins = [
    "reports.plugin",
    "hardware.plugin",
    "fixtures.boards.plugin",
    "fixtures.outcomes",
    "fixtures.plugin",
]

"""Published model files, in the folder that ``EDGEPROOF_ASSETS`` names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
#: Where there is none, a folder in which nothing will be found.
FOLDER = Path(os.environ.get("EDGEPROOF_ASSETS") or ROOT / "results" / "no-assets")


def asset(path: str) -> Path:
    """The file, or a skip that says what was looked for and where."""
    found = FOLDER / path
    if not found.is_file():
        pytest.skip(f"{path} is not here: set EDGEPROOF_ASSETS to a folder of Coral's test data")
    return found

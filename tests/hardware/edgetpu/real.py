"""Published model files: in ``EDGEPROOF_ASSETS``, or in ``../shared/assets`` beside the clone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("EDGEPROOF_ASSETS") or ROOT.parent / "shared" / "assets")


def asset(path: str) -> Path:
    """The file, or a skip that says what was looked for and where."""
    found = FOLDER / path
    if not found.is_file():
        pytest.skip(f"{found} is not here: set EDGEPROOF_ASSETS to a folder of Coral's test data")
    return found

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def reports(tmp_path):
    """``python -m reports`` as a user runs it, in a folder of its own."""

    def reports(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "reports", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )

    return reports

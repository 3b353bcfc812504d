"""What the first answer costs against the later ones: build, first inference, steady state."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.run import CellRun


@pytest.mark.sweep(fresh=True)
def test_first_inference(cell: CellRun, benchmark: Any) -> None:
    cell.build()
    cell.first()
    cell.judge()
    cell.steady(benchmark)
    cell.end()

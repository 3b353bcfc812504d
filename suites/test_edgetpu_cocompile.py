"""What compiling models together buys on one Edge TPU: the published experiment, case by case.

Single, two models compiled apart, one model twice, co-compiled, and co-compiled in the other order; the
first inference of sessions made anew (10 repeats), and turns in the steady state (100).
"""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.cocompile import published_cases
from fixtures.cocompile_run import CaseRun

CASES = {case.id.removeprefix("cocompile/"): case for case in published_cases()}


@pytest.mark.edgetpu
@pytest.mark.litert
@pytest.mark.cocompile
@pytest.mark.parametrize("cocompile", CASES.values(), ids=CASES, indirect=True)
def test_cocompile(cocompile: CaseRun, benchmark: Any) -> None:
    cocompile.verify()
    cocompile.measure(benchmark)
    cocompile.end()

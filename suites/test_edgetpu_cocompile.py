"""What compiling models together buys on one Edge TPU: the published experiment, case by case.

Single, two models compiled apart, one model twice, co-compiled, and co-compiled in the other order; the
first inference of sessions made anew (10 repeats), and turns in the steady state (100).
"""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.cocompile import asked_cases, published_cases
from fixtures.cocompile_run import CaseRun


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    cases = published_cases()
    for models in metafunc.config.getoption("--cocompile"):
        cases += asked_cases(models)
    ids = [case.id.removeprefix("cocompile/") for case in cases]
    metafunc.parametrize("cocompile", cases, ids=ids, indirect=True)


@pytest.mark.edgetpu
@pytest.mark.litert
@pytest.mark.cocompile
def test_cocompile(cocompile: CaseRun, benchmark: Any) -> None:
    cocompile.verify()
    cocompile.measure(benchmark)
    cocompile.end()

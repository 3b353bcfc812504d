"""What compiling models together buys on one Edge TPU: the published experiment, case by case.

Single, two models compiled apart, one model twice, co-compiled, and co-compiled in the other order; the
first inference of sessions made anew (10 repeats), and turns in the steady state (100). Where there are
as many Edge TPUs as models of the user's choice, also each model on one of its own.
"""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.cocompile.cases import Case, asked_cases, published_cases
from fixtures.cocompile.run import CaseRun
from fixtures.plugin import ASKED, edge_tpu_runtime, edge_tpus


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked, devices = published_cases(), len(edge_tpus(metafunc.config))
    for models in metafunc.config.stash[ASKED]:
        asked += asked_cases(models, devices)
    cases: dict[str, Case] = {}
    for case in asked:  # the same models in another order have the same cases together
        cases.setdefault(case.id, case)
    runtime = getattr(pytest.mark, edge_tpu_runtime(metafunc.config).name)
    params = [
        pytest.param(case, id=case.id.removeprefix("cocompile/"), marks=runtime)
        for case in cases.values()
    ]
    metafunc.parametrize("cocompile", params, indirect=True)


@pytest.mark.edgetpu
@pytest.mark.cocompile
def test_cocompile(cocompile: CaseRun, benchmark: Any) -> None:
    cocompile.verify()
    cocompile.measure(benchmark)
    cocompile.end()

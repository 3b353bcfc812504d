"""What compiling models together buys on one Edge TPU: the published experiment, case by case.

Single, two models compiled apart, one model twice, co-compiled, and co-compiled in the other order; the
first inference of sessions made anew (10 repeats), and turns in the steady state (100). Where there are
as many Edge TPUs as models of the user's choice, also each model on one of its own.
"""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.cocompile.cases import Case, Use, asked_cases, published_cases
from fixtures.cocompile.run import CaseRun
from fixtures.plugin import TURNS, edge_tpus


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked, devices = published_cases(), len(edge_tpus(metafunc.config))
    for models in metafunc.config.stash[TURNS]:
        asked += asked_cases([Use(*one) for one in models], devices)
    cases: dict[str, Case] = {}
    for case in asked:  # the same models in another order have the same cases together
        cases.setdefault(case.id, case)
    ids = [name.removeprefix("cocompile/") for name in cases]
    metafunc.parametrize("cocompile", cases.values(), ids=ids, indirect=True)


@pytest.mark.edgetpu
@pytest.mark.litert
@pytest.mark.cocompile
def test_cocompile(cocompile: CaseRun, benchmark: Any) -> None:
    cocompile.verify()
    cocompile.measure(benchmark)
    cocompile.end()

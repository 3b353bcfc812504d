"""Any mutation of a valid file is read or refused in one sentence, and nothing else happens."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import FILES, Target, targets

TARGETS = targets()
#: Seeds that are refused, for the sake of what lies beyond the refusal.
REFUSED = {
    ("image", 6): "not a readable image",
    ("benchmark", 2): "made by plain pytest-benchmark",
    ("wire", 0): "the end",
    ("wire", 1): "the end",
}
#: Seconds of this process's own time that a small file may take; a shared machine's stalls apart.
PATIENCE = 10.0


def place(folder: Path, name: str) -> Path:
    return folder / FILES.get(name, f"{name}.file")


def bounded(target: Target, path: Path, data: bytes) -> Exception | None:
    start = time.process_time()
    error = target.run(path, data)
    assert time.process_time() - start < PATIENCE
    return error


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_taken(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds):
        refused = target.run(place(tmp_path, name), seed)
        known = REFUSED.get((name, number))
        assert known in (str(refused) or "the end") if known else refused is None


@pytest.mark.parametrize("name", TARGETS)
@settings(
    # The same examples every time, unless they are many: a change breaks them, and never chance.
    derandomize=settings.default.max_examples < 1000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_mutation_is_read_or_refused_in_one_sentence(
    name: str, data: st.DataObject, tmp_path: Path
) -> None:
    target = TARGETS[name]
    bounded(target, place(tmp_path, name), data.draw(mutated(target.seeds, target.dictionary)))

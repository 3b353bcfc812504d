from __future__ import annotations

import json
import random

from hypothesis import find, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import (
    BYTE_EDITS,
    JSON_TOKENS,
    LONGEST,
    TOKEN_EDITS,
    applied,
    edited,
    mutated,
    random_edit,
)

SEED = b'{"a": [1, 2, {"b": "c"}], "d": null}'
EDITS = st.integers(0, 1 << 32).map(lambda seed: random_edit(random.Random(seed)))


@given(data=st.binary(max_size=60), edit=EDITS)
def test_an_edit_is_a_function_of_its_data(data: bytes, edit: tuple) -> None:
    assert edited(data, edit) == edited(data, edit)
    assert len(edited(data, edit)) <= LONGEST


def test_every_kind_of_edit_changes_something() -> None:
    for kind in (*BYTE_EDITS, *TOKEN_EDITS):
        source = random.Random(kind)
        made = {applied(SEED, [random_edit(source, (kind,))], JSON_TOKENS) for _ in range(50)}
        assert len(made - {SEED}) > 10, kind


def test_a_new_value_leaves_the_grammar_whole() -> None:
    """It is what gets a mutation past the first line of a parser."""
    source, whole = random.Random(1), 0
    for _ in range(200):
        try:
            json.loads(applied(SEED, [random_edit(source, ("value",))], JSON_TOKENS))
            whole += 1
        except (ValueError, RecursionError):
            continue
    assert whole > 150


def test_failures_shrink_to_few_edits() -> None:
    found = find(
        mutated([SEED], JSON_TOKENS),
        lambda data: b"NaN" in data,
        # The same examples at every run, so that chance decides nothing.
        settings=settings(max_examples=5000, derandomize=True, database=None),
    )
    assert abs(len(found) - len(SEED)) < 40, "one edit, not six"

"""When an engine made ahead has paid for itself: by the sums themselves, for whatever costs."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reports.break_even import (
    GATE,
    MOST,
    Cost,
    Paid,
    after_inferences,
    after_starts,
    level,
)

seconds = st.floats(min_value=0, max_value=1e9)
costs = st.builds(Cost, seconds, seconds, seconds, st.none() | seconds, seconds)
#: Seconds as devices have them: no gain is lost in the rounding of what it is added to.
usual = st.integers(0, 10**6).map(lambda n: n / 1e3)
devices = st.builds(Cost, usual, usual, usual, st.none() | usual, usual)

#: A second to make, after which each start takes 0.2 instead of 0.5 seconds.
AHEAD = Cost(once=1.0, opening=0.1, first=0.1, steady=0.1)
ANEW = Cost(once=0.0, opening=0.4, first=0.1, steady=0.1)


def test_what_is_saved_with_every_start_pays_for_making_it() -> None:
    assert after_starts(AHEAD, ANEW) == Paid(4)
    assert AHEAD.starts(3) > ANEW.starts(3)
    assert AHEAD.starts(4) <= ANEW.starts(4)


def test_what_is_gained_with_every_inference_pays_in_one_start() -> None:
    assert after_inferences(AHEAD, ANEW) == Paid(None), "the steady state is the same"
    faster = replace(AHEAD, steady=0.05)
    # 1.2 s against 0.5 s at the first, 0.05 s less with each one after it
    assert after_inferences(faster, ANEW) == Paid(15)
    slow_second = replace(faster, second=0.2)
    assert after_inferences(slow_second, ANEW) == Paid(18), "0.1 s more with the second"


@pytest.mark.parametrize(
    ("ahead", "paid", "said"),
    [
        (replace(AHEAD, once=0.0), Paid(1), "from the first"),
        (replace(AHEAD, once=0.0, steady=0.2), Paid(1, 4), "up to 4"),
        (replace(AHEAD, once=0.5, steady=0.01, second=0.01), Paid(4), "4"),
        (replace(AHEAD, once=0.35, second=0.0, steady=0.2), Paid(2, 2), "only 2"),
        (replace(AHEAD, once=0.31, second=0.0, steady=0.15), Paid(2, 3), "2 to 3"),
        (replace(AHEAD, steady=0.2), Paid(None), "never"),
    ],
)
def test_every_way_in_which_it_may_pay(ahead: Cost, paid: Paid, said: str) -> None:
    found = after_inferences(ahead, ANEW)
    assert found == paid
    assert str(found) == said


def test_without_a_steady_state_only_starts_are_counted() -> None:
    assert after_inferences(replace(AHEAD, steady=None), ANEW) is None
    assert after_inferences(AHEAD, replace(ANEW, steady=None)) is None
    assert after_starts(replace(AHEAD, steady=None), ANEW) == Paid(4)


def test_steady_states_that_differ_by_chance_are_the_same() -> None:
    near = replace(AHEAD, steady=0.1 * (1 - GATE / 2))
    assert level(near, ANEW).steady == ANEW.steady
    assert after_inferences(level(near, ANEW), ANEW) == Paid(None)
    far = replace(AHEAD, steady=0.1 * (1 - 2 * GATE))
    assert level(far, ANEW) == far
    assert level(replace(AHEAD, steady=None), ANEW).steady is None


@given(costs, costs)
def test_paid_at_n_is_no_dearer_at_n_and_dearer_just_before(ahead: Cost, anew: Cost) -> None:
    for found, cost in (
        (after_starts(ahead, anew), Cost.starts),
        (after_inferences(ahead, anew), Cost.inferences),
    ):
        assert found is not None
        if found.at is None:
            assert cost(ahead, MOST) > cost(anew, MOST)
            continue
        assert 1 <= found.at <= MOST
        assert cost(ahead, found.at) <= cost(anew, found.at)
        if found.at > 2 or (found.at == 2 and found.until is None):
            assert cost(ahead, found.at - 1) > cost(anew, found.at - 1)
        if found.until is not None:
            assert found.at <= found.until < MOST
            assert cost(ahead, found.until) <= cost(anew, found.until)
            assert cost(ahead, found.until + 1) > cost(anew, found.until + 1)


@given(devices, devices, st.integers(1, 10**6))
def test_between_there_and_its_end_it_stays_paid(ahead: Cost, anew: Cost, more: int) -> None:
    found = after_starts(ahead, anew)
    assume(found.at is not None)
    assert found.at is not None
    assert found.until is None or found.until >= found.at
    later = min(found.at + more, found.until or MOST)
    slack = 1e-9 * anew.starts(later)
    assert ahead.starts(later) <= anew.starts(later) + slack


@given(devices, devices, usual)
def test_what_costs_more_to_make_pays_later(ahead: Cost, anew: Cost, more: float) -> None:
    sooner = after_starts(ahead, anew)
    later = after_starts(replace(ahead, once=ahead.once + more), anew)
    assert (later.at or math.inf) >= (sooner.at or math.inf)


@given(devices, devices, usual)
def test_what_saves_more_pays_sooner(ahead: Cost, anew: Cost, more: float) -> None:
    less = after_starts(ahead, anew)
    saving = after_starts(ahead, replace(anew, opening=anew.opening + more))
    assert (saving.at or math.inf) <= (less.at or math.inf)


@given(costs, costs)
def test_what_a_table_says_is_never_a_number_that_is_none(ahead: Cost, anew: Cost) -> None:
    for found in (after_starts(ahead, anew), after_inferences(ahead, anew)):
        assert "inf" not in str(found)
        assert "nan" not in str(found).lower()
        assert "None" not in str(found)

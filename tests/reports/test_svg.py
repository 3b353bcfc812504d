import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.svg import decades, preferred, spread, steps


@given(st.lists(st.floats(0, 500), max_size=12), st.floats(1, 20))
def test_spread_keeps_order_and_distance(places, gap):
    moved = spread(places, gap, 0, 500)
    order = sorted(range(len(places)), key=places.__getitem__)
    for before, after in itertools.pairwise(order):
        assert moved[after] - moved[before] >= gap - 1e-6
    if places and gap * (len(places) - 1) <= 500:
        assert min(moved) >= -1e-6
        assert max(moved) <= 500 + 1e-6


def test_spread_leaves_alone_what_has_room_and_shares_the_rest():
    assert spread([10, 50, 90], 15, 0, 100) == [10, 50, 90]
    assert spread([50, 50], 10, 0, 100) == [45, 55]
    assert spread([100, 100], 10, 0, 100) == [90, 100]


@given(st.floats(1e-9, 1e12))
def test_steps_reach_the_highest_and_are_few(highest):
    ticks = steps(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * 0.999999
    assert ticks[-2] < highest
    assert len(ticks) <= 8


@pytest.mark.parametrize("highest", [0, -1, math.inf, math.nan])
def test_steps_of_nothing(highest):
    assert steps(highest) == [0.0, 1.0]


@given(st.lists(st.floats(1e-6, 1e9), max_size=5))
def test_decades_enclose(values):
    ticks = decades(values)
    assert len(ticks) >= 2
    assert all(ticks[0] <= value * 1.000001 and value <= ticks[-1] * 1.000001 for value in values)


@given(st.lists(st.floats(1e-6, 1e9), max_size=5))
def test_preferred_ticks_enclose_and_are_few(values):
    ticks = preferred(values)
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= 17
    assert all(ticks[0] <= value * 1.000001 and value <= ticks[-1] * 1.000001 for value in values)


def test_preferred_ticks_leave_out_what_no_value_needs():
    assert preferred([10.33, 212.0]) == [10, 20, 50, 100, 200, 500]
    assert preferred([20.0, 50.0]) == [20, 50]
    assert preferred([3.0, -1.0, 0.0]) == [2, 5]

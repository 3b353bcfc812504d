"""The RISC-V experiment's own metrics, held to its code and to its published table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.published.riscv import RELATIVE, curve, riscv_throughput
from reports.source_metrics import (
    ITERATIONS,
    average_relative_difference,
    performance,
    plausible,
    within_three_sigma,
)

seconds = st.floats(0, 1e6, allow_subnormal=False)
times = st.lists(seconds, max_size=40) | st.lists(
    st.sampled_from((0.1, 0.1000001, 5.0)), max_size=40
)


# The source's functions, as its page prints them.


def delete_incorrect_time(times: Any, min_correct_time: float = 0.0) -> Any:
    valid_times = []
    for i in range(len(times)):
        if times[i] >= min_correct_time:
            valid_times.append(times[i])
    return valid_times


def three_sigma_rule(times: Any) -> Any:
    average_time = np.mean(times)
    sigm = np.std(times)
    upper_bound = average_time + (3 * sigm)
    lower_bound = average_time - (3 * sigm)
    valid_times = []
    for i in range(len(times)):
        if lower_bound <= times[i] <= upper_bound:
            valid_times.append(times[i])
    return valid_times


def calculate_performance_metrics(times: Any, batch_size: int, min_correct_time: float) -> Any:
    valid_times = delete_incorrect_time(times, min_correct_time)
    valid_times = three_sigma_rule(valid_times)
    latency = np.median(valid_times)
    fps = len(valid_times) * batch_size / sum(valid_times)
    return latency, fps


@given(times, st.integers(1, 16), st.sampled_from((0.0, 0.05, 1.0)))
def test_the_metrics_are_those_of_the_source(taken: list[float], batch: int, least: float) -> None:
    found = performance(taken, batch, least)
    kept = delete_incorrect_time(taken, least)
    if not kept or not sum(three_sigma_rule(kept)) > 0:
        assert found is None, "the source divides by zero there"
        return
    assert found is not None
    assert (found.latency, found.fps) == calculate_performance_metrics(taken, batch, least)
    assert (found.taken, found.kept) == (len(taken), len(three_sigma_rule(kept)))


# Of times so short that their squares are nothing, the source drops whatever it is given.
@given(st.lists(seconds.filter(lambda s: s == 0 or s > 1e-9), min_size=1, max_size=ITERATIONS))
def test_of_ten_iterations_none_can_be_dropped(taken: list[float]) -> None:
    assert within_three_sigma(taken) == taken


def test_of_many_the_far_one_is_dropped_and_a_bound_is_kept() -> None:
    taken = [1.0] * 30 + [9.0]
    found = performance(taken, 2)
    assert found is not None
    assert (found.taken, found.kept, found.latency, found.fps) == (31, 30, 1.0, 2.0)
    assert within_three_sigma([2.0, 2.0]) == [2.0, 2.0], "no deviation: both bounds are the mean"
    assert plausible([0.0, 0.5, 0.4], 0.5) == [0.5]


@pytest.mark.parametrize(("model", "published"), RELATIVE.items())
def test_the_published_differences_follow_from_the_published_table(
    model: str, published: float
) -> None:
    tvm, tflite = curve(model, "tvm", 3, None), curve(model, "tflite", None, 4)
    assert list(tvm) == list(tflite) == [1, 2, 4, 8, 16]
    found = average_relative_difference(tvm, tflite)
    assert found is not None
    assert round(found, 2) == published


def test_published_rows_are_what_the_metrics_give() -> None:
    """FPS times latency is the batch, as far as a mean is a median and digits are printed."""
    for row in riscv_throughput():
        assert row.fps * row.latency_s == pytest.approx(row.batch, rel=0.02)


def test_a_difference_is_taken_where_both_were_measured() -> None:
    assert average_relative_difference({1: 2.0, 2: 4.0}, {2: 2.0, 4: 9.0}) == 0.5
    assert average_relative_difference({1: 2.0}, {2: 2.0}) is None
    assert average_relative_difference({1: 0.0}, {1: 2.0}) is None

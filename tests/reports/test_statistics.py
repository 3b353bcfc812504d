import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.statistics import NORMAL, summarise, wilson

samples = st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=50)


@given(samples, st.integers(1, 64))
def test_statistics_agree_with_numpy_and_with_each_other(data, batch):
    found = summarise(data, batch)
    assert found.min <= found.median <= found.p90 <= found.p95 <= found.p99 <= found.max
    assert (found.min, found.max, found.rounds) == (min(data), max(data), len(data))
    assert found.median == pytest.approx(np.median(data))
    assert found.mean == pytest.approx(np.mean(data))
    for q in (90, 95, 99):
        assert getattr(found, f"p{q}") == pytest.approx(np.percentile(data, q))
    spread = np.std(data, ddof=1) if len(data) > 1 else 0.0
    assert found.stddev == pytest.approx(spread)
    assert found.fps * sum(data) == pytest.approx(batch * len(data))


@given(samples, st.floats(0.25, 4))
def test_slower_by_a_factor_is_slower_by_that_factor(data, factor):
    one, other = summarise(data), summarise([factor * x for x in data])
    for name in ("min", "median", "mean", "p90", "p95", "p99", "max"):
        assert getattr(other, name) == pytest.approx(factor * getattr(one, name))
    assert other.fps == pytest.approx(one.fps / factor)


def test_no_samples_no_statistics():
    assert summarise([]) is None


def test_a_clock_that_saw_nothing_claims_no_throughput():
    assert summarise([0.0, 0.0]).fps == 0.0


@given(st.integers(1, 100_000), st.data())
def test_wilsons_interval_holds_the_shares_that_its_test_does_not_reject(count, data):
    hits = data.draw(st.integers(0, count))
    share = hits / count
    low, high = wilson(share, count)
    assert 0 <= low <= share <= high <= 1
    for bound in (low, high):
        if 1e-9 < bound < 1 - 1e-9:  # where the standard error is not rounded away
            error = (bound * (1 - bound) / count) ** 0.5
            assert abs(share - bound) / error == pytest.approx(NORMAL, rel=1e-4)


def test_wilsons_interval_of_known_cases():
    assert wilson(0.748, 1000) == pytest.approx((0.7202, 0.7739), abs=5e-5)
    assert wilson(0.0, 10) == pytest.approx((0.0, 0.2775), abs=5e-5)
    assert wilson(1.0, 10) == pytest.approx((0.7225, 1.0), abs=5e-5)
    assert wilson(0.5, 0) == wilson(float("nan"), 10) == (0.0, 1.0), "nothing is known"

"""The published experiment against its simulation."""

import pytest

from hardware.edgetpu import known
from hardware.edgetpu.interface import USB2
from hardware.edgetpu.known_rows import compare, independent_errors, simulate
from tests.hardware.edgetpu.published import ROWS

COMPARED = compare(ROWS)


def test_what_was_fitted_and_what_only_repeats_it():
    kinds = [one.kind for one in COMPARED]
    assert (kinds.count("fitted"), kinds.count("repeat"), kinds.count("independent")) == (3, 8, 9)
    assert all(abs(one.error) < 0.001 for one in COMPARED if one.kind == "fitted")


def test_repeats_check_when_parameters_load():
    assert max(abs(one.error) for one in COMPARED if one.kind == "repeat") < 3


def test_independent_predictions():
    count, mean, worst = independent_errors(COMPARED)
    assert count == 9
    assert mean == pytest.approx(1.73, abs=0.005)
    assert worst == pytest.approx(7.29, abs=0.005)


@pytest.mark.parametrize("one", COMPARED, ids=lambda one: f"{one.experiment} {one.phase}")
def test_bounds_hold_every_row(one):
    assert one.simulated.low <= one.published <= one.simulated.high
    assert one.simulated.nature == "simulated"
    assert one.simulated.bound == "held-out"


def test_rows_that_are_not():
    for row in [
        ("plant+inception", "no", "steady", 1),
        ("single", "no", "third", 1),
        ("single", "no", "first", 0),
        ("single", "no", "first", 2),
        ("bird+plant", "yes", "first", -1),
    ]:
        with pytest.raises(ValueError, match="the cases are single"):
            simulate(*row, USB2)


def test_every_known_footprint_says_whence():
    assert len(known.KNOWN) == 11
    for footprint in known.KNOWN.values():
        assert footprint.whence


def test_derived_bytes_agree_with_the_log():
    mib = 1 << 20
    assert known.PLANT_PARAMETERS == 5_297_856
    assert known.PLANT_FINAL == 2_711_808
    assert known.PLANT_FINAL / mib == pytest.approx(2.59, abs=0.005)
    # The log's 2.49 MiB hold 0.02 MiB more than the layers do, and its 5.08 MiB 0.03 more.
    assert known.PLANT_AFTER_BIRD.cached / mib == pytest.approx(2.49, abs=0.03)
    assert known.PLANT.cached / mib == pytest.approx(5.08, abs=0.035)
    assert known.BIRD.cached / mib == pytest.approx(3.75, abs=0.035)


def test_co_compiled_sets_share_a_token():
    assert known.BIRD_BEFORE_PLANT.token == known.PLANT_AFTER_BIRD.token
    assert known.INCEPTION_BEFORE_PLANT.token == known.PLANT_AFTER_INCEPTION.token
    assert known.PLANT_BEFORE_INCEPTION.token == known.INCEPTION_AFTER_PLANT.token
    assert known.BIRD.token is known.PLANT.token is known.INCEPTION_V1.token is None

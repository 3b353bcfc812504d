"""Plans: every order, honestly ranked, and what is said about a second Edge TPU."""

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.edgetpu import known
from hardware.edgetpu.interface import INTERFACES, USB2
from hardware.edgetpu.law import latency, load
from hardware.edgetpu.plan import MOST, plan
from hardware.edgetpu.plan_group import AVAILABLE, compiled_anew, exact, first_fit
from hardware.edgetpu.plan_search import TURNS, reloading
from hardware.edgetpu.simulate import SimulatedEdgeTPU

MIB = 1 << 20
BIRD = exact("bird", known.BIRD)
# Fifty layers of some size, and the last one, whose size is known.
PLANT = exact(
    "plant",
    known.PLANT,
    layers=(*[(known.PLANT_PARAMETERS - known.PLANT_FINAL) // 50] * 50, known.PLANT_FINAL),
)
INCEPTION = exact("inception", known.INCEPTION_V1)

rates = st.sampled_from([0.0, 0.1, 1.0, 7.0, 30.0])
turns = st.sampled_from(TURNS)


@st.composite
def models(draw, most=4):
    count = draw(st.integers(1, most))
    return [
        exact(
            f"m{index}",
            replace(
                known.BIRD,
                cached=draw(st.integers(0, 8_000_000)),
                streamed=draw(st.sampled_from([0, 100_000, 5_000_000])),
                token=draw(st.sampled_from([None, None, 1, 2])),
            ),
            draw(rates),
        )
        for index in range(count)
    ]


def by_label(found):
    return {one.label: one for one in found.arrangements}


@given(models(), st.sampled_from(list(INTERFACES.values())), turns)
def test_the_best_is_never_worse_than_any_listed(candidates, link, turns):
    found = plan(candidates, link, turns=turns)
    busy = [one.busy.seconds for one in found.arrangements]
    assert busy == sorted(busy)
    assert found.best.busy.seconds == min(busy)


@given(models(), turns)
def test_every_arrangement_has_every_model_once_and_adds_up(candidates, turns):
    names = sorted(one.name for one in candidates)
    for one in plan(candidates, USB2, turns=turns).arrangements:
        placed = [model for group in one.groups for model in group.models]
        assert sorted(model.name for model in placed) == names
        work = sum(model.placed.candidate.rate * model.latency.seconds for model in placed)
        assert one.busy.seconds == pytest.approx(work)
        for span in (one.busy, *(model.latency for model in placed)):
            assert span.low <= span.seconds <= span.high
            assert span.nature == "simulated"


@given(models(3))
def test_as_compiled_is_always_among_them_and_exact(candidates):
    found = plan(candidates, USB2)
    exact_ones = [one for one in found.arrangements if not any(group.anew for group in one.groups)]
    assert len(exact_ones) == 1
    for group in exact_ones[0].groups:
        assert len({model.placed.candidate.token for model in group.models}) == 1
        for model in group.models:
            footprint = model.placed.candidate.likely
            assert model.placed.cached == (footprint.cached,) * 3
            assert model.placed.streamed == (footprint.streamed,) * 3


@pytest.mark.parametrize(("count", "ways"), [(1, 1), (2, 3), (3, 13), (4, 73), (5, 501)])
def test_every_way_is_listed_once(count, ways):
    candidates = [exact(f"m{index}", known.BIRD) for index in range(count)]
    found = plan(candidates, USB2)
    assert len(found.arrangements) == len({one.label for one in found.arrangements}) == ways
    together = [one for one in found.arrangements if one.kind == "together"]
    orders = {" ".join(order) for order in itertools.permutations(one.name for one in candidates)}
    assert count == 1 or {one.label for one in together} == orders
    assert sum(one.kind == "apart" for one in found.arrangements) == 1


@given(models(3), st.floats(0.1, 10))
def test_twice_the_rates_are_twice_the_work(candidates, factor):
    more = [replace(one, rate=one.rate * factor) for one in candidates]
    assert plan(more, USB2).best.busy.seconds == pytest.approx(
        factor * plan(candidates, USB2).best.busy.seconds
    )


@given(models())
def test_rates_of_zero_take_no_time(candidates):
    idle = [replace(one, rate=0.0) for one in candidates]
    found = plan(idle, USB2)
    assert {one.busy.seconds for one in found.arrangements} == {0.0}
    assert found.advice == ()


@given(models())
def test_two_devices_never_do_more_work_than_one_that_keeps_up(candidates):
    found = plan(candidates, USB2)
    if found.two is None:
        assert len(candidates) == 1
        return
    names = sorted(
        model.name for one in found.two for group in one.groups for model in group.models
    )
    assert names == sorted(one.name for one in candidates)
    if found.best.busy.seconds <= 1 and all(one.token is None for one in candidates):
        work = sum(one.busy.seconds for one in found.two)
        assert work <= found.best.busy.seconds + 1e-9


@given(st.floats(0, 100), st.floats(0, 100))
def test_reloading_is_a_share_and_alternating_is_the_worst(own, others):
    random_, alternate = (reloading(own, others, turns) for turns in TURNS)
    assert 0 <= random_ <= alternate <= 1
    assert reloading(own, 0.0, "random") == reloading(own, 0.0, "alternate") == 0


def test_random_turns_are_as_a_simulation_has_them():
    given_rates = {"bird": 5.0, "plant": 2.0, "inception": 1.0}
    ones = [replace(one, rate=given_rates[one.name]) for one in (BIRD, PLANT, INCEPTION)]
    found = by_label(plan(ones, USB2))["bird | plant | inception"]
    device = SimulatedEdgeTPU(USB2)
    handles = {one.name: device.open(one.likely) for one in ones}
    spent = {name: [] for name in given_rates}
    rng = random.Random(0)
    for name in rng.choices(list(given_rates), given_rates.values(), k=20_000):
        spent[name].append(device.invoke(handles[name]))
    for group in found.groups:
        (model,) = group.models
        seconds = spent[model.name]
        assert model.latency.seconds == pytest.approx(sum(seconds) / len(seconds), rel=0.02)


def test_alternating_turns_are_as_published():
    apart = by_label(plan([BIRD, PLANT], USB2, turns="alternate"))["bird | plant"]
    bird, plant = (group.models[0] for group in apart.groups)
    assert bird.latency.seconds == pytest.approx(latency(known.BIRD, USB2, reload=True).seconds)
    assert plant.latency.seconds * 1e3 == pytest.approx(163.27, rel=0.02)


def test_co_compiled_files_are_as_published():
    pair = [
        exact("bird", known.BIRD_BEFORE_PLANT, 30),
        exact("plant", known.PLANT_AFTER_BIRD, 1),
    ]
    found = plan(pair, USB2)
    (group,) = next(
        one for one in found.arrangements if not any(group.anew for group in one.groups)
    ).groups
    assert [round(model.latency.seconds * 1e3, 2) for model in group.models] == [10.33, 86.96]
    assert [model.fits for model in group.models] == [True, False]
    assert found.best.label == "bird plant"


def test_orders_are_predicted_from_models_compiled_alone():
    """Against the compiler's logs and the published latencies of each order."""
    bird, plant = compiled_anew([BIRD, replace(PLANT, available=(round(6.91 * MIB),) * 3)], USB2)
    assert bird.streamed == (0, 0, 0)
    assert plant.cached.likely == pytest.approx(known.PLANT_AFTER_BIRD.cached, abs=100)
    assert plant.streamed.likely == pytest.approx(known.PLANT_FINAL, abs=100)

    plant, inception = compiled_anew([PLANT, INCEPTION], USB2)
    assert plant.streamed == (0, 0, 0)
    assert inception.cached.low <= 1.45 * MIB <= inception.cached.high
    assert inception.streamed.low <= 5.16 * MIB <= inception.streamed.high

    inception, plant = compiled_anew([INCEPTION, PLANT], USB2)
    assert inception.cached.likely == known.INCEPTION_V1.cached
    assert plant.streamed.low <= 5.86 * MIB <= plant.streamed.high
    assert plant.cached.likely < 0.01 * MIB

    found = by_label(plan([PLANT, INCEPTION], USB2))
    for label, published in {
        "plant inception": (11.18, 169.28),
        "inception plant": (18.91, 183.4),
    }.items():
        for model, figure in zip(found[label].groups[0].models, published, strict=True):
            assert model.latency.low <= figure / 1e3 <= model.latency.high


def test_who_runs_most_goes_first():
    for busy, idle in ((BIRD, PLANT), (PLANT, BIRD)):
        found = plan([replace(busy, rate=30), replace(idle, rate=1)], USB2)
        assert found.best.label == f"{busy.name} {idle.name}"


def test_too_much_for_one_is_said():
    found = plan([replace(BIRD, rate=60), replace(PLANT, rate=50)], USB2)
    assert found.best.busy.seconds > 1
    assert any("one Edge TPU cannot keep up" in line for line in found.advice)
    assert any("on a second Edge TPU" in line for line in found.advice)
    assert not any("either" in line for line in found.advice)
    assert any(
        "two Edge TPUs cannot keep up either" in line
        for line in plan([replace(BIRD, rate=600), replace(PLANT, rate=50)], USB2).advice
    )
    alone = plan([replace(BIRD, rate=600)], USB2)
    assert alone.two is None
    assert any("nothing to move" in line for line in alone.advice)


def test_a_second_device_is_advised_at_the_margin():
    pair = [replace(BIRD, rate=10), replace(PLANT, rate=2)]
    found = plan(pair, USB2)
    saved = 1 - sum(one.busy.seconds for one in found.two) / found.best.busy.seconds
    assert 0 < saved < 1
    for margin, advised in ((saved - 0.01, True), (saved + 0.01, False)):
        lines = plan(pair, USB2, margin=margin).advice
        assert any("on a second Edge TPU" in line for line in lines) is advised


def test_what_cannot_be_planned():
    for candidates, said in [
        ([], "takes 1 to 6"),
        ([exact(f"m{index}", known.BIRD) for index in range(MOST + 1)], "takes 1 to 6"),
        ([BIRD, BIRD], "two models are called bird"),
        ([replace(BIRD, rate=-1.0)], "a rate of -1"),
        ([replace(BIRD, rate=float("nan"))], "a rate of nan"),
    ]:
        with pytest.raises(ValueError, match=said):
            plan(candidates, USB2)
    with pytest.raises(ValueError, match="one of random, alternate"):
        plan([BIRD], USB2, turns="sometimes")


layers = st.lists(st.integers(1, 3_000_000), min_size=1, max_size=12).map(tuple)


@given(st.lists(layers, min_size=1, max_size=4))
def test_what_whole_layers_fill_lies_within_the_ranges(sizes):
    """Whatever order of layers the compiler takes, and whatever memory within the range it has."""
    ones = [
        exact(f"m{index}", replace(known.BIRD, cached=sum(layer), streamed=0), layers=layer)
        for index, layer in enumerate(sizes)
        if sum(layer) <= AVAILABLE[0]
    ]
    if not ones:
        return
    placed = compiled_anew(ones, USB2)
    for memory, backwards in itertools.product(AVAILABLE[::2], (False, True)):
        left = memory
        for one in placed:
            parts = one.candidate.layers
            cached = first_fit(parts[::-1] if backwards else parts, left)
            assert one.cached.low <= cached <= one.cached.high
            left -= cached


def test_a_layer_that_does_not_fit_leaves_room_for_the_next():
    assert first_fit([5, 10, 4], 10) == 9
    assert first_fit([], 10) == 0


def test_loading_is_what_is_cached():
    (one,) = compiled_anew([BIRD], USB2)
    assert one.load.likely == load(known.BIRD, USB2)
    assert one.latency(0.5).likely == pytest.approx(one.steady.likely + one.load.likely / 2)

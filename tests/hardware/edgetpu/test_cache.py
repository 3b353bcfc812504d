"""When parameters are loaded, and the simulated device that charges for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.edgetpu import known
from hardware.edgetpu.cache import Resident, caches, token
from hardware.edgetpu.interface import PCIE, USB2
from hardware.edgetpu.law import load, steady
from hardware.edgetpu.simulate import NATURE, SimulatedEdgeTPU

BIRD, PLANT = known.BIRD, known.PLANT
NOTHING = replace(BIRD, cached=0, caching_instructions=0, streamed=BIRD.cached)

# Interpreters, each with a model of one of three tokens, of none, or caching nothing.
models = st.lists(
    st.sampled_from(
        [BIRD, PLANT, NOTHING, *(replace(BIRD, token=token) for token in (0, 1, 2, 3))]
    ),
    min_size=1,
    max_size=5,
)


@st.composite
def sequences(draw):
    opened = draw(models)
    order = draw(st.lists(st.integers(0, len(opened) - 1), max_size=30))
    return [(number, opened[number]) for number in order]


def test_a_model_by_itself_loads_once():
    assert Resident().replay([("a", BIRD)] * 4) == [True, False, False, False]


def test_models_compiled_apart_evict_one_another():
    turns = [("a", BIRD), ("b", PLANT)] * 3
    assert Resident().replay(turns) == [True] * 6


def test_models_compiled_together_do_not():
    turns = [("a", known.BIRD_BEFORE_PLANT), ("b", known.PLANT_AFTER_BIRD)] * 3
    assert Resident().replay(turns) == [True, True, False, False, False, False]


def test_a_second_interpreter_of_one_file_loads_once_too():
    assert Resident().replay([("a", BIRD), ("b", BIRD)] * 2) == [True, True, False, False]


def test_a_model_that_caches_nothing_evicts_all_and_never_loads():
    turns = [("a", BIRD), ("n", NOTHING), ("n", NOTHING), ("a", BIRD)]
    assert Resident().replay(turns) == [True, False, False, True]


def test_a_token_whose_model_caches_nothing_does_not_evict_its_own_set():
    streamed = replace(NOTHING, token=1)
    first = replace(BIRD, token=1)
    assert Resident().replay([("a", first), ("n", streamed), ("a", first)]) == [True, False, False]


def test_a_token_of_zero_is_none():
    assert token(replace(BIRD, token=0)) == token(replace(BIRD, token=0))
    assert token(replace(BIRD, token=0)) != token(replace(PLANT, token=0))
    assert token(NOTHING) is None


@given(sequences())
def test_replay_is_what_a_memory_of_all_inferences_says(sequence):
    """A model loads unless it ran since the last inference of another token."""
    for index, (interpreter, footprint) in enumerate(sequence):
        expected = caches(footprint)
        for before, other in reversed(sequence[:index]):
            if token(other) != token(footprint):
                break
            if before == interpreter:
                expected = False
                break
        assert Resident().replay(sequence)[index] is expected


@given(sequences())
def test_nothing_loads_twice_in_a_row(sequence):
    twice = [inference for inference in sequence for _ in range(2)]
    loads = Resident().replay(twice)
    assert not any(loads[1::2])
    assert loads[::2] == Resident().replay(sequence)


@given(sequences(), sequences())
def test_a_reset_forgets_all(before, after):
    resident = Resident()
    resident.replay(before)
    resident.reset()
    assert resident.replay(after) == Resident().replay(after)


@given(sequences())
def test_one_token_loads_each_interpreter_once(sequence):
    together = [(number, replace(footprint, token=7)) for number, footprint in sequence]
    loading = {number for number, footprint in together if caches(footprint)}
    assert sum(Resident().replay(together)) == len(loading)


@given(sequences())
def test_the_simulated_device_charges_for_what_the_cache_says(sequence):
    device = SimulatedEdgeTPU(USB2)
    handles = {}
    total = 0.0
    for (number, footprint), reload in zip(sequence, Resident().replay(sequence), strict=True):
        handle = handles.get(number) or handles.setdefault(number, device.open(footprint))
        expected = steady(footprint, USB2) + (load(footprint, USB2) if reload else 0)
        assert device.invoke(handle) == pytest.approx(expected)
        total += expected
    assert device.elapsed == pytest.approx(total)
    assert device.reloads == sum(Resident().replay(sequence))
    assert device.busy.low <= device.elapsed <= device.busy.high


def test_a_simulated_latency_repeats_and_says_what_it_is():
    def run():
        device = SimulatedEdgeTPU(PCIE)
        bird, plant = device.open(BIRD), device.open(PLANT)
        return [device.invoke(handle) for handle in (bird, bird, plant, bird)]

    assert run() == run()
    assert NATURE == SimulatedEdgeTPU(PCIE).nature == "simulated"


def test_handles_of_another_device_and_closed_ones_are_refused():
    device = SimulatedEdgeTPU(USB2)
    handle = device.open(BIRD)
    with pytest.raises(ValueError, match="not open on this simulated Edge TPU"):
        SimulatedEdgeTPU(USB2).invoke(handle)
    device.close(handle)
    with pytest.raises(ValueError, match="not open"):
        device.invoke(handle)


def test_reopening_loads_again():
    device = SimulatedEdgeTPU(USB2)
    first = device.open(BIRD)
    cold = device.invoke(first)
    device.close(first)
    assert device.invoke(device.open(BIRD)) == cold

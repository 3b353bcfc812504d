"""The law of latency: its fit, its terms, its interfaces and their bounds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.edgetpu import known
from hardware.edgetpu.interface import INTERFACES, PCIE, USB2, interface
from hardware.edgetpu.law import fit, latency, load, moved, steady
from tests.hardware.edgetpu.published import CALLS, CORAL

sizes = st.integers(min_value=0, max_value=50_000_000)
interfaces = st.sampled_from(list(INTERFACES.values()))


@st.composite
def footprints(draw):
    return replace(
        known.BIRD,
        input=draw(sizes),
        output=draw(sizes),
        instructions=draw(sizes),
        caching_instructions=draw(sizes),
        cached=draw(sizes),
        streamed=draw(sizes),
        compute=draw(st.floats(0, 0.1)),
        token=draw(st.none() | st.integers(0, 3)),
    )


def test_three_published_numbers_give_the_link():
    found = fit(known.BIRD, 120.78e-3, 10.33e-3, known.INCEPTION_V1, 18.91e-3)
    assert f"{found.bandwidth / 1e6:.1f}" == "35.4"
    assert f"{found.overhead * 1e3:.2f}" == "1.32"
    assert f"{found.compute * 1e3:.2f}" == "2.55"
    assert (USB2.bandwidth.value, USB2.overhead.value) == (found.bandwidth, found.overhead)
    assert USB2.bandwidth.how == USB2.overhead.how == "fitted"


@given(footprints(), st.floats(1e6, 1e9), st.floats(1e-4, 0.01))
def test_the_fit_finds_what_made_the_measurements(model, bandwidth, overhead):
    link = replace(
        USB2,
        bandwidth=replace(USB2.bandwidth, value=bandwidth),
        load_bandwidth=replace(USB2.bandwidth, value=bandwidth),
        overhead=replace(USB2.overhead, value=overhead),
    )
    model = replace(model, cached=model.cached + 10_000_000)
    second = replace(known.BIRD, compute=0.002)
    found = fit(
        model,
        steady(model, link) + load(model, link),
        steady(model, link),
        replace(second, compute=99.0),
        steady(second, link) + 0.01,
    )
    assert found.bandwidth == pytest.approx(bandwidth, rel=1e-3)
    assert found.overhead == pytest.approx(overhead, rel=1e-3, abs=1e-3)
    assert found.compute == pytest.approx(0.012, rel=0.1, abs=1e-3)


@pytest.mark.parametrize(
    ("first", "then", "second", "said"),
    [
        (0.010, 0.120, 0.018, "slower than a steady one"),
        (0.120, -0.010, 0.018, "in seconds"),
        (0.120, 0.010, 0.001, "neither may be below zero"),
    ],
)
def test_measurements_that_no_link_makes_are_refused(first, then, second, said):
    with pytest.raises(ValueError, match=said):
        fit(known.BIRD, first, then, known.INCEPTION_V1, second)


@given(footprints(), interfaces)
def test_a_reload_costs_what_is_cached(footprint, link):
    warm, cold = latency(footprint, link), latency(footprint, link, reload=True)
    assert cold.seconds == pytest.approx(warm.seconds + load(footprint, link))
    assert warm.low < warm.seconds < warm.high
    assert warm.nature == cold.nature == "simulated"
    assert warm.bound == link.bound


@given(footprints(), interfaces, st.integers(1, 10_000_000))
def test_streaming_more_is_slower(footprint, link, more):
    longer = replace(footprint, streamed=footprint.streamed + more)
    assert moved(longer) == moved(footprint) + more
    assert steady(longer, link) > steady(footprint, link)


def test_a_slower_clock_computes_longer():
    half = replace(USB2, clock=replace(USB2.clock, value=250e6))
    gained = steady(known.BIRD, half) - steady(known.BIRD, USB2)
    assert gained == pytest.approx(known.BIRD.compute)


def test_every_parameter_says_where_it_is_from():
    for link in INTERFACES.values():
        for parameter in (link.bandwidth, link.load_bandwidth, link.overhead, link.clock):
            assert parameter.how in ("fitted", "derived", "assumed")
            assert parameter.source
            assert parameter.value > 0
        assert link.why
        assert link.bound == ("held-out" if link is USB2 else "assumed")


MODELS = known.MOBILENET_V2, known.INCEPTION_V1, known.INCEPTION_V4


@pytest.mark.parametrize("host", CORAL)
@pytest.mark.parametrize("index", range(3), ids=[model.model for model in MODELS])
def test_bounds_cover_coral_s_figures(host, index):
    name, *published = CORAL[host]
    link, model = interface(name), MODELS[index]
    # Coral's mean takes in the first call.
    mean = steady(model, link) + load(model, link) / CALLS
    ratio = published[index] / 1e3 / mean
    assert link.low <= ratio <= link.high
    if name == "usb2":
        assert abs(ratio - 1) <= 0.05, "an independent check of the fit, on other boards"


def test_bounds_are_no_wider_than_a_factor_of_two():
    for link in INTERFACES.values():
        assert link.high / link.low <= 2
    assert USB2.high / USB2.low < 1.25


def test_loading_bounds_take_in_what_was_seen():
    for link in (PCIE, interface("usb3")):
        for seen in (190e6, 245e6):
            assert link.low <= link.load_bandwidth.value / seen <= link.high


def test_an_unknown_interface_names_those_there_are():
    with pytest.raises(ValueError, match="one of usb2, usb3, usb3-rp4, pcie"):
        interface("usb4")

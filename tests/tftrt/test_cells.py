"""Which cells the TF-TRT experiment has, here and on a board; no framework is needed to tell."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.cells import Axes, Cell, cells
from fixtures.engine_run import EngineRun
from fixtures.failure import Failed
from fixtures.isolation.interpreter import Interpreter
from fixtures.isolation.transport import Here
from fixtures.models import manifest
from fixtures.runtimes import RUNTIMES, Placement
from fixtures.runtimes.tftrt import TfTrt, TfTrtKnobs
from suites.test_tftrt import NETWORKS, OWN

MODELS = manifest.load()
AXES = Axes(engines=NETWORKS, runtimes=("tftrt",), formats=OWN)


class Wire(Here):
    remote = True


def board() -> TfTrt:
    runtime = TfTrt()
    runtime.interpreter = Interpreter(
        "ssh://nano", "3.6.9", "aarch64", "1.19", {"tftrt": "1.15.5"}, Wire()
    )
    return runtime


def found(*names: str, **elsewhere: Any) -> list[Cell]:
    chosen = [MODELS[name] for name in names]
    return list(cells("tftrt", AXES, chosen, RUNTIMES, elsewhere))


def test_the_sources_networks_are_all_here_and_come_as_frozen_graphs() -> None:
    every = found(*MODELS)
    assert {cell.model.id for cell in every} == set(NETWORKS)
    assert len(NETWORKS) == 15
    assert {cell.format for cell in every} == {"frozen_graph"}
    assert {cell.runtime.name for cell in every} == {"tftrt"}
    assert {cell.device_kind for cell in every} == {"jetson", "gpu"}
    assert len(every) == 15 * 2 * 3
    assert all(cell.fresh and cell.engine for cell in every)


def test_each_network_is_run_as_it_was_and_converted_both_ways() -> None:
    on_gpu = [cell.param for cell in found("vgg16") if cell.device_kind == "gpu"]
    assert on_gpu == [
        "vgg16-tftrt-gpu-t1-b1-engine=original",
        "vgg16-tftrt-gpu-t1-b1",
        "vgg16-tftrt-gpu-t1-b1-is_dynamic_op=False",
    ]


def test_defaults_are_the_sources() -> None:
    knobs = TfTrtKnobs()
    assert (knobs.max_batch_size, knobs.minimum_segment_size, knobs.precision) == (1, 50, "fp16")
    assert (knobs.is_dynamic_op, knobs.workspace, knobs.relu6) == (True, 1 << 30, "rewrite")
    assert knobs.computes_in == "fp16"
    assert TfTrtKnobs(engine="original").computes_in == "", (
        "it is held to the model's own tolerance"
    )


def test_a_board_that_is_reached_from_here_runs_what_the_host_converts_as_well() -> None:
    there = board()
    on_board = [c for c in found("vgg16", jetson={"tftrt": there}) if c.device_kind == "jetson"]
    assert {cell.runtime for cell in on_board} == {there}
    assert [cell.knobs.changed for cell in on_board] == [
        ["engine=original"],
        [],
        ["is_dynamic_op=False"],
        ["converted_on=host"],
        ["is_dynamic_op=False", "converted_on=host"],
    ]


def maker(runtime: TfTrt, on: str) -> Any:
    run = EngineRun.__new__(EngineRun)
    run.cell = SimpleNamespace(runtime=runtime)  # type: ignore[assignment]
    return run._made_by(Placement("first", converts=True, on=on))


def test_the_target_converts_by_itself_unless_the_host_is_to() -> None:
    there = board()
    assert maker(there, "target") is there


def test_a_host_that_is_the_target_is_no_other() -> None:
    with pytest.raises(Failed) as caught:
        maker(TfTrt(), "host")
    assert (caught.value.status, "no other host" in caught.value.reason) == ("not_measured", True)


def test_a_host_without_it_cannot_convert(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TfTrt, "unavailable", lambda self: "TF-TRT is not installed")
    with pytest.raises(Failed, match="to be converted on the host: TF-TRT is not installed"):
        maker(board(), "host")


def test_a_host_that_has_it_converts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TfTrt, "unavailable", lambda self: None)
    there = board()
    here = maker(there, "host")
    assert here.interpreter is None
    assert there.interpreter is not None


@pytest.mark.parametrize(
    ("knobs", "when", "ahead"),
    [
        ({"engine": "original"}, "load", False),
        ({}, "first", True),
        ({"is_dynamic_op": False}, "ahead", True),
    ],
)
def test_when_the_engine_is_built_is_told_apart_from_when_the_graph_is_converted(
    knobs: dict[str, Any], when: str, ahead: bool
) -> None:
    placement = TfTrt().placement(TfTrtKnobs(**knobs))
    assert (placement.when, placement.ahead, placement.calibrated) == (when, ahead, False)
    assert TfTrt().placement(TfTrtKnobs(precision="int8")).calibrated

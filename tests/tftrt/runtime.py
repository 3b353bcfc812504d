"""TF-TRT as the suites see it, with the STAND-IN for its converter: labelled wherever it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from fixtures.runtimes import Placement
from fixtures.runtimes.tftrt import TfTrt, TfTrtKnobs


class StandIn(TfTrt):
    title: ClassVar[str] = "TF-TRT (stand-in)"
    session = "tests.tftrt.session"
    asked: ClassVar[str] = "tests.tftrt.session"

    def placement(self, knobs: TfTrtKnobs) -> Placement:
        placement = super().placement(knobs)
        return replace(placement, how=f"stand-in for {placement.how}")


#: The variable that names the file with what to stand for: see ``trt_convert``.
CUE = "EDGEPROOF_STANDIN_TRT"

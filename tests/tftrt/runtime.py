"""TF-TRT as the suites see it, with the STAND-IN for its converter: labelled wherever it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from fixtures.runtimes import Placement
from fixtures.runtimes.tftrt import TfTrt, TfTrtKnobs
from fixtures.worker import probe
from fixtures.worker.tftrt.installed import DISTRIBUTIONS


class StandIn(TfTrt):
    title: ClassVar[str] = "TF-TRT (stand-in)"
    session = "tests.tftrt.session"
    asked: ClassVar[str] = "tests.tftrt.runtime"

    def placement(self, knobs: TfTrtKnobs) -> Placement:
        placement = super().placement(knobs)
        return replace(placement, how=f"stand-in for {placement.how}")


def version() -> str | None:
    found = probe.version("tensorflow", DISTRIBUTIONS)
    return f"{found} (stand-in)" if found else None


#: The variable that names the file with what to stand for: see ``trt_convert``.
CUE = "EDGEPROOF_STANDIN_TRT"

"""``-p tests.tftrt.plugin``: TF-TRT's cells run with the STAND-IN for its converter."""

from __future__ import annotations

from fixtures.runtimes import RUNTIMES
from tests.tftrt.runtime import StandIn

RUNTIMES["tftrt"] = StandIn()

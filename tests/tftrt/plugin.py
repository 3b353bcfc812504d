"""``-p tests.tftrt.plugin``: TF-TRT's cells run with the STAND-IN for its converter."""

from __future__ import annotations

from fixtures.runtimes import RUNTIMES
from tests.tftrt.runtime import StandIn


def pytest_configure() -> None:
    """In runs that name this plugin alone: who only imports it has the usual runtimes."""
    RUNTIMES["tftrt"] = StandIn()

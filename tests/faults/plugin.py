"""``-p tests.faults.plugin``: adds the runtime that fails on cue, and one to hold its answers to."""

from __future__ import annotations

from typing import ClassVar

from fixtures.runtimes import RUNTIMES
from tests.faults.runtime import Faulty


class Honest(Faulty):
    name: ClassVar[str] = "honest"
    title: ClassVar[str] = "No faults"
    session = "tests.faults.honest"

    def device_kinds(self) -> tuple[str, ...]:
        return ()  # nobody measures it


def pytest_configure() -> None:
    """In runs that name this plugin alone: who only imports it has the usual runtimes."""
    RUNTIMES["faulty"] = Faulty()
    RUNTIMES["honest"] = Honest()

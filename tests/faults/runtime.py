"""The runtime that fails on cue, as the suites see it, and one that never does."""

from __future__ import annotations

from typing import Any, ClassVar

from fixtures.runtimes import Base, Knobs, Placement


class Faulty(Base):
    name: ClassVar[str] = "faulty"
    title: ClassVar[str] = "Faults on cue"
    distributions: ClassVar[tuple[str, ...]] = ("tests",)
    module: ClassVar[str] = "tests"
    formats: ClassVar[tuple[str, ...]] = ("tflite",)
    knobs: ClassVar[type[Knobs]] = Knobs
    session = "tests.faults.session"

    def unavailable(self) -> str | None:
        return None

    def version(self) -> str:
        return "1"

    def placement(self, knobs: Any) -> Placement:
        return Placement("ahead", "a copy of the script")

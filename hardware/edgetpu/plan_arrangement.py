"""Models shared out over an Edge TPU, with what is predicted of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hardware.edgetpu.law import Latency
from hardware.edgetpu.plan_group import Placed


@dataclass(frozen=True)
class ModelPlan:
    """One model in an arrangement. ``latency`` is the mean over steady and reloading inferences."""

    placed: Placed
    reloading: float
    latency: Latency

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.placed.candidate.name

    @property
    def fits(self) -> bool:
        """Whether all of its parameters are likely to be held on the chip."""
        return self.placed.streamed.likely == 0


@dataclass(frozen=True)
class Group:
    """Models of one caching token; ``anew`` if they would have to be compiled in this order."""

    models: tuple[ModelPlan, ...]
    anew: bool
    busy: Latency

    @property
    def label(self) -> str:
        """The models in the order of compilation."""
        return " ".join(model.name for model in self.models)


@dataclass(frozen=True)
class Arrangement:
    """Sets of models on one Edge TPU. ``busy`` is a share of the time: above 1, it cannot keep up."""

    groups: tuple[Group, ...]

    @cached_property
    def busy(self) -> Latency:
        """Seconds of work per second."""
        parts = [group.busy for group in self.groups]
        return Latency(
            sum(part.seconds for part in parts),
            sum(part.low for part in parts),
            sum(part.high for part in parts),
            parts[0].bound,
        )

    @property
    def label(self) -> str:
        """Sets separated by a bar; within a set, the order of compilation."""
        return " | ".join(group.label for group in self.groups)

    @property
    def kind(self) -> str:
        """``together``, ``apart``, or ``partly`` together."""
        if all(len(group.models) == 1 for group in self.groups):
            return "apart"
        return "together" if len(self.groups) == 1 else "partly"

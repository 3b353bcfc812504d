"""The conditions that held while something was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hardware.clocking import Clock
from hardware.energy import Energy, energy
from hardware.load import Shares, shares
from hardware.sampling import Sample
from hardware.throttling import rose

#: The part of all processors' time that others may take before a measurement is in doubt.
OTHER_LOAD = 0.1


@dataclass(frozen=True)
class Span:
    """Clocks of equal limits and governors over an interval, in kHz.

    ``cur_khz`` is the lowest and the highest frequency seen in any of them; ``min_khz`` the lowest
    and ``max_khz`` the highest limit. ``fixed``: the limits left no choice in any sample.
    """

    names: tuple[str, ...]
    cpus: tuple[int, ...]
    governors: tuple[str, ...]
    cur_khz: tuple[int, int] | None
    min_khz: int | None
    max_khz: int | None
    hardware_max_khz: int | None
    fixed: bool

    def to_json(self) -> dict[str, Any]:
        """As a part of :meth:`Conditions.to_json`."""
        return _present(
            cpus=_ranges(self.cpus) or None,
            name=None if self.cpus else ", ".join(self.names),
            governor=", ".join(self.governors) or None,
            cur_khz=None if self.cur_khz is None else list(self.cur_khz),
            min_khz=self.min_khz,
            max_khz=self.max_khz,
            hardware_max_khz=self.hardware_max_khz,
        )


@dataclass(frozen=True)
class Conditions:
    """What held from the first of ``samples`` samples to the last, ``seconds`` later.

    ``load_1min`` is that of the first sample, which the measurement had no part in yet. ``before``
    are the signs of throttling that the first sample shows, of then or of the past, ``active``
    those in force in any sample, and ``rose`` those that came up in between; ``throttling_known``
    is whether the machine gives any. ``hottest_c`` is the highest temperature by zone.
    """

    seconds: float
    samples: int
    cpus: int | None
    load_1min: float | None
    clocks: tuple[Span, ...]
    gpu_clocks: tuple[Span, ...]
    hottest_c: dict[str, float]
    trips_passed: tuple[str, ...]
    throttling_known: bool
    before: tuple[str, ...]
    active: tuple[str, ...]
    rose: tuple[str, ...]
    shares: Shares
    energy: Energy | None
    energy_hidden: bool
    power_modes: tuple[str, ...]
    jetson_clocks: bool | None
    supplies: tuple[str, ...]

    @property
    def governor(self) -> str:
        """The processors' governor, several with commas between; ``unknown`` if none is told."""
        return ", ".join(_unique(g for span in self.clocks for g in span.governors)) or "unknown"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; what is not known on this machine is left out, but for the governor.

        ``throttling`` is empty where the machine gives signs and showed none, and missing where it
        gives none.
        """
        part = self.shares
        throttling = {"before": self.before, "active": self.active, "rose": self.rose}
        spent = self.energy
        hidden = "none: only root may read the RAPL counters" if self.energy_hidden else None
        return _present(
            seconds=round(self.seconds, 3),
            samples=self.samples,
            cpus=self.cpus,
            load_1min=self.load_1min,
            governor=self.governor,
            clocks=[span.to_json() for span in self.clocks] or None,
            gpu_clocks=[span.to_json() for span in self.gpu_clocks] or None,
            hottest_c={name: round(c, 1) for name, c in self.hottest_c.items()} or None,
            trips_passed=list(self.trips_passed) or None,
            throttling={name: list(signs) for name, signs in throttling.items() if signs}
            if self.throttling_known
            else None,
            other_load=_rounded(part.other),
            steal=_rounded(part.steal),
            load_resolution=_rounded(part.resolution),
            cpu_pressure=_rounded(part.pressure),
            power_mode=", ".join(self.power_modes) or None,
            jetson_clocks=self.jetson_clocks,
            power_supply=", ".join(self.supplies) or None,
            energy_joules=None if spent is None else _rounded(spent.total),
            energy_by_meter={name: round(j, 4) for name, j in spent.joules.items()}
            if spent
            else None,
            energy_source=spent.source if spent else hidden,
        )


def conditions(samples: Sequence[Sample]) -> Conditions:
    """What held over ``samples``: at least one, and more than one to tell shares and energy.

    They may come in any order. ValueError if there are none.
    """
    if not samples:
        raise ValueError("conditions() needs at least one sample")
    samples = sorted(samples, key=lambda each: each.at)
    first, last = samples[0], samples[-1]
    signs = [each.throttling for each in samples]
    times = first.usage.times
    hottest: dict[str, float] = {}
    for each in samples:
        for name, degrees in each.temperatures.items():
            hottest[name] = max(degrees, hottest.get(name, degrees))
    pinned = [each.jetson_clocks for each in samples if each.jetson_clocks is not None]
    return Conditions(
        seconds=last.at - first.at,
        samples=len(samples),
        cpus=first.usage.allowed or (times.cpus if times else None),
        load_1min=first.usage.load_1min,
        clocks=_spans([each.clocks for each in samples]),
        gpu_clocks=_spans([each.gpu_clocks for each in samples]),
        hottest_c=hottest,
        trips_passed=_unique(name for each in samples for name in each.trips_passed),
        throttling_known=any(each.known for each in signs),
        before=tuple(sorted(signs[0].active | signs[0].past)),
        active=tuple(sorted(frozenset[str]().union(*(each.active for each in signs)))),
        rose=rose(signs),
        shares=shares([each.usage for each in samples], last.at - first.at),
        energy=energy([each.at for each in samples], [each.readings for each in samples]),
        energy_hidden=first.readings.hidden,
        power_modes=_unique(each.power_mode for each in samples),
        jetson_clocks=all(pinned) if pinned else None,
        supplies=_unique(each.supply for each in samples),
    )


def unstable(conditions: Conditions, other_load: float) -> tuple[str, ...]:
    """Why a strict run does not take a measurement made under ``conditions``; empty if it does.

    ``other_load`` is the part (0 to 1) of all processors' time that other processes, or other
    guests of the host, may take. Both must exceed it by more than the counters' resolution, so
    that a short interval accuses nobody; what cannot be known does not either. A governor other
    than ``performance`` is no matter where the limits leave it no choice (``jetson_clocks``).
    """
    reasons = []
    for span in conditions.clocks:
        loose = [governor for governor in span.governors if governor != "performance"]
        if loose and not span.fixed:
            where = f" (CPUs {_ranges(span.cpus)})" if len(conditions.clocks) > 1 else ""
            reasons.append(f"governor is {', '.join(loose)}, not performance{where}")
    if conditions.rose:
        reasons.append(f"throttling during the measurement: {', '.join(conditions.rose)}")
    if stayed := [sign for sign in conditions.active if sign not in conditions.rose]:
        reasons.append(f"throttling in force: {', '.join(stayed)}")
    part = conditions.shares
    told = (part.other, "other processes"), (part.steal, "other guests of the host (steal)")
    for share, who in told:
        if share is not None and share - (part.resolution or 0) > other_load:
            took = f"{who} took {share:.1%} of the processors' time"
            reasons.append(f"{took}, more than {other_load:.1%}")
    return tuple(reasons)


def _spans(moments: Sequence[tuple[Clock, ...]]) -> tuple[Span, ...]:
    """The clocks of all samples, those of equal limits and governors taken together."""
    by_name: dict[str, list[Clock]] = {}
    for clocks in moments:
        for clock in clocks:
            by_name.setdefault(clock.name, []).append(clock)
    groups: dict[tuple[Any, ...], list[Clock]] = {}
    for clocks_of_one in by_name.values():
        key = (
            _unique(clock.governor for clock in clocks_of_one),
            min((c.min_khz for c in clocks_of_one if c.min_khz is not None), default=None),
            max((c.max_khz for c in clocks_of_one if c.max_khz is not None), default=None),
            clocks_of_one[0].hardware_max_khz,
            all(clock.fixed for clock in clocks_of_one),
        )
        groups.setdefault(key, []).extend(clocks_of_one)
    spans = []
    for (governors, low, high, hardware, fixed), members in groups.items():
        seen = [clock.cur_khz for clock in members if clock.cur_khz is not None]
        spans.append(
            Span(
                names=_unique(clock.name for clock in members),
                cpus=tuple(sorted({cpu for clock in members for cpu in clock.cpus})),
                governors=governors,
                cur_khz=(min(seen), max(seen)) if seen else None,
                min_khz=low,
                max_khz=high,
                hardware_max_khz=hardware,
                fixed=fixed,
            )
        )
    return tuple(spans)


def _ranges(numbers: Sequence[int]) -> str:
    """``0-3, 8``: the inverse of :func:`hardware.topology.parse_cpulist`."""
    if not numbers:
        return ""
    breaks = [i + 1 for i, (a, b) in enumerate(pairwise(numbers)) if b != a + 1]
    runs = [numbers[i:j] for i, j in pairwise([0, *breaks, len(numbers)])]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}

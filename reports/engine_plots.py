"""The plots of where engines are built, network by network: every phase, and its sum over starts."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts import Drawing, Line, line_chart
from reports.engines import Network, Placed, networks, soonest
from reports.grouped_charts import Group, Key, Track, track_chart
from reports.ranking import Entry, grouped, nature_suffix
from reports.units import duration, milliseconds

#: CSS classes of the phases, in the order in which they are drawn: what is drawn last lies on top.
_CSS = {"convert": "hollow c3", "open": "hollow c7", "first": "c4", "steady": "c0"}
_KEYS = {
    "convert": "making it ahead",
    "open": "opening (with the build, if built then)",
    "first": "first inference",
    "steady": "steady median",
}


#: Starts at which time is added up.
_STARTS = (1, 2, 5, 10, 20, 50, 100)


def drawings(entries: Sequence[Entry]) -> list[Drawing]:
    """Two charts for each network of one device: its phases, and where what was made ahead pays."""
    found = []
    for network in networks(entries):
        if any(map(_timed, network.placed)):
            found.append(_phases(network))
        if (curves := _curves(network)) is not None:
            found.append(curves)
    return found


def _curves(network: Network) -> Drawing | None:
    """Seconds over starts of one inference: of each runtime its soonest engine and what it is held to.

    None where nothing made ahead can be held to anything.
    """
    lines = []
    for number, (who, group) in enumerate(grouped(network.held, lambda h: h.ahead.who).items()):
        best = soonest(held.ahead for held in group if held.costs)
        for held in group:
            if held.ahead is not best or held.costs is None or held.anew is None:
                continue
            for placed, cost, dash in zip(
                (held.ahead, held.anew), held.costs, (None, "3 3"), strict=True
            ):
                seconds = tuple(cost.starts(count) or None for count in _STARTS)
                if any(seconds):
                    label = f"{who}: {placed.short}"
                    lines.append(Line(label, seconds, f"c{number % 8}", dash))
    if not lines:
        return None
    nature = nature_suffix(network.placed[0].entry.record.nature)
    name = f"{network.title}{nature}: time spent after so many starts of one inference each"
    counts = [str(count) for count in _STARTS]
    return line_chart(name, counts, lines, "starts", "seconds, made ahead or built anew", log=True)


def _phases(network: Network) -> Drawing:
    groups = [
        Group(placed[0].who, tuple(_track(each, network) for each in placed))
        for placed in network.runtimes
    ]
    shown = {name for each in network.placed for name in _timed(each)}
    keys = [Key("point", css, _KEYS[name]) for name, css in _CSS.items() if name in shown]
    nature = nature_suffix(network.placed[0].entry.record.nature)
    name = f"{network.title}{nature}: first against steady, by where the engine is built"
    return track_chart(name, groups, "time (ms), logarithmic", "open + first / steady", keys)


def _track(placed: Placed, network: Network) -> Track:
    times, status = _timed(placed), placed.entry.record.status
    ranked = placed.entry.record.ranked
    said = "; ".join(f"{name} {duration(seconds)}" for name, seconds in times.items())
    text = f"{milliseconds(placed.answer)} / {milliseconds(times.get('steady'))}"
    best = placed is network.best
    if not ranked:
        said = "; ".join(filter(None, (said, status)))
        text = status
    elif best:
        said += "; answers first"
        text += " soonest"
    points = tuple((seconds * 1e3, _CSS[name]) for name, seconds in times.items())
    return Track(
        label=placed.short,
        text=text,
        said=f"{placed.label}: {said}",
        best=best,
        points=points,
        status="" if ranked else status,
    )


def _timed(placed: Placed) -> dict[str, float]:
    """The seconds of each phase that was timed, in the order in which they are drawn."""
    record = placed.entry.record
    steady = placed.steady if record.ranked else None
    seconds = (record.convert_s, record.build_s, record.first_s, steady)
    return {name: s for name, s in zip(_CSS, seconds, strict=True) if s is not None}

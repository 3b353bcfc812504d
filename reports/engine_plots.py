"""The plots of where engines are built: each phase of every placement, network by network."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts import Drawing
from reports.engines import Network, Placed, networks
from reports.grouped_charts import Group, Key, Track, track_chart
from reports.ranking import Entry, nature_suffix
from reports.units import duration, milliseconds

#: CSS classes of the phases, in the order in which they are drawn: what is drawn last lies on top.
_CSS = {"convert": "hollow c3", "open": "hollow c7", "first": "c4", "steady": "c0"}
_KEYS = {
    "convert": "making it ahead",
    "open": "opening (with the build, if built then)",
    "first": "first inference",
    "steady": "steady median",
}


def drawings(entries: Sequence[Entry]) -> list[Drawing]:
    """A chart for each network of one device of which anything was timed."""
    return [_phases(network) for network in networks(entries) if any(map(_timed, network.placed))]


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

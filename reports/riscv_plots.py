"""The plots of TVM against TensorFlow Lite: FPS over batch as its source draws it, and knobs' worth.

Published figures stand in a chart of their own beside the measured one: they are another board's, and
on one axis the slower of two boards would be a line at the bottom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.charts import Drawing, Line, line_chart
from reports.grouped_charts import Group, Key, Point, point_chart
from reports.ranking import Entry, nature_suffix
from reports.riscv import LEVELS, Curve, Network, Setting, networks, published_curve
from reports.riscv_causes import CAUSES, examine
from reports.tables.riscv_fps import PUBLISHED, ladder, threads
from reports.units import figure

_DASHES = (None, "2 3", "6 3", "8 3 2 3")
_FPS = "FPS (inputs per second, as the source computes it)"
#: CSS classes of the runtimes.
_CSS = {"tvm": "c0", "tflite": "c4", "onnxruntime": "c2"}
_THREADS = (1, 2, 4)


def drawings(entries: Sequence[Entry]) -> list[Drawing]:
    """What can be drawn of the networks of one device, network by network."""
    found = []
    for network in networks(entries):
        for measured, published in (_levels(network), _threads(network), _best(network)):
            if measured is not None:
                found += [measured] if published is None else [measured, published]
        if (worth := _worth(network)) is not None:
            found.append(worth)
    return found


Pair = tuple[Drawing | None, Drawing | None]


def _levels(network: Network) -> Pair:
    """TVM's levels, in the schedule and threads of its best."""
    best = network.best("tvm")
    if best is None:
        return None, None
    known = {curve.setting: curve.fps for curve in network.curves}
    rungs = [each for each in ladder(network, best) if each in known]
    both = [rung for rung in rungs if rung.level == 3]
    named = {
        f"opt_level {rung.level}"
        + (f", {rung.layout}" if len(both) > 1 and rung in both else ""): known[rung]
        for rung in rungs
    }
    what = replace(best.setting, level=None, layout=None).knobs
    name = f"{_where(network)}: FPS over batch by opt_level, Apache TVM, {what}"
    published = {f"opt_level {n}": published_curve(network, "tvm", level=n) for n in LEVELS}
    return _chart(name, named), _published(network, "by opt_level, Apache TVM", published)


def _threads(network: Network) -> Pair:
    """TensorFlow Lite's threads, in the setting of its best."""
    best = network.best("tflite")
    if best is None:
        return None, None
    known = {curve.setting: curve.fps for curve in network.curves}
    named = {_count(each.threads): known[each] for each in threads(network, best) if each in known}
    if len(named) < 2:
        return None, None
    what = replace(best.setting, threads=None).label
    name = f"{_where(network)}: FPS over batch by threads, {what}"
    published = {_count(n): published_curve(network, "tflite", threads=n) for n in _THREADS}
    return _chart(name, named), _published(network, "by threads, TensorFlow Lite", published)


def _best(network: Network) -> Pair:
    """The best of each runtime."""
    found = {name: network.best(name) for name in _CSS}
    chosen = [(curve.setting, curve.fps) for curve in found.values() if curve is not None]
    css = [_CSS[name] for name, curve in found.items() if curve is not None]
    if len(chosen) < 2:
        return None, None
    knobs = "; ".join(setting.label for setting, _ in chosen)
    published = {
        "Apache TVM, opt_level 3": published_curve(network, "tvm", level=3),
        "TFLite, 4 threads": published_curve(network, "tflite", threads=4),
    }
    name = f"{_where(network)}: FPS over batch, best of each runtime ({knobs})"
    measured = _chart(name, {setting.title: fps for setting, fps in chosen}, css)
    return measured, _published(network, "best of each runtime", published, ("c0", "c4"))


def shown(curve: Curve, knob: str) -> str:
    """One knob of a curve's setting, in few words."""
    blank = replace(Setting(curve.setting.runtime), **{knob: getattr(curve.setting, knob)})
    return blank.knobs


def _where(network: Network) -> str:
    return network.name + nature_suffix(network.entries[0].record.nature)


def _count(number: int | None) -> str:
    return f"{number} thread{'s' * (number != 1)}" if number else "threads unknown"


def _published(
    network: Network, what: str, lines: Mapping[str, Mapping[int, float]], css: Sequence[str] = ()
) -> Drawing | None:
    shown = {label: fps for label, fps in lines.items() if fps}
    drawn = _chart(f"{PUBLISHED.capitalize()}: {network.published}, {what}", shown, css)
    return None if drawn is None else replace(drawn, published=True)


def _chart(
    name: str, lines: Mapping[str, Mapping[int, float]], css: Sequence[str] = ()
) -> Drawing | None:
    """A line for each of ``lines``, FPS by batch; None with fewer than two batches."""
    batches = sorted({batch for fps in lines.values() for batch in fps})
    if len(batches) < 2:
        return None
    drawn = [
        Line(
            label,
            tuple(fps.get(batch) for batch in batches),
            css[number] if css else f"c{number % 8}",
            _DASHES[number % len(_DASHES)],
        )
        for number, (label, fps) in enumerate(lines.items())
    ]
    return line_chart(name, [str(batch) for batch in batches], drawn, "batch", _FPS)


def _worth(network: Network) -> Drawing | None:
    """FPS at the smallest batch with each knob and without, on a logarithmic axis."""
    groups = []
    for cause in CAUSES:
        found = examine(network, cause)
        if found is None:
            continue
        batch = min(found.on.over(found.off))
        css = _CSS[cause.of]
        rows = [_point(each, batch, css, shown(each, cause.knob)) for each in (found.off, found.on)]
        groups.append(Group(f"{cause.name}, batch {batch}", tuple(rows)))
    if not groups:
        return None
    keys = [
        Key("point", _CSS[name], title)
        for name, title in (("tvm", "Apache TVM"), ("tflite", "TensorFlow Lite"))
    ]
    name = f"{_where(network)}: what each knob is worth"
    return point_chart(name, groups, "FPS, logarithmic", "FPS", keys)


def _point(curve: Curve, batch: int, css: str, label: str) -> Point:
    fps = curve.fps[batch]
    return Point(
        label=label,
        text=figure(fps),
        said=f"{curve.setting.label}: {figure(fps)} FPS",
        value=fps,
        css=css,
    )

"""The plots that published experiments draw, of one model or section each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reports.charts import STYLE, WIDTH, Bar, Drawing, Line, Row, bar_chart, line_chart
from reports.drawings import own_drawings
from reports.overview import Fastest, Overview
from reports.ranking import Entry, grouped
from reports.reference_accuracy import held
from reports.svg import element, label, picture
from reports.tables.first import first_over_steady
from reports.tables.outcomes import severity
from reports.units import duration, figure, percent, ratio
from reports.views import View

COLOURS = 8
DASHES = (None, "6 3", "2 3", "8 3 2 3")
#: Panels of the picture; a longer one is no longer taken in at a glance.
PANELS = 24


@dataclass(frozen=True)
class Palette:
    """A colour for each runtime, the same in every plot of a report."""

    runtimes: tuple[str, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Palette:
        """Colours for the runtimes of ``entries``, by name."""
        return cls(tuple(sorted({entry.record.runtime for entry in entries})))

    def css(self, entry: Entry) -> str:
        """The CSS class of the entry's runtime."""
        return f"c{self.runtimes.index(entry.record.runtime) % COLOURS}"


def latency(fastest: Fastest, palette: Palette) -> Drawing:
    """Median latency of one model by setup, fastest first, then those that are not ranked."""
    first = fastest.entries[0]
    rows = [_median_row(entry, palette) for entry in fastest.entries]
    axis = f"median latency (ms), batch {first.record.batch}; shorter is faster"
    return bar_chart(f"Median latency of {first.model} on {first.device}", rows, axis)


def throughput(entries: Sequence[Entry], palette: Palette) -> Drawing | None:
    """FPS of one model over batch, a line for each setup; None with fewer than two batches."""
    ranked = [entry for entry in entries if entry.record.ranked and entry.statistics]
    batches = sorted({entry.record.batch for entry in ranked})
    if len(batches) < 2:
        return None
    threads = sorted({e.threads for e in ranked}, key=lambda t: (len(t), t))
    lines = []
    for setup, group in grouped(ranked, _name).items():
        fps = {e.record.batch: e.statistics.fps for e in group if e.statistics}
        dash = DASHES[threads.index(group[0].threads) % len(DASHES)]
        values = tuple(fps.get(batch) for batch in batches)
        lines.append(Line(setup, values, palette.css(group[0]), dash))
    name = f"Throughput of {ranked[0].model} on {ranked[0].device} over batch"
    return line_chart(
        name,
        [str(batch) for batch in batches],
        lines,
        "batch",
        "FPS (inputs per second)",
        _not_drawn(entries),
    )


def _not_drawn(entries: Sequence[Entry]) -> list[str]:
    """A line for each status that left out points: of which runtimes, at which batches."""
    of_runtime = grouped(entries, lambda entry: entry.runtime)
    failed = sorted((e for e in entries if not e.record.ranked), key=severity)
    lines = []
    for status, group in grouped(failed, lambda entry: entry.record.status).items():
        places = []
        for runtime, cells in grouped(group, lambda entry: entry.runtime).items():
            batches = ", ".join(str(b) for b in sorted({e.record.batch for e in cells}))
            whole = len(cells) == len(of_runtime[runtime])
            places.append(runtime if whole else f"{runtime} at {batches}")
        lines.append(f"{status}: {'; '.join(places)}")
    return lines


def first_against_steady(entries: Sequence[Entry]) -> Drawing | None:
    """Build, first and steady of one model by setup, on a logarithmic axis."""
    timed = [entry for entry in entries if entry.record.first_s is not None]
    if not timed:
        return None
    quantities = (("c7", "build"), ("c4", "first inference"), ("c0", "steady median"))
    rows = []
    for entry in entries:
        steady = entry.statistics.median if entry.statistics and entry.record.ranked else None
        times = first_over_steady(entry) if steady else None
        seconds = (entry.record.build_s, entry.record.first_s, steady)
        texts = ["", f" ({ratio(times)} steady)" if times else "", ""]
        bars = tuple(
            Bar(value * 1e3, css, duration(value) + text)
            for value, (css, _), text in zip(seconds, quantities, texts, strict=True)
            if value is not None
        )
        status = "" if entry.record.ranked else entry.record.status
        if status and bars:  # the steady state's place, under what was timed before it
            bars = (*bars[:-1], replace(bars[-1], text=f"{bars[-1].text}, then {status}"))
        rows.append(Row(_name(entry), bars, status))
    name = f"First inference against steady state: {timed[0].model} on {timed[0].device}"
    return bar_chart(name, rows, "time (ms), logarithmic", log=True, legend=quantities)


def accuracy(entries: Sequence[Entry], palette: Palette) -> Drawing | None:
    """Top-1 and top-5 of one model by runtime."""
    taken = [entry for entry in entries if entry.record.accuracy]
    if not taken:
        return None
    rows = []
    told = [entry for entry in entries if entry.record.accuracy or not entry.record.ranked]
    for setup, group in grouped(told, lambda e: e.runtime).items():
        entry = max(group, key=lambda e: e.record.accuracy is not None)
        best, css = entry.record.accuracy, palette.css(entry)
        if best is None:
            rows.append(Row(setup, status=entry.record.status))
        elif entry.record.ranked:
            rows.append(Row(setup, tuple(_share(entry, top, css) for top in (1, 5))))
        else:
            rows.append(Row(setup, status=f"{entry.record.status} ({percent(best.top1)})"))
    name = f"Accuracy of {taken[0].model} on {taken[0].device}"
    legend = [("c7", "top-1"), ("c7 outline", "top-5"), ("limits", "95 % interval")]
    if any(bar.mark is not None for row in rows for bar in row.bars):
        legend.append(("mark", "authors"))
    return bar_chart(name, rows, "correct (%)", highest=100.0, legend=legend)


def _share(entry: Entry, top: int, css: str) -> Bar:
    """The bar of a share, with the interval in which it is known and the authors' as a mark."""
    found = held(entry, top)
    assert found is not None
    low, high = found.between
    mark = None if found.published is None else found.published * 100
    css = css if top == 1 else f"{css} outline"
    return Bar(
        found.share * 100, css, percent(found.share), bounds=(low * 100, high * 100), mark=mark
    )


def overview_svg(overview: Overview) -> str:
    """A picture on its own: for each model the fastest runtime that agrees, and the others.

    Each runtime stands with its fastest setup. The plots follow of experiments that have their own:
    there is no fastest among cases of co-compilation. Light or dark follows the reader's preference.
    """
    palette = Palette.of(entry for section in overview.sections for entry in section.entries)
    fastest = overview.fastest[:PANELS]
    several = len({(e.entries[0].experiment, e.entries[0].device) for e in overview.fastest}) > 1
    panels = [_panel(each, palette, several) for each in fastest]
    drawn = [
        (drawing, section.device)
        for section in overview.sections
        for drawing in own_drawings(section.experiment, section.entries)
    ]
    panels += [
        _headed(plot, plot.name, *([] if plot.published else [device]))
        for plot, device in drawn[:PANELS]
    ]
    wide = WIDTH * 2 + 72 if len(panels) > 1 else WIDTH + 48
    views = [section.view for section in overview.sections if section.view]
    name = "Fastest runtime that agrees, by model" if fastest or not drawn else views[0].title
    parts = [label(name, 24, 40, class_="big")]
    counts = ", ".join(f"{count} {word}" for word, count, _ in overview.verdicts)
    where = "; ".join(overview.devices)
    parts.append(label(f"{counts}. {where}", 24, 62, fit=wide - 48, class_="faint"))
    y = [84.0, 84.0]
    for content, height in panels:
        column = 0 if len(panels) == 1 or y[0] <= y[1] else 1
        x = 24 + column * (WIDTH + 24)
        parts.append(element("g", content, transform=f"translate({x:.0f} {y[column]:.0f})"))
        y[column] += height
    bottom = max(y)
    parts.append(
        label(_foot(overview, views, len(drawn)), 24, bottom + 8, fit=wide - 48, class_="faint")
    )
    height = bottom + 28
    background = element("rect", width=wide, height=height, fill="var(--bg)")
    style = element("style", STYLE)
    return picture(wide, height, name, style, background, *parts, class_="chart") + "\n"


def _foot(overview: Overview, views: Sequence[View], drawn: int) -> str:
    """What the panels show, and how much they leave out."""
    rest = max(len(overview.fastest) - PANELS, 0) + max(drawn - PANELS, 0)
    if overview.fastest:
        foot = "Median latency in ms at the smallest batch; only setups that agree are ranked."
    elif drawn:
        foot = " ".join(dict.fromkeys(view.foot for view in views))
    else:
        foot = "No cell was timed."
    return foot + (f" {rest} more in the whole report." if rest else "")


def _headed(plot: Drawing, *lines: str) -> tuple[str, float]:
    """``plot`` under a heading and smaller lines, and their height."""
    parts = [label(lines[0], 0, 14, fit=WIDTH, size=14, class_="head")]
    parts += [
        label(line, 0, 31 + 16 * number, fit=WIDTH, class_="faint")
        for number, line in enumerate(lines[1:])
    ]
    top = 22 + 16 * (len(lines) - 1)
    content = element("g", plot.content, transform=f"translate(0 {top})")
    return "".join(parts) + content, top + plot.height + 14


def _panel(fastest: Fastest, palette: Palette, several: bool) -> tuple[str, float]:
    """One model of the picture and its height: its best setup of each runtime."""
    best: dict[str, Entry] = {}
    for entry in fastest.entries:  # ranked first, so the first of a runtime is its best
        best.setdefault(entry.runtime, entry)
    rows = [_median_row(entry, palette) for entry in best.values()]
    first = fastest.entries[0]
    where = f"{first.experiment} on {first.device}, batch {first.record.batch}"
    chart = bar_chart(first.model, rows, f"median latency (ms), batch {first.record.batch}")
    return _headed(chart, first.model, *[where] * several)


def _name(entry: Entry) -> str:
    return f"{entry.setup} [{entry.run}]" if entry.run else entry.setup


def _median_row(entry: Entry, palette: Palette) -> Row:
    """The bar of a ranked entry, or the status word of one that is not."""
    if entry.ratio is None or entry.statistics is None:
        status = entry.record.status if not entry.record.ranked else "not timed"
        times = f" ({figure(entry.statistics.median * 1e3)} ms)" if entry.statistics else ""
        css = "faint" if status == "unstable" else "status"
        return Row(_name(entry), (), status + times, css)
    median = entry.statistics.median * 1e3
    text = f"{figure(median)} ms" + (" fastest" if entry.best else "")
    return Row(_name(entry), (Bar(median, palette.css(entry), text, entry.best),))

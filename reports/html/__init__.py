"""One HTML file with everything in it: tables, plots, style and script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reports import plots
from reports.charts import STYLE, Drawing
from reports.drawings import own_drawings
from reports.overview import Overview, Section
from reports.ranking import by_model

_FOLDER = Path(__file__).parent


def render(overview: Overview) -> str:
    """The whole report of ``overview`` as a page."""
    # Imported here: a laptop that renders Markdown needs neither.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    palette = plots.Palette.of(entry for part in overview.sections for entry in part.entries)
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = [
        {
            "title": section.title,
            "findings": section.findings,
            # The drawings escape what they are given: see reports.svg.
            "plots": [
                {"name": drawing.name, "svg": Markup(drawing.svg())}  # noqa: S704
                for drawing in _plots(section, palette)
            ],
            "tables": section.tables(),
        }
        for section in overview.sections
    ]
    style = STYLE + (_FOLDER / "page.css").read_text(encoding="utf-8")
    script = (_FOLDER / "sort.js").read_text(encoding="utf-8")
    return environment.get_template("page.html").render(
        overview=overview,
        sections=sections,
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )


def _plots(section: Section, palette: plots.Palette) -> Iterator[Drawing]:
    """The plots that a section's records have something for."""
    if section.view:
        yield from own_drawings(section.experiment, section.entries)
        return
    if not section.first:
        for fastest in section.fastest:
            yield plots.latency(fastest, palette)
    for entries in by_model(section.entries):
        drawings = (
            plots.first_against_steady(entries)
            if section.first
            else plots.throughput(entries, palette),
            plots.accuracy(entries, palette),
        )
        yield from (drawing for drawing in drawings if drawing)

"""Cases of co-compilation: their tables and plots."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import cocompile_plots, html, plots
from reports.cocompile import Case, cases
from reports.overview import overview
from reports.published.tables import cocompile_compiler, size
from reports.ranking import Entry, rank
from reports.record import Record
from reports.results import Run
from reports.tables import Cell, Table
from reports.tables.cocompile import TURN, placement_table, turns_table
from tests.reports import strategies
from tests.reports.samples import record
from tests.reports.test_published_table import DEVICE

SVG = "{http://www.w3.org/2000/svg}"
MIB = 2**20
MODELS = {"bird": "mobilenet_bird", "plant": "mobilenet_plant", "inception": "inception_v1"}
MEASURED = {**DEVICE, "nature": "measured"}


def slots(
    case: str,
    seconds: Sequence[float],
    how: str = "together",
    phase: str = "steady",
    placed: Sequence[dict[str, Any]] = ({}, {}),
    use: Sequence[int] = (1, 1),
    **changes: Any,
) -> list[Record]:
    """The records of a case, one for each model."""
    names = [name.partition("=")[0] for name in case.split("+")]
    return [
        replace(
            record(),
            cell=f"cocompile/{case}-{how}-{phase}#{number}",
            experiment="cocompile",
            model=MODELS.get(name, name),
            model_title=f"Title of {name}",
            knobs={
                "batch": 1,
                "case": case,
                "cocompiled": "yes" if how == "together" else "no",
                "devices": len(names) if how == "spread" else 1,
                "phase": phase,
                "slot": number,
                "use": times,
            },
            samples=(0.5 * mean, 1.5 * mean),
            placement=placement,
            **{"device": DEVICE, **changes},
        )
        for number, (name, mean, placement, times) in enumerate(
            zip(names, seconds, placed, use, strict=False), 1
        )
    ]


def entries(*groups: Sequence[Record]) -> list[Entry]:
    return rank([Run("r", {}, [one for group in groups for one in group])])


def column(table: Table | None, title: str) -> list[Cell]:
    assert table is not None
    (index,) = [i for i, one in enumerate(table.columns) if one.title == title]
    return [row[index] for row in table.rows]


def texts(table: Table | None, title: str) -> list[str]:
    return [cell.text for cell in column(table, title)]


def best(*groups: Sequence[Record]) -> list[str]:
    """The cases that are the best of theirs."""
    return [case.label for case in cases(entries(*groups)) if case.best]


def placed(cached: int, streamed: int, available: int | None = 7 * MIB) -> dict[str, Any]:
    found = {
        "cached": cached,
        "streamed": streamed,
        "whence": "a rule",
        "available_whence": "a log",
    }
    return found if available is None else {**found, "available": available}


SHARED = (placed(4 * MIB, 0), placed(2 * MIB, 3 * MIB))


# Memory


def test_what_is_compiled_together_shares_the_memory_and_else_each_has_its_own() -> None:
    found = entries(
        slots("bird+plant", (0.1, 0.1), "apart", placed=SHARED),
        slots("bird+plant", (0.1, 0.1), "together", placed=SHARED),
    )
    table = placement_table(found)
    assert texts(table, "compiled") == ["apart", "apart", "together", "together"]
    assert [c.sort_key for c in column(table, "free (MiB)")] == [3 * MIB, 5 * MIB, MIB, MIB]
    assert table is not None
    assert "a rule" in table.footnotes
    assert "all models of the case share it; a log" in table.footnotes


def test_each_slot_has_one_row_whatever_its_phases() -> None:
    groups = [slots("bird+plant", (0.1, 0.1), "apart", p, SHARED) for p in ("first", "steady")]
    assert len(column(placement_table(entries(*groups)), "slot")) == 2


def test_the_compilers_own_figures_stand_beside_what_was_compiled_together() -> None:
    found = entries(
        slots("bird+plant", (0.1, 0.1), placed=SHARED),
        slots("bird+plant", (0.1, 0.1), "apart", placed=SHARED),
        slots("bird+plant", (0.1, 0.1), "spread", placed=SHARED),
    )
    table = placement_table(found)
    published = [row for row in cocompile_compiler() if row.experiment == "bird+plant"]
    for title, name in (("used", "onchip_used"), ("off-chip", "offchip"),
                        ("available", "onchip_available")):  # fmt: skip
        shown = [cell.sort_key for cell in column(table, f"published {title} (MiB)")]
        told = [None, None, *(size(getattr(row, name)) for row in published), None, None]
        assert shown == told


def test_sizes_of_the_published_table_are_read_with_their_units() -> None:
    assert [size(text) for text in ("0.00B", "1.50KiB", "2.5MiB")] == [0, 1536, 2.5 * MIB]
    for text in ("", "MiB", "3", "-1MiB", "1e3MiB", "nanMiB", "3 mib"):
        with pytest.raises(ValueError, match=r"expected|could not"):
            size(text)


def test_more_than_fits_is_said_and_not_less_than_nothing_free() -> None:
    table = placement_table(entries(slots("single", (0.1,), "apart", placed=[placed(8 * MIB, 0)])))
    assert texts(table, "free (MiB)") == ["0"]
    assert table is not None
    assert "1.00 MiB more is cached than is available: a log" in table.footnotes


def test_part_of_a_case_tells_nothing_of_what_is_free_or_of_a_turn() -> None:
    found = entries(slots("bird+plant", (0.1, 0.1), placed=SHARED)[:1])
    assert "free (MiB)" not in [c.title for c in (placement_table(found) or _none()).columns]
    assert TURN not in texts(turns_table(found), "model")


def _none() -> Table:
    raise AssertionError("no table")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"available": 5}, {"cached": 5}, *({"cached": bad, "streamed": 0} for bad in
     (-1, math.nan, True, "5", None, [5], 2**80))],
)  # fmt: skip
def test_a_malformed_placement_has_no_row(wrong: dict[str, Any]) -> None:
    found = entries(slots("bird+plant", (0.1, 0.1), "apart", placed=({**SHARED[0]}, wrong)))
    assert texts(placement_table(found), "slot") == ["1"]
    assert placement_table(entries(slots("single", (0.1,), placed=[wrong]))) is None


# Latency


def test_a_turn_is_the_sum_of_its_models_beside_the_published_sum() -> None:
    found = entries(slots("bird+plant", (0.010, 0.090)))
    table = turns_table(found)
    assert texts(table, "model") == ["Title of bird", "Title of plant", TURN]
    assert texts(table, "mean (ms)") == ["10.00", "90.00", "100.00"]
    assert texts(table, "median (ms)") == ["10.00", "90.00", "–"]
    ours = [10.61, 86.31]  # the table's own rows
    assert texts(table, "published mean, USB 2.0 (ms)") == [f"{x:.2f}" for x in (*ours, sum(ours))]
    assert "per cycle (ms)" not in [one.title for one in (table or _none()).columns]


def test_uses_weight_a_cycle_and_decide_what_is_best() -> None:
    together = slots("a=3+b", (0.010, 0.090), use=(3, 1))
    other = slots("b+a=3", (0.010, 0.080), use=(1, 3))
    table = turns_table(entries(together, other))
    turns = [row for row in (table or _none()).rows if row[3].text == TURN]
    assert [row[4].text for row in turns] == ["100.00", "90.00"]
    assert [row[-1].text for row in turns] == ["120.00", "250.00"]
    assert best(together, other) == ["a=3+b, together"]
    assert [row[-1].best for row in turns] == [True, False]


def test_the_best_is_the_lowest_turn_of_the_same_models() -> None:
    apart = slots("inception+plant", (0.2, 0.2), "apart")
    one, two = slots("inception+plant", (0.02, 0.2)), slots("plant+inception", (0.01, 0.17))
    elsewhere = slots("bird+plant", (0.001, 0.001))
    assert best(apart, one, two, elsewhere) == ["plant+inception, together"]
    assert best(elsewhere) == []
    assert best(slots("bird+plant", (0.1, 0.2), "apart"), slots("bird+plant", (0.2, 0.1))) == []


def test_no_turn_is_best_with_a_model_that_does_not_agree() -> None:
    fast, slow = slots("bird+plant", (0.1, 0.1)), slots("bird+plant", (0.2, 0.2), "apart")
    other = slots("plant+bird", (0.3, 0.3))
    fast[1] = replace(fast[1], status="disagrees", reason="3 of 8")
    assert best(fast, slow) == []
    assert best(fast, slow, other) == ["bird+plant, apart"]
    table = turns_table(entries(fast, slow, other))
    shown = column(table, "mean (ms)")[-3]
    assert {cell.text for cell in column(table, "mean (ms)") if cell.status} == {
        "disagrees (100.00)",
        "disagrees (200.00)",
    }
    assert not shown.best


def test_what_is_simulated_is_never_best_beside_what_was_measured() -> None:
    simulated = slots("bird+plant", (0.1, 0.1))
    measured = slots("bird+plant", (0.2, 0.2), "apart", device=MEASURED)
    assert best(simulated, measured) == []
    slower = slots("plant+bird", (0.3, 0.3), device=MEASURED)
    assert best(simulated, measured, slower) == ["bird+plant, apart"]
    titles = [t.title for s in overview([Run("r", {}, [*simulated, *measured, *slower])]).sections
              for t in s.tables()]  # fmt: skip
    assert "Co-compilation: latency, simulated" in titles
    assert "Co-compilation: latency, measured" in titles


@given(st.lists(strategies.slots, max_size=8))
def test_any_slots_rank_only_what_is_alike_and_agrees(records: list[Record]) -> None:
    found = cases(entries(records))
    for case in found:
        assert len({slot.entry.place for slot in case.slots}) == 1
        if case.best:
            assert all(slot.entry.record.ranked for slot in case.slots)
            assert case.cycle is not None
            assert (
                case.cycle <= min(rival.cycle or math.inf for rival in _rivals(case, found)) * 1.01
            )


def _rivals(case: Case, found: Sequence[Case]) -> list[Case]:
    def alike(one: Case) -> tuple[Any, ...]:
        return (
            one.slots[0].entry.place,
            one.slots[0].entry.runtime,
            one.phase,
            sorted((s.entry.record.model, s.use) for s in one.slots),
        )

    return [one for one in found if one.ranked and alike(one) == alike(case)]


@given(st.lists(strategies.slots, min_size=1, max_size=8))
def test_any_slots_make_tables_a_page_and_a_picture(records: list[Record]) -> None:
    summed = overview([Run("r", {}, records)])
    page, picture = html.render(summed), plots.overview_svg(summed)
    assert "<script>alert" not in page + picture
    assert "<img" not in page + picture
    root = ET.fromstring(picture)
    for each in root.iter():
        for name in ("x", "x1", "x2", "cx", "width"):
            assert math.isfinite(float(each.get(name, "0")))


# Plots


def drawn(found: Sequence[Entry], number: int) -> ET.Element:
    return ET.fromstring(cocompile_plots.drawings(found)[number].svg())


def rows(root: ET.Element) -> dict[str, ET.Element]:
    """The rows of a plot by the text that a screen reader speaks."""
    groups = root.findall(f"{SVG}g")
    return {(group.findtext(f"{SVG}title") or ""): group for group in groups}


def axis(root: ET.Element) -> dict[float, float]:
    """The places of an axis's ticks by their values."""
    ticks = [e for e in root.iter(f"{SVG}text") if e.get("class") == "tick"]
    return {float(e.text or ""): float(e.get("x", "")) for e in ticks}


def test_a_tick_stands_where_the_published_value_is_on_the_axis() -> None:
    root = drawn(entries(slots("bird+plant", (0.010, 0.090))), 0)
    ticks = axis(root)
    (low, left), (high, right) = min(ticks.items()), max(ticks.items())
    found = rows(root)
    for value, name in ((10.61, "bird"), (86.31, "plant"), (96.92, TURN)):
        (said,) = [said for said in found if said.startswith(f"bird+plant, together: {name}")]
        (mark,) = [e for e in found[said].iter(f"{SVG}line") if e.get("class") == "mark"]
        share = math.log(value / low) / math.log(high / low)
        assert float(mark.get("x1", "")) == pytest.approx(left + share * (right - left), abs=0.2)


def test_a_plot_says_its_nature_and_what_is_not_ranked_is_hollow() -> None:
    both = slots("bird+plant", (0.010, 0.090))
    both[1] = replace(both[1], status="not_measured", reason="no twin")
    (drawing,) = cocompile_plots.drawings(entries(both))
    assert drawing.name == "Mean latency, steady phase: simulated against published"
    found = rows(ET.fromstring(drawing.svg()))
    hollow = {
        said: "hollow" in (circle.get("class") or "")
        for said, group in found.items()
        for circle in group.iter(f"{SVG}circle")
    }
    assert list(hollow.values()) == [False, True, True]
    assert any(said.endswith("published, not_measured") for said in hollow)
    assert ">simulated, not ranked<" in drawing.svg()
    measured = cocompile_plots.drawings(entries(slots("mine", (0.01,), device=MEASURED)))
    assert measured[0].name == "Mean latency, steady phase: measured"
    assert "simulated" not in measured[0].svg()


def test_another_link_has_no_published_ticks() -> None:
    device = {**DEVICE, "facts": {"interface": "usb3"}}
    svg = cocompile_plots.drawings(entries(slots("bird+plant", (0.01, 0.09), device=device)))[
        0
    ].svg()
    assert "published" not in svg
    assert 'class="mark"' not in svg


@pytest.mark.parametrize(
    ("low", "high", "whiskers"),
    [(0.005, 0.02, 3), (0.02, 0.005, 0), (math.nan, 0.02, 0), (-1.0, 0.02, 0), ("0", 0.02, 0),
     (None, 0.02, 0), (True, 0.02, 0), (0.005, math.inf, 0)],
)  # fmt: skip
def test_bounds_are_a_whisker_if_they_are_bounds(low: Any, high: Any, whiskers: int) -> None:
    one = slots("mine", (0.01,), environment={"low": low, "high": high})
    root = drawn(entries(one), 0)
    (row,) = rows(root).values()
    lines = [line for line in row.iter(f"{SVG}line") if line.get("class") == "whisker"]
    assert len(lines) == whiskers
    if lines:
        ticks, places = axis(root), [float(lines[0].get(name, "")) for name in ("x1", "x2")]
        assert places == pytest.approx([ticks[5.0], ticks[20.0]], abs=0.1)


def test_memory_is_cached_up_to_the_mark_and_streamed_beyond_it() -> None:
    root = drawn(entries(slots("bird+plant", (0.1, 0.1), placed=SHARED)), 0)
    ticks = axis(root)
    pixels = (max(ticks.values()) - min(ticks.values())) / (max(ticks) - min(ticks))

    def spans(said: str) -> list[tuple[float, float]]:
        group = rows(root)[f"bird+plant, together: {said}"]
        boxes = [
            (float(r.get("x", "")), float(r.get("width", ""))) for r in group.iter(f"{SVG}rect")
        ]
        return [
            ((x - ticks[0.0]) / pixels, (x + width - ticks[0.0]) / pixels) for x, width in boxes
        ]

    bird = spans("bird: 4.00 MiB cached, 0 MiB streamed, 1.00 MiB free of 7.00 MiB")
    plant = spans("plant: 2.00 MiB cached, 3.00 MiB streamed, 1.00 MiB free of 7.00 MiB")
    assert bird == [pytest.approx(span, abs=0.02) for span in ((0, 4), (6, 7))]
    assert plant == [pytest.approx(span, abs=0.02) for span in ((4, 6), (6, 7), (7, 10))]
    limits = [e for e in root.findall(f"{SVG}g/{SVG}line") if e.get("class") == "limit"]
    places = [(float(e.get("x1", "")) - ticks[0.0]) / pixels for e in limits]
    assert places == pytest.approx([7, 7], abs=0.02)


def test_the_page_and_the_picture_have_the_plots_with_text_for_each_row() -> None:
    found = overview([Run("r", {}, slots("bird+plant", (0.01, 0.09), placed=SHARED))])
    page, picture = html.render(found), plots.overview_svg(found)
    for text in (page, picture):
        assert "bird+plant, together: plant: 90.0 ms simulated, 86.3 ms published" in text
        assert "Where parameters are kept, by case (simulated)" in text
    assert "No cell was timed" not in picture
    assert len(re.findall(r'<svg[^>]* role="img" aria-label="[^"]+"', page)) == 2


def test_a_long_list_of_cases_is_cut_and_counted() -> None:
    groups = [slots(f"m{number}", (0.01,)) for number in range(30)]
    (drawing,) = cocompile_plots.drawings(entries(*groups))
    assert len(rows(ET.fromstring(drawing.svg()))) == 24
    assert "6 more cases stand in the tables." in drawing.svg()

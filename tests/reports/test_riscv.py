"""TVM against TensorFlow Lite: the published table measured again gives the published conclusions."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from reports import html, markdown, plots, riscv_plots, terminal
from reports.overview import overview
from reports.published.riscv import RELATIVE, SYSTEM
from reports.record import Record
from reports.results import Run
from reports.riscv import Network, fastest, networks, passes_of
from reports.riscv_agreement import pairs
from reports.riscv_causes import CAUSES, difference_of_passes, examine, steps
from reports.riscv_findings import findings
from reports.tables import Table
from reports.tables.riscv import agreement_tables, causes_table, difference_table, system_table
from reports.tables.riscv_fps import OTHER_BOARD, PUBLISHED, level_tables, thread_tables
from reports.tables.top_classes import top_classes_tables
from reports.top_classes import TopClasses
from tests.reports import strategies
from tests.reports.riscv_samples import BOARD, TOP, cell, entries, published
from tests.reports.samples import EMULATED

SVG = "{http://www.w3.org/2000/svg}"
XNNPACK, LAYOUT, SCHEDULE = CAUSES


def network(*records: Record) -> Network:
    (found,) = networks(entries(records))
    return found


def rows(table: Table | None) -> list[list[str]]:
    assert table is not None
    return [[each.text for each in row] for row in table.rows]


def said(*records: Record) -> str:
    return "\n".join(findings(entries(records)))


def failed(runtime: str, **changes: Any) -> Record:
    more = {"status": "crashed", "reason": "SIGSEGV", "source_samples": (), "samples": (),
            "agreement": None, "top_classes": None}  # fmt: skip
    return cell(1.0, runtime, more=more, **changes)


# The published table as if it were a run


def test_a_run_like_the_published_one_ends_on_the_published_sentence() -> None:
    found = networks(entries(published()))
    assert [each.title for each in found] == list(RELATIVE)
    for each in found:
        assert each.difference is not None
        assert round(each.difference, 2) == RELATIVE[each.title]
        tvm, tflite = each.best("tvm"), each.best("tflite")
        assert tvm is not None
        assert tflite is not None
        assert (tvm.setting.level, tflite.setting.threads) == (3, 4), "its own conclusions"
    text = said(*published())
    assert (
        "DenseNet-121: Apache TVM trails LiteRT 2.74 times on average over batch 1, 2, 4, 8 and 16 "
        "(average relative difference 2.74); best are opt_level 3, default schedule, NHWC, 1 thread "
        "against XNNPACK, 4 threads. Published: it trails 2.74 times" in text
    )
    assert text.endswith(OTHER_BOARD)


def test_the_difference_stands_beside_the_published_one() -> None:
    table = difference_table(entries(published()))
    assert table is not None
    assert table.columns[2].title == PUBLISHED
    assert [row[1:3] for row in rows(table)] == [["2.74×", "2.74×"], ["2.46×", "2.46×"]]


def test_each_level_has_the_published_row_of_its_own() -> None:
    first, _ = level_tables(entries(published()))
    assert first.title == "FPS by opt_level: DenseNet-121, Apache TVM, default schedule, 1 thread"
    shown = {tuple(row[:2]): row[2:] for row in rows(first)}
    source = "FPS"
    assert shown["opt_level 3, NHWC", source] == ["0.856", "0.758", "0.665", "0.682", "0.681"]
    assert shown[f"{PUBLISHED}: opt_level 3", source] == shown["opt_level 3, NHWC", source]
    assert shown["opt_level 0, NCHW", "latency (ms)"][0] == "1355"
    assert len(shown) == 4 * 3 + 4
    best = [row[0].text for row in first.rows if row[2].best]
    assert best == ["opt_level 3, NHWC"]


def test_each_count_of_threads_has_the_published_row_of_its_own() -> None:
    found = {table.title: rows(table) for table in thread_tables(entries(published()))}
    shown = found["FPS by threads: DenseNet-121, LiteRT, XNNPACK"]
    assert shown[-1] == [f"{PUBLISHED}: threads 4", "FPS",
                         "1.953", "1.969", "1.982", "1.977", "1.987"]  # fmt: skip
    assert [row[0] for row in shown if row[1] == "FPS, steady state"] == [
        "1 thread", "2 threads", "4 threads",
    ]  # fmt: skip


# What is best


def test_the_best_setting_is_judged_at_the_same_batches() -> None:
    found = network(
        cell(9.0, "tvm", opt_level=1), cell(8.0, "tvm", opt_level=1, batch=2),
        cell(50.0, "tvm", opt_level=2), cell(7.0, "tvm", opt_level=3), cell(7.5, "tvm", batch=2),
    )  # fmt: skip
    best = found.best("tvm")
    assert best is not None
    assert best.setting.level == 1, "level 2 has no batch 2"
    assert fastest([]) is None


def test_what_disagrees_is_never_best() -> None:
    wrong = {"status": "disagrees", "reason": "wrong"}
    found = network(cell(1.0, "tvm", opt_level=1), cell(9.0, "tvm", opt_level=2, more=wrong))
    assert [curve.setting.level for curve in found.curves] == [1]


def test_leading_is_said_the_other_way_round() -> None:
    text = said(cell(4.0, "tvm"), cell(2.0, "litert"), cell(3.0, "onnxruntime"))
    assert "Apache TVM leads LiteRT 2.00 times on average over batch 1" in text
    assert "(average relative difference 0.50)" in text
    assert "ONNX Runtime, 1 thread, has 1.50 times the FPS of LiteRT at its best" in text


def test_nothing_to_compare_is_said() -> None:
    assert "are not compared: TVM is missing" in said(cell(2.0, "litert"), failed("tvm"))
    assert "are not compared: TensorFlow Lite is missing" in said(cell(2.0, "tvm"))
    assert "a common batch is missing" in said(cell(2.0, "tvm"), cell(2.0, "litert", batch=2))
    assert said(failed("tvm")).endswith("nothing that agrees was measured.")
    table = difference_table(entries([failed("tvm"), cell(2.0, "litert")]))
    assert "crashed" in rows(table)[0]
    assert table is not None
    assert table.footnotes == ("SIGSEGV",)


def test_what_was_emulated_says_so_and_stands_apart() -> None:
    emulated = [cell(1.0, name, more={"device": EMULATED}) for name in ("tvm", "litert")]
    measured = [cell(2.0, "tvm"), cell(8.0, "litert")]
    sections = overview([Run("r", {}, [*emulated, *measured])]).sections
    assert len(sections) == 2
    texts = {section.entries[0].record.nature: section.findings[1] for section in sections}
    assert texts["emulated"].startswith("DenseNet-121 (emulated): Apache TVM trails LiteRT 1.00")
    assert texts["measured"].startswith("DenseNet-121: Apache TVM trails LiteRT 4.00 times")
    said_last = {s.entries[0].record.nature: "translator" in s.findings[-1] for s in sections}
    assert said_last == {"emulated": True, "measured": False}


def test_fewer_iterations_than_the_source_takes_are_said() -> None:
    short = cell(1.0, "tvm", more={"source_samples": (1.0,)})
    text = said(short, cell(2.0, "litert"))
    assert "DenseNet-121: 1 to 10 of the source's 10 iterations were taken." in text


# What separates the runtimes


def test_xnnpack_accounts_for_what_is_gone_without_it() -> None:
    found = network(cell(1.0, "tvm"), cell(4.0, "litert"), cell(2.0, "litert", delegate="none"))
    result = examine(found, XNNPACK)
    assert result is not None
    assert (result.speedup, result.unequal, result.equal) == (2.0, 4.0, 2.0)
    assert result.share == pytest.approx(0.5), "half of it, logarithmically"
    assert examine(found, LAYOUT) is None
    assert "not tested, for no two ranked cells differ in it alone: layout NHWC, schedule." in said(
        *(entry.record for entry in found.entries)
    )


@pytest.mark.parametrize(
    ("without", "verdict"),
    [(0.5, "all of the difference, and more"), (4.0, "none of the difference"),
     (8.0, "none of the difference"), (2.0, "50 % of the difference, on a logarithmic scale")],
)  # fmt: skip
def test_how_much_xnnpack_accounts_for_in_words(without: float, verdict: str) -> None:
    text = said(cell(1.0, "tvm"), cell(4.0, "litert"), cell(without, "litert", delegate="none"))
    assert f"it accounts for {verdict}." in text


def test_layout_and_schedule_are_tested_on_tvm_alone() -> None:
    tvm = [cell(2.0, "tvm"), cell(1.0, "tvm", layout="NCHW"), cell(0.25, "tvm", schedule="none")]
    found = network(*tvm, cell(4.0, "litert"))
    layout, schedule = examine(found, LAYOUT), examine(found, SCHEDULE)
    assert layout is not None
    assert schedule is not None
    assert (layout.speedup, layout.unequal, layout.equal) == (2.0, 4.0, 2.0)
    assert schedule.speedup == pytest.approx(8.0)
    assert (schedule.unequal, schedule.equal) == (16.0, 2.0)
    assert schedule.share == pytest.approx(0.75)
    table = causes_table(entries([*tvm, cell(4.0, "litert")]))
    assert [row[1:3] for row in rows(table)] == [
        ["XNNPACK", "not tested"], ["layout NHWC", "2.00×"], ["schedule", "8.00×"],
    ]  # fmt: skip
    assert rows(table)[2][-1] == "75 %"


def test_no_lag_needs_no_explanation() -> None:
    text = said(cell(8.0, "tvm"), cell(4.0, "litert"), cell(2.0, "litert", delegate="none"))
    assert "TVM leads either way, so it explains no lag" in text


def test_a_cause_is_tested_at_the_threads_of_its_cells() -> None:
    found = network(
        cell(1.0, "tvm"), cell(0.5, "tvm", layout="NCHW"), cell(9.0, "litert", threads=4),
        cell(3.0, "litert", threads=1),
    )  # fmt: skip
    result = examine(found, LAYOUT)
    assert result is not None
    assert (result.unequal, result.equal, result.threads) == (6.0, 3.0, 1)


PASSES = {2: ("FoldConstant", "FuseOps"), 3: ("FoldConstant", "ConvertLayout", "FuseOps")}


def level(number: int, fps: float, **changes: Any) -> Record:
    artifact = {"format": "onnx", "compiler": {"passes": list(PASSES.get(number, ()))}}
    return cell(fps, "tvm", opt_level=number, more={"artifact": artifact}, **changes)


def test_a_level_that_is_a_step_down_says_what_it_does_otherwise() -> None:
    text = said(level(2, 4.0), level(3, 3.0), level(2, 4.0, batch=2), level(3, 3.0, batch=2))
    assert (
        "opt_level 3 with the default schedule has 75.0 % of the FPS of level 2, over 2 pairs of "
        "cells; it runs ConvertLayout as well; a conversion of layout adds transposes" in text
    )
    assert "which passes ran is not in their records" in said(level(0, 4.0), level(1, 3.0))
    within = said(level(2, 4.0), level(3, 3.95))
    assert "has" not in within.replace("has no", ""), "within what two runs of one thing differ by"


def test_steps_are_of_one_schedule_and_each_level_in_its_own_layout() -> None:
    found = network(level(2, 4.0), level(3, 5.0), level(3, 1.0, layout="NCHW"),
                    level(2, 9.0, schedule="none"))  # fmt: skip
    (step,) = steps(found)
    far = steps(network(level(0, 4.0), level(3, 2.0)))
    assert [(each.below, each.level) for each in far] == [(0, 3)], "the next one that was measured"
    assert (step.level, step.schedule, step.ratio) == (3, "default", pytest.approx(1.25))
    assert difference_of_passes(("a", "b", "a"), ("b", "c", "c")) == (["c"], ["a"])
    assert passes_of(entries([level(3, 1.0)])[0]) == PASSES[3]


# Agreement, and where it ran


def test_runtimes_are_compared_two_by_two_over_all_their_cells() -> None:
    near = TopClasses(TOP.inputs, TOP.classes, ((0.7, 0.2, 0.1), (0.6, 0.29999, 0.1)))
    swapped = TopClasses(TOP.inputs, ((1, 3, 2), (4, 2, 3)), TOP.probabilities)
    found = {
        (pair.first, pair.second): pair
        for pair in pairs(network(
            cell(1.0, "tvm"), cell(1.0, "tvm", opt_level=0, more={"top_classes": near}),
            cell(1.0, "litert"), cell(1.0, "onnxruntime", more={"top_classes": swapped}),
        ))
    }  # fmt: skip
    assert len(found) == 4, "TVM has two cells, and is compared with itself"
    tvm = found["Apache TVM", "LiteRT"]
    assert (tvm.cells, tvm.same, tvm.images) == ((2, 1), 2, 2)
    assert (
        "in the same order on 2 images; the largest difference of a probability is 1e-05"
        in said(cell(1.0, "litert"), cell(1.0, "tvm", more={"top_classes": near}))
    )
    assert "LiteRT and ONNX Runtime rank classes otherwise on 1 of 2 images" in said(
        cell(1.0, "litert"), cell(1.0, "onnxruntime", more={"top_classes": swapped})
    )
    fewer = TopClasses(TOP.inputs[:1], TOP.classes[:1], TOP.probabilities[:1])
    assert "in the same order on 2 images (some on the first 1 alone); the largest" in said(
        cell(1.0, "litert"), cell(1.0, "tvm"), cell(1.0, "onnxruntime", more={"top_classes": fewer})
    ), "what was cut short does not speak for every image"
    assert tvm.worst == pytest.approx(1e-5)
    assert found["LiteRT", "ONNX Runtime"].same == 1
    (table,) = agreement_tables(entries([cell(1.0, "tvm"), cell(1.0, "litert")]))
    assert rows(table) == [["DenseNet-121", "Apache TVM", "LiteRT", "1 and 1", "2 of 2", "0"]]


def test_the_best_classes_of_an_image_stand_side_by_side() -> None:
    (table,) = top_classes_tables(entries([cell(1.0, "tvm"), cell(1.0, "litert")]))
    assert rows(table)[0] == ["cat", "1", "1", "a", "0.7000000", "0.7000000"]
    assert len(table.rows) == 6


def test_the_machine_stands_beside_the_published_one() -> None:
    table = system_table(entries([cell(1.0, "tvm"), cell(1.0, "litert")]))
    assert [row[0] for row in rows(table)] == list(SYSTEM)
    assert rows(table)[1] == ["Number of CPUs", "4", "4"]
    assert table is not None
    assert [column.title for column in table.columns][1] == "litert, tvm"


# Everything, in every format


def test_every_format_has_the_conclusion_and_the_plots() -> None:
    worth = [cell(0.4, "tvm", layout="NCHW"), cell(1.0, "litert", delegate="none")]
    records = [*published(), *worth]
    found = overview([Run("r", {}, records)])
    drawn = riscv_plots.drawings(entries(records))
    names = [drawing.name for drawing in drawn]
    for name in ("DenseNet-121: FPS over batch by opt_level", "DenseNet-121: FPS over batch by threads",
                 "MobileNet-v3-large: FPS over batch, best of each runtime",
                 "DenseNet-121: what each knob is worth",
                 "Published, another board: DenseNet-121, by opt_level"):  # fmt: skip
        assert any(each.startswith(name) for each in names), names
    assert {each.published for each in drawn if "another board" in each.name} == {True}
    assert plots.overview_svg(found).count(">riscv RV64 board<") == len(
        [each for each in drawn if not each.published]
    ), "a published chart stands under no device of the run"
    for drawing in drawn:
        ET.fromstring(drawing.svg())
    for text in (markdown.render(found), terminal.render(found), html.render(found)):
        assert "trails LiteRT 2.74" in " ".join(text.split())
    ET.fromstring(plots.overview_svg(found))
    assert BOARD["name"] in html.render(found)


@given(strategies.searches)
def test_whatever_the_records_hold_every_format_renders(records: list[Record]) -> None:
    found = overview([Run("r", {}, records)])
    page = html.render(found)
    assert "<script>alert" not in page
    ET.fromstring(plots.overview_svg(found))
    assert "\x1b" not in terminal.render(found)
    markdown.render(found)

"""Where engines are built: what is compared with what, its tables, sentences and plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from reports import csv_table, engine_plots, html, markdown, plots, terminal
from reports.break_even import Paid
from reports.compare import compare
from reports.engine_findings import findings
from reports.engines import Held, Network, networks
from reports.overview import overview
from reports.record import Record
from reports.results import Run
from reports.tables import Cell, Table
from reports.tables.engines import break_even_table, engine_tables, wake_table
from tests.reports import strategies
from tests.reports.engine_samples import entries, placed, whole_run
from tests.reports.samples import EMULATED

MIB = 2**20
LOAD = placed()
BLOB = placed(when="ahead", how="blob", build_s=0.1)


def network(*records: Record) -> Network:
    (found,) = networks(entries(records))
    return found


def held(*records: Record) -> Held:
    (found,) = network(*records).held
    return found


def column(table: Table | None, title: str) -> list[Cell]:
    assert table is not None
    (index,) = [i for i, one in enumerate(table.columns) if one.title == title]
    return [row[index] for row in table.rows]


def texts(table: Table | None, title: str) -> list[str]:
    return [cell.text for cell in column(table, title)]


def phases(*records: Record) -> Table:
    (found,) = [t for t in engine_tables(entries(records)) if t and t.title.endswith("phases")]
    return found


# What is compared with what


def test_an_engine_is_held_to_what_is_built_at_a_start() -> None:
    found = held(LOAD, BLOB)
    assert found.saved == pytest.approx(0.4)
    assert found.starts == Paid(3), "a second to make, 0.4 s saved with each start"
    assert found.gained == 0
    assert found.inferences == Paid(None)


def test_what_one_means_makes_ahead_is_held_to_what_it_builds_anew() -> None:
    plain = placed(how="Interpreter", build_s=0.1)
    anew = placed(how="CompiledModel", build_s=0.9)
    found = held(plain, anew, placed(when="cached", how="CompiledModel, weight cache"))
    assert found.anew is not None
    assert found.anew.how == "CompiledModel"


def test_of_several_that_are_built_at_a_start_the_likest_is_chosen_then_the_soonest() -> None:
    slow = placed(how="other", build_s=0.9, knobs={"delegate": "none"})
    quick = placed(how="plain", build_s=0.1, knobs={"delegate": "none"})
    alike = placed(how="likest", build_s=0.6, knobs={"delegate": "xnnpack"})
    blob = placed(when="ahead", how="blob", knobs={"delegate": "xnnpack"})
    for records, chosen in (((slow, quick, alike, blob), "likest"), ((slow, quick, blob), "plain")):
        anew = held(*records).anew
        assert anew is not None
        assert anew.how == chosen


@pytest.mark.parametrize(
    "other",
    [placed(knobs={"threads": 2}), placed(knobs={"precision": "bf16"}), placed("onnxruntime")],
)
def test_what_infers_otherwise_is_no_alternative(other: Record) -> None:
    found = held(BLOB, other)
    assert (found.anew, found.starts) == (None, None)
    assert found.why == "nothing like it was built anew at a start"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"convert_s": None}, "made ahead (blob): not every phase was timed"),
        ({"first_s": None}, "made ahead (blob): not every phase was timed"),
        ({"status": "oom", "reason": "too much"}, "made ahead (blob): too much"),
    ],
)
def test_what_was_not_timed_or_failed_is_not_compared(changes: dict[str, str], why: str) -> None:
    records = [LOAD, replace(BLOB, **changes)]
    found = held(*records)
    assert found.costs is None
    assert found.why == why
    table = break_even_table(entries(records))
    assert table is not None
    assert why in table.footnotes
    assert texts(table, "starts to pay") == [changes.get("status", "–")]


def test_without_a_steady_state_starts_still_count() -> None:
    found = held(LOAD, replace(BLOB, samples=()))
    assert (found.starts, found.inferences) == (Paid(3), None)
    table = break_even_table(entries([LOAD, replace(BLOB, samples=())]))
    assert texts(table, "starts to pay") == ["3"]


def test_what_is_converted_before_it_is_built_at_first_use_has_that_cost_as_well() -> None:
    dynamic = placed("tftrt", "first", how="dynamic", convert_s=0.9, first_s=3.0)
    static = placed("tftrt", "ahead", how="static", convert_s=3.9)
    found = held(dynamic, static)
    assert found.costs is not None
    assert found.costs[1].once == 0.9
    assert found.starts == Paid(2), "3 s more to make, 2.9 s saved with each start"


def test_placements_that_would_be_called_the_same_are_told_apart_by_their_knobs() -> None:
    found = network(LOAD, replace(placed(knobs={"threads": 2}), cell="other"))
    assert [each.short for each in found.placed] == ["at load, t1 b1", "at load, t2 b1"]
    assert found.placed[0].label == "built at load (load; t1 b1)"
    found = network(LOAD, replace(LOAD, cell="other", variant="engine=load, delegate=none"))
    assert [each.short for each in found.placed] == ["at load", "at load, delegate=none"]
    assert [each.short for each in network(LOAD, BLOB).placed] == ["at load", "ahead, blob"]


def test_what_was_emulated_is_no_alternative_to_what_was_measured() -> None:
    found = overview([Run("r", {}, [LOAD, replace(BLOB, device=EMULATED)])])
    assert len(found.sections) == 2
    assert any("(emulated)" in said for section in found.sections for said in section.findings)


# Tables


def test_every_phase_of_every_placement_has_a_figure() -> None:
    table = phases(LOAD, BLOB)
    assert texts(table, "engine") == ["at load", "ahead, blob"]
    assert texts(table, "convert (ms)") == ["–", "1000"]
    assert texts(table, "open (ms)") == ["500", "100"]
    assert texts(table, "first (ms)") == ["100", "100"]
    assert texts(table, "second (ms)") == ["10.0", "10.0"]
    assert texts(table, "to first answer (ms)") == ["600", "200"]
    assert texts(table, "with import (ms)") == ["800", "400"]
    assert [cell.best for cell in column(table, "to first answer (ms)")] == [False, True]


def test_what_disagrees_is_shown_and_never_the_soonest() -> None:
    wrong = replace(BLOB, status="disagrees", reason="top-1 differs")
    table = phases(LOAD, wrong)
    assert texts(table, "to first answer (ms)") == ["600", "disagrees (200)"]
    assert not any(cell.best for cell in column(table, "to first answer (ms)"))
    assert "top-1 differs" in table.footnotes


def test_sizes_stand_against_the_model_and_peaks_beside_each_other() -> None:
    made = {"bytes": 3 * MIB, "original_bytes": 2 * MIB, "made_by": "1.0", "run_by": "1.1"}
    memory = {"convert": 300 * MIB, "build": 100 * MIB, "run": 110 * MIB}
    tables = engine_tables(entries([LOAD, placed(when="ahead", sizes=made, memory=memory)]))
    (table,) = [t for t in tables if t and t.title == "Engines on disk and in memory"]
    assert texts(table, "engine (MiB)") == ["–", "3.00"]
    assert texts(table, "engine ÷ model") == ["–", "1.50×"]
    assert texts(table, "peak converting (MiB)") == ["–", "300"]
    assert texts(table, "run by another version") == ["–", "1.1"]


def test_a_start_for_one_inference_is_mostly_something_else() -> None:
    table = wake_table(entries([LOAD, BLOB]))
    assert texts(table, "engine") == ["ahead, blob"]
    assert texts(table, "open and first (ms)") == ["200"]
    assert texts(table, "built at the start (ms)") == ["600"]
    assert texts(table, "with import (ms)") == ["400"]
    assert texts(table, "not inference") == ["97.5 %"], "10 ms of 400"
    assert texts(table, "as long as inferences") == ["40.0"]
    alone = wake_table(entries([replace(LOAD, import_s=None)]))
    assert texts(alone, "not inference") == ["98.3 %"], "without an import that is known"


def test_other_experiments_have_no_such_tables() -> None:
    others = entries([replace(LOAD, experiment="latency")])
    assert break_even_table(others) is None
    assert wake_table(others) is None
    assert engine_plots.drawings(others) == []


# Sentences


def test_the_soonest_answer_and_what_it_is_worth() -> None:
    (first, runtime, waking) = findings(entries([LOAD, BLOB]))
    assert first == (
        "ResNet-8 (CIFAR-10): openvino, made ahead (blob), answers first, after 200 ms; built at load "
        "(load) after 600 ms: it has paid for itself after 3 starts."
    )
    assert runtime == (
        "openvino: an engine made ahead answers 3.00 times as soon as one built at a start, over 1 "
        "network; paid for after 3 starts."
    )
    assert waking.startswith(
        "Of a start for one inference, import included, 97.5 % to 98.8 % is not"
    )


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([LOAD], "fewer than two placements agree and were timed"),
        ([LOAD, replace(BLOB, status="crashed")], "fewer than two placements agree"),
        ([placed(build_s=0.01), BLOB], "nothing that is made ahead is sooner"),
        ([LOAD, replace(BLOB, convert_s=0.0)], "it has paid for itself with the first start"),
        ([LOAD, replace(BLOB, samples=(0.001,) * 3)], "after 3 starts, or 69 inferences in one"),
    ],
)
def test_what_is_said_of_every_ending(records: Sequence[Record], said: str) -> None:
    assert said in findings(entries(records))[0]


def test_an_engine_that_saves_nothing_never_pays() -> None:
    slower = placed(when="ahead", build_s=0.7)
    assert texts(break_even_table(entries([LOAD, slower])), "starts to pay") == ["never"]
    assert findings(entries([LOAD, slower]))[1] == (
        "openvino: no engine made ahead answers sooner than one built at a start, over 1 network."
    )
    dear = placed(when="ahead", build_s=0.499999, convert_s=1e6)
    assert "never in 1 of them" in findings(entries([LOAD, dear]))[1]


# Everything, in every format


def test_a_chart_for_each_network_has_every_placement() -> None:
    records = whole_run()
    drawn = engine_plots.drawings(entries(records))
    phases_, curves = drawn[::2], drawn[1::2]
    assert (len(phases_), len(curves)) == (5, 5)
    for drawing in curves:
        assert "openvino: at load" in "".join(ET.fromstring(drawing.svg()).itertext())
    for drawing in phases_:
        text = "".join(ET.fromstring(drawing.svg()).itertext())
        assert "ahead, blob" in text
        assert "soonest" in text
    oom = next(each for each in phases_ if each.name.startswith("DenseNet"))
    assert "oom" in "".join(ET.fromstring(oom.svg()).itertext())


def test_every_format_has_the_tables_and_sentences() -> None:
    records = whole_run()
    run = Run("r", {}, records)
    found = overview([run])
    assert not found.fastest, "placements are no setups to choose the fastest of"
    shown = {"md": markdown.render(found), "html": html.render(found)}
    for text in shown.values():
        for wanted in ("Break-even", "Waking for one inference", "Engines on disk and in memory"):
            assert wanted in text
    for text in (*shown.values(), terminal.render(found, 120)):
        assert "paid for itself after" in " ".join(text.split())
    ET.fromstring(plots.overview_svg(found))
    header, *rows = csv_table.render([run]).splitlines()
    for name in ("convert_s", "second_s", "engine_when", "engine_how", "engine_bytes",
                 "engine_original_bytes", "engine_made_by", "memory_convert_bytes"):  # fmt: skip
        assert name in header.split(",")
    assert len(rows) == len(records)


def test_two_runs_are_compared_in_what_is_made_ahead_as_well() -> None:
    found = compare(Run("a", {}, [BLOB]), Run("b", {}, [replace(BLOB, convert_s=2.0)]))
    assert texts(found.table, "B/A convert") == ["2.00×"]
    assert texts(found.table, "B/A second") == ["1.00×"]
    plain = replace(LOAD, second_s=None)
    without = compare(Run("a", {}, [plain]), Run("b", {}, [plain]))
    assert "B/A convert" not in [one.title for one in without.table.columns]


@given(strategies.placed_runs)
def test_whatever_the_records_hold_every_format_renders(records: list[Record]) -> None:
    run = Run("r", {}, records)
    found = overview([run])
    page = html.render(found)
    assert "<script>alert" not in page
    for section in found.sections:
        for table in section.tables():
            for column, *cells in zip(table.columns, *table.rows, strict=True):
                texts_ = [cell.text.strip("-") for cell in cells if column.numeric]
                assert "nan" not in texts_
                assert "inf" not in texts_
    ET.fromstring(plots.overview_svg(found))
    assert "\x1b" not in terminal.render(found)
    markdown.render(found)
    csv_table.render([run])

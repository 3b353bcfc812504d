"""TF-TRT as its source tabulates it: published cells that lose nothing, and runs beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import html, markdown, plots, terminal, tftrt_plots
from reports.overview import overview
from reports.published import tftrt as published
from reports.published.tables import HERE
from reports.ranking import Entry, rank
from reports.record import Record
from reports.results import Run
from reports.tables import Cell, Table
from reports.tables.tftrt import SAYS, published_tables, tftrt_tables
from reports.tftrt_findings import findings
from tests.reports import strategies
from tests.reports.tftrt_samples import GPU, NANO, SHORT, board, cell


def entries(*records: Record) -> list[Entry]:
    return rank([Run("r", {}, list(records))])


def journal(records: tuple[Record, ...]) -> list[Record]:
    """``records`` as a journal gives them back."""
    return [Record.from_json(json.loads(json.dumps(one.to_json()))) for one in records]


def texts(table: Table, title: str) -> list[str]:
    return [row[_place(table, title)].text for row in table.rows]


def _place(table: Table, title: str) -> int:
    (index,) = [i for i, one in enumerate(table.columns) if one.title == title]
    return index


def named(tables: list[Table], title: str) -> Table:
    (found,) = [table for table in tables if table.title.startswith(title)]
    return found


# What was published


def test_the_times_go_through_records_and_back_byte_for_byte() -> None:
    rows = published.latency_rows(journal(published.latency_records()))
    assert len(rows) == 150
    text = published.to_csv(rows)
    assert text.encode() == (HERE / "tftrt_latency.csv").read_bytes()


def test_the_sizes_go_through_records_and_back_byte_for_byte() -> None:
    rows = published.size_rows(journal(published.size_records()))
    text = published.to_csv(rows)
    assert text.encode() == (HERE / "tftrt_filesize.csv").read_bytes()


def test_tables_show_every_published_time_so_that_the_file_can_be_read_off_them() -> None:
    """The tables alone, without the records, give the file back byte for byte."""
    shown: dict[tuple[str, str, str, str, str], published.Timed] = {}
    for kind, device in published.DEVICES.items():
        for table in published_tables(kind)[1:]:
            dynamic, phase = _asked(table.title, kind)
            for name, variant, word in (
                ("original", "original", ""),
                ("TF-TRT (FP16)", "tf-trt-fp16", dynamic),
            ):
                for row in table.rows:
                    model = row[0].text
                    figure = _read(row[_place(table, name)], table)
                    key = (device, model, variant, word, phase)
                    shown[key] = published.Timed(device, model, variant, word, phase, *figure)
    order = [
        (row.device, row.model, row.variant, row.is_dynamic_op, row.phase)
        for row in published.tftrt_latency()
    ]
    assert len(shown) == len(order), "no more and no fewer than were published"
    text = published.to_csv([shown[key] for key in order])
    assert text.encode() == (HERE / "tftrt_latency.csv").read_bytes()


def _asked(title: str, kind: str) -> tuple[str, str]:
    """``is_dynamic_op`` and phase of a table; the Nano ran nothing that was converted otherwise."""
    if title.startswith("Later"):
        return ("any" if kind == "gpu" else "true"), "steady"
    return ("true" if "True" in title else "false"), "first"


def _read(shown: Cell, table: Table) -> tuple[int | None, str, str]:
    if not shown.status:
        return int(shown.text), "ok", ""
    assert shown.footnote is not None
    return None, shown.status, table.footnotes[shown.footnote - 1].removeprefix(SAYS)


def test_tables_show_every_published_size_so_that_the_file_can_be_read_off_them() -> None:
    for kind in published.DEVICES:
        table = published_tables(kind)[0]
        rows = [published.FileSize(*(cell.text for cell in row[:3])) for row in table.rows]
        assert published.to_csv(rows).encode() == (HERE / "tftrt_filesize.csv").read_bytes()


def test_what_was_published_says_so_and_is_never_ranked() -> None:
    for one in (*published.latency_records(), *published.size_records()):
        assert one.nature == "published"
        assert not one.ranked
        assert one.provenance["source"] == published.TFTRT.title
    found = overview([Run("r", {}, list(published.latency_records()))])
    assert not found.fastest
    assert all("(published)" in section.device for section in found.sections)
    assert not any(entry.best for section in found.sections for entry in section.entries)


def test_the_source_is_cited_as_it_names_itself() -> None:
    assert (published.TFTRT.date, published.TFTRT.author) == ("2019-09-08", "not named on the page")
    assert published.TFTRT.title.startswith("Jetson Nanoで")


@given(st.integers(0, 2**63 - 1))
def test_sizes_are_printed_as_ls_does_and_printing_them_again_changes_nothing(count: int) -> None:
    text = published.human(count)
    assert published.human(published.at_most(text)) == text
    assert published.at_most(text) >= count
    assert len(text) <= 5


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (1023, "1023"), (1024, "1.0K"), (1025, "1.1K"), (10 * 2**20, "10M"),
     (10 * 2**20 + 1, "11M"), (2**30 - 1, "1.0G"), (33 * 2**20, "33M")],
)  # fmt: skip
def test_sizes_are_rounded_up(count: int, text: str) -> None:
    assert published.human(count) == text


# A run beside it


@pytest.mark.parametrize("kind", ["gpu", "jetson"])
def test_a_board_that_ends_as_published_has_the_published_statuses(kind: str) -> None:
    for table in tftrt_tables(entries(*board(kind))):
        if table.title == "Size on disk":
            continue
        alone = named(published_tables(kind), table.title)
        for name, other in (("original", "original"), ("TF-TRT (FP16)", "TF-TRT")):
            ours = [row[_place(table, name)].status for row in table.rows]
            theirs = [row[_place(table, f"published {other}")].status for row in table.rows]
            assert ours == theirs == [row[_place(alone, name)].status for row in alone.rows]
        assert texts(table, "published original") == texts(alone, "original")


def test_means_are_compared_with_means() -> None:
    slow = cell("vgg16", steady=0.1, samples=(0.1,) * 99 + (10.1,))
    table = named(tftrt_tables(entries(cell("vgg16", "original", steady=0.4), slow)), "Later")
    assert texts(table, "original") == ["400"]
    assert texts(table, "TF-TRT (FP16)") == ["200"], "the mean, not the median"
    assert texts(table, "times as fast") == ["2.00×"]
    assert texts(table, "published original") == ["75"]
    assert texts(table, "published TF-TRT") == ["8"]
    few = named(tftrt_tables(entries(cell("vgg16", samples=(0.1,) * 7))), "Later")
    assert "mean of 7" in few.footnotes


def test_is_dynamic_op_has_a_table_for_each_of_its_values() -> None:
    records = [cell("vgg16", "original", first=5.0), cell("vgg16", dynamic=True, first=20.0),
               cell("vgg16", dynamic=False, first=1.0)]  # fmt: skip
    tables = tftrt_tables(entries(*records))
    on, off = (named(tables, f"First inference (ms), is_dynamic_op={v}") for v in ("True", "False"))
    assert [texts(t, "TF-TRT (FP16)") for t in (on, off)] == [["20000"], ["1000"]]
    assert [texts(t, "÷ original") for t in (on, off)] == [["4.00×"], ["0.20×"]]
    assert [texts(t, "published TF-TRT") for t in (on, off)] == [["45574"], ["2889"]]


def test_every_way_of_converting_has_columns_of_its_own() -> None:
    records = [cell("vgg16", "original"), cell("vgg16"), cell("vgg16", precision="INT8"),
               cell("vgg16", converted_on="host", variant="converted_on=host")]  # fmt: skip
    table = named(tftrt_tables(entries(*records)), "First inference (ms), is_dynamic_op=True")
    titles = [column.title for column in table.columns]
    for way in ("TF-TRT (FP16)", "TF-TRT (FP16, converted_on=host)", "TF-TRT (INT8)"):
        assert way in titles
        assert f"{way} ÷ original" in titles
    assert titles.count("published TF-TRT") == 1


def test_short_memory_is_a_mark_as_the_source_coloured_its_cells() -> None:
    own_word = "The caller indicates that this is not a failure, but may mean that there could be"
    for note in (SHORT, own_word):
        table = tftrt_tables(entries(cell(notes=("another", note)), cell(engine="original")))[-1]
        (row,) = table.rows
        marked, unmarked = row[_place(table, "TF-TRT (FP16)")], row[_place(table, "original")]
        assert marked.footnote is not None
        assert note in table.footnotes[marked.footnote - 1]
        assert unmarked.footnote is None
    found = entries(cell(notes=(SHORT,)))
    assert "Short of memory, and maybe slower for it: VGG 16." in findings(found)


def test_what_disagrees_has_no_ratio() -> None:
    wrong = cell("vgg16", status="disagrees", reason="not optimised: no node is in an engine")
    table = named(tftrt_tables(entries(wrong, cell("vgg16", "original"))), "First inference")
    assert texts(table, "TF-TRT (FP16)") == ["disagrees (10000)"]
    assert "÷ original" not in [c.title for c in table.columns], "told of none of the rows"
    assert "not optimised: no node is in an engine" in table.footnotes


def test_a_network_is_the_sources_by_its_title_as_well() -> None:
    own = cell("nano_vgg16", model_title="VGG 16")
    other = cell("mine", model_title="Mine")
    table = named(tftrt_tables(entries(other, own)), "First inference (ms), is_dynamic_op=True")
    assert texts(table, "network") == ["VGG 16", "Mine"], "the source's first"
    assert texts(table, "published TF-TRT") == ["45574", "–"]


def test_other_devices_stand_beside_nothing_published() -> None:
    own = {**GPU, "kind": "cpu", "name": "stand-in", "nature": "simulated"}
    found = entries(cell(device=own), cell(engine="original", device=own))
    for table in tftrt_tables(found):
        assert not any(column.title.startswith("published") for column in table.columns)
    assert tftrt_tables(entries(replace(cell(), experiment="latency"))) == []
    assert all("(simulated)" in said for said in findings(found))
    assert all("published" not in said for said in findings(found))


def test_sentences_have_the_published_ones_beside_them() -> None:
    said = findings(entries(*board("gpu", slower=2.0)))
    times = "18.6 times (over 15 networks, 12.2 to 28.4)"
    assert (
        f"TF-TRT (FP16): is_dynamic_op=True: the first inference takes {times} as long as the "
        f"original's; published for the GTX1070: {times}." in said
    )
    nano = findings(entries(*board("jetson")))
    assert (
        "TF-TRT (FP16): of 15 networks 6 answered as they were, 5 converted; published: 6 and 5 of 15."
        in nano
    )


# Everything, in every format


def test_every_format_has_the_tables_and_charts() -> None:
    found = overview([Run("r", {}, [*board("gpu"), *board("jetson")])])
    for text in (markdown.render(found), html.render(found), terminal.render(found, 140)):
        assert "Size on disk" in text
        assert "Later inferences (ms)" in text
        assert "TF-TRT" in text
    drawn = tftrt_plots.drawings(entries(*board("jetson")))
    assert [chart.published for chart in drawn] == [False, False, True, True]
    for chart in drawn:
        text = "".join(ET.fromstring(chart.svg()).itertext())
        assert "killed" in text
        assert "oom" in text
    assert "low memory" in drawn[0].svg()
    ET.fromstring(plots.overview_svg(found))
    assert NANO["name"] in html.render(found)


@given(strategies.converted_runs)
def test_whatever_the_records_hold_every_format_renders(records: list[Record]) -> None:
    found = overview([Run("r", {}, records)])
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

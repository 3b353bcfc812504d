import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import csv_table, html, markdown, plots, summary, terminal
from reports.overview import overview
from reports.record import STATUSES, Accuracy
from reports.results import Run
from reports.text import width
from tests.reports import strategies
from tests.reports.samples import EMULATED, agreement, record, run_facts, whole_run

SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "br", "img", "input", "link", "hr"}


@pytest.fixture(scope="module")
def runs():
    return [Run("pi4.json", run_facts(), whole_run(rounds=3))]


@pytest.fixture(scope="module")
def page(runs):
    return html.render(overview(runs))


#: Ten megabytes of one text, harmful in every format.
FLOOD = '<b>\x1b[2J\u202e|=`"' * 800_000


def hostile_runs():
    """A run whose every text is hostile, whatever hypothesis may miss."""
    for text in (*strategies.HOSTILE, FLOOD):
        changes = {"cell": text, "model_title": text, "runtime": text, "runtime_version": text}
        device = {"kind": text, "name": text, "nature": text}
        verdict = agreement(reference=text, measure=text)
        knobs = {text: text, "threads": text}
        more = {"memory": {"by": text, "build": 5 << 20},
                "environment": {"process": text, "unstable": [text], "governor": text}}  # fmt: skip
        records = [
            record(**changes, **more, device=device, knobs={**knobs, "batch": batch}, agreement=verdict,
                   experiment=name, status=status, reason=text, notes=(text,))
            for name in (text, "first_inference") for batch in (1, 4)
            for status in ("ok", "oom", "unstable")
        ]  # fmt: skip
        runtimes = [{"name": text, "unavailable": text}]
        facts = {"id": text, "host": text, "runtimes": runtimes, "devices": [text]}
        yield Run(f"{text}.json", facts, records, [text])


HOSTILE_RUNS = list(hostile_runs())
any_run = st.builds(Run, strategies.hostile, strategies.facts, strategies.mixed_runs)


class Page(HTMLParser):
    """Checks that tags nest, and collects them with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


# Markdown


def test_markdown_marks_the_best_and_footnotes_the_failures():
    records = [record(), record(runtime="tvm", samples=(0.002,)),
               record(runtime="x", status="oom", samples=(), reason="a|b *c*")]  # fmt: skip
    text = markdown.render(overview([Run("a", {}, records)]))
    assert "| **1.10** |" in text
    assert "| oom<sup>1</sup> |" in text
    assert r"- <sup>1</sup> a\|b \*c\*" in text


@given(st.one_of(st.sampled_from(HOSTILE_RUNS), any_run))
def test_markdown_rows_keep_their_columns(run):
    columns = None
    for line in markdown.render(overview([run])).split("\n"):
        if not line.startswith("|"):
            columns = None
            continue
        bars = len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))
        columns = columns or bars
        assert bars == columns
        assert "<script" not in line.replace("\\<", "")


# CSV


@given(strategies.runs)
def test_csv_has_a_row_for_every_record_and_no_formula(records):
    text = csv_table.render([Run("a.json", {}, records)])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(records)
    for row in rows:
        assert None not in row
        for name, value in row.items():
            if value.startswith(("=", "+", "-", "@")):
                assert re.fullmatch(r"-\d+(\.\d+)?(e[+-]?\d+)?", value), (name, value)


def test_csv_has_memory_in_bytes_and_the_process():
    one = record(memory={"build": 5 << 20, "limit": None, "by": "VmHWM"},
                 environment={"process": "warm worker"})  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(csv_table.render([Run("a", {}, [one])])))
    memory = {name: row[f"memory_{name}"] for name in ("before_bytes", "build_bytes", "by")}
    assert memory == {"before_bytes": "", "build_bytes": str(5 << 20), "by": "VmHWM"}
    assert row["process"] == "warm worker"


def test_csv_has_the_placement_in_bytes():
    one = record(placement={"cached": 5 << 20, "streamed": 0, "whence": "its file"})
    (row,) = csv.DictReader(io.StringIO(csv_table.render([Run("a", {}, [one])])))
    placement = [row[f"placement_{name}"] for name in
                 ("cached_bytes", "streamed_bytes", "available_bytes", "whence")]  # fmt: skip
    assert placement == [str(5 << 20), "0", "", "its file"]


def test_csv_holds_every_statistic_in_seconds():
    (row,) = csv.DictReader(io.StringIO(csv_table.render([Run("a", {}, [record()])])))
    assert float(row["median_s"]) == pytest.approx(0.0011)
    assert float(row["fps_per_s"]) == pytest.approx(3 / 0.0033)
    assert (row["rounds"], row["status"], row["agreement_top1"]) == ("3", "ok", "8")
    assert (row["agreement_itself"], row["device_nature"]) == ("false", "measured")


# Terminal


@given(st.one_of(st.sampled_from(HOSTILE_RUNS), any_run), st.integers(110, 200))
def test_terminal_lines_fit_and_hold_no_escape(run, columns):
    text = terminal.render(overview([run]), columns)
    for line in text.split("\n"):
        assert line.isprintable()
    found = overview([run])
    for section in found.sections:
        for line in terminal.table_lines(section.tables()[-1], columns):
            assert width(line) <= columns


def test_terminal_says_what_it_left_out_and_marks_the_best(runs):
    records = [record(), record(runtime="tvm", samples=(0.002,))]
    found = overview([Run("a", {}, records)])
    wide = terminal.render(found, 200, terminal.bold)
    assert "\x1b[1m1.10 *\x1b[0m" in wide
    assert "left out" not in wide
    narrow = terminal.render(found, 70)
    assert "(left out for want of width: build (ms)" in narrow
    assert "1.10 *" in narrow


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "ok"])
@pytest.mark.parametrize("timed", [True, False])
def test_every_status_is_shown_with_its_reason_in_every_format(status, timed):
    changes = {} if timed else {"samples": (), "agreement": None, "first_s": None}
    bad = record(runtime="bad", status=status, reason="because of that", **changes)
    run = Run("a", {}, [record(), record(knobs={"batch": 4}), bad])
    found = overview([run])
    for text in (markdown.render(found), html.render(found), terminal.render(found, 200),
                 summary.render(found), csv_table.render([run])):  # fmt: skip
        assert status in text.replace("\\", "")
        assert "because of that" in text
    shown = f"{status} (1.10" if timed else status
    for text in (markdown.render(found), html.render(found), terminal.render(found, 200),
                 plots.overview_svg(found)):  # fmt: skip
        assert shown in text.replace("\\", "")


def test_all_is_well_needs_no_outcomes():
    found = overview([Run("a", {}, [record()])])
    for text in (markdown.render(found), html.render(found), terminal.render(found)):
        assert "Outcomes" not in text


def test_a_terminal_ends_with_the_outcomes():
    found = overview([Run("a", {}, [record(), record(status="oom", reason="too big")])])
    lines = terminal.render(found, 120).splitlines()
    assert lines[-6:] == [
        "Outcomes",
        "status  cells  litert  reasons",
        "------  -----  ------  -------",
        "oom         1       1    1 [1]",
        "ok          1       1        –",
        "[1] oom: too big",
    ]


# Summary of a GitHub Actions job


def test_the_summary_is_appended_where_the_job_asks(tmp_path, runs):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    assert summary.append(overview(runs), {"GITHUB_STEP_SUMMARY": str(path)})
    text = path.read_text()
    assert text.startswith("before\n## Edgeproof\n")
    assert "**439 agree, 7 disagree, 17 failed, 6 not measured**" in text
    assert text.count("**unsupported**: tvm cannot import") == 12
    assert not summary.append(overview(runs), {})


def test_a_long_list_of_failures_is_cut_and_counted():
    records = [record(cell=str(i), status="oom", reason="x" * 10_000) for i in range(80)]
    text = summary.render(overview([Run("a", {}, records)]))
    assert "- and 30 more" in text
    assert text.count("**oom**") == summary.FAILURES
    assert len(text) < 50_000


# HTML


def test_html_is_well_formed_and_needs_nothing_from_elsewhere(page):
    found = Page(page)
    assert len(found.ids) == len(set(found.ids))
    anchors = {attrs["href"] for tag, attrs in found.tags if tag == "a"}
    assert anchors
    assert anchors <= {f"#{name}" for name in found.ids}
    for _, attrs in found.tags:
        assert "src" not in attrs
    assert "link" not in {tag for tag, _ in found.tags}
    assert set(re.findall(r"https?://[^\"' )]*", page)) <= {"http://www.w3.org/2000/svg"}


def test_html_tells_what_ran_and_what_is_missing(page):
    assert "<b>439</b> agree" in page
    assert "libedgetpu.so.1 was not found; apt install it" in page
    assert "litert (emulated)" in page
    assert "(seeded weights)" in page
    assert "disagrees (" in page


@pytest.mark.parametrize("run", HOSTILE_RUNS, ids=range(len(HOSTILE_RUNS)))
def test_hostile_text_stays_text_in_html(run):
    text = html.render(overview([run]))
    found = Page(text)
    tags = {tag for tag, _ in found.tags}
    assert "img" not in tags
    assert sum(tag == "script" for tag, _ in found.tags) == 1
    for _, attrs in found.tags:
        assert not [name for name in attrs if name.startswith("on")]
    text.encode()


def test_a_template_in_a_reason_is_not_run():
    text = html.render(overview([Run("a", {}, [record(status="oom", reason="{{ 7 * 7 }}")])]))
    assert "{{ 7 * 7 }}" in text


@given(any_run)
def test_any_run_makes_a_page_and_a_picture(run):
    found = overview([run])
    Page(html.render(found))
    ET.fromstring(plots.overview_svg(found))


def test_sortable_figures_carry_their_values():
    found = Page(html.render(overview([Run("a", {}, [record(samples=(0.25,))])])))
    assert "0.25" in [attrs.get("data-k") for tag, attrs in found.tags if tag == "td"]


# SVG


@pytest.mark.parametrize("run", HOSTILE_RUNS, ids=range(len(HOSTILE_RUNS)))
def test_hostile_text_stays_text_in_svg(run):
    root = ET.fromstring(plots.overview_svg(overview([run])))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "style", "rect", "text", "g", "line"}
    assert len(root.findall(f"{SVG}style")) == 1


def test_the_picture_names_the_fastest_and_words_the_failures(runs):
    root = ET.fromstring(plots.overview_svg(overview(runs)))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert sum(text.endswith(" ms fastest") for text in texts) == 15
    assert [text for text in texts if text.startswith("disagrees (")]
    assert "DenseNet-121 (seeded weights)" in texts
    assert root.get("aria-label") == "Fastest runtime that agrees, by model"


def test_bars_are_as_long_as_their_values():
    records = [record(samples=(0.001,)), record(runtime="tvm", samples=(0.002,))]
    found = overview([Run("a", {}, records)])
    palette = plots.Palette.of(found.sections[0].entries)
    root = ET.fromstring(plots.latency(found.fastest[0], palette).svg())
    one, two = (float(rect.get("width")) for rect in root.iter(f"{SVG}rect"))
    assert two == pytest.approx(2 * one, abs=0.2)


def test_what_is_in_doubt_is_grey_and_has_no_bar():
    doubtful = record(runtime="tvm", status="unstable", reason="throttled")
    found = overview([Run("a", {}, [record(), doubtful])])
    root = ET.fromstring(plots.overview_svg(found))
    (text,) = [e for e in root.iter(f"{SVG}text") if "unstable (" in (e.text or "")]
    assert (text.text, text.get("class")) == ("unstable (1.10 ms)", "faint")
    assert '<td class="n s-unstable">unstable (1.10)' in html.render(found)


def test_throughput_says_what_has_no_point():
    ends = {("tvm", 1): "ok", ("tvm", 4): "oom", ("x", 1): "crashed", ("x", 4): "crashed"}
    records = [record(runtime=name, knobs={"batch": batch}, status=status)
               for (name, batch), status in ends.items()]  # fmt: skip
    records += [record(knobs={"batch": batch}) for batch in (1, 4)]
    section = overview([Run("a", {}, records)]).sections[0]
    drawing = plots.throughput(section.entries, plots.Palette.of(section.entries))
    texts = [e.text for e in ET.fromstring(drawing.svg()).iter(f"{SVG}text")]
    assert texts[-2:] == ["crashed: x", "oom: tvm at 4"]


def test_the_accuracy_chart_has_a_row_for_what_failed():
    records = [record(accuracy=Accuracy("d", 100, 0.7, 0.9), samples=()),
               record(runtime="tvm", status="killed", samples=(), agreement=None)]  # fmt: skip
    section = overview([Run("a", {}, records)]).sections[0]
    drawing = plots.accuracy(section.entries, plots.Palette.of(section.entries))
    assert ">killed<" in drawing.svg()


def test_throughput_draws_only_what_agrees():
    records = [
        record(knobs={"batch": batch}, runtime=name, status=status)
        for batch in (1, 4)
        for name, status in (("litert", "ok"), ("tvm", "disagrees"))
    ]
    section = overview([Run("a", {}, records)]).sections[0]
    palette = plots.Palette.of(section.entries)
    root = ET.fromstring(plots.throughput(section.entries, palette).svg())
    lines = [e for e in root.iter(f"{SVG}polyline") if "line" in e.get("class").split()]
    assert len(lines) == 1
    assert plots.throughput(section.entries[:1], palette) is None


def test_emulated_rows_are_named_so_in_every_format():
    run = Run("a", {}, [record(device=EMULATED), record(device=EMULATED, runtime="tvm")])
    found = overview([run])
    for text in (markdown.render(found), html.render(found), plots.overview_svg(found),
                 terminal.render(found, 160), summary.render(found)):  # fmt: skip
        assert "litert (emulated)" in text.replace("\\", "")
    assert "emulated" in csv_table.render([run])

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import text, units
from tests.reports.strategies import hostile


@given(hostile)
def test_clean_text_is_one_printable_line_and_stays_as_it_is(value):
    found = text.clean(value)
    assert found.isprintable()
    assert len(found) <= text.LIMIT
    assert text.clean(found) == found
    found.encode()


def test_escape_sequences_vanish_and_other_controls_show():
    assert text.clean("\x1b[1;31mred\x1b[0m\x1b]0;t\x07 a\tb\nc") == "red a b c"
    assert text.clean("a\x00b\u202ec") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_megabytes_are_clipped():
    assert len(text.clean("x" * 10_000_000)) == text.LIMIT


@given(hostile)
def test_markdown_leaves_no_live_markup(value):
    escaped = text.markdown(value)
    bare = escaped.replace("\\\\", "")
    for character in "|`*_<>[]~#&$!":
        assert bare.count(character) == bare.count("\\" + character)


def test_markdown_reads_as_the_text_when_rendered():
    markdown_it = pytest.importorskip("markdown_it")
    value = "a|b `c` <b>d</b> [e](f) ![g](h) &amp; \\ _i_ *j*"
    html = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).render(text.markdown(value))
    import html as escaping

    assert escaping.unescape(html.strip()) == f"<p>{value}</p>"


@given(hostile)
def test_no_csv_cell_starts_a_formula(value):
    file = io.StringIO()
    csv.writer(file).writerow([text.spreadsheet(value)])
    (found,) = next(csv.reader([file.getvalue().rstrip("\r\n")]))
    assert not found.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t"))


@given(st.text(max_size=60), st.integers(1, 80))
def test_clipping_fits(value, columns):
    assert text.width(text.clip(text.clean(value), columns)) <= columns


def test_wide_characters_take_two_columns():
    assert text.width("日本") == 4
    assert text.clip("日本語", 5) == "日本…"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1.2345, "1.23"), (12.345, "12.3"), (123.45, "123"), (99.96, "100"), (None, "–"),
     (0.012345, "0.0123"), (12345.6, "12346"), (math.nan, "not finite"), (-1.5, "-1.50")],
)  # fmt: skip
def test_figures_have_three_digits_and_no_exponent(value, shown):
    assert units.figure(value) == shown


def test_memory_is_shown_in_mebibytes():
    assert [units.mebibytes(n) for n in (0, 1 << 20, 1536 << 20, None)] == [
        "0",
        "1.00",
        "1536",
        "–",
    ]


@given(st.floats(1e-6, 1e12))
def test_a_figure_is_what_it_shows(value):
    assert float(units.figure(value)) == pytest.approx(value, rel=0.006)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.2, "4.20 s"), (0.0123, "12.3 ms"), (0.00085, "850 µs"), (None, "–")]
)
def test_durations_choose_their_unit(seconds, shown):
    assert units.duration(seconds) == shown

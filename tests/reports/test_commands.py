"""``python -m reports`` as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from reports.files import write
from reports.results import benchmark_json
from tests.reports.samples import CPU, record, run_facts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def saved(tmp_path):
    def saved(name, *records):
        path = tmp_path / name
        path.write_text(json.dumps(benchmark_json(run_facts(), records or [record()])))
        return path

    return saved


@pytest.mark.parametrize(
    ("form", "starts"),
    [("md", "# Edgeproof report"), ("csv", "run,cell,experiment"), ("html", "<!DOCTYPE html>"),
     ("svg", "<svg"), ("terminal", "Edgeproof: 1 agree")],
)  # fmt: skip
def test_render_in_every_format(reports, saved, form, starts):
    done = reports("render", saved("a.json"), "--format", form)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(starts)
    assert done.stderr == ""


def test_markdown_is_the_default_and_the_ending_of_o_chooses(reports, saved, tmp_path):
    path = saved("a.json")
    assert reports("render", path).stdout.startswith("# Edgeproof report")
    assert reports("render", path, "-o", "out.svg").stdout == ""
    ET.parse(tmp_path / "out.svg")
    reports("render", path, "-o", "report.txt")
    assert (tmp_path / "report.txt").read_text().startswith("# Edgeproof report")


def test_several_runs_are_merged_and_named(reports, saved):
    done = reports(
        "render", saved("a.json"), saved("b.json", record(samples=(1.0,))), "--format", "csv"
    )
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["run", "a", "b"]
    assert "warning: " in done.stderr
    assert "in more than one run" in done.stderr


@pytest.mark.parametrize("content", ["", "{", "[]", '{"benchmarks": []}', "[" * 200_000])
def test_bad_input_is_one_line_and_exit_code_2(reports, tmp_path, content):
    (tmp_path / "bad.json").write_text(content)
    done = reports("render", "bad.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: bad.json: ")
    assert done.stderr.count("\n") == 1


def test_a_hostile_file_name_cannot_write_to_the_terminal(reports):
    done = reports("render", "\x1b[2Jno.json")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


def test_usage_errors_are_exit_code_2(reports, saved):
    assert reports().returncode == 2
    assert reports("render").returncode == 2
    assert reports("render", saved("a.json"), "--format", "pdf").returncode == 2


def test_what_cannot_be_written_is_named(reports, saved, tmp_path):
    done = reports("render", saved("a.json"), "-o", "none/out.md")
    assert done.returncode == 2
    assert done.stderr.startswith("error: none/out.md: cannot be written: ")


def test_a_report_never_overwrites_its_run(reports, saved):
    path = saved("a.json")
    before = path.read_bytes()
    done = reports("render", path, "-o", path)
    assert done.returncode == 2
    assert path.read_bytes() == before


def test_compare_prints_ratios_and_the_caution(reports, saved):
    done = reports("compare", saved("a.json"), saved("b.json", record(samples=(0.0022,))))
    assert done.returncode == 0, done.stderr
    assert "2.00×" in done.stdout
    assert "do not prove a difference" in done.stdout


def test_compare_as_csv_keeps_the_caution_off_the_table(reports, saved):
    done = reports("compare", saved("a.json"), saved("b.json"), "--format", "csv")
    assert done.stdout.startswith("cell,model,status,A median (ms)")
    assert "do not prove a difference" in done.stderr


def test_compare_refuses_other_devices_unless_told(reports, saved):
    files = saved("a.json"), saved("b.json", record(device={**CPU, "name": "Cortex-A53"}))
    done = reports("compare", *files)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Cortex-A53" in done.stderr
    assert "--across-devices" in done.stderr
    assert reports("compare", *files, "--across-devices").returncode == 0


def test_a_closed_pipe_is_no_traceback(saved):
    path = saved("a.json", *(record(cell=f"{i}" * 100) for i in range(2000)))
    command = f"'{sys.executable}' -m reports render '{path}' --format csv | head -c 10"
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "run,cell,e"
    assert done.stderr == ""


def test_help_needs_neither_numpy_nor_jinja2():
    code = (
        "import sys, reports.__main__\n"
        "print([m for m in ('numpy', 'jinja2', 'pytest') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_markdown_needs_no_jinja2(saved):
    code = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from reports.__main__ import main\n"
        f"sys.exit(main(['render', {str(saved('a.json'))!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "report.md"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_through_a_link_keeps_the_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"

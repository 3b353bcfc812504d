"""``python -m reports recover`` as a user runs it after a crash."""

import dataclasses
import io
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.__main__ import main
from reports.journal import Journal, finished, read
from reports.results import load
from reports.text import clean
from tests.reports import strategies
from tests.reports.samples import record, run_facts
from tests.reports.test_resume import IDENTITY, journal_of, write_cell


@pytest.fixture
def died(tmp_path):
    """The journal of a run that died while it wrote a line, in the build of its third cell."""
    journal = Journal(tmp_path / "died.jsonl", run_facts())
    write_cell(journal, record(cell="suites/a.py::whole", phase="end"))
    failed = {"status": "crashed", "reason": "SIGSEGV in build", "samples": (), "agreement": None}
    write_cell(journal, record(cell="failed", phase="end", **failed))
    journal.append("begun", "open", {name: record().to_json()[name] for name in IDENTITY})
    journal.close()
    with journal.path.open("ab") as file:
        file.write(b'{"event":"phase","cell":"begun","pha')
    return journal.path


def test_every_finished_cell_is_recovered_and_the_others_say_where_it_ended(
    reports, died, tmp_path
):
    done = reports("recover", died, "-o", "run.json")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    torn, begun, wrote = done.stderr.splitlines()
    assert torn == f"warning: {died}: dropped a torn last line (23)"
    assert begun.startswith(f"warning: {died}: 1 cell began and did not end")
    assert wrote == f"wrote {tmp_path / 'run.json'}"
    found = load(tmp_path / "run.json")
    assert found.run == run_facts()
    assert found.warnings == []
    by_cell = {one.cell: one for one in found.records}
    begun = by_cell.pop("begun")
    assert by_cell == finished(read(died))
    assert (begun.status, begun.phase) == ("not_measured", "open")
    assert begun.reason == "the run ended during build of this cell"


def test_pytest_benchmark_compares_what_was_recovered(reports, died, tmp_path):
    reports("recover", died, "-o", "run.json")
    done = subprocess.run(
        [sys.executable, "-m", "pytest_benchmark", "compare", "run.json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "whole" in done.stdout
    assert "1 tests" in done.stdout


def test_a_dash_is_stdout(reports, died, tmp_path):
    done = reports("recover", died, "-o", "-")
    assert done.returncode == 0
    (tmp_path / "piped.json").write_text(done.stdout)
    assert len(load(tmp_path / "piped.json").records) == 3


def test_an_older_file_is_never_lost(reports, died, tmp_path):
    path = tmp_path / "run.json"
    path.write_text("precious")
    done = reports("recover", died, "-o", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: {path}: there already; give -o another name, or --force to replace it\n"
    )
    assert path.read_text() == "precious"
    assert reports("recover", died, "-o", path, "--force").returncode == 0
    assert (tmp_path / "run.json.previous").read_text() == "precious"
    assert len(load(path).records) == 3
    names = {each.name for each in tmp_path.iterdir()}
    assert names == {"died.jsonl", "run.json", "run.json.previous"}


def test_the_journal_itself_is_never_replaced(reports, died):
    before = died.read_bytes()
    for more in ([], ["--force"]):
        done = reports("recover", died, "-o", died, *more)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert died.read_bytes() == before


def test_a_failed_write_leaves_the_old_file(reports, died, tmp_path):
    folder = tmp_path / "taken.json"
    folder.mkdir()
    done = reports("recover", died, "-o", folder, "--force")
    assert done.returncode == 2
    assert f"error: {folder}: cannot be written" in done.stderr
    done = reports("recover", died, "-o", "none/run.json")
    assert done.returncode == 2
    assert "error: none/run.json: cannot be written" in done.stderr


RUN = '{"event":"run","schema":1,"run":{"id":"r"}}\n'
DEEP = '{"event":"run","schema":1,"run":{"id":' + '{"a":' * 400 + "1" + "}" * 402


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no run line"),
        ("\n\n", "no run line"),
        ("hello\nworld\n", "line 1: not JSON"),
        ('{"benchmarks": []}\n', "line 1: no event: not a journal's line"),
        ('{"event":"run","schema":2,"run":{}}\n', "line 1: journal schema 2, this reads 1"),
        (RUN + "\ntorn {\n" + RUN, "line 3: not JSON"),
        (RUN + '{"event":"party"}\n', "line 2: unknown event 'party'"),
        (RUN + '{"event":"phase","cell":[],"fields":1}\n', "line 2: a phase line needs"),
        (DEEP, "line 1: the run nests deeper than 32 levels"),
        ("\x00" * 100 + "\n" + RUN, "line 1: not JSON"),
    ],
)
def test_bad_input_is_one_line_that_names_it_and_exit_code_2(reports, tmp_path, content, says):
    (tmp_path / "bad.jsonl").write_text(content)
    done = reports("recover", "bad.jsonl", "-o", "run.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: bad.jsonl")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run.json").exists()


def test_what_is_not_there_is_named(reports, tmp_path):
    for name in ("none.jsonl", "."):
        done = reports("recover", name, "-o", "-")
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: {name}: cannot be read")
    assert reports("recover", "none.jsonl").returncode == 2  # -o is missing


def test_a_resumed_run_is_recovered_with_what_both_parts_measured(reports, died, tmp_path):
    journal, folded = Journal.resume(died)
    assert set(finished(folded)) == {"suites/a.py::whole", "failed"}
    write_cell(journal, record(cell="begun", phase="end"))
    journal.close()
    done = reports("recover", died, "-o", "run.json")
    assert done.returncode == 0
    assert "warning" not in done.stderr
    found = load(tmp_path / "run.json")
    assert found.run["id"] == run_facts()["id"]
    assert found.run["resumed"]["count"] == 1
    assert sorted(one.cell for one in found.records) == ["begun", "failed", "suites/a.py::whole"]


def recovered(path):
    """The exit code and what went to stdout and stderr, in this process."""
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        code = main(["recover", str(path), "-o", "-"])
        return code, sys.stdout.getvalue(), sys.stderr.getvalue()
    finally:
        sys.stdout, sys.stderr = stdout, stderr


FLOOD = "x\x1b[2J\u202e" * 1_700_000


@settings(max_examples=30)
@given(st.lists(strategies.records, max_size=4, unique_by=lambda r: r.cell), strategies.hostile)
def test_hostile_text_is_kept_whole_and_shown_harmless(tmp_path_factory, records, text):
    path = tmp_path_factory.getbasetemp() / "hostile.jsonl"
    records = [dataclasses.replace(one, phase="end") for one in records]
    journal_of(path, records)
    with path.open("a") as file:
        for cell, fields in ((text, {text: text}), (text * 2 + "!", {"status": text})):
            line = {"event": "phase", "cell": cell, "phase": "end", "fields": fields}
            file.write(json.dumps(line) + "\n")
    code, out, err = recovered(path)
    assert code == 0
    assert out.isascii()
    for line in err.splitlines():
        assert line.isprintable()
        assert len(line) <= 1100
    data = json.loads(out)
    for benchmark in data["benchmarks"]:
        for name in ("group", "name", "fullname"):
            assert benchmark[name] == clean(benchmark[name], 1000)


def test_ten_megabytes_of_text_do_no_harm(tmp_path):
    path = tmp_path / "flood.jsonl"
    crashed = {"status": "crashed", "samples": (0.5,), "agreement": None, "phase": "end"}
    journal_of(path, [record(cell=FLOOD, reason=FLOOD, model_title=FLOOD, **crashed)])
    with path.open("a") as file:
        file.write(
            json.dumps({"event": "phase", "cell": FLOOD + "2", "phase": FLOOD, "fields": {}})
        )
    code, out, err = recovered(path)
    assert code == 0
    assert len(err) < 2000
    assert all(line.isprintable() for line in err.splitlines())
    (benchmark,) = json.loads(out)["benchmarks"]
    assert benchmark["extra_info"]["edgeproof"]["reason"] == FLOOD
    assert len(benchmark["fullname"]) == 1000

"""A journal after a crash: cut anywhere, resumed, written on."""

import dataclasses
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import linefile
from reports.journal import Journal, JournalError, finished, fold, fold_bytes, read
from reports.record import PHASES
from tests.reports import strategies
from tests.reports.samples import record

ROOT = Path(__file__).parents[2]
IDENTITY = ("experiment", "device", "runtime", "runtime_version", "model", "model_title", "knobs")


def write_cell(journal, one):
    """The phases of ``one`` as a run writes them, each with what it found."""
    data = one.to_json()
    opened = {name: data[name] for name in (*IDENTITY, "variant", "notes", "provenance")}
    journal.append(one.cell, "open", {**opened, "status": "not_measured", "reason": "so far"})
    made = ("convert_s", "engine")
    journal.append(one.cell, "convert", {name: data[name] for name in made})
    built = ("import_s", "build_s", "artifact", "coverage", "environment", "memory", "placement")
    journal.append(one.cell, "build", {name: data[name] for name in built})
    journal.append(one.cell, "first", {"first_s": data["first_s"]})
    journal.append(one.cell, "second", {"second_s": data["second_s"]})
    journal.append(one.cell, "source", {"source_samples": data["source_samples"]})
    judged = ("agreement", "spent", "top_classes")
    journal.append(one.cell, "verdict", {name: data[name] for name in judged})
    journal.append(one.cell, "steady", {"samples": data["samples"]})
    journal.append(one.cell, "accuracy", {"accuracy": data["accuracy"]})
    journal.append(one.cell, "end", {"status": data["status"], "reason": data["reason"]})


def journal_of(path, records):
    path.unlink(missing_ok=True)
    journal = Journal(path, {"id": "r"})
    for one in records:
        write_cell(journal, one)
    journal.close()
    return path.read_bytes()


def ended(records):
    return {one.cell: one for one in records}


def check_cut(data, cut, whole):
    """Every cell whose ``end`` line is complete is there unchanged, and none is there twice."""
    found = fold_bytes(data[:cut], "j")
    lines, end = [], 0
    for line in data.split(b"\n"):
        end += len(line)
        if line and end <= cut:
            lines.append(json.loads(line))
        end += 1
    complete = {line["cell"] for line in lines if line.get("phase") == "end"}
    begun = list(dict.fromkeys(line["cell"] for line in lines if "cell" in line))
    assert finished(found) == {cell: whole[cell] for cell in complete}
    assert [one.cell for one in found.records] == begun
    for one in found.records:
        assert one.cell in complete or one.status == "not_measured"
    return found


@pytest.fixture(scope="module")
def two_cells(tmp_path_factory):
    records = [record(cell=f"cell {i}", samples=(0.25, 0.5 + i), phase="end") for i in range(2)]
    return journal_of(tmp_path_factory.mktemp("j") / "j.jsonl", records), ended(records)


def test_a_journal_cut_at_every_byte_gives_back_every_finished_cell(two_cells):
    data, whole = two_cells
    first = data.index(b"\n")
    for cut in range(len(data) + 1):
        if cut < first:
            with pytest.raises(JournalError, match="no run line"):
                fold_bytes(data[:cut], "j")
        else:
            check_cut(data, cut, whole)


def test_resuming_keeps_what_reading_finds_wherever_the_journal_was_cut(two_cells, tmp_path):
    data, whole = two_cells
    path = tmp_path / "cut.jsonl"
    extra = record(cell="extra", phase="end")
    for cut in range(data.index(b"\n"), len(data) + 1, 7):
        path.write_bytes(data[:cut])
        before = check_cut(data, cut, whole)
        journal, folded = Journal.resume(path)
        assert folded.records == before.records
        assert len(folded.warnings) == len(before.warnings)
        write_cell(journal, extra)
        journal.close()
        after = read(path)
        assert after.warnings == []
        assert finished(after) == {**finished(before), "extra": extra}
        assert after.run == folded.run
        assert after.run["id"] == "r"
        assert after.run["resumed"]["count"] == 1


@given(st.lists(strategies.records, max_size=4, unique_by=lambda r: r.cell), st.data())
def test_any_journal_cut_and_resumed_loses_only_what_was_not_whole(tmp_path_factory, records, data):
    records = [dataclasses.replace(one, phase="end") for one in records]
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    whole = journal_of(path, records)
    cut = data.draw(st.integers(whole.index(b"\n"), len(whole)))
    found = check_cut(whole, cut, ended(records))
    path.write_bytes(whole[:cut])
    journal, _ = Journal.resume(path)
    rest = [one for one in records if one.cell not in finished(found)]
    for one in rest:
        write_cell(journal, one)
    journal.close()
    assert finished(read(path)) == ended(records)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_a_journal_or_an_error_that_names_it(junk, headed):
    head = b'{"event":"run","schema":1,"run":{"id":"r"}}\n' if headed else b""
    try:
        fold_bytes(head + junk, "j.jsonl")
    except JournalError as error:
        assert str(error).startswith("j.jsonl")


def test_an_attempt_that_was_interrupted_leaves_nothing_in_the_next(tmp_path):
    path = tmp_path / "j.jsonl"
    journal = Journal(path, {"id": "first", "options": "-q"})
    interrupted = record(
        cell="c", samples=(9.0,), memory={"run": 7}, notes=("old",), spent={"x": 1}
    )
    write_cell(journal, interrupted)  # ended even, and run again all the same
    write_cell(journal, record(cell="d", phase="end"))
    journal.close()
    journal, _ = Journal.resume(path)
    opened = {name: record().to_json()[name] for name in IDENTITY}
    journal.append("c", "open", {**opened, "status": "not_measured"})
    journal.append("c", "build", {"build_s": 0.5})
    journal.close()
    found, other = read(path).records
    assert (found.cell, other.cell) == ("c", "d")
    assert (found.samples, found.first_s, found.agreement) == ((), None, None)
    assert (found.memory, found.notes, found.spent) == ({}, (), {})
    assert (found.build_s, found.status) == (0.5, "not_measured")
    assert finished(read(path)) == {"d": other}


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "end"])
def test_a_cell_that_did_not_end_says_in_which_phase_the_run_did(tmp_path, phase):
    journal = Journal(tmp_path / "j.jsonl", {})
    opened = {name: record().to_json()[name] for name in IDENTITY}
    journal.append("c", "open", opened)
    journal.append("c", phase, {**opened, "status": "disagrees", "reason": "3 of 8"})
    journal.close()
    (found,) = read(journal.path).records
    assert found.status == "not_measured"
    assert found.reason.startswith("the run ended during ")
    assert found.reason.endswith("until then it was disagrees: 3 of 8")
    if phase == "open":
        assert "during build" in found.reason


def test_resumptions_are_counted_and_the_first_run_line_stays(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, {"id": "first"}).close()
    for count in (1, 2):
        journal, folded = Journal.resume(path)
        journal.close()
        assert folded.run["resumed"]["count"] == count
    lines = path.read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["run", "resume", "resume"]
    again = '{"event": "run", "schema": 1, "run": {"id": "second"}}'
    assert fold([*lines, again], "j").run["id"] == "first"


def test_an_unreadable_last_line_is_cut_off_with_a_warning(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, {"id": "r"}).close()
    whole = path.read_bytes()
    for torn in (b'{"event":"pha', b'{"torn\n', b"\0\0\0\n\n", b"\xff\xfe", b"3\n", b"[" * 100_000):
        path.write_bytes(whole + torn)
        journal, folded = Journal.resume(path)
        journal.close()
        assert folded.warnings == [f"{path}: dropped a torn last line (2)"]
        assert path.read_bytes().startswith(whole + b'{"event":"resume"')


def test_a_line_torn_in_the_middle_is_refused_and_the_file_left_alone(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, {"id": "r"}).close()
    with path.open("ab") as file:
        file.write(b'{"event":"phase","ce{"event":"resume","at":"x"}\n{"event":"resume"}\n')
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"j\.jsonl, line 2: not JSON"):
        Journal.resume(path)
    assert path.read_bytes() == before
    with pytest.raises(JournalError, match="line 2"):
        Journal.resume(path)  # and not because it was left locked


@pytest.mark.parametrize("content", [b"", b"\n", b'{"event":"ru', b"hello\nworld\n", b"{}\n{}\n"])
def test_what_is_no_journal_is_not_resumed(tmp_path, content):
    path = tmp_path / "j.jsonl"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"j\.jsonl"):
        Journal.resume(path)
    assert path.read_bytes() == content


def test_a_missing_journal_and_a_folder_are_named(tmp_path):
    with pytest.raises(JournalError, match=r"no\.jsonl: cannot be resumed: No such file"):
        Journal.resume(tmp_path / "no.jsonl")
    with pytest.raises(JournalError, match="cannot be resumed"):
        Journal.resume(tmp_path)


def test_a_journal_that_is_being_written_is_not_resumed(tmp_path):
    journal = Journal(tmp_path / "j.jsonl", {"id": "r"})
    with pytest.raises(JournalError, match="another run is writing it"):
        Journal.resume(journal.path)
    journal.close()
    Journal.resume(journal.path)[0].close()


def test_a_write_that_failed_half_way_is_taken_back(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "j.jsonl", {"id": "r"})
    before = journal.path.read_bytes()
    real = os.pwrite

    def full(descriptor, data, at):
        if at > len(before):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[:10], at)

    monkeypatch.setattr(linefile.os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        journal.append("c", "open", {})
    assert journal.path.read_bytes() == before
    # Even if it could not be taken back, the next line does not follow it.
    with journal.path.open("ab") as file:
        file.write(b'{"event":"pha')
    monkeypatch.setattr(linefile.os, "pwrite", real)
    write_cell(journal, record(cell="c", phase="end"))
    journal.close()
    assert finished(read(journal.path)) == {"c": record(cell="c", phase="end")}
    with pytest.raises(ValueError, match="closed"):
        journal.append("c", "open", {})


def test_a_new_journal_is_in_its_folder_on_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(linefile, "_sync_folder", synced.append)
    Journal(tmp_path / "a" / "b" / "j.jsonl", {}).close()
    assert synced == [tmp_path / "a" / "b", tmp_path / "a", tmp_path]


def test_what_was_appended_outlives_a_kill(tmp_path):
    code = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from reports.journal import Journal\n"
        f"journal = Journal(Path({str(tmp_path / 'j.jsonl')!r}), {{'id': 'r'}})\n"
        "from tests.reports.test_resume import write_cell, record\n"
        "write_cell(journal, record(cell='c', phase='end'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == -9
    journal, folded = Journal.resume(tmp_path / "j.jsonl")
    journal.close()
    assert finished(folded) == {"c": record(cell="c", phase="end")}
    assert folded.warnings == []


def test_a_line_names_its_cell_whatever_its_fields_say():
    run = '{"event": "run", "schema": 1, "run": {"id": "r"}}'
    lines = [
        json.dumps({"event": "phase", "cell": cell, "phase": "end", "fields": record().to_json()})
        for cell in ("a", "b")
    ]
    assert [one.cell for one in fold([run, *lines], "j").records] == ["a", "b"]

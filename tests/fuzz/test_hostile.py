"""Text that means harm, from the manifest to the report: what is shown of it is only text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fixtures.model import ModelError
from fixtures.models.manifest import load
from fixtures.runtimes import RUNTIMES
from reports import journal
from tests.fuzz import models

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "fixtures" / "models" / "digits"
#: What a file may contain, and what neither a terminal nor a report may be sent.
ESCAPE = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp\x00"
MARKUP = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7 * 7 }}'
FORMULA = "=HYPERLINK(A1)|`x` [y](javascript:alert(1)) ![z](http://z)"
#: A folder is named by whoever packed the archive.
FOLDER = "a\x1b[31m\u202eb\x07 <b>"
#: What may be said of one model, however much its file says.
LIMIT = 200_000

needs_runtimes = pytest.mark.skipif(
    any(RUNTIMES[name].unavailable() is not None for name in ("litert", "onnxruntime")),
    reason="LiteRT and ONNX Runtime are not installed",
)


def named(operator: bytes) -> bytes:
    """The digits network with another name for its first operator, and for what it makes."""
    fields = models._parse((DIGITS / "digits.onnx").read_bytes(), "Model")
    every = [one for _, one in models._walk(fields)]
    next(one for one in every if one.what == "operator").value = operator
    return models._written(fields)


def inert(text: str) -> None:
    """No control character but a line's end, no override, no lone surrogate, and not endless."""
    found = set(
        re.findall(r"[^\n\t\r -~\x80-\U0010ffff]|[\x80-\x9f\u202a-\u202e\u2066-\u2069]", text)
    )
    assert not found, found
    assert len(text) < LIMIT, len(text)


class Outcome(NamedTuple):
    code: int
    text: str


def python(folder: Path, *arguments: str) -> Outcome:
    env = {
        k: v for k, v in os.environ.items() if k not in ("GITHUB_STEP_SUMMARY", "EDGEPROOF_ASSETS")
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        env={**env, "EDGEPROOF_CACHE": str(folder / "cache"), "COLUMNS": "160"},
    )
    return Outcome(done.returncode, (done.stdout + done.stderr).decode("utf-8"))


MANIFEST = f"""schema = 1
[files]
net = {{ path = "digits_float32.tflite" }}
pixels = {{ path = "heldout.npz" }}
'{MARKUP}' = {{ path = "digits_float32.tflite" }}
short = {{ path = "short <b>.txt" }}
endless = {{ path = "endless.txt" }}
escapes = {{ path = "escapes.txt" }}
wrong = {{ path = '{MARKUP.replace("/", "_")}', sha256 = "{"0" * 64}" }}
operator = {{ path = "operator.onnx" }}
flood = {{ path = "flood.onnx" }}
absent = {{ path = '{FORMULA.replace("/", "_")}' }}
"""


def model(name: str, artifact: str, title: str, *more: str) -> str:
    return f"""
[models.{name}]
title = '{title}'
licence = '{MARKUP}'
dataset = '{FORMULA}'
notes = ['{MARKUP}', '{FORMULA}']
precision = "float32"
output = {{ classes = 10 }}
input = {{ shape = [8, 8, 1], dtype = "float32", scale = 0.0625, npz = "pixels" }}
artifacts.{artifact}
{"".join(line + chr(10) for line in more)}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest whose every text is hostile as far as it may be, and files that are beyond it."""
    folder = tmp_path_factory.mktemp("hostile") / FOLDER
    folder.mkdir()
    for name in ("digits_float32.tflite", "heldout.npz"):
        (folder / name).write_bytes((DIGITS / name).read_bytes())
    (folder / "short <b>.txt").write_text(ESCAPE)
    (folder / "endless.txt").write_text("x" * 10_000_000)
    (folder / "escapes.txt").write_text("\n".join(f"{i}{ESCAPE}{MARKUP}" for i in range(10)))
    (folder / MARKUP.replace("/", "_")).write_bytes(b"no network")
    (folder / "operator.onnx").write_bytes(named(b"\x1b[31mEvil\x07\n" + MARKUP.encode()))
    (folder / "flood.onnx").write_bytes(named(b"x" * 10_000_000))
    lines = [
        MANIFEST,
        model("evil_good", 'tflite = "net"', MARKUP, 'labels = "escapes"'),
        model("evil_formula", f"tflite = '{MARKUP}'", FORMULA, 'heldout = "pixels"'),
        model("evil_labels", 'tflite = "net"', "x" * 2000, 'labels = "short"'),
        model("evil_endless", 'tflite = "net"', MARKUP, 'labels = "endless"'),
        model("evil_wrong", 'tflite = "wrong"', MARKUP),
        model("evil_absent", 'tflite = "absent"', MARKUP),
        model("evil_operator", 'onnx = "operator"', MARKUP, "artifacts.tflite = 'net'"),
        model("evil_flood", 'onnx = "flood"', MARKUP, "artifacts.tflite = 'net'"),
    ]
    (folder / "m.toml").write_text("".join(lines))
    (folder / "xfails").mkdir()
    known = f"agreement/evil_wrong-*  error  # {ESCAPE}{MARKUP}{'x' * 10_000}\n"
    (folder / "xfails" / "a.txt").write_text(known)
    return folder


@pytest.mark.parametrize("command", ["list", "fetch", "verify"])
def test_commands(folder: Path, command: str) -> None:
    manifest = str(folder / "m.toml")
    done = python(
        folder, "-m", "fixtures", command, "--model-manifest", manifest, "--models", "evil*"
    )
    inert(done.text)
    assert "Traceback" not in done.text
    assert done.code == (0 if command == "list" else 1), done.text
    assert ("evil_labels" if command != "fetch" else "short <b>.txt") in done.text


@pytest.fixture(scope="module")
def ran(folder: Path) -> Any:
    """One run of the suites over the hostile models, with its results."""
    arguments = ["-m", "pytest", "-p", "no:cacheprovider", "-v", "-rA", "--steady-seconds", "0.01"]
    arguments += ["suites/test_agreement.py", "suites/test_latency.py"]
    arguments += ["-m", "cpu and (litert or onnxruntime)", "-k", "t1-b1]", "--no-build"]
    arguments += ["--model-manifest", str(folder / "m.toml"), "--models", "evil*"]
    arguments += ["--xfails", str(folder / "xfails"), "--journal", str(folder / "run.jsonl")]
    arguments += ["--benchmark-json", str(folder / "run.json")]
    return python(folder, *arguments)


@needs_runtimes
def test_what_pytest_prints(ran: Outcome, folder: Path) -> None:
    # The name of the folder is the user's own where pytest and pytest-benchmark print it.
    inert(ran.text.replace(str(folder), "FOLDER"))
    assert "INTERNALERROR" not in ran.text
    assert ran.code == 1, ran.text[-3000:]
    for row in ("evil_good", "evil_wrong", "evil_operator", "evil_flood"):
        assert row in ran.text


@needs_runtimes
def test_every_hostile_model_is_a_row(ran: Outcome, folder: Path) -> None:
    rows = {(r.model, r.runtime): r for r in journal.read(folder / "run.jsonl").records}
    assert rows["evil_good", "litert"].status == "ok"
    for name, runtime in (("wrong", "litert"), ("labels", "litert"), ("endless", "litert")):
        assert rows[f"evil_{name}", runtime].status == "error"
    for name in ("operator", "flood"):
        row = rows[f"evil_{name}", "onnxruntime"]
        assert row.status in ("error", "unsupported")
        assert f"{name}.onnx" in row.reason
        assert len(row.reason) < 3000
        assert row.reason.isprintable()


@needs_runtimes
@pytest.mark.parametrize("source", ["run.json", "run.jsonl"])
def test_reports(ran: Outcome, folder: Path, source: str) -> None:
    code = (
        "import sys; from reports.__main__ import main\n"
        "for form in ('terminal', 'md', 'csv', 'html', 'svg'):\n"
        "    main(['render', sys.argv[1], '--format', form, '-o', f'{sys.argv[2]}.{form}'])\n"
    )
    base = folder.parent / source
    done = python(folder, "-c", code, str(folder / source), str(base))
    assert done.code == 0, done.text
    inert(done.text)
    for form in ("terminal", "md", "csv", "html", "svg"):
        text = Path(f"{base}.{form}").read_text(encoding="utf-8")
        inert(text)
        assert "evil_good" in text or "alert(1)" in text, "it was shown"
        if form in ("html", "svg"):
            assert "<script>alert" not in text
            assert "<img" not in text
        if form == "md":
            assert not re.search(r"(?<!\\)(\]\(|<(script|img)|!\[)", text)
        if form == "csv":
            assert not re.search(r'(^|,)"?[=+@]', text, re.M)


@pytest.mark.parametrize("text", [ESCAPE.replace("\0", ""), "\u202egnp", "a\nb", "x" * 10_000_000])
@pytest.mark.parametrize("where", ["title", "licence", "path", "name"])
def test_what_no_manifest_may_hold(tmp_path: Path, where: str, text: str) -> None:
    """Refused by its reader, so that nothing behind it ever sees it."""
    values = {"title": "t", "licence": "l", "path": "p", "name": "net", where: text}
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
    # JSON writes a string as TOML does, but for characters that only TOML wants escaped.
    quoted = {
        k: re.sub("[\x7f-\x9f]", lambda c: f"\\u{ord(c[0]):04x}", v) for k, v in quoted.items()
    }
    (tmp_path / "m.toml").write_text(
        f"schema = 1\n[files]\n{quoted['name']} = {{ path = {quoted['path']} }}\n[models.m]\n"
        f"title = {quoted['title']}\nlicence = {quoted['licence']}\nprecision = 'float32'\n"
        f"input = {{ shape = [1], dtype = 'float32', noise = [0, 1] }}\noutput.classes = 2\n"
        f"artifacts.tflite = {quoted['name']}\n"
    )
    with pytest.raises(ModelError) as caught:
        load(tmp_path / "m.toml")
    inert(str(caught.value))
    assert "m.toml" in str(caught.value)
    assert len(str(caught.value)) < 2500


@needs_runtimes
def test_the_name_of_a_folder_is_clean_in_what_edgeproof_prints(ran: Outcome, folder: Path) -> None:
    """pytest and pytest-benchmark print the path of the results as they were given it."""
    lines = [
        line for line in ran.text.split("\n") if "run.json" in line and "run.jsonl" not in line
    ]
    inert("\n".join(line for line in ran.text.split("\n") if line not in lines))

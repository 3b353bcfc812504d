"""The report plugin: a record in every benchmark, the journal beside it, and tables at the end."""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import sys
import time
import warnings
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from reports import VERSION, journal, summary, terminal
from reports.files import write
from reports.overview import Overview, overview
from reports.record import Record
from reports.results import KEY, Run, benchmark_json
from reports.text import clean

#: Provenance of the run; the other plugins add to it while configuring.
RUN: pytest.StashKey[dict[str, Any]] = pytest.StashKey()
SINK: pytest.StashKey[JournalSink] = pytest.StashKey()


class JournalSink:
    """Opens the journal with the first phase, so that a run that measures nothing leaves none.

    ``finished`` holds the records of an earlier run that is resumed, by cell.
    """

    def __init__(self, path: Path, run: Mapping[str, Any]) -> None:
        self.path = path
        self.finished: Mapping[str, Record] = {}
        self._run = run
        self._journal: journal.Journal | None = None
        self._folded: Run | None = None

    def resume(self) -> list[str]:
        """Go on with the journal that is there; warnings of what had to be cut off."""
        self._journal, folded = journal.Journal.resume(self.path)
        self.finished = journal.finished(folded)
        return folded.warnings

    def append(self, cell: str, phase: str, fields: Mapping[str, Any]) -> None:
        """Keep what a finished phase added to its cell's record."""
        if self._journal is None:
            self._journal = journal.Journal(self.path, self._run)
        self._folded = None
        self._journal.append(cell, phase, fields)

    def read(self) -> Run | None:
        """What the journal amounts to so far, None if nothing was measured.

        It is asked for by everything that ends a run, and folded once.
        """
        if self._journal is None:
            return None
        if self._folded is None:
            folded = journal.read(self.path)
            self._folded = Run(str(self.path), folded.run, folded.records, folded.warnings)
        return self._folded


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("edgeproof reports")
    group.addoption(
        "--journal",
        metavar="FILE",
        help="where finished phases are kept (default: results/<time>-<host>.jsonl)",
    )
    group.addoption(
        "--resume",
        metavar="JOURNAL",
        help="go on with a run that was cut short: what its journal holds is not measured again",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    started = time.strftime("%Y-%m-%dT%H%M%S")
    run = {
        "id": f"{started}-{secrets.token_hex(3)}",
        "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "host": platform.node(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "edgeproof": VERSION,
        "options": " ".join(config.invocation_params.args),
    }
    config.stash[RUN] = run
    given, resumed = config.getoption("--journal"), config.getoption("--resume")
    if given and resumed:
        raise pytest.UsageError("--resume: goes on with its own journal; leave --journal out")
    named = resumed or given
    path = Path(named) if named else config.rootpath / "results" / f"{run['id']}.jsonl"
    if given and path.exists():
        raise pytest.UsageError(f"--journal {path}: there already; move it away or name another")
    config.stash[SINK] = JournalSink(path, run)
    if getattr(config.option, "numprocesses", None) and not _tests_alone(config):
        raise pytest.UsageError("-n: cells measured at the same time measure each other; leave it")
    if config.option.collectonly:
        return
    if resumed:
        _resume(config)
    try:
        _set_aside(config)
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"{error.filename}: cannot be written: {error.strerror}") from None


def _tests_alone(config: pytest.Config) -> bool:
    """Whether only tests of Edgeproof itself were asked for, whose cells are no figures."""
    named = (config.invocation_params.dir / argument.split("::")[0] for argument in config.args)
    return all(path.resolve().is_relative_to(config.rootpath / "tests") for path in named)


def _resume(config: pytest.Config) -> None:
    try:
        torn = config.stash[SINK].resume()
    except journal.JournalError as error:
        raise pytest.UsageError(f"--resume: {error}") from None
    for warning in torn:
        warnings.warn(pytest.PytestWarning(warning), stacklevel=1)


def _set_aside(config: pytest.Config) -> None:
    """Move an older results file away: a run that measures nothing must not seem to have made it."""
    path = _results_path(config)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        shutil.move(path, path.with_name(f"{path.name}.previous"))


def _results_path(config: pytest.Config) -> Path | None:
    """Where ``--benchmark-json`` goes: a path, or in older versions a file."""
    given = getattr(config.option, "benchmark_json", None)
    if given is None or isinstance(given, (str, os.PathLike)):
        return Path(given) if given else None
    return Path(given.name)


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, Any]) -> None:
    """Add the run, and the records of cells that gave no benchmark."""
    run = config.stash[SINK].read()
    if run is None:
        return
    inside = {
        bench.get("extra_info", {}).get(KEY, {}).get("cell") for bench in output_json["benchmarks"]
    }
    others = [record for record in run.records if record.cell not in inside]
    beside = benchmark_json(run.run, others)  # those of a run that is resumed are benchmarks too
    output_json["benchmarks"] += beside["benchmarks"]
    output_json[KEY] = beside[KEY]


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Where pytest-benchmark wrote nothing, write what the journal holds."""
    yield
    path, run = _results_path(session.config), session.config.stash[SINK].read()
    if path is None or run is None:
        return
    if not path.exists() or path.stat().st_size == 0:
        write(path, json.dumps(benchmark_json(run.run, run.records), allow_nan=False))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    run = config.stash[SINK].read()
    if run is None:
        return
    found = overview([run])
    _print(terminalreporter, found)
    terminalreporter.write_line(f"journal: {clean(config.stash[SINK].path)}")
    try:
        summary.append(found, os.environ)
    except OSError as error:
        terminalreporter.write_line(f"GITHUB_STEP_SUMMARY: not written: {error}", yellow=True)


def _print(reporter: pytest.TerminalReporter, found: Overview) -> None:
    reporter.section("edgeproof")
    mark = terminal.bold if reporter.hasmarkup else str
    columns = shutil.get_terminal_size((160, 24)).columns if sys.stdout.isatty() else 160
    reporter.write_line(terminal.render(found, columns, mark))

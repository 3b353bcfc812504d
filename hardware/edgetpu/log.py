"""What the Edge TPU compiler prints, and the operation logs that it writes, as data.

Versions 1.0 to 16.0 are read, by what they printed in public: one model or several compiled together,
segments (``-n``), searches for a delegate (``-d``), several runs in one file, and every way of
failing. An operation log (``*_edgetpu.log``) is the operator table with two file names and has no
sizes; the compiler's standard output has both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.edgetpu.log_footprint import FootprintRange as FootprintRange
from hardware.edgetpu.log_footprint import footprint as footprint
from hardware.edgetpu.log_parts import Compilation as Compilation
from hardware.edgetpu.log_parts import Entry as Entry
from hardware.edgetpu.log_parts import Log as Log
from hardware.edgetpu.log_parts import Operator as Operator
from hardware.edgetpu.log_parts import Run as Run
from hardware.edgetpu.log_parts import Size as Size

#: Longest log that is read, in bytes: a search step by step through 10 000 operators is below it.
LIMIT = 16 << 20
_LINE = 2000  # characters of a line that are looked at: lists of tensors take kilobytes
_KEPT = 50  # warnings of a log, and messages of a compilation, that are kept

_VERSION = re.compile(r"Edge TPU Compiler version (\S{1,64})")
_TOOK = re.compile(r"Models? compiled successfully in (\d{1,9}) ms\.?")
_TRIED = re.compile(r"Try to compile segment with (\d{1,9}) ops")
_TABLE = re.compile(r"Operator\s+Count\s+Status")
_ROW = re.compile(r"(\S{1,100})\s+(\d{1,9})\s+(\S.{0,300})", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_INVALID = "Invalid model:"
_FAILED = "Compilation failed!"
_MESSAGE = re.compile(
    r"ERROR: |W(?:ARNING|arning): |libc\+\+abi: |terminate called|Usage:|Unknown "
)
#: What ends the compiler from outside or from within; the shell says the first.
_CRASH = re.compile(
    r"(Segmentation fault|Aborted|Killed|Illegal instruction)(?: +\(core dumped\))?"
)
_TIMEOUT = re.compile(r"Compilation (?:child process )?(?:timeout\b|timed out)", re.IGNORECASE)


def _count(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) else None


_Kind = tuple[str, str, Callable[[str], Any]]
_MEMORY = "caching model parameters"
#: What stands before the colon -> the attribute, what it should be, and how to read it.
_LABELS: dict[str, _Kind] = {
    "Input model": ("input_model", "a file", str),
    "Input": ("input_model", "a file", str),
    "Output model": ("output_model", "a file", str),
    "Output": ("output_model", "a file", str),
    "Operation log": ("operation_log", "a file", str),
    "Input size": ("input_size", "a size", Size.of),
    "Output size": ("output_size", "a size", Size.of),
    f"On-chip memory available for {_MEMORY}": ("available", "a size", Size.of),
    f"On-chip memory remaining for {_MEMORY}": ("remaining", "a size", Size.of),
    f"On-chip memory used for {_MEMORY}": ("cached", "a size", Size.of),
    "Off-chip memory used for streaming uncached model parameters": ("streamed", "a size", Size.of),
    "Number of Edge TPU subgraphs": ("subgraphs", "a count", _count),
    "Total number of operations": ("operations", "a count", _count),
    "Number of operations that will run on Edge TPU": ("on_edgetpu", "a count", _count),
    "Number of operations that will run on CPU": ("on_cpu", "a count", _count),
}


class LogError(ValueError):
    """A log that cannot be read: one line with the file and the reason."""


def read(path: Path) -> Log:
    """Read the log at ``path``: the compiler's output, or an operation log.

    Raises:
        LogError: if it cannot be opened, is longer than :data:`LIMIT`, or is no such log.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LogError(f"{_plain(str(path))}: cannot be read: {reason}") from None
    if len(content) > LIMIT:
        raise LogError(f"{_plain(str(path))}: longer than {LIMIT >> 20} MiB: no compiler's log")
    return parse(content.decode("utf-8", "replace"), str(path))


def parse(text: str, source: str = "log") -> Log:
    """Read ``text``, which came from ``source``; unreadable parts become warnings.

    Raises:
        LogError: if nothing in it is the compiler's.
    """
    reader = _Reader()
    for number, line in enumerate(text[:LIMIT].splitlines(), 1):
        reader.feed(_plain(line), number)
    runs = reader.done()
    if not runs:
        raise LogError(
            f"{_plain(source)}: not a log of the Edge TPU compiler: no line begins with 'Edge TPU "
            "Compiler version' or 'Input model:'; save what edgetpu_compiler prints"
        )
    return Log(_plain(source), runs, tuple(reader.warnings))


def _plain(line: str) -> str:
    """``line`` without quote marks before it, and without what a terminal would obey."""
    line = line[:_LINE].replace("\t", " ")
    if not line.isprintable():
        line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return line.lstrip("> ").removeprefix("INFO: ").rstrip()


class _Attempt:
    """A compilation while it is read."""

    def __init__(self, tried: int | None = None) -> None:
        self.tried = tried
        self.entries: list[dict[str, Any]] = []
        self.milliseconds: int | None = None
        self.failure = ""
        self.superseded = False
        self.closed = False
        self.messages: list[str] = []

    @property
    def decided(self) -> bool:
        return bool(self.closed or self.failure or self.entries or self.milliseconds is not None)

    def frozen(self) -> Compilation:
        entries = (
            Entry(position=position, **{**entry, "operators": tuple(entry["operators"])})
            for position, entry in enumerate(self.entries, 1)
        )
        failure = self.failure
        if failure == _FAILED:  # the lines before it say more, if any does
            failure = next((m for m in self.messages if "ERROR" in m or "libc++" in m), failure)
        return Compilation(
            tuple(entries),
            self.milliseconds,
            failure,
            self.superseded,
            self.tried,
            tuple(self.messages),
        )


class _Reader:
    """Takes a log line by line; keeps what a line belongs to."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, list[_Attempt]]] = []
        self.warnings: list[str] = []
        self._attempt: _Attempt | None = None
        self._in_table = False
        self._invalid = False
        self._searching = False

    def feed(self, line: str, number: int) -> None:
        """One line, of which every kind is known by how it begins; others are passed over."""
        if not line:
            return
        invalid, self._invalid = self._invalid, False
        if self._in_table:
            if row := _ROW.fullmatch(line):
                self._entry()["operators"].append(Operator(row[1], int(row[2]), row[3]))
                return
            self._in_table = bool(_TABLE.fullmatch(line))
        label, colon, value = line.partition(":")
        if found := _VERSION.match(line):
            self.runs.append((found[1], []))
            self._attempt, self._searching = None, False
        elif colon and label in _LABELS:
            self._labelled(label, value.strip(), number)
        elif _TABLE.fullmatch(line):
            self._in_table = True
        elif found := _TOOK.fullmatch(line):
            self._undecided().milliseconds = int(found[1])
        elif found := _TRIED.fullmatch(line):
            self._try(int(found[1]))
        elif line.startswith("Searching for valid delegate"):
            self._searching, self._attempt = False, None
        elif line.startswith("Started a compilation timeout timer"):
            self._undecided()
        elif line.startswith("Compilation succeeded"):
            self._now().closed = True
        elif not self._failure(line) and invalid:
            self._now().failure += f": {line}"

    def _failure(self, line: str) -> bool:
        """Whether ``line`` is of a failure, or a message that may explain one."""
        crash = _CRASH.search(line)
        if line.startswith("Compilation failed: "):
            self._fail(line.removeprefix("Compilation failed: "))
        elif line.startswith(_INVALID):
            # The line after it says why.
            self._invalid = True
            self._fail(f"invalid model {line.removeprefix(_INVALID).strip()}")
        elif _TIMEOUT.match(line) or line.startswith("Internal compiler error"):
            self._fail(line)
        elif line.startswith(_FAILED):
            if not self._now().failure:
                self._fail(_FAILED)
        elif crash and ("edgetpu_compiler" in line or crash.span() == (0, len(line))):
            self._fail(crash[0])
        elif _MESSAGE.match(line):
            messages = (self._now() if self.runs else _Attempt()).messages
            if len(messages) < _KEPT:
                messages.append(line)
        else:
            return False
        return True

    def _fail(self, reason: str) -> None:
        attempt = self._now()
        if attempt.failure or attempt.closed or attempt.entries:
            attempt = self._open(None)
        attempt.failure = " ".join(reason.split())

    def _try(self, operators: int) -> None:
        if self._searching and self._attempt is not None and self._attempt.failure:
            self._attempt.superseded = True
        self._open(operators)
        self._searching = True

    def _labelled(self, label: str, value: str, number: int) -> None:
        name, what, as_value = _LABELS[label]
        if name == "input_model":
            if label == "Input" or (self._attempt is not None and self._attempt.closed):
                self._undecided()
            self._start_entry()
        entry = self._entry()
        read_value = as_value(value)
        if name in entry:
            self._warn(number, f"'{label}' once more for one model; the first is kept")
        elif read_value is None or read_value == "":
            self._warn(number, f"'{label}' is {value[:60]!r}, which is not {what}; left out")
        else:
            entry[name] = read_value

    def _warn(self, number: int, what: str) -> None:
        if len(self.warnings) < _KEPT:
            self.warnings.append(f"line {number}: {what}")
        elif len(self.warnings) == _KEPT:
            self.warnings.append(f"line {number} and on: more of that")

    def _open(self, tried: int | None) -> _Attempt:
        """A new attempt, in a run without a version where the log began in the middle of one."""
        if not self.runs:
            self.runs.append(("", []))
        self._attempt = _Attempt(tried)
        self.runs[-1][1].append(self._attempt)
        return self._attempt

    def _now(self) -> _Attempt:
        return self._attempt or self._open(None)

    def _undecided(self) -> _Attempt:
        return self._open(None) if self._attempt and self._attempt.decided else self._now()

    def _start_entry(self) -> dict[str, Any]:
        attempt = self._now()
        if attempt.failure:
            attempt = self._open(None)
        attempt.entries.append({"operators": []})
        return attempt.entries[-1]

    def _entry(self) -> dict[str, Any]:
        attempt = self._now()
        return attempt.entries[-1] if attempt.entries else self._start_entry()

    def done(self) -> tuple[Run, ...]:
        """The runs, frozen."""
        return tuple(
            Run(version, tuple(attempt.frozen() for attempt in attempts))
            for version, attempts in self.runs
        )

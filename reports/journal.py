"""The journal: one line of JSON per finished phase, on disk before the next begins.

It is the single truth of a run. Each line holds the fields that a phase added to its cell's record;
folding the lines gives the records. The results JSON is made from it, never beside it.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.linefile import LineFile
from reports.plain import NESTING, jsonable, nests_too_deeply
from reports.record import SCHEMA, Record, RecordError

#: What a cell was doing when its run ended, by the last phase that it finished.
_DURING = {
    "open": "build",
    "convert": "build",
    "build": "first",
    "first": "verdict",
    "second": "verdict",
    "source": "verdict",
    "verdict": "steady or accuracy",
    "steady": "accuracy or end",
    "accuracy": "end",
}


class JournalError(ValueError):
    """A journal that cannot be read, with the file and the line."""


@dataclass
class Folded:
    """What a journal's lines amount to.

    ``run`` is what the first run line says; a journal that was resumed adds ``resumed``, with the
    ``count`` and the time of the ``last``.
    """

    run: dict[str, Any] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Journal:
    """Append-only writer. A line is on disk before ``append`` returns, whole or not at all."""

    def __init__(self, path: Path, run: Mapping[str, Any]) -> None:
        """Start the journal at ``path``; ``run`` is what holds for every cell of it.

        Raises:
            FileExistsError: if there is one already: a journal is never overwritten.
        """
        self.path = path
        self._lines = LineFile.create(path)
        self._write({"event": "run", "schema": SCHEMA, "run": jsonable(run)})

    @classmethod
    def resume(cls, path: Path) -> tuple[Journal, Folded]:
        """Go on with the journal at ``path``, and what it amounts to so far.

        A torn last line is cut off, with a warning in ``Folded.warnings``. A cell that is run
        again starts anew with its ``open`` line; see ``finished`` for those that need not be.

        Raises:
            JournalError: naming the file, if it cannot be read or written, if it is no journal, or
                if another run is writing it. The file is then as it was.
        """
        try:
            lines = LineFile.open(path)
        except BlockingIOError:
            raise JournalError(f"{path}: another run is writing it") from None
        except OSError as error:
            raise JournalError(f"{path}: cannot be resumed: {error.strerror}") from None
        try:
            data = lines.read()
            folded = fold_bytes(data, str(path))
            end = _whole(data)
            lines.cut(end)
            if data[end - 1 : end] != b"\n":
                lines.append("")  # all of the last line was there, but for its end
        except BaseException:
            lines.close()
            raise
        journal = cls.__new__(cls)
        journal.path, journal._lines = path, lines
        at = time.strftime("%Y-%m-%d %H:%M:%S %z")
        journal._write({"event": "resume", "at": at})
        _count_resume(folded.run, at)
        return journal, folded

    def append(self, cell: str, phase: str, fields: Mapping[str, Any]) -> None:
        """Record that ``phase`` of ``cell`` finished and gave ``fields`` of its record."""
        self._write({"event": "phase", "cell": cell, "phase": phase, "fields": jsonable(fields)})

    def close(self) -> None:
        """Close the file; appending afterwards is an error."""
        self._lines.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        self._lines.append(json.dumps(line, allow_nan=False, separators=(",", ":")))


def read(path: Path) -> Folded:
    """Fold the journal at ``path``.

    Raises:
        JournalError: naming the file, if it cannot be opened, decoded or folded.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(f"{path}: cannot be read: {error.strerror}") from None
    return fold_bytes(data, str(path))


def fold_bytes(data: bytes, source: str) -> Folded:
    """Fold a journal's content; bytes that are no text make their line torn, not unreadable."""
    return fold(data.decode("utf-8", errors="replace").split("\n"), source)


def fold(lines: Iterable[str], source: str) -> Folded:
    """Fold a journal's ``lines`` into records, one a cell, in the order in which the cells began.

    A torn last line (the run was killed while writing it) is dropped with a warning, and so is a
    cell that makes no record; a torn line elsewhere, or a line of another schema, is refused. A
    cell whose last phase is not ``end`` is ``not_measured``, and says in which phase the run ended.

    Raises:
        JournalError: naming ``source`` and the line.
    """
    result = Folded()
    cells: dict[str, dict[str, Any]] = {}
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    for number, text in rows:
        try:
            line = _parsed(text)
        except (ValueError, RecursionError) as error:
            if number == rows[-1][0]:
                result.warnings.append(f"{source}: dropped a torn last line ({number})")
                break
            raise JournalError(f"{source}, line {number}: not JSON: {error}") from None
        _apply(line, result, cells, f"{source}, line {number}")
    if not result.run:
        raise JournalError(f"{source}: no run line: not a journal, or cut at its start")
    for cell, fields in cells.items():
        try:
            result.records.append(_ended(Record.from_json(fields)))
        except RecordError as error:
            result.warnings.append(f"{source}: left out cell {cell:.200}: {error}")
    return result


def finished(folded: Folded) -> dict[str, Record]:
    """The records of the cells that came to their end, by cell: a resumed run need not repeat them."""
    return {record.cell: record for record in folded.records if record.phase == "end"}


def _parsed(text: str) -> dict[str, Any]:
    line = json.loads(text)
    if not isinstance(line, dict):
        raise ValueError("not an object")
    return line


def _whole(data: bytes) -> int:
    """How many bytes of ``data`` are whole lines: all but a torn last one and blanks after it."""
    end = len(data)
    while end:
        start = data.rfind(b"\n", 0, end - 1) + 1
        text = data[start:end].decode("utf-8", errors="replace")
        if text.strip():
            try:
                _parsed(text)
            except (ValueError, RecursionError):
                return start
            return end
        end = start
    return 0


def _apply(
    line: Mapping[str, Any], result: Folded, cells: dict[str, dict[str, Any]], where: str
) -> None:
    event = line.get("event")
    if event == "run":
        if line.get("schema") != SCHEMA:
            raise JournalError(
                f"{where}: journal schema {line.get('schema')!r:.40}, this reads {SCHEMA}"
            )
        run = line.get("run")
        if nests_too_deeply(run):
            raise JournalError(f"{where}: the run nests deeper than {NESTING} levels")
        given = dict(run) if isinstance(run, Mapping) and run else {"id": "unnamed"}
        result.run = result.run or given
    elif event == "resume":
        _count_resume(result.run, line.get("at"))
    elif event == "phase":
        cell, phase, fields = line.get("cell"), line.get("phase"), line.get("fields")
        if not isinstance(cell, str) or not isinstance(fields, Mapping):
            raise JournalError(f"{where}: a phase line needs a cell and its fields")
        if phase == "open":  # anew: nothing of an attempt that was interrupted is left in it
            cells[cell] = {"schema": SCHEMA}
        record = cells.setdefault(cell, {"schema": SCHEMA})
        record.update(fields)
        record["cell"], record["phase"] = cell, phase
    elif event is None:
        raise JournalError(f"{where}: no event: not a journal's line")
    else:
        raise JournalError(f"{where}: unknown event {event!r:.80}")


def _count_resume(run: dict[str, Any], at: Any) -> None:
    """Note in ``run`` that it was resumed once more."""
    if not run:
        return  # before any run line: refused when all lines are read
    before = run.get("resumed")
    count = before.get("count") if isinstance(before, Mapping) else None
    run["resumed"] = {
        "count": count + 1 if isinstance(count, int) and 0 < count < 2**31 else 1,
        "last": at if isinstance(at, str) else "",
    }


def _ended(record: Record) -> Record:
    """``record``, or of a cell that did not come to its end the record of that."""
    if record.phase == "end":
        return record
    reason = f"the run ended during {_DURING[record.phase]} of this cell"
    if record.status not in ("ok", "not_measured"):
        reason += f"; until then it was {record.status}: {record.reason}"
    return dataclasses.replace(record, status="not_measured", reason=reason)

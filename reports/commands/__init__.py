"""The subcommands of ``python -m reports``, a module each.

Each has ``HELP``, ``add_arguments(parser)`` and ``run(args) -> int``, and imports what it needs when
it runs, so that ``--help`` stays quick. Bad input is ``UsageError``: one sentence, exit code 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.text import clean

if TYPE_CHECKING:
    from reports.results import Run


class UsageError(Exception):
    """What was wrong with the command or its input, and how to mend it, in one sentence."""


def warn(message: str) -> None:
    """Say ``message`` on stderr, as one clean line."""
    print(f"warning: {clean(message, 1000)}", file=sys.stderr)


def runs_of(paths: Sequence[Path]) -> list[Run]:
    """The runs in ``paths``, with a warning for what could not be read of them.

    Raises:
        UsageError: for a file that is no run.
    """
    from reports.results import ResultsError, load

    try:
        runs = [load(path) for path in paths]
    except ResultsError as error:
        raise UsageError(str(error)) from None
    for each in runs:
        for warning in each.warnings:
            warn(warning)
    return runs


def put(text: str, output: Path | None, inputs: list[Path], *, keep: bool = False) -> None:
    """Write ``text`` to ``output``, or to stdout without one; never over one of ``inputs``.

    ``keep`` keeps an older file beside it: see ``reports.files.write``.

    Raises:
        UsageError: if it cannot be written there.
    """
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from reports.files import write

    if output.resolve() in [path.resolve() for path in inputs]:
        raise UsageError(f"{output}: is the run itself: give -o another name")
    try:
        write(output, text, keep=keep)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror or error}") from None
    print(f"wrote {clean(output.resolve(), 1000)}", file=sys.stderr)

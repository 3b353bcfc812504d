"""Writing a report: whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, text: str, *, keep: bool = False) -> None:
    """Put ``text`` at ``path`` in one step: a reader sees the old file or the new one.

    ``keep`` keeps the old file as ``<name>.previous``, as a run does with older results. What is
    not a regular file (a pipe, ``/dev/stdout``) is simply written to.

    Raises:
        OSError: if it cannot be written; the old file is then as it was.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    target = path.resolve()  # a link keeps pointing where it did
    draft = target.with_name(f".{target.name[:100]}.{os.getpid()}.tmp")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if keep and target.exists():
            target.replace(target.with_name(f"{target.name}.previous"))
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise

"""Reading of what a kernel publishes in files: /sys, /proc, /dev and /etc, under any root.

Every detector reads through a :class:`Tree`, so that the recorded files of a board are as good as
the board itself, and its detection can be tested anywhere.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

#: The most bytes that are read of one file, unless more is asked for: /proc/cpuinfo of 256
#: processors is below half of it.
LIMIT = 1 << 20
#: More than most files there hold: a buffer for the longest would cost more than reading does.
_USUAL = 1 << 14


@dataclass(frozen=True)
class Tree:
    """The files of one machine, at ``root``. Nothing in it raises for what a file system may hold.

    ``machine`` is what ``platform.machine()`` says where the tree is that of the running process;
    None for a recorded tree, whose architecture shows in its files. Paths are absolute within the
    tree: ``/proc/cpuinfo`` is that path below ``root``. In a recorded tree no link leads outside
    it.
    """

    root: Path = Path("/")
    machine: str | None = None

    @cached_property
    def live(self) -> bool:
        """Whether this is the running machine's own tree."""
        return os.path.realpath(self.root) == "/"

    @cached_property
    def cpuinfo(self) -> str:
        """/proc/cpuinfo, read once: for it the kernel may interrupt every processor it has."""
        return self.text("/proc/cpuinfo") or ""

    def text(self, path: str, limit: int = LIMIT) -> str | None:
        """What the regular file at ``path`` holds, without NULs and white space at its ends.

        None where there is no such file or it cannot be read. Bytes that are not UTF-8 are
        replaced, and what lies beyond ``limit`` bytes is left out.
        """
        try:
            place = self._place(path)
            # A pipe or a device node could block, or act on being opened.
            if place is None or not stat.S_ISREG(place.stat().st_mode):
                return None
            with place.open("rb") as file:
                content = file.read(_USUAL)
                if len(content) == _USUAL:
                    content += file.read(limit - _USUAL)
        except (
            OSError,
            ValueError,
            RuntimeError,
        ):  # ValueError: a NUL in the path; RuntimeError: a loop
            return None
        return content.decode("utf-8", "replace").strip("\0 \t\r\n")

    def strings(self, path: str) -> tuple[str, ...]:
        """The strings of a device-tree property: each ends with a NUL."""
        text = self.text(path)
        return tuple(text.split("\0")) if text else ()

    def number(self, path: str, base: int = 10) -> int | None:
        """The whole number that the file holds, or None."""
        return to_int(self.text(path), base)

    def link(self, path: str) -> str | None:
        """Where the symbolic link at ``path`` points, as written; None if there is none."""
        try:
            parent = self._place(str(Path(path).parent))
            return None if parent is None else str((parent / Path(path).name).readlink())
        except (OSError, ValueError, RuntimeError):
            return None

    def exists(self, path: str) -> bool:
        """Whether there is anything at ``path``."""
        try:
            place = self._place(path)
            return place is not None and place.exists()
        except (OSError, ValueError, RuntimeError):
            return False

    def glob(self, pattern: str) -> list[str]:
        """The paths that match a shell pattern, in natural order: cpu2 before cpu10."""
        # Path.glob raises for directories that go away while it reads them.
        found = glob.glob(pattern.lstrip("/"), root_dir=self.root)  # noqa: PTH207
        return sorted(("/" + path for path in found), key=natural)

    def _place(self, path: str) -> Path | None:
        """The file's real path, or None if a link of a recorded tree leads out of it."""
        place = self.root / path.lstrip("/")
        if self.live:
            return place
        real, root = os.path.realpath(place), os.path.realpath(self.root)
        return Path(real) if os.path.commonpath((real, root)) == root else None


def to_int(text: str | None, base: int = 10) -> int | None:
    """``text`` as a whole number, or None if it is none."""
    try:
        return None if text is None else int(text, base)
    except ValueError:
        return None


def natural(path: str) -> list[tuple[int, str]]:
    """A key that sorts cpu2 before cpu10, as far as numbers are such as a kernel gives."""
    return [
        (int(part), "") if part.isdecimal() and len(part) < 20 else (-1, part)
        for part in re.split(r"(\d+)", path)
    ]

"""A file that only grows by whole lines: one is on disk when ``append`` returns, or is not there."""

from __future__ import annotations

import contextlib
import fcntl
import os
from io import FileIO
from pathlib import Path


class LineFile:
    """The one writer of a file of lines; another process that tries is refused.

    Every line is written at the end of the last whole one, wherever the file ends: what a failed
    write left behind is overwritten, so that no line is ever glued to a torn one.
    """

    def __init__(self, file: FileIO) -> None:
        """Take over ``file``; see ``create`` and ``open``."""
        self._file = file
        self._end = os.fstat(file.fileno()).st_size

    @classmethod
    def create(cls, path: Path) -> LineFile:
        """A new file, with the folders it lies in; their entries are on disk as well.

        Raises:
            FileExistsError: if there is one already.
        """
        new = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        file = cls._locked(path, os.O_CREAT | os.O_EXCL)
        for folder in dict.fromkeys([path.parent, *(each.parent for each in new)]):
            _sync_folder(folder)
        return file

    @classmethod
    def open(cls, path: Path) -> LineFile:
        """The file at ``path``.

        Raises:
            BlockingIOError: if another process writes it.
        """
        return cls._locked(path, 0)

    @classmethod
    def _locked(cls, path: Path, flags: int) -> LineFile:
        file = FileIO(os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o666), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise
        except OSError:
            pass  # a network share without locks: nobody can tell who else writes there
        return cls(file)

    def read(self) -> bytes:
        """Everything in the file."""
        self._file.seek(0)
        return self._file.readall()

    def cut(self, size: int) -> None:
        """Drop what follows the first ``size`` bytes."""
        self._file.truncate(size)
        self._end = size

    def append(self, line: str) -> None:
        """Write ``line``, which holds no line break, and wait until it is on disk.

        Raises:
            OSError: if it cannot be written; the file is then as it was.
        """
        data = line.encode("utf-8") + b"\n"
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(self._file.fileno(), data[done:], self._end + done)
            os.fsync(self._file.fileno())
        except BaseException:
            with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
                self._file.truncate(self._end)
            raise
        self._end += len(data)

    def close(self) -> None:
        """Close the file; appending afterwards is an error."""
        self._file.close()


def _sync_folder(folder: Path) -> None:
    """Put a folder's entries on disk, where its file system can be asked to."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

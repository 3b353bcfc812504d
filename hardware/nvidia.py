"""Versions of NVIDIA's libraries, in the words of their own files: CUDA, cuDNN and TensorRT.

Each is looked for where it is cheapest to read, so that a board at the end of a wire can be asked as
well: a file of versions or a header, then what the library's link points at. dpkg's list is read last,
and does not come over a wire: it is megabytes.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hardware.tree import Tree

_VERSION = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,9}){1,4}")
_CUDA = "/usr/local/cuda"
#: CUDA has the first from 11.1 on, and the second before.
_CUDA_JSON, _CUDA_TEXT = f"{_CUDA}/version.json", f"{_CUDA}/version.txt"
#: Debian's folder of a machine's own headers and libraries, of Jetson (and servers with ARM) and of PCs.
_MACHINES = ("aarch64-linux-gnu", "x86_64-linux-gnu")
_INCLUDES = (*(f"/usr/include/{m}" for m in _MACHINES), "/usr/include", f"{_CUDA}/include")
_LIBRARIES = (*(f"/usr/lib/{m}" for m in _MACHINES), "/usr/lib64", f"{_CUDA}/lib64")
#: Where dpkg says what is installed.
STATUS = "/var/lib/dpkg/status"
_STATUS_LIMIT = 16 << 20


@dataclass(frozen=True)
class _Library:
    """One library: macros of its version, headers that hold them, its soname, numbers and packages.

    ``old`` is the header that held them once and holds everything else as well: not for a wire either.
    """

    macros: tuple[str, ...]
    headers: tuple[str, ...]
    old: str
    soname: str
    majors: range
    packages: str


_TENSORRT = _Library(
    tuple(f"NV_TENSORRT_{part}" for part in ("MAJOR", "MINOR", "PATCH", "BUILD")),
    ("NvInferVersion.h",),  # from TensorRT 6 on
    "NvInfer.h",
    "libnvinfer.so",
    range(4, 12),
    r"libnvinfer[0-9]{1,2}",
)
_CUDNN = _Library(
    ("CUDNN_MAJOR", "CUDNN_MINOR", "CUDNN_PATCHLEVEL"),
    # The first is a link through /etc/alternatives; from cuDNN 8 on.
    ("cudnn_version.h", "cudnn_version_v8.h", "cudnn_version_v9.h"),
    "cudnn.h",
    "libcudnn.so",
    range(6, 11),
    r"libcudnn[0-9]{1,2}(?:-cuda-[0-9]{1,2})?",
)
_BOTH = (_TENSORRT, _CUDNN)
_CUDART = r"cuda-cudart-[0-9]{1,2}-[0-9]{1,2}"

#: What of the above is small enough to be brought over a wire: files, and links.
FILES = (
    *(_CUDA_JSON, _CUDA_TEXT),
    *(f"{folder}/{name}" for folder in _INCLUDES for known in _BOTH for name in known.headers),
)
LINKS = tuple(
    f"{folder}/{known.soname}.{major}"
    for folder in _LIBRARIES
    for known in _BOTH
    for major in known.majors
)


@dataclass(frozen=True)
class Installed:
    """The versions installed in ``tree``, each None where no file tells."""

    tree: Tree

    def facts(self) -> dict[str, str | None]:
        """``cuda``, ``cudnn`` and ``tensorrt``, for a device's facts."""
        return {"cuda": self.cuda, "cudnn": self._of(_CUDNN), "tensorrt": self._of(_TENSORRT)}

    @property
    def cuda(self) -> str | None:
        """Of the toolkit, or else of its runtime library."""
        return (
            parse_cuda_json(self.tree.text(_CUDA_JSON) or "")
            or parse_cuda_text(self.tree.text(_CUDA_TEXT) or "")
            or self.package(_CUDART)
        )

    def package(self, pattern: str) -> str | None:
        """The upstream version of the newest installed package whose whole name matches ``pattern``."""
        names = (name for name in self._packages if re.fullmatch(pattern, name))
        found = (_VERSION.match(self._packages[name]) for name in names)
        return max((each[0] for each in found if each), key=_numbers, default=None)

    def _of(self, library: _Library) -> str | None:
        return (
            self._by_header(library, library.headers)
            or self._by_link(library)
            or self._by_header(library, (library.old,))
            or self.package(library.packages)
        )

    def _by_header(self, library: _Library, names: Iterable[str]) -> str | None:
        for folder, name in itertools.product(_INCLUDES, names):
            text = self.tree.text(f"{folder}/{name}", _HEAD)
            if text and (version := parse_macros(text, library.macros)):
                return version
        return None

    def _by_link(self, library: _Library) -> str | None:
        for folder, major in itertools.product(_LIBRARIES, reversed(library.majors)):
            target = self.tree.link(f"{folder}/{library.soname}.{major}") or ""
            if found := re.search(rf"{re.escape(library.soname)}\.([0-9]+(?:\.[0-9]+)+)$", target):
                return found[1]
        return None

    @cached_property
    def _packages(self) -> dict[str, str]:
        return parse_packages(self.tree.text(STATUS, _STATUS_LIMIT) or "")


#: How much of a header is read: its versions come first.
_HEAD = 1 << 15


def parse_cuda_json(text: str) -> str | None:
    """The toolkit's version, ``12.6.11``, from version.json: that of ``cuda``, the whole of it."""
    try:
        found = json.loads(text)
        version = found["cuda"]["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else None


def parse_cuda_text(text: str) -> str | None:
    """The toolkit's version from version.txt: ``CUDA Version 10.2.300``."""
    found = re.search(rf"CUDA Version ({_VERSION.pattern})(?:\s|$)", text)
    return found[1] if found else None


def parse_macros(text: str, names: Iterable[str]) -> str | None:
    """The numbers of the macros ``names`` joined by dots, up to the first that a header lacks.

    One may be defined as another: ``#define NV_TENSORRT_MAJOR TRT_MAJOR_ENTERPRISE`` (TensorRT 10).
    """
    pattern = r"^[ \t]*#[ \t]*define[ \t]+(\w{1,80})[ \t]+\(?(\w{1,80})\)?"
    defined: dict[str, str] = dict(re.findall(pattern, text, re.M))
    numbers = []
    for name in names:
        value = defined.get(name, "")
        value = defined.get(value, value)
        if not re.fullmatch(r"[0-9]{1,9}", value):
            break
        numbers.append(value)
    return ".".join(numbers) if len(numbers) > 1 else None


def parse_packages(text: str) -> dict[str, str]:
    """The versions of the installed packages by name, from /var/lib/dpkg/status.

    Its stanzas are separated by blank lines (deb-control(5)); one of a package that was removed, and
    left its configuration, has another ``Status``.
    """
    found = {}
    for stanza in re.split(r"\n[ \t]*\n", text):
        fields = dict(re.findall(r"^(Package|Status|Version):[ \t]*(\S.*)$", stanza, re.M))
        if fields.get("Status", "").endswith(" installed") and "Package" in fields:
            found[fields["Package"].strip()] = fields.get("Version", "").rpartition(":")[2].strip()
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))

"""Which of Coral's runtime libraries is installed, by what the system's package manager has on file.

Coral ships libedgetpu in two builds, of which only one can be installed: ``libedgetpu1-std`` runs a
USB Accelerator at a reduced clock, 250 MHz, and ``libedgetpu1-max`` at the full 500 MHz (datasheet of
the USB Accelerator, "Performance settings",
https://coral.ai/static/files/Coral-USB-Accelerator-datasheet.pdf). A PCI Express device runs at the
full clock with either: the reduced build slows USB alone
(``DefaultThrottledUsbPerformance`` in libedgetpu's tflite/edgetpu_context_direct.cc), and there it is
the kernel's driver that slows down, when the chip is hot
(https://coral.ai/docs/pcie-parameters/). Older systems have both as ``libedgetpu1-legacy-std`` and
``-max``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.tree import Tree

#: dpkg's list of packages is a few MB; of one that is longer, what lies beyond is not read.
_STATUS_LIMIT = 1 << 25
_LISTS = "/var/lib/dpkg/info/libedgetpu1-*.list"
#: ``libedgetpu1-std``, with the architecture where packages of several may lie side by side.
_LIST = re.compile(r"/(libedgetpu1-(?:legacy-)?(std|max))(?::[a-z0-9-]+)?\.list$")
#: Where Debian's and others' packages, or a build of one's own, put it.
_FILES = ("/usr/lib/*-linux-gnu*", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib")
_NAME = "libedgetpu.so.1"

#: What a library that answers from recordings has among its strings, and how much is searched for
#: it, in bytes: libedgetpu has one million.
_STAND_IN, _LONGEST = b"stand-in for libedgetpu", 64 << 20


@dataclass(frozen=True)
class Library:
    """The installed library; what is not known is None.

    ``build`` is std or max, after the package; ``file`` is where it was found without one.
    """

    package: str | None = None
    version: str | None = None
    build: str | None = None
    file: str | None = None

    def facts(self, *, usb: bool) -> dict[str, Any]:
        """As a device's facts: ``clock`` is at which of the two, std or max, it drives this one.

        None where no package says which build it is.
        """
        return {
            "library_package": self.package,
            "library_version": self.version,
            "library_file": self.file,
            "clock": self.build if usb or self.build is None else "max",
        }


def installed(tree: Tree) -> Library:
    """The package that dpkg has installed, else the file in the usual folders of libraries."""
    for path in tree.glob(_LISTS):
        if found := _LIST.search(path):
            package, build = found.groups()
            known, version = _version(tree, package)
            if known:
                return Library(package, version, build)
    for folder in _FILES:
        for path in tree.glob(f"{folder}/{_NAME}"):
            return Library(file=path)
    return Library()


def _version(tree: Tree, package: str) -> tuple[bool, str | None]:
    """Whether ``package`` is installed, not removed and its list left behind; and its version."""
    status = tree.text("/var/lib/dpkg/status", _STATUS_LIMIT)
    if status is None:
        return True, None  # a container that keeps the lists alone
    start = re.search(rf"^Package: {re.escape(package)}$", status, re.MULTILINE)
    if start is None:
        return False, None
    paragraph = status[start.start() :].partition("\n\n")[0]
    state = re.search(r"^Status: (.+)$", paragraph, re.MULTILINE)
    version = re.search(r"^Version: (\S{1,80})$", paragraph, re.MULTILINE)
    return state is None or state[1].endswith(" installed"), version[1] if version else None


def stands_in(path: Path) -> bool:
    """Whether the library at ``path`` says of itself that it answers from recordings.

    What is timed with such a one is no measurement, whatever device is attached.
    """
    try:
        with path.open("rb") as file:
            return _STAND_IN in file.read(_LONGEST)
    except OSError:
        return False  # opening it will say why

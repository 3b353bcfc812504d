"""Debian's packages for another architecture: resolved, downloaded and verified by apt, not installed.

apt keeps its lists, state and packages in a folder of its own; nothing of the system's is touched. Its
configuration (proxies and the like) is the system's, and so is the mirror.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from hardware.edgetpu.text import clean
from hardware.emulate.machine import EmulationError

#: Debian's own keys, from the package of that name.
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: What apt says of its progress: ``dlstatus:7:12.5:Retrieving file 7 of 63``.
_STATUS = re.compile(r"(?:dl|pm)status:[^:]*:(\d{1,3}(?:\.\d+)?):")
#: ``Inst libc6 (2.41-12 Debian:13.7/stable [riscv64]) []``
_INSTALLED = re.compile(r"^Inst (\S+) (?:\[\S+\] )?\((\S+) [^[\n]*\[(\w+)\]\)", re.MULTILINE)
#: What is done, and how much of it, 0 to 1.
Progress = Callable[[str, float], object]


@dataclass(frozen=True)
class Package:
    """One package: its name, Debian's version of it, and the file that holds it."""

    name: str
    version: str
    file: Path


@dataclass(frozen=True)
class Packages:
    """A place of apt's own at ``folder``, for one architecture of Debian.

    ``releases`` are Debian's, the one to prefer first; the others only serve what that lacks.
    """

    folder: Path
    architecture: str
    releases: Sequence[str]
    mirror: str

    def download(self, names: Sequence[str], progress: Progress = lambda *_: None) -> list[Package]:
        """Those of ``names`` (apt's regular expressions among them), and what they depend on.

        Packages that were downloaded before are taken as they are, if their sizes are right.

        Raises:
            EmulationError: if apt is not here, has no network, or finds a wrong signature or digest.
        """
        self._prepare()
        # Without a network, what was downloaded before may do.
        lists = partial(progress, "downloading lists of packages")
        _, stale = self._apt("update", "-o", "APT::Update::Error-Mode=any", done=lists)
        files = partial(progress, "downloading packages")
        _, failed = self._apt("install", "--download-only", "--yes", *names, done=files)
        if failed is not None:
            raise EmulationError(f"Debian's packages for {self.architecture}: {stale or failed}")
        said, _ = self._apt("install", "--simulate", *names)
        return [
            Package(name, version, self._archives / _file(name, version, architecture))
            for name, version, architecture in _INSTALLED.findall(said)
        ]

    @property
    def _archives(self) -> Path:
        return self.folder / "cache" / "archives"

    def _prepare(self) -> None:
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise EmulationError(
                "apt-get and dpkg-deb are needed: they come with Debian and Ubuntu"
            )
        if not KEYRING.is_file():
            raise EmulationError(
                f"{KEYRING}: not there: install the package debian-archive-keyring"
            )
        for part in ("state/lists/partial", "cache/archives/partial", "etc"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "state/status").touch()
        sources = "".join(
            f"deb [arch={self.architecture} signed-by={KEYRING}] {self.mirror} {release} main\n"
            for release in self.releases
        )
        (self.folder / "etc/sources.list").write_text(sources, encoding="utf-8")
        pins = "".join(
            f"Package: *\nPin: release n={release}\nPin-Priority: 100\n\n"
            for release in self.releases[1:]
        )
        (self.folder / "etc/preferences").write_text(pins, encoding="utf-8")

    def _options(self) -> list[str]:
        nowhere = self.folder / "etc" / "none"
        nowhere.mkdir(exist_ok=True)
        settings = {
            "APT::Architecture": self.architecture,
            "APT::Architectures::": self.architecture,
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",  # its user _apt may not enter everybody's cache
            "Acquire::Languages": "none",
            "Dir::Cache": self.folder / "cache",
            "Dir::State": self.folder / "state",
            "Dir::State::status": self.folder / "state/status",
            "Dir::Etc::sourcelist": self.folder / "etc/sources.list",
            "Dir::Etc::sourceparts": nowhere,
            "Dir::Etc::preferences": self.folder / "etc/preferences",
            "Dir::Etc::preferencesparts": nowhere,
        }
        return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]

    def _apt(
        self, command: str, *words: str, done: Callable[[float], object] = lambda _: None
    ) -> tuple[str, str | None]:
        """Run apt-get: what it said, and what it complained of, None if it succeeded."""
        done(0.0)
        reads, writes = os.pipe()
        options = [*self._options(), "-qq", "-o", f"APT::Status-Fd={writes}"]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    ["apt-get", *options, command, *words],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=errors,
                    pass_fds=[writes],
                    env={**os.environ, "LC_ALL": "C"},
                )
            finally:
                os.close(writes)
            with os.fdopen(reads, encoding="utf-8", errors="replace") as status:
                for line in status:
                    if found := _STATUS.match(line):
                        done(min(float(found[1]) / 100, 1.0))
            code = process.wait()
            said, wrong = (_all(file) for file in (out, errors))
        return said, None if code == 0 else complaint(wrong)


def _all(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _file(name: str, version: str, architecture: str) -> str:
    """The name under which apt keeps a package."""
    return f"{name}_{version.replace(':', '%3a')}_{architecture}.deb"


def complaint(said: str) -> str:
    """The first error of what apt wrote, on one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
    return clean(next(iter(errors or lines), "apt-get failed without a word"), 300)


def own_mirror() -> str:
    """The mirror from which this machine has its own Debian packages.

    Raises:
        EmulationError: if it is no Debian.
    """
    wanted = ["--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"]
    try:
        done = subprocess.run(
            ["apt-get", "indextargets", *wanted], capture_output=True, text=True, check=False
        )
    except OSError:
        raise EmulationError("apt-get is needed: it comes with Debian and Ubuntu") from None
    if mirror := mirror_of(done.stdout.splitlines()):
        return mirror
    raise EmulationError(
        "this machine's apt has no mirror of Debian: name one with --mirror "
        "(https://www.debian.org/mirror/list)"
    )


def mirror_of(listing: Iterable[str]) -> str | None:
    """Debian's mirror, of apt's targets as ``ORIGIN|LABEL|URI``; None if Debian is not among them."""
    for line in listing:
        origin, label, uri = (*line.strip().split("|"), "", "", "")[:3]
        if origin == label == "Debian" and uri:
            return uri.rstrip("/")
    return None

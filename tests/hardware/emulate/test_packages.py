"""apt on a mirror of our own: it verifies as ever, and whatever is wrong is one sentence."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.emulate.machine import EmulationError
from hardware.emulate.packages import KEYRING, Packages, complaint, mirror_of


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    if shutil.which("apt-get") is None or not KEYRING.is_file():
        pytest.skip("no apt-get with Debian's keys here: the package debian-archive-keyring")
    return Packages(tmp_path / "apt", "riscv64", ["trixie"], f"file://{tmp_path}/mirror")


def test_a_mirror_that_is_not_there(packages: Packages) -> None:
    with pytest.raises(EmulationError, match=r"Debian's packages for riscv64: .*mirror") as caught:
        packages.download(["python3"])
    assert "\n" not in str(caught.value)


def test_what_debian_did_not_sign_is_refused(packages: Packages, tmp_path: Path) -> None:
    release = tmp_path / "mirror/dists/trixie"
    index = release / "main/binary-riscv64/Packages"
    index.parent.mkdir(parents=True)
    index.write_text("")
    digest = hashlib.sha256(b"").hexdigest()
    (release / "Release").write_text(
        "Origin: Debian\nSuite: trixie\nCodename: trixie\nDate: Sat, 09 Aug 2025 09:00:00 UTC\n"
        "Architectures: riscv64\nComponents: main\n"
        f"SHA256:\n {digest} 0 main/binary-riscv64/Packages\n"
    )
    with pytest.raises(EmulationError, match="not signed"):
        packages.download(["python3"])


@pytest.mark.parametrize(
    ("lines", "mirror"),
    [
        (["Debian|Debian|http://a.example/debian/"], "http://a.example/debian"),
        (
            ["Debian|Debian-Security|http://s.example/", "Debian|Debian|http://a.example"],
            "http://a.example",
        ),
        (["Ubuntu|Ubuntu|http://u.example/ubuntu/"], None),
        (["Debian|Debian|"], None),
        ([], None),
    ],
)
def test_the_mirror_is_the_machine_s_own(lines: list[str], mirror: str | None) -> None:
    assert mirror_of(lines) == mirror


@given(st.lists(st.text(max_size=80), max_size=5))
def test_a_listing_may_hold_anything(lines: list[str]) -> None:
    mirror_of(lines)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            "W: old\nE: Failed to fetch x  Could not resolve\nE: more",
            "Failed to fetch x  Could not",
        ),
        ("W: only this", "W: only this"),
        ("", "without a word"),
    ],
)
def test_the_first_error_is_told(said: str, found: str) -> None:
    assert found in complaint(said)


@given(st.text())
def test_a_complaint_is_one_line(said: str) -> None:
    assert len(complaint(said).splitlines()) == 1

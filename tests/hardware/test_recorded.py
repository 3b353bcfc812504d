"""What is read over a wire tells detection and sampling as much as the machine itself would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.worker import keeper
from hardware.detect import detect_in
from hardware.devices import cpu
from hardware.recorded import Reader, Recorded
from hardware.sampling import sample
from hardware.tree import Tree
from tests.hardware.boards import BOARDS, TREES, make


def reader(root: Path | str) -> Reader:
    """Reads as a board's keeper does, below ``root``."""

    def read(
        files: Iterable[str], links: Iterable[str]
    ) -> tuple[Mapping[str, bytes | None], Mapping[str, str]]:
        found = keeper.published(files, links, str(root))
        contents = {
            path: None if text is None else text.encode("latin-1")
            for path, text in found["files"].items()
        }
        return contents, found["links"]

    return read


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_is_the_same_over_the_wire(name: str) -> None:
    recorded = Recorded.of(reader(TREES / name))
    assert detect_in(recorded) == detect_in(Tree(TREES / name))
    there, here = sample(recorded), sample(Tree(TREES / name))
    assert replace(there, at=0.0) == replace(here, at=0.0)


def test_this_machine_is_the_same_over_the_wire() -> None:
    here, there = Tree(Path("/"), "x86_64"), Recorded.of(reader(""), "x86_64")
    (found,), (own,) = (cpu.detect(tree).devices for tree in (there, here))
    assert found.name == own.name
    still = {name for name in own.facts if name != "clocks"}  # those move
    assert {name: found.facts[name] for name in still} == {name: own.facts[name] for name in still}


def test_only_what_a_sample_reads_is_read_again(tmp_path: Path) -> None:
    zone = "/sys/class/thermal/thermal_zone0"
    files = {f"{zone}/type": "cpu", f"{zone}/temp": "50000", "/proc/meminfo": "MemTotal: 9 kB"}
    make(tmp_path, files)
    read = reader(tmp_path)
    tree = Recorded.of(read)
    sample(tree)
    tree.read.clear()
    assert sample(tree).temperatures == {"cpu": 50.0}
    changing = set(tree.read)
    assert f"{zone}/temp" in changing
    assert not changing & {"/proc/meminfo", f"{zone}/type"}
    make(tmp_path, {f"{zone}/temp": "61000"})
    assert sample(tree).temperatures == {"cpu": 50.0}
    tree.refresh(read, changing)
    assert sample(tree).temperatures == {"cpu": 61.0}
    (tmp_path / zone.lstrip("/") / "temp").unlink()
    tree.refresh(read, changing)
    assert sample(tree).temperatures == {}

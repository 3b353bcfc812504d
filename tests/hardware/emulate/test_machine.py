from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware import KINDS
from hardware.emulate.machine import MACHINES, EmulationError, parse
from hardware.isa import riscv_extensions


def test_machines_stand_for_kinds_of_boards() -> None:
    assert {machine.kind for machine in MACHINES.values()} < set(KINDS)
    for machine in MACHINES.values():
        assert next(iter(machine.lanes)) == "", "the plain processor comes first"


def test_vectors_are_the_lanes_alone() -> None:
    plain, vector = (parse(f"riscv64{lane}")[0].lanes[lane[1:]] for lane in ("", ":v128"))
    assert plain.facts == {"isa": "rv64gc", "vector": False, "vlen": None}
    assert vector.facts == {"isa": "rv64gcv", "vector": True, "vlen": 128}
    assert "v" not in riscv_extensions(plain.isa)
    assert "v" in riscv_extensions(vector.isa)
    assert "vlen=128" in vector.cpu


@pytest.mark.parametrize("text", ["", "vax", "riscv64:", "riscv64:v64", "aarch64:v128", "RISCV64"])
def test_what_cannot_be_emulated_says_what_can(text: str) -> None:
    if text == "riscv64:":
        assert parse(text)[1] == ""
        return
    with pytest.raises(EmulationError, match="expected one of riscv64, riscv64:v128") as caught:
        parse(text)
    assert "aarch64" in str(caught.value)


@given(st.text(max_size=200))
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    try:
        machine, lane = parse(text)
    except EmulationError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert lane in machine.lanes


def test_another_recipe_is_another_sysroot() -> None:
    from dataclasses import replace

    machine = MACHINES["riscv64"]
    assert machine.recipe == replace(machine, kind="cpu").recipe
    assert machine.recipe != replace(machine, packages=("python3",)).recipe

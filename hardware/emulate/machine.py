"""Which machines can be emulated, and with which vector units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.edgetpu.text import clean


class EmulationError(ValueError):
    """Nothing can be emulated: one sentence that says why, and how to mend it."""


@dataclass(frozen=True)
class Lane:
    """One processor of a machine: what qemu is told (``-cpu``), and what a device's facts are.

    ``vlen`` is the length of RISC-V's vector registers in bits; 0 without them, None elsewhere.
    """

    cpu: str
    isa: str
    vlen: int | None = None

    @property
    def facts(self) -> dict[str, object]:
        """As detection has them of a board."""
        vector = None if self.vlen is None else self.vlen > 0
        return {"isa": self.isa, "vector": vector, "vlen": self.vlen or None}


@dataclass(frozen=True)
class Machine:
    """An architecture: its name as ``uname -m`` has it, and the kind of board that it stands for.

    ``debian`` is Debian's name for it, ``triplet`` that of its folders of libraries. ``lanes`` are its
    processors by name, the plain one first, whose name is empty.
    """

    name: str
    kind: str
    debian: str
    triplet: str
    lanes: Mapping[str, Lane] = field(default_factory=dict)

    @property
    def emulator(self) -> str:
        """The program that runs its programs: qemu's own name for it, statically linked."""
        return f"qemu-{self.name}-static"


def _rvv(vlen: int) -> Lane:
    return Lane(f"rv64,v=true,vlen={vlen},elen=64,vext_spec=v1.0", "rv64gcv", vlen)


MACHINES: Mapping[str, Machine] = {
    machine.name: machine
    for machine in (
        Machine(
            "riscv64",
            "riscv",
            "riscv64",
            "riscv64-linux-gnu",
            {"": Lane("rv64", "rv64gc", 0), "v128": _rvv(128), "v256": _rvv(256)},
        ),
        # The Cortex-A72 of a Raspberry Pi 4; the Pi 3's and the Coral Dev Board's A53 has its features.
        Machine(
            "aarch64",
            "raspberrypi",
            "arm64",
            "aarch64-linux-gnu",
            {"": Lane("cortex-a72", "armv8-a")},
        ),
    )
}


def parse(text: str) -> tuple[Machine, str]:
    """``riscv64`` or ``riscv64:v128``: the machine, and the name of its lane.

    Raises:
        EmulationError: for any other, naming those there are.
    """
    name, _, lane = text.partition(":")
    machine = MACHINES.get(name)
    if machine is None or lane not in machine.lanes:
        known = ", ".join(
            f"{each}:{one}" if one else each for each in MACHINES for one in MACHINES[each].lanes
        )
        raise EmulationError(f"{clean(text, 60)}: cannot be emulated: expected one of {known}")
    return machine, lane

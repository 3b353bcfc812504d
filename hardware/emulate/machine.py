"""Which machines can be emulated, and with which vector units."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

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

    Its sysroot is made of ``packages`` of Debian's ``releases`` (the first is preferred, the others
    serve what it lacks) and of ``wheels`` for its Python, which have to be asked for by version.
    """

    name: str
    kind: str
    debian: str
    triplet: str
    lanes: Mapping[str, Lane]
    releases: tuple[str, ...]
    python: str
    packages: tuple[str, ...]
    wheels: tuple[str, ...] = ()

    def emulator(self) -> str | None:
        """The program that runs its programs: qemu's, which since version 10 is static in any case."""
        names = (f"qemu-{self.name}-static", f"qemu-{self.name}")
        return next((name for name in names if shutil.which(name)), None)

    @property
    def recipe(self) -> str:
        """What its sysroot is made of, as a digest."""
        made_of = (self.releases, self.python, self.packages, self.wheels)
        return hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]


def _rvv(vlen: int) -> Lane:
    return Lane(f"rv64,v=true,vlen={vlen},elen=64,vext_spec=v1.0", "rv64gcv", vlen)


#: What compiled modules ask for, and TVM's own runtime.
_BASE = ("python3", "libstdc++6", "libatomic1", "libgcc-s1")

MACHINES: Mapping[str, Machine] = {
    machine.name: machine
    for machine in (
        Machine(
            name="riscv64",
            kind="riscv",
            debian="riscv64",
            triplet="riscv64-linux-gnu",
            lanes={"": Lane("rv64", "rv64gc", 0), "v128": _rvv(128), "v256": _rvv(256)},
            # TensorFlow Lite's C API came with the release after Debian 13.
            releases=("trixie", "forky"),
            python="python3.13",
            packages=(
                *(*_BASE, "python3-numpy", "python3-pytest", "python3-onnxruntime"),
                r"^libtensorflow-lite[0-9.]+$",
            ),
        ),
        # A Cortex-A72, which is the Raspberry Pi 4's; the A53 of the Pi 3 and of the Coral Dev Board
        # has its instructions. Python 3.11 is the last that both interpreters of TFLite have wheels for.
        Machine(
            name="aarch64",
            kind="raspberrypi",
            debian="arm64",
            triplet="aarch64-linux-gnu",
            lanes={"": Lane("cortex-a72", "armv8-a")},
            releases=("bookworm",),
            python="python3.11",
            packages=_BASE,
            wheels=(
                *("ai-edge-litert>=2.1,<3", "tflite-runtime>=2.13,<2.15", "onnxruntime>=1.18"),
                "numpy<2",
            ),
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

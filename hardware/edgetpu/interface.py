"""The links between a host and an Edge TPU, as the law of latency needs them, and their bounds."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.edgetpu.footprint import CLOCK
from hardware.edgetpu.known import FIT


@dataclass(frozen=True)
class Parameter:
    """A number of the law, in ``unit``; ``how`` is fitted, derived or assumed; ``source`` says from
    what.
    """

    value: float
    unit: str
    how: str
    source: str


@dataclass(frozen=True)
class Interface:
    """One link. A prediction of t seconds lies within ``low * t`` and ``high * t``.

    ``bound`` says what these factors rest on, ``held-out`` measurements or ``assumed``, and ``why``
    gives the reasoning.
    """

    name: str
    what: str
    bandwidth: Parameter
    load_bandwidth: Parameter
    overhead: Parameter
    clock: Parameter
    low: float
    high: float
    bound: str
    why: str


_PUBLISHED = "Raspberry Pi 3 B+, USB Accelerator, June 2019: bird first, bird steady"
_CORAL = "google-coral/pycoral, benchmarks/reference"
_MAXIMUM = Parameter(
    CLOCK, "Hz", "assumed", "the maximum clock (libedgetpu1-max); 250e6 with libedgetpu1-std"
)

USB2 = Interface(
    name="usb2",
    what="USB 2.0, as on a Raspberry Pi 3",
    bandwidth=Parameter(FIT.bandwidth, "B/s", "fitted", _PUBLISHED),
    load_bandwidth=Parameter(FIT.bandwidth, "B/s", "fitted", _PUBLISHED),
    overhead=Parameter(FIT.overhead, "s", "fitted", _PUBLISHED),
    clock=_MAXIMUM,
    low=0.9,
    high=1.1,
    bound="held-out",
    why="The worst of nine independent held-out measurements is 7.3 % off (plant in first place "
    "before Inception: 10.36 ms predicted, 11.18 measured). Coral's own figures of three models on "
    "two Raspberry Pi 3 lie within 5 %. All are MobileNet v2 or Inception.",
)

# How far the law is off on fast links. Transfers overlap with computing there and the law adds
# them, so it errs upwards: Coral's figures are 0.67 to 1.00 of the prediction (Inception v1 over
# USB 3 at worst; MobileNet v2 is 1.00 because the overhead is derived from it). 0.62 leaves 8 %
# below the lowest, 1.22 leaves 22 % above the highest. Together they are a factor of 1.97: less
# than two, so that an order of models by latency still means something, and not much less, because
# three models of two families are all there is to go by.
_FAST_LOW, _FAST_HIGH = 0.62, 1.22
_FAST_WHY = (
    "Assumed. Coral's figures of MobileNet v2, Inception v1 and Inception v4 are 0.67 to 1.00 of "
    "what the law says on fast links, where transfers overlap with computing and the law adds them."
)
#: Parameters were seen to load at 190 to 245 MB/s over fast links, slower than they stream.
_LOADING = Parameter(
    215e6, "B/s", "assumed", "the middle of 190 to 245 MB/s; the bounds allow for both ends"
)


def _streaming(value: float, host: str) -> Parameter:
    return Parameter(
        value, "B/s", "derived", f"Inception v4 on {host} ({_CORAL}), mostly streamed bytes"
    )


def _overhead(value: float, host: str) -> Parameter:
    return Parameter(
        value, "s", "derived", f"what MobileNet v2 on {host} ({_CORAL}) has beyond bytes and cycles"
    )


USB3 = Interface(
    name="usb3",
    what="USB 3 on an x86-64 PC (a Raspberry Pi 4 is usb3-rp4)",
    bandwidth=_streaming(450e6, "x86_64"),
    load_bandwidth=_LOADING,
    overhead=_overhead(0.65e-3, "x86_64"),
    clock=_MAXIMUM,
    low=_FAST_LOW,
    high=_FAST_HIGH,
    bound="assumed",
    why=_FAST_WHY,
)
# One interface for both hosts would need bounds a factor of two wide for MobileNet v2 alone (2.29
# and 4.55 ms), with nothing left for other models.
USB3_RP4 = Interface(
    name="usb3-rp4",
    what="USB 3 on a Raspberry Pi 4",
    bandwidth=_streaming(275e6, "rp4b"),
    load_bandwidth=_LOADING,
    overhead=_overhead(2.50e-3, "rp4b"),
    clock=_MAXIMUM,
    low=_FAST_LOW,
    high=_FAST_HIGH,
    bound="assumed",
    why=_FAST_WHY,
)
PCIE = Interface(
    name="pcie",
    what="PCIe, as on the Dev Board (an M.2 card in a faster host may do better)",
    bandwidth=_streaming(380e6, "dev_board"),
    load_bandwidth=_LOADING,
    overhead=_overhead(0.80e-3, "dev_board"),
    clock=_MAXIMUM,
    low=_FAST_LOW,
    high=_FAST_HIGH,
    bound="assumed",
    why=_FAST_WHY,
)

#: By name.
INTERFACES: dict[str, Interface] = {one.name: one for one in (USB2, USB3, USB3_RP4, PCIE)}


def interface(name: str) -> Interface:
    """The interface called ``name``.

    :raises ValueError: naming those there are.
    """
    try:
        return INTERFACES[name]
    except KeyError:
        raise ValueError(f"no interface {name!r}: one of {', '.join(INTERFACES)}") from None

"""Choosing among several Edge TPUs, by the addresses of Coral's own library."""

from __future__ import annotations

import pytest

from hardware import Device
from hardware.edgetpu.interface import interface
from hardware.edgetpu.simulate import by_law, simulated_device
from hardware.selection import SelectionError, selected

STICKS = [Device("edgetpu", "stick", f"USB 1-{n}", {"delegate": f"usb:{n}"}) for n in range(2)]
CARD = Device("edgetpu", "card", "PCI 1", {"delegate": "pci:0", "driver": "apex"})
DRIVERLESS = Device("edgetpu", "card", "PCI 2", {"driver": "missing"})
ALL = [*STICKS, CARD, DRIVERLESS]


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("usb", STICKS),
        ("usb:1", STICKS[1:]),
        ("pci", [CARD]),
        ("pci:0", [CARD]),
        (":0", STICKS[:1]),
        (":2", [CARD]),
        ("pci:0,usb:0", [CARD, STICKS[0]]),
        (":0,usb", STICKS),
    ],
)
def test_addresses_are_those_of_corals_library(address: str, wanted: list[Device]) -> None:
    assert list(selected(ALL, address)) == wanted


@pytest.mark.parametrize("address", ["usb:2", "pci:1", ":3"])
def test_an_address_of_nothing_says_what_there_is(address: str) -> None:
    with pytest.raises(SelectionError, match=r"there are usb:0, usb:1, pci:0, PCI 2"):
        selected(ALL, address)


@pytest.mark.parametrize(
    "address", ["", "usb1", "usb:", "usb:x", "/dev/apex_0", "\x1b[2J", ":9999"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SelectionError, match=r"expected usb, usb:N") as caught:
        selected(ALL, address)
    assert "\x1b" not in str(caught.value)


def test_a_simulated_device_is_chosen_by_name() -> None:
    simulated = simulated_device(interface("usb2"))
    assert by_law(simulated)
    assert not any(by_law(device) for device in ALL)
    assert selected([*ALL, simulated], "simulated") == (simulated,)


def test_an_address_is_checked_where_there_is_nothing_to_address() -> None:
    assert selected([], "usb:1") == ()
    with pytest.raises(SelectionError, match="expected usb, usb:N"):
        selected([], "usb1")

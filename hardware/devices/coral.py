"""Google's Edge TPU, on USB and on PCI Express (M.2, Mini PCIe, Dev Board).

Ids: https://coral.ai/docs/accelerator/get-started (udev rules of libedgetpu) and the apex driver
(drivers/staging/gasket/apex_driver.c, Linux 4.19 to 5.12).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hardware.device import Device, Finding
from hardware.edgetpu.library import installed
from hardware.pci import addresses, bound_driver
from hardware.tree import Tree, to_int

#: The stick shows the first until a program loads its firmware, then comes back with the second.
USB_IDS = {("1a6e", "089a"): False, ("18d1", "9302"): True}
FIRMWARE = {
    True: "loaded",
    False: "not loaded: the first opening loads it, and the stick comes back under another id",
}
PCI_ID = ("0x1ac1", "0x089a")

LOOKED_FOR = (
    "USB 1a6e:089a and 18d1:9302 in /sys/bus/usb, PCI 1ac1:089a in /sys/bus/pci, and /dev/apex_*"
)


def detect(tree: Tree) -> Finding:
    """All Edge TPUs, those on USB first.

    Facts: ``interface`` is usb2, usb3 or pcie (None if USB does not tell its speed). A card whose
    driver gave it no device node is listed with ``driver: missing``. ``delegate`` is how libedgetpu
    is asked for that one: it numbers what is on each bus (``usb:0``, ``pci:1``), and knows no path;
    its ``path`` or ``node`` is what Coral's older API goes by. Of the runtime library there are
    ``library_package``, ``library_version``, ``library_file`` and ``clock`` (see
    :class:`~hardware.edgetpu.library.Library`). A stick is the same before and after its firmware is
    loaded: its place on the bus stays.
    """
    devices = (*_numbered(_usb(tree), "usb"), *_numbered(_pcie(tree), "pci"))
    if devices:  # nobody asks for a library that has nothing to open
        library = installed(tree)
        devices = tuple(_with(d, library.facts(usb=d.where.startswith("USB"))) for d in devices)
    missing = [device.where for device in devices if device.facts.get("driver") == "missing"]
    note = f"the apex driver has made no device node for {', '.join(missing)}" if missing else ""
    return Finding("edgetpu", LOOKED_FOR, devices, note)


def _numbered(devices: Iterator[Device], bus: str) -> Iterator[Device]:
    number = 0
    for device in devices:
        if device.facts.get("driver") == "missing":
            yield device
        else:
            yield _with(device, {"delegate": f"{bus}:{number}"})
            number += 1


def _with(device: Device, facts: dict[str, Any]) -> Device:
    return replace(device, facts={**device.facts, **facts})


def _usb(tree: Tree) -> Iterator[Device]:
    for path in tree.glob("/sys/bus/usb/devices/*"):
        vendor, product = (tree.text(f"{path}/{name}") or "" for name in ("idVendor", "idProduct"))
        initialised = USB_IDS.get((vendor.lower(), product.lower()))
        if initialised is None:
            continue
        speed = to_int((tree.text(f"{path}/speed") or "").partition(".")[0])
        facts = {
            "interface": None if speed is None else "usb3" if speed >= 5000 else "usb2",
            "speed_mbps": speed,
            "initialised": initialised,
            "firmware": FIRMWARE[initialised],
            "usb_id": f"{vendor}:{product}".lower(),
            "path": path,
        }
        yield Device("edgetpu", "Coral USB Accelerator", f"USB {path.rpartition('/')[2]}", facts)


def _pcie(tree: Tree) -> Iterator[Device]:
    # The driver's class knows which card a node belongs to.
    nodes = {
        tree.text(f"{path}/pci_address") or "": path.rpartition("/")[2]
        for path in tree.glob("/sys/class/apex/apex_*")
    }
    listed = set()
    for address, path in addresses(tree, *PCI_ID):
        folder = next(iter(tree.glob(f"{path}/apex/apex_*")), "")
        node = nodes.get(address) or folder.rpartition("/")[2]
        usable = bool(node) and tree.exists(f"/dev/{node}")
        listed.add(node)
        facts: dict[str, Any] = {
            "interface": "pcie",
            "driver": (bound_driver(tree, path) or "apex") if usable else "missing",
            "node": f"/dev/{node}" if usable else None,
            "temperature_c": _temperature(tree, node) if usable else None,
            "link_speed": tree.text(f"{path}/current_link_speed"),
            "link_width": tree.number(f"{path}/current_link_width"),
        }
        yield Device("edgetpu", "Coral PCIe Accelerator", f"PCI {address}", facts)
    # A container may be given the node alone.
    for path in tree.glob("/dev/apex_*"):
        node = path.rpartition("/")[2]
        if node not in listed:
            facts = {
                "interface": "pcie",
                "driver": "apex",
                "node": path,
                "temperature_c": _temperature(tree, node),
            }
            yield Device("edgetpu", "Coral PCIe Accelerator", path, facts)


def _temperature(tree: Tree, node: str) -> float | None:
    """Degrees Celsius; the file is in thousandths, and some builds of the driver leave it out."""
    thousandths = tree.number(f"/sys/class/apex/{node}/temp")
    return None if thousandths is None else thousandths / 1000

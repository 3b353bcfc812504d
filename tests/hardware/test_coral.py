"""Edge TPUs, on trees put together by hand: no device was here, nor any board recorded."""

import re

import pytest

from hardware.detect import present
from hardware.devices import coral
from hardware.plugin import with_library
from tests.hardware.boards import board, make

STICK = "/sys/bus/usb/devices/2-1"
NEW: dict[str, str | bytes] = {
    f"{STICK}/idVendor": "1a6e\n",
    f"{STICK}/idProduct": "089a\n",
    f"{STICK}/speed": "5000\n",
}
LOADED: dict[str, str | bytes] = {
    **NEW,
    f"{STICK}/idVendor": "18d1\n",
    f"{STICK}/idProduct": "9302\n",
}
CARD = "/sys/bus/pci/devices/0000_01_00.0"
PCIE: dict[str, str | bytes] = {
    f"{CARD}/vendor": "0x1ac1\n",
    f"{CARD}/device": "0x089a\n",
    f"{CARD}/apex/apex_0/status": "ALIVE\n",
    "/dev/apex_0": "",
}


def test_usb_before_and_after_initialisation():
    fresh, ready = coral.detect(board("laptop-coral-usb")).devices
    assert (fresh.where, fresh.facts["interface"], fresh.facts["initialised"]) == (
        *("USB 1-1.4", "usb2"),
        False,
    )
    assert (ready.where, ready.facts["interface"], ready.facts["initialised"]) == (
        *("USB 2-1", "usb3"),
        True,
    )
    assert {fresh.nature, ready.nature} == {"measured"}


@pytest.mark.parametrize(
    ("speed", "interface"),
    [("480", "usb2"), ("12", "usb2"), ("5000", "usb3"), ("10000", "usb3"), ("unknown", None)],
)
def test_interface_follows_the_speed(tmp_path, speed, interface):
    usb = "/sys/bus/usb/devices/1-2"
    ids: dict[str, str | bytes] = {f"{usb}/idVendor": "18D1\n", f"{usb}/idProduct": "9302\n"}
    (device,) = coral.detect(make(tmp_path, {**ids, f"{usb}/speed": speed})).devices
    assert device.facts["interface"] == interface


@pytest.mark.parametrize("ids", [("18d1", "089a"), ("1a6e", "9302"), ("1d6b", "0002"), ("", "")])
def test_half_an_id_is_none(tmp_path, ids):
    usb = "/sys/bus/usb/devices/1-2"
    tree = make(tmp_path, {f"{usb}/idVendor": ids[0], f"{usb}/idProduct": ids[1]})
    assert coral.detect(tree).devices == ()


def test_card_with_its_driver():
    card = coral.detect(board("m2-coral-x86")).devices[0]
    assert card.where == "PCI 0000:01:00.0"
    assert card.facts == {
        "interface": "pcie",
        "driver": "apex",
        "node": "/dev/apex_0",
        "temperature_c": 48.05,
        "link_speed": "5.0 GT/s PCIe",
        "link_width": 1,
        "delegate": "pci:0",
        "library_package": None,
        "library_version": None,
        "library_file": None,
        "clock": None,
    }


def test_card_without_its_driver_is_found_and_says_so():
    finding = coral.detect(board("m2-coral-x86"))
    assert finding.devices[1].facts["driver"] == "missing"
    assert finding.devices[1].facts["node"] is None
    assert "no device node for PCI 0000:02:00.0" in finding.sentence


def test_a_node_alone_is_a_card(tmp_path):
    (device,) = coral.detect(make(tmp_path, {"/dev/apex_0": ""})).devices
    assert (device.where, device.facts["interface"]) == ("/dev/apex_0", "pcie")


def test_the_node_is_also_found_below_the_card(tmp_path):
    card = "/sys/bus/pci/devices/0000_01_00.0"
    tree = make(
        tmp_path,
        {
            f"{card}/vendor": "0x1ac1\n",
            f"{card}/device": "0x089a\n",
            f"{card}/apex/apex_3/status": "ALIVE\n",
            "/dev/apex_3": "",
        },
    )
    (device,) = coral.detect(tree).devices
    assert device.facts["node"] == "/dev/apex_3"


def test_a_class_entry_without_its_node_is_not_usable(tmp_path):
    card = "/sys/bus/pci/devices/0000_01_00.0"
    ids: dict[str, str | bytes] = {f"{card}/vendor": "0x1ac1\n", f"{card}/device": "0x089a\n"}
    (device,) = coral.detect(make(tmp_path, {**ids, f"{card}/apex/apex_0/temp": "1"})).devices
    assert device.facts["driver"] == "missing"


def test_absence_says_what_was_looked_for():
    sentence = coral.detect(board("raspberry-pi-4b")).sentence
    assert sentence.startswith("no edgetpu device here: looked for USB 1a6e:089a")


@pytest.mark.parametrize("name", ["laptop-coral-usb", "m2-coral-x86"])
def test_the_delegate_is_asked_in_its_own_words(name):
    """libedgetpu parses "usb", "pci", ":N", "usb:N" and "pci:N", and nothing else."""
    words = [d.facts.get("delegate") for d in coral.detect(board(name)).devices]
    used = [word for word in words if word is not None]
    assert used
    assert all(re.fullmatch(r"(usb|pci):\d+", word) for word in used)
    assert len(set(used)) == len(used)


def dpkg(package: str, status: str = "install ok installed", arch: str = "") -> dict:
    paragraph = f"Package: {package}\nStatus: {status}\nArchitecture: amd64\nVersion: 16.0\n"
    others = "Package: libedge0\nStatus: install ok installed\nVersion: 9\n"
    return {
        f"/var/lib/dpkg/info/{package}{arch}.list": "/.\n",
        "/var/lib/dpkg/status": f"{others}\n{paragraph}\n{others}",
    }


@pytest.mark.parametrize(
    ("package", "arch", "usb"),
    [
        ("libedgetpu1-std", ":amd64", "std"),
        ("libedgetpu1-max", ":arm64", "max"),
        ("libedgetpu1-legacy-std", "", "std"),
        ("libedgetpu1-legacy-max", ":armhf", "max"),
    ],
)
def test_the_installed_library_says_which_clock_a_stick_runs_at(tmp_path, package, arch, usb):
    """The reduced clock is for USB alone: a card's driver runs it at the full one with either."""
    tree = make(tmp_path, {**LOADED, **PCIE, **dpkg(package, arch=arch)})
    stick, card = (device.facts for device in coral.detect(tree).devices)
    for facts in (stick, card):
        assert (facts["library_package"], facts["library_version"]) == (package, "16.0")
        assert facts["library_file"] is None
    assert (stick["clock"], card["clock"]) == (usb, "max")


def test_a_package_that_was_removed_is_not_installed(tmp_path):
    removed = dpkg("libedgetpu1-max", status="deinstall ok config-files")
    (device,) = coral.detect(make(tmp_path, {**LOADED, **removed})).devices
    assert (device.facts["library_package"], device.facts["clock"]) == (None, None)


def test_a_list_without_the_status_names_the_package_alone(tmp_path):
    files = {**LOADED, "/var/lib/dpkg/info/libedgetpu1-std.list": ""}
    (device,) = coral.detect(make(tmp_path, files)).devices
    assert device.facts["library_package"] == "libedgetpu1-std"
    assert (device.facts["library_version"], device.facts["clock"]) == (None, "std")


def test_a_status_longer_than_what_is_read_of_other_files(tmp_path):
    """A desktop's list of packages has some megabytes."""
    many = "".join(f"Package: other-{n}\nVersion: 1\n\n" for n in range(60_000))
    files = dpkg("libedgetpu1-std")
    files["/var/lib/dpkg/status"] = many + str(files["/var/lib/dpkg/status"])
    assert len(many) > 1 << 20
    (device,) = coral.detect(make(tmp_path, {**LOADED, **files})).devices
    assert device.facts["library_version"] == "16.0"


@pytest.mark.parametrize(
    "folder", ["/usr/lib/x86_64-linux-gnu", "/usr/lib/arm-linux-gnueabihf", "/usr/local/lib"]
)
def test_a_library_without_a_package_has_no_known_clock(tmp_path, folder):
    file = f"{folder}/libedgetpu.so.1"
    for device in coral.detect(make(tmp_path, {**LOADED, **PCIE, file: ""})).devices:
        assert device.facts["library_file"] == file
        assert (device.facts["library_package"], device.facts["clock"]) == (None, None)


def test_what_is_installed_is_not_said_of_a_library_of_the_users_choice(tmp_path):
    file = tmp_path / "libedgetpu.so.1.0"
    file.write_bytes(b"")
    finding = coral.detect(make(tmp_path, {**LOADED, **PCIE, **dpkg("libedgetpu1-std")}))
    (chosen,) = with_library((finding,), str(file))
    for device in chosen.devices:
        assert device.facts["library"] == device.facts["library_file"] == str(file)
        assert (device.facts["library_package"], device.facts["clock"]) == (None, None)


def test_a_stand_in_measures_nothing_on_a_real_stick_either(tmp_path):
    finding = coral.detect(make(tmp_path, {**LOADED, **dpkg("libedgetpu1-std")}))
    file = tmp_path / "libedgetpu.so.1"
    for content, nature in (
        (b"\x7fELF RuntimeVersion(14)", "measured"),
        (b"\x7fELF Edgeproof stand-in for libedgetpu, RuntimeVersion(14)", "simulated"),
    ):
        file.write_bytes(content)
        (chosen,) = with_library((finding,), str(file))
        assert [device.nature for device in chosen.devices] == [nature]


def test_a_stick_without_its_firmware_says_so(tmp_path):
    (before,) = coral.detect(make(tmp_path, NEW)).devices
    (after,) = coral.detect(make(tmp_path, LOADED)).devices
    assert before.facts["firmware"].startswith("not loaded: the first opening loads it")
    assert (after.facts["firmware"], after.facts["path"]) == ("loaded", STICK)


def test_a_stick_that_comes_back_under_another_id_is_not_lost(tmp_path):
    (before,) = coral.detect(make(tmp_path, NEW)).devices
    tree = make(tmp_path, LOADED)
    assert coral.detect(tree).devices[0].facts["usb_id"] != before.facts["usb_id"]
    assert present(tree, before)
    for path in tmp_path.glob("sys/bus/usb/devices/2-1/*"):
        path.unlink()
    assert not present(tree, before), "pulled out, it is"

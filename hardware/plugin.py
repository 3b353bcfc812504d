"""The hardware policy for pytest: markers by device, honest skips, and ``--require``.

A test marked ``edgetpu`` is skipped where there is none, saying what was looked for. With
``--require edgetpu`` the same absence is a failure, and so is a run in which no test ran on one.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hardware.detect import detect, find
from hardware.device import KINDS, Device, Finding
from hardware.edgetpu.interface import INTERFACES
from hardware.edgetpu.library import Library, stands_in
from hardware.edgetpu.simulate import by_law, simulated_device
from hardware.edgetpu.text import clean
from hardware.emulate.emulated import Emulated, emulated
from hardware.emulate.machine import MACHINES, EmulationError, parse
from hardware.selection import SelectionError, selected

FINDINGS: pytest.StashKey[tuple[Finding, ...]] = pytest.StashKey()
#: The machines of ``--emulate``: their devices are among the findings.
EMULATED: pytest.StashKey[tuple[Emulated, ...]] = pytest.StashKey()
_POLICY: pytest.StashKey[Policy] = pytest.StashKey()
NATURES = ("measured", "emulated", "simulated")
#: What a driverless card says of itself (see ``devices.coral``).
_NO_DRIVER = "missing"


@dataclass
class Policy:
    """Which kinds are required, of which nature at the least, and which of them ran."""

    required: dict[str, str] = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)

    def accepts(self, device: Device) -> bool:
        """Whether ``device`` may stand for its kind: only a measured one, unless it was said."""
        wanted = self.required.get(device.kind)
        return wanted is None or device.nature in ("measured", wanted)


def _stand_ins(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The devices of another machine's tree: whatever runs on them here is simulated at best."""
    return tuple(
        replace(f, devices=tuple(replace(d, nature="simulated") for d in f.devices))
        for f in findings
    )


def simulate(findings: tuple[Finding, ...], values: Iterable[str]) -> tuple[Finding, ...]:
    """``findings`` with the devices that ``edgetpu=usb2`` and the like ask for; UsageError if none."""
    for value in values:
        kind, _, host = value.partition("=")
        if kind != "edgetpu" or host not in INTERFACES:
            raise pytest.UsageError(
                f"--simulate {clean(value, 60)}: expected edgetpu=HOST; "
                f"hosts are {', '.join(INTERFACES)}"
            )
        device = simulated_device(INTERFACES[host])
        findings = tuple(
            replace(f, devices=(*f.devices, device)) if f.kind == kind else f for f in findings
        )
    return findings


def emulate(values: Iterable[str]) -> tuple[Emulated, ...]:
    """The machines that ``riscv64``, ``riscv64:v128`` and the like ask for; UsageError if none."""
    try:
        return tuple(emulated(*parse(value)) for value in values)
    except EmulationError as error:
        raise pytest.UsageError(f"--emulate: {error}") from None


def join(findings: tuple[Finding, ...], devices: Iterable[Device]) -> tuple[Finding, ...]:
    """``findings`` with ``devices`` that are machines of their own, the only ones of their kind.

    UsageError if there is another: cells of one kind run in one place.
    """
    for device in devices:
        if others := find(findings, device.kind).devices:
            raise pytest.UsageError(
                f"{device.name}: there is another {device.kind} in this run, {others[0].name}: "
                "give each a run of its own"
            )
        findings = tuple(
            replace(f, devices=(device,)) if f.kind == device.kind else f for f in findings
        )
    return findings


def select(findings: tuple[Finding, ...], values: Iterable[str]) -> tuple[Finding, ...]:
    """``findings`` with those Edge TPUs only that ``edgetpu=usb:1`` names; UsageError if none."""
    for value in values:
        kind, _, address = value.partition("=")
        if kind != "edgetpu":
            raise pytest.UsageError(f"--device {clean(value, 60)}: expected edgetpu=ADDRESS")
        finding = find(findings, kind)
        try:
            devices = selected(finding.devices, address)
        except SelectionError as error:
            raise pytest.UsageError(f"--device {clean(value, 60)}: {error}") from None
        findings = tuple(replace(f, devices=devices) if f.kind == kind else f for f in findings)
    return findings


def with_library(findings: tuple[Finding, ...], path: str | None) -> tuple[Finding, ...]:
    """``findings`` whose Edge TPUs are opened by the runtime library at ``path``."""
    if path is None:
        return findings
    file = Path(path).absolute()
    if not os.path.isfile(file):  # noqa: PTH113 -- Path's raises where a name is too long
        raise pytest.UsageError(f"--edgetpu-library {clean(path, 200)}: no such file")
    return tuple(
        replace(f, devices=tuple(_opened_by(d, file, stands_in(file)) for d in f.devices))
        if f.kind == "edgetpu"
        else f
        for f in findings
    )


def _opened_by(device: Device, library: Path, stand_in: bool) -> Device:
    if by_law(device):
        return device
    # What is known of the installed library is not true of another.
    facts = {**Library(file=str(library)).facts(usb=True), "library": str(library)}
    opened = replace(device, facts={**device.facts, **facts})
    return replace(opened, nature="simulated") if stand_in else opened


def parse_require(values: Iterable[str]) -> dict[str, str]:
    """``edgetpu`` or ``edgetpu:simulated`` by kind; UsageError for what is neither."""
    required = {}
    for value in values:
        kind, _, nature = value.partition(":")
        if kind not in KINDS or (nature or "measured") not in NATURES:
            raise pytest.UsageError(
                f"--require {clean(value, 60)}: expected KIND or KIND:NATURE; "
                f"kinds are {', '.join(KINDS)}, natures {', '.join(NATURES)}"
            )
        required[kind] = nature or "measured"
    return required


def usable(finding: Finding) -> tuple[Device, ...]:
    """The devices of ``finding`` that something can run on: a card without its driver cannot."""
    return tuple(d for d in finding.devices if d.facts.get("driver") != _NO_DRIVER)


def accepted(config: pytest.Config, kind: str) -> Device | None:
    """The device of ``kind`` that cells run on: the first that ``--require`` accepts."""
    findings, policy = config.stash[FINDINGS], config.stash[_POLICY]
    devices = [d for d in usable(find(findings, kind)) if policy.accepts(d)]
    return min(devices, key=lambda d: NATURES.index(d.nature), default=None)


def absence(finding: Finding) -> str:
    """Why nothing can run on this kind of device, in one sentence."""
    if finding.devices:
        return f"{finding.sentence}: there, but without its driver"
    return finding.sentence


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("edgeproof hardware")
    group.addoption(
        "--require",
        action="append",
        default=[],
        metavar="KIND[:NATURE]",
        help=f"fail, rather than skip, where this kind is absent ({', '.join(KINDS)})",
    )
    group.addoption(
        "--simulate",
        action="append",
        default=[],
        metavar="edgetpu=HOST",
        help=f"add a simulated Edge TPU behind a host interface ({', '.join(INTERFACES)})",
    )
    group.addoption(
        "--emulate",
        action="append",
        default=[],
        metavar="MACHINE[:VECTOR]",
        help=f"add a board's processor under qemu ({', '.join(MACHINES)}; riscv64:v128, riscv64:v256)",
    )
    group.addoption(
        "--device",
        action="append",
        default=[],
        metavar="edgetpu=ADDRESS",
        help="which of several Edge TPUs: usb, usb:N, pci, pci:N, :N (the first)",
    )
    group.addoption(
        "--edgetpu-library",
        metavar="FILE",
        help="Coral's runtime library (libedgetpu.so.1 as the loader finds it)",
    )
    group.addoption(
        "--hardware-root",
        default="/",
        metavar="DIR",
        help="detect devices in another /sys, /proc and /dev tree, for trying the policy out",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    for kind in KINDS:
        config.addinivalue_line("markers", f"{kind}: runs on a device of this kind")
    root = Path(config.getoption("--hardware-root"))
    if not os.path.isdir(root):  # noqa: PTH112
        raise pytest.UsageError(f"--hardware-root {root}: no such directory")
    findings = detect(root) if root == Path("/") else _stand_ins(detect(root))
    findings = simulate(findings, config.getoption("--simulate"))
    findings = select(findings, config.getoption("--device"))
    findings = with_library(findings, config.getoption("--edgetpu-library"))
    config.stash[EMULATED] = machines = emulate(config.getoption("--emulate"))
    config.stash[FINDINGS] = join(findings, (machine.device for machine in machines))
    config.stash[_POLICY] = Policy(parse_require(config.getoption("--require")))


def pytest_report_header(config: pytest.Config) -> list[str]:
    return ["devices:", *(f"  {finding.sentence}" for finding in config.stash[FINDINGS])]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    __tracebackhide__ = True
    policy, findings = item.config.stash[_POLICY], item.config.stash[FINDINGS]
    for kind in KINDS:
        if item.get_closest_marker(kind) is None:
            continue
        finding = find(findings, kind)
        devices = usable(finding)
        if not devices:
            if kind in policy.required:
                pytest.fail(f"--require {kind}: {absence(finding)}", pytrace=False)
            pytest.skip(absence(finding))
        if not any(policy.accepts(device) for device in devices):
            pytest.fail(
                f"--require {kind}: only {devices[0].nature} here ({finding.sentence}); "
                f"'--require {kind}:{devices[0].nature}' accepts it",
                pytrace=False,
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # A known disagreement, reported as skipped with an xfail, ran on its device all the same.
    if call.when == "call" and (report.outcome != "skipped" or hasattr(report, "wasxfail")):
        kinds = {kind for kind in KINDS if item.get_closest_marker(kind)}
        item.config.stash[_POLICY].ran |= kinds
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that was to use a device and used none has failed, however quietly."""
    policy = session.config.stash[_POLICY]
    if policy.required.keys() - policy.ran and not session.config.option.collectonly:
        session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    policy, findings = config.stash[_POLICY], config.stash[FINDINGS]
    if config.option.collectonly:
        return
    for kind in sorted(policy.required.keys() - policy.ran):
        finding = find(findings, kind)
        why = "no test of it was run" if usable(finding) else absence(finding)
        terminalreporter.write_line(f"--require {kind}: not met: {why}", red=True)

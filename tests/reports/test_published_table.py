"""Published figures beside a run's: errors, and which of them count as predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.overview import overview
from reports.ranking import rank
from reports.record import Record
from reports.results import Run
from reports.tables.published import published_table
from reports.terminal import render
from tests.reports.samples import record

DEVICE = {
    "kind": "edgetpu",
    "name": "Edge TPU over USB 2.0",
    "where": "simulated",
    "facts": {"interface": "usb2"},
    "nature": "simulated",
}


def slot(case: str, number: int, seconds: float, kind: str, **changes: Any) -> Record:
    knobs = {"batch": 1, "case": case, "cocompiled": "yes", "phase": "steady", "slot": number}
    return replace(
        record(),
        cell=f"cocompile/{case}-together-steady#{number}",
        experiment="cocompile",
        device=DEVICE,
        knobs=knobs,
        samples=(seconds,) * 3,
        environment={"prediction": kind},
        **changes,
    )


#: Published: bird before plant 10.61 ms, plant after bird 86.31 ms, Inception before plant 18.91 ms.
RECORDS = [
    slot("bird+plant", 1, 0.01061, "repeat"),
    slot("bird+plant", 2, 0.08631 * 1.02, "independent", status="not_measured", reason="no twin"),
    slot("inception+plant", 1, 0.01891, "fitted"),
    slot("mine+yours", 1, 0.5, ""),
]


def test_each_slot_stands_beside_its_published_figure() -> None:
    table = published_table(rank([Run("r", {}, RECORDS)]))
    assert table is not None
    rows = {(row[0].text, row[3].text): row for row in table.rows}
    assert [cell.text for cell in rows["bird+plant", "1"]][5:9] == [
        "10.61", "10.61", "+0.0", "repeat",
    ]  # fmt: skip
    assert [cell.text for cell in rows["bird+plant", "2"]][5:9] == [
        "86.31", "88.04", "+2.0", "independent",
    ]  # fmt: skip
    assert rows["bird+plant", "2"][9].status == "not_measured"
    assert [cell.text for cell in rows["mine+yours", "1"]][5:8] == ["–", "500.00", "–"]
    assert "1 independent predictions, mean error 2.0 %, worst 2.0 %" in table.title
    assert "no twin" in table.footnotes


def test_another_link_is_not_held_to_the_published_one() -> None:
    device = {**DEVICE, "facts": {"interface": "usb3"}}
    other = [replace(one, device=device) for one in RECORDS]
    table = published_table(rank([Run("r", {}, other)]))
    assert table is not None
    assert {row[7].text for row in table.rows} == {"–"}
    assert "independent" not in table.title


def test_cases_are_no_alternatives_to_choose_among() -> None:
    found = overview([Run("r", {}, RECORDS)])
    assert not found.fastest
    assert all(not entry.best for section in found.sections for entry in section.entries)
    assert "Simulated against published" in render(found, 160)


def test_other_experiments_have_no_such_table() -> None:
    assert published_table(rank([Run("r", {}, [record()])])) is None

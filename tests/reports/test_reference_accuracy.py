"""Accuracy on a few images against what a network's authors published of all of them."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reports import plots
from reports.published.riscv import TITLES, riscv_accuracy
from reports.record import Accuracy, Record
from reports.reference_accuracy import findings, held
from reports.tables.accuracy import accuracy_table
from tests.reports.riscv_samples import IDS, entries
from tests.reports.samples import record

DATASET = "ImageNet validation, first {}"


def taken(top1: float, top5: float, images: int = 1000, **changes: Any) -> Record:
    values = {
        "experiment": "accuracy",
        "model": "densenet121",
        "model_title": "DenseNet-121",
        "samples": (),
    }
    accuracy = Accuracy(DATASET.format(images), images, top1, top5)
    return record(**{**values, "accuracy": accuracy, **changes})


def published() -> list[Record]:
    """What the source measured on its board, as records."""
    runtimes = {"tvm": "tvm", "tflite": "litert"}
    return [
        taken(
            row.top1_percent / 100, row.top5_percent / 100, row.images, runtime=runtimes[row.source],
            model=IDS[row.model], model_title=row.model, cell=f"accuracy/{row.model}-{row.source}",
        )
        for row in riscv_accuracy()
        if row.source != "reference"
    ]  # fmt: skip


def test_the_published_accuracies_agree_with_the_authors() -> None:
    """74.8 against 74.46 on a thousand images, and the other three."""
    found = findings(entries(published()))
    assert found[0] == (
        "DenseNet-121 on litert, tvm: top-1 of 74.8 % on 1000 images (95 % interval 72.0 to 77.4 %) "
        "agrees with the authors' 74.46 %, which lies in it."
    )
    assert len(found) == 4
    assert all("agrees with the authors'" in each for each in found)


@pytest.mark.parametrize(
    ("share", "images", "verdict"),
    [(0.748, 1000, "agrees"), (0.748, 50_000, "agrees"), (0.72, 50_000, "below"),
     (0.70, 1000, "below"), (0.80, 1000, "above"), (0.0, 1, "agrees"), (1.0, 1, "agrees")],
)  # fmt: skip
def test_the_verdict_depends_on_how_many_images_there_are(
    share: float, images: int, verdict: str
) -> None:
    (entry,) = entries([taken(share, 1.0, images)])
    found = held(entry, 1)
    assert found is not None
    assert found.verdict == verdict
    text = findings([entry])[0]
    assert ("does not agree" in text) == (verdict != "agrees")


def test_only_the_authors_networks_on_their_images_are_held_to_them() -> None:
    digits = taken(0.5, 0.6, accuracy=Accuracy("digits, held-out split", 360, 0.5, 0.6))
    other = taken(0.5, 0.6, model="resnet8")
    failed = taken(0.5, 0.6, status="disagrees", reason="wrong")
    assert findings(entries([digits, other, failed])) == []
    none = record(samples=())
    (entry,) = entries([none])
    assert held(entry, 1) is None


def test_the_table_has_the_authors_share_and_the_verdict() -> None:
    table = accuracy_table(entries(published()))
    assert table is not None
    first, *_ = ([cell.text for cell in row] for row in table.rows)
    assert first[0] == TITLES["densenet121"]
    assert first[2:] == ["1", "74.8 % (72.0 to 77.4)", "74.8 % (72.0 to 77.4)", "74.46 %", "agrees"]
    off = accuracy_table(entries([taken(0.1, 0.9213)]))
    assert off is not None
    assert [row[-1].text for row in off.rows] == ["below", "agrees"]
    assert off.rows[0][-1].status == "disagrees"


def test_the_chart_has_whiskers_and_the_authors_mark() -> None:
    found = entries(published())
    drawing = plots.accuracy(found[:2], plots.Palette.of(found))
    assert drawing is not None
    ET.fromstring(drawing.svg())
    assert drawing.content.count('class="mark"') == 2 * 2 + 1, "two bars a runtime, and the legend"
    assert "authors" in drawing.content
    alone = plots.accuracy(entries([taken(0.5, 0.6, model="resnet8")]), plots.Palette(("litert",)))
    assert alone is not None
    assert "authors" not in alone.content
    assert 'class="limits"' in alone.content


def test_a_share_that_is_no_number_is_known_to_lie_anywhere() -> None:
    (entry,) = entries([taken(math.nan, 2.0, 0)])
    found = held(entry, 1)
    assert found is not None
    assert found.between == (0.0, 1.0)

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from tests.fuzz import models
from tests.fuzz.models import CLASSES, SOURCES, mutated, mutation

SEEDS = range(400)


@pytest.mark.parametrize("kind", SOURCES)
def test_a_seed_stands_for_the_same_bytes(kind: str) -> None:
    assert [mutated(kind, seed) for seed in range(20)] == [mutated(kind, s) for s in range(20)]


def test_seeds_mean_the_same_on_every_machine() -> None:
    """A crash is reported by its seed; change these only if a class of edits is added."""
    found = {
        kind: hashlib.sha256(b"".join(mutated(kind, seed) for seed in range(50))).hexdigest()[:16]
        for kind in SOURCES
    }
    assert found == {"tflite": "cd06a76afea41e2d", "onnx": "fdacaf9e4f686a01"}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_class_of_edit_occurs_and_files_differ(kind: str) -> None:
    made = [mutation(kind, seed) for seed in SEEDS]
    counts = Counter(each for one in made for each in one.classes)
    assert set(counts) == set(CLASSES[kind])
    assert min(counts.values()) >= 10
    assert {one.source for one in made} == set(SOURCES[kind])
    assert len({one.data for one in made}) > 0.9 * len(made)
    untouched = [(models._DIGITS / name).read_bytes() for name in SOURCES[kind]]
    assert sum(one.data in untouched for one in made) < 0.05 * len(made)
    assert max(len(one.data) for one in made) < 1 << 20


@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_read_and_written_again_unedited_is_the_same(kind: str) -> None:
    for name in SOURCES[kind]:
        data = (models._DIGITS / name).read_bytes()
        if kind == "onnx":
            assert models._written(models._parse(data, "Model")) == data
        else:
            places = models._places(data)
            floats = {"quantisation"} if "float" in name else set()
            assert set(places) == set(CLASSES[kind]) - {"bytes", "truncate"} - floats
            assert all(0 <= at < len(data) for found in places.values() for at, _ in found)


def test_a_good_share_of_tflite_gets_past_its_header() -> None:
    """The root leads to a table within the file, whose identifier is TFLite's."""
    files = [mutated("tflite", seed) for seed in SEEDS]
    past = [d for d in files if d[4:8] == b"TFL3" and 8 <= int.from_bytes(d[:4], "little") < len(d)]
    assert len(past) > 0.8 * len(files)


def test_a_good_share_of_onnx_is_still_a_message() -> None:
    onnx = pytest.importorskip("onnx")
    parsed = 0
    for seed in range(150):
        try:
            parsed += onnx.ModelProto.FromString(mutated("onnx", seed)).HasField("graph")
        except Exception:  # protobuf's DecodeError, by whichever implementation is installed
            continue
    assert parsed > 0.5 * 150

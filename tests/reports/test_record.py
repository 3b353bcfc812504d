import json
import math

import pytest
from hypothesis import given

from reports.plain import jsonable
from reports.record import Record, RecordError
from tests.reports import strategies
from tests.reports.samples import agreement, record


def top(**changes):
    return {"inputs": ["a"], "classes": [[1]], "probabilities": [[0.5]], "labels": {}, **changes}


def nested(levels):
    value = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@given(strategies.records)
def test_a_record_survives_json(one):
    assert Record.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_samples_can_be_stored_beside_the_record():
    assert "samples" not in record().to_json(samples=False)


def test_a_figure_that_was_not_finite_comes_back_as_nan():
    one = record(agreement=agreement(worst=math.inf, cosine=math.nan))
    found = Record.from_json(json.loads(json.dumps(one.to_json(), allow_nan=False))).agreement
    assert math.isnan(found.worst)
    assert found.cosine is None


def test_unknown_fields_of_a_newer_writer_are_ignored():
    assert Record.from_json({**record().to_json(), "novelty": 1}) == record()


def test_memory_may_be_missing_or_unknown():
    assert Record.from_json(without(record(), "memory")).memory == {}
    for memory in ({}, {"run": None}, {"before": 0, "build": 1, "run": 2**62, "by": "VmHWM"}):
        assert Record.from_json(record(memory=memory).to_json()).memory == memory


def without(one, name):
    return {key: value for key, value in one.to_json().items() if key != name}


def test_what_nests_as_deep_as_may_be_is_read():
    assert Record.from_json(record(environment=nested(30)).to_json()).environment == nested(30)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("schema", 0, "schema 0"),
        ("schema", None, "schema None"),
        ("cell", 7, "cell is not str"),
        ("model_title", ["x"], "model_title is not str"),
        ("runtime_version", None, "runtime_version is not str"),
        ("reason", {}, "reason is not str"),
        ("device", "cpu", "device is not Mapping"),
        ("knobs", None, "knobs is not Mapping"),
        ("knobs", {"batch": 0}, "batch"),
        ("knobs", {"batch": "4"}, "batch"),
        ("knobs", {"batch": True}, "batch"),
        ("knobs", {"batch": 10**400}, "batch"),
        ("status", "fine", "unknown status"),
        ("status", ["ok"], "status is not str"),
        ("phase", "middle", "unknown phase"),
        ("build_s", -1.0, "a time is"),
        ("first_s", math.nan, "a time is"),
        ("first_s", "1", "first_s is not float"),
        ("import_s", 10**400, "import_s is not float"),
        ("samples", [1, None], "a time is"),
        ("samples", [True], "a time is"),
        ("samples", "12", "samples is not a list"),
        ("samples", 5, "samples is not a list"),
        ("source_samples", [0.1, -1], "a time is"),
        ("notes", [1], "a note is not a string"),
        ("top_classes", [], "top_classes is an object"),
        ("top_classes", {}, "inputs is a list"),
        ("top_classes", top(inputs=["a"] * 65), "inputs is a list of at most 64"),
        ("top_classes", top(classes=[[1] * 6]), "classes is a list of at most 5"),
        ("top_classes", top(classes=[[1, 2]]), "do not match"),
        ("top_classes", top(inputs=[]), "do not match"),
        ("top_classes", top(classes=[[True]]), "a class is a number"),
        ("top_classes", top(classes=[[2**40]]), "a class is a number"),
        ("top_classes", top(probabilities=[[None]]), "a probability is not None"),
        ("top_classes", top(probabilities=[[math.inf]]), "a probability is not inf"),
        ("top_classes", top(inputs=[3]), "a name is not a string"),
        ("top_classes", top(labels={"1": 2}), "a name is not a string"),
        ("agreement", [], "agreement is an object"),
        ("agreement", {"reference": "x"}, "agreement lacks inputs"),
        ("agreement", {**record().to_json()["agreement"], "top1": "8"}, "top1 is not int"),
        ("agreement", {**record().to_json()["agreement"], "inputs": True}, "inputs is not int"),
        ("memory", [], "memory is not Mapping"),
        ("memory", {"build": -1}, "memory build is a number of bytes, not -1"),
        ("memory", {"run": 1.5}, "memory run"),
        ("memory", {"before": True}, "memory before"),
        ("memory", {"limit": 2**63}, "memory limit"),
        ("placement", {"cached": -1}, "placement cached is a number of bytes, not -1"),
        ("placement", {"streamed": 0.5}, "placement streamed"),
        ("placement", {"whence": 3}, "placement whence says how it was found"),
        ("memory", {"run": math.inf}, "memory run"),
        ("memory", {"by": 3}, "memory by"),
        ("environment", nested(33), "environment nests deeper than 32 levels"),
        ("knobs", {"x": nested(900)}, "knobs nests deeper"),
        ("coverage", {"by": "x", "taken": 1, "total": 2, "share": "all"}, "share is not float"),
        ("accuracy", {"dataset": "x", "images": 1, "top1": [], "top5": 1}, "top1 is not float"),
    ],
)
def test_a_bad_field_is_refused_with_its_name(field, value, says):
    with pytest.raises(RecordError, match=says):
        Record.from_json({**record().to_json(), field: value})


@pytest.mark.parametrize("field", ["cell", "experiment", "device", "runtime", "model", "knobs"])
def test_a_missing_field_is_named(field):
    data = record().to_json()
    del data[field]
    with pytest.raises(RecordError, match=f"record lacks {field}"):
        Record.from_json(data)


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_what_is_no_object_is_no_record(data):
    with pytest.raises(RecordError, match="a record is an object"):
        Record.from_json(data)


def test_jsonable_leaves_nothing_that_json_refuses():
    numpy = pytest.importorskip("numpy")
    value = {1: math.inf, "a": (numpy.float32(0.5), {3}), "b": object}
    text = json.dumps(jsonable(value), allow_nan=False)
    assert json.loads(text) == {"1": None, "a": [0.5, [3]], "b": str(object)}

"""Mutated networks handed to the runtimes, in workers: each ends in a status, and nothing else does."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fixtures.failure import failed
from fixtures.isolation.pool import Limits, Workers
from fixtures.runtimes import RUNTIMES
from hardware import Device
from reports.record import STATUSES
from tests.fuzz.models import mutated

CPU = Device("cpu", "test", "host")
THOROUGH = os.environ.get("EDGEPROOF_HYPOTHESIS") == "thorough"
#: How many mutated files each runtime opens; the thorough ones are others.
SEEDS = range(1000, 2000) if THOROUGH else range(24)


@pytest.fixture
def workers() -> Iterator[Workers]:
    opened = Workers(Limits(timeout=10.0, memory=2 << 30))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["litert", "tflite", "tflite_c", "onnxruntime", "openvino"])
def test_a_mutated_network_ends_in_a_row(name: str, workers: Workers, tmp_path: Path) -> None:
    runtime = RUNTIMES[name]
    if why := runtime.unavailable():
        pytest.skip(why)
    fmt = runtime.formats[0]
    path, found = tmp_path / f"mutated.{fmt}", Counter[str]()
    for seed in SEEDS:
        path.write_bytes(mutated(fmt, seed))
        status, reason = _opened(workers, name, path)
        assert status in STATUSES
        assert reason.isprintable(), seed
        assert len(reason) < 1000, seed
        found[status] += 1
    print(name, dict(found))
    path.write_bytes(_unharmed(fmt))
    assert _opened(workers, name, path) == ("ok", "")


def _opened(workers: Workers, name: str, path: Path) -> tuple[str, str]:
    runtime = RUNTIMES[name]
    try:
        with workers.phase():
            session = workers.open(runtime, path, CPU, runtime.knobs())
        with workers.phase():
            session.feed(np.zeros((1, 8, 8, 1), np.float32))
            session.invoke()
            session.fetch()
            session.close()
    except Exception as error:
        ending = failed(error, "opening it")
        return ending.status, ending.reason
    return "ok", ""


def _unharmed(fmt: str) -> bytes:
    name = {"tflite": "digits_float32.tflite", "onnx": "digits.onnx"}[fmt]
    models = Path(__file__).resolve().parents[2] / "fixtures" / "models"
    return (models / "digits" / name).read_bytes()

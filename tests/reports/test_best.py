"""``python -m reports best``: what a deployment is told to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given

from reports.best import KIND, SCHEMA, best_json, best_table
from reports.ranking import rank
from reports.record import Record
from reports.results import Run, benchmark_json
from tests.reports import strategies
from tests.reports.riscv_samples import cell, entries
from tests.reports.samples import EMULATED, record

ARTIFACT = {
    "format": "onnx",
    "sha256": "ab" * 32,
    "compiler": {"tvm": "0.27", "target": "riscv64", "passes": ["FuseOps"], "rules": {}},
}


def test_the_fastest_that_agrees_of_each_network_runtime_and_batch() -> None:
    found = best_json(
        entries(
            [
                cell(2.0, "tvm", opt_level=0),
                cell(3.0, "tvm", more={"artifact": ARTIFACT}),
                cell(9.0, "tvm", opt_level=2, more={"status": "disagrees", "reason": "wrong"}),
                cell(5.0, "tvm", batch=2),
                cell(4.0, "litert"),
                cell(8.0, "tvm", more={"device": EMULATED}),
            ]
        )
    )
    assert (found["kind"], found["schema"]) == (KIND, SCHEMA)
    chosen = [
        (one["runtime"], one["batch"], one["nature"], round(one["fps"], 9)) for one in found["best"]
    ]
    assert sorted(chosen) == [
        ("litert", 1, "measured", 4.0), ("tvm", 1, "emulated", 8.0), ("tvm", 1, "measured", 3.0),
        ("tvm", 2, "measured", 5.0),
    ]  # fmt: skip
    one = next(one for one in found["best"] if round(one["fps"]) == 3)
    assert one["knobs"]["opt_level"] == 3
    assert (one["model"], one["model_sha256"], one["format"]) == ("densenet121", "ab" * 32, "onnx")
    assert one["median_s"] == 1 / 3
    assert one["compiler"] == {"tvm": "0.27", "target": "riscv64"}
    assert one["agreement"]["reference"] == "LiteRT"
    assert one["device"] == {"kind": "riscv", "name": "RV64 board"}
    assert one["runtime_version"]


def test_cold_processes_and_cases_are_no_alternatives() -> None:
    apart = [record(experiment=name) for name in ("first_inference", "cocompile")]
    assert best_json(entries(apart))["best"] == []
    assert best_table(entries(apart)) is None


def test_the_table_marks_the_fastest_runtime() -> None:
    table = best_table(entries([cell(2.0, "tvm"), cell(4.0, "litert"), cell(3.0, "tvm", batch=2)]))
    assert table is not None
    marked = [row[2].text for row in table.rows if row[4].best]
    assert marked == ["litert"], "of two; alone in its group nothing is best"


@given(strategies.searches)
def test_whatever_a_run_holds_the_choice_is_json(records: list[Record]) -> None:
    found = best_json(rank([Run("r", {}, records)]))
    json.dumps(found, allow_nan=False)
    ranked = {one.cell for one in records if one.ranked and one.samples}
    assert {one["cell"] for one in found["best"]} <= ranked


def test_the_command_writes_it(reports: Any, tmp_path: Path) -> None:
    run = benchmark_json({"id": "r"}, [cell(2.0, "tvm"), cell(3.0, "litert")])
    (tmp_path / "run.json").write_text(json.dumps(run))
    done = reports("best", "run.json", "-o", "best.json")
    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "best.json").read_text())
    assert [one["runtime"] for one in written["best"]] == ["litert", "tvm"]
    assert json.loads(reports("best", "run.json").stdout) == written


def test_nothing_to_choose_is_one_sentence(reports: Any, tmp_path: Path) -> None:
    bad = cell(2.0, "tvm", more={"status": "disagrees", "reason": "wrong"})
    (tmp_path / "run.json").write_text(json.dumps(benchmark_json({"id": "r"}, [bad])))
    done = reports("best", "run.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: nothing that agrees was timed: there is nothing to choose\n"
    missing = reports("best", "none.json")
    assert missing.returncode == 2
    assert "none.json: no such file" in missing.stderr

"""Logs of trtexec: the figures of recorded ones, and of any text figures or one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import results
from reports.ingest import IngestError, trtexec
from reports.ingest.trtexec_log import Spread, TrtexecRun, parse, version_of
from reports.ranking import rank
from reports.record import Record

ROOT = Path(__file__).resolve().parents[3]
LOGS = Path(__file__).parent / "logs"
NAMES = sorted(path.name for path in LOGS.glob("*.txt"))


def log(name: str) -> str:
    return (LOGS / name).read_text(encoding="utf-8")


def only(name: str) -> TrtexecRun:
    (run,) = parse(log(name))
    return run


def read(text: str, times: str | None = None, **said: str) -> list[Record]:
    return trtexec.read(text, "some/folder/trtexec.log", said, times)


def test_a_jetson_nano_builds_and_runs() -> None:
    run = only("v8.2_jetson_nano.txt")
    assert (run.version, run.passed, run.device) == ("8.2.1", True, "NVIDIA Tegra X1")
    assert run.option("onnx") == "weights/network.onnx"
    assert run.option("batch") is None
    assert (run.precision, run.built_s, run.loaded_s) == ("fp32", 184.708, None)
    assert run.engine_bytes == 186 * 2**20
    assert run.latency is not None
    assert run.latency.median == pytest.approx(90.3035e-3)
    assert run.latency.percentiles == {99.0: pytest.approx(91.492e-3)}
    assert run.compute is not None
    assert run.compute.low == pytest.approx(89.0273e-3)
    assert (run.qps, run.queries, run.walltime_s) == (11.0613, 35, 3.16419)


def test_tensorrt_7_has_a_block_for_each_figure() -> None:
    run = only("v7_host_latency.txt")
    assert run.latency == Spread(
        mean=pytest.approx(6.84532e-3),
        median=pytest.approx(6.60986e-3),
        low=pytest.approx(6.14319e-3),
        high=pytest.approx(9.15771e-3),
        percentiles={99.0: pytest.approx(8.90259e-3)},
    )
    assert (run.qps, run.passed, run.version) == (145.5, None, None)


def test_a_throughput_of_nothing_is_none() -> None:
    assert only("v7_no_throughput.txt").qps is None


def test_before_7_there_are_means_of_ten() -> None:
    run = only("v5_averages.txt")
    assert run.compute == Spread(mean=pytest.approx((55.2518 + 55.1092) / 2e3))
    assert run.latency == Spread(mean=pytest.approx((55.3944 + 55.2506) / 2e3))
    assert run.queries == 20


def test_of_a_log_without_a_beginning_the_end_tells() -> None:
    run = only("v8.4_xavier_batch.txt")
    assert (run.version, run.passed, run.option("batch")) == ("8.4.0", True, "16")
    (record,) = read(log("v8.4_xavier_batch.txt"))
    assert (record.model, record.batch, record.engine["when"]) == ("mnist16", 16, "ahead")


def test_a_log_cut_before_its_summary_has_the_means() -> None:
    text = log("v8.2_jetson_nano.txt")
    run = parse(text[: text.index("=== Performance summary")])[0]
    assert run.latency == Spread(mean=pytest.approx((90.4484 + 90.4585) / 2e3))
    assert run.compute == Spread(mean=pytest.approx((90.1627 + 90.1716) / 2e3))


def test_several_runs_in_one_file_are_told_apart() -> None:
    first, second = read(log("v10.9_two_runs.txt"))
    assert (first.runtime_version, second.runtime_version) == ("TensorRT 10.9.0", "TensorRT 10.2.0")
    assert (first.model, second.model) == ("network", "other"), "paths of either system"
    assert (first.batch, first.knobs["precision"], first.variant) == (4, "fp16", "precision=fp16")
    assert (first.build_s, first.engine["when"]) == (104.774, "load")
    assert first.engine["bytes"] == round(231.019 * 2**20)
    assert second.engine["when"] == "ahead"
    assert first.notes == (
        "GPU compute time is unstable, with coefficient of variance = 1.08662%.",
    )
    assert first.cell != second.cell


def test_a_refused_engine_is_a_status() -> None:
    (record,) = read(log("v10.0_incompatible_plan.txt"))
    assert record.status == "engine_mismatch"
    assert "incompatible serialization version" in record.reason
    assert record.samples == ()


@pytest.mark.parametrize("name", [name for name in NAMES if "incompatible" not in name])
def test_no_number_without_a_verdict(name: str) -> None:
    for record in read(log(name)):
        assert record.status == "not_measured"
        assert record.reason.startswith("a log has no verdict; trtexec printed ")
        assert record.agreement is None
        assert len(record.samples) == 1
        assert not record.ranked
        assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_padded_and_coloured_lines_are_read() -> None:
    plain = log("v8.2_jetson_nano.txt")
    wide = "\n".join(f"\x1b[32m{line:<300}\x1b[0m" for line in plain.splitlines())
    assert parse(wide) == parse(plain)


def test_times_of_every_query_are_the_samples() -> None:
    times = json.dumps([{"latencyMs": 90.5, "computeMs": 90.1}, {"latencyMs": 91.0}])
    (record,) = read(log("v8.2_jetson_nano.txt"), times)
    assert record.samples == pytest.approx((0.0905, 0.091))
    assert (record.status, record.ranked) == ("not_measured", False)


@pytest.mark.parametrize(
    "times",
    [
        "",
        "{}",
        "[]",
        "[5]",
        '[{"latencyMs": "x"}]',
        '[{"latencyMs": NaN}]',
        '[{"latencyMs": 1%s}]' % ("0" * 400),
    ],
)
def test_times_that_are_none(times: str) -> None:
    with pytest.raises(IngestError, match="no list of queries"):
        read(log("v8.2_jetson_nano.txt"), times)


def test_times_of_one_of_two_runs_are_nobody_s() -> None:
    with pytest.raises(IngestError, match="could be those of any"):
        read(log("v10.9_two_runs.txt"), "[]")


@pytest.mark.parametrize(
    ("device", "kind"),
    [("NVIDIA Tegra X1", "jetson"), ("Orin", "jetson"), ("NVIDIA GeForce RTX 2080", "gpu")],
)
def test_the_kind_of_device_is_told_by_its_name(device: str, kind: str) -> None:
    (record,) = read(log("v5_averages.txt"), device=device)
    assert record.device["kind"] == kind


@pytest.mark.parametrize(
    ("number", "version"),
    [
        ("5105", "5.1.5"),
        ("7103", "7.1.3"),
        ("8601", "8.6.1"),
        ("100001", "10.0.1"),
        ("101601", "10.16.1"),
    ],
)
def test_versions(number: str, version: str) -> None:
    assert version_of(number) == version


WORDS = st.sampled_from(
    [
        "&&&& RUNNING TensorRT.trtexec [TensorRT v8201] # trtexec --onnx=a.onnx --batch=4\n",
        "&&&& FAILED TensorRT.trtexec # x\n",
        "[I] Latency: min = 1e999 ms, max = 2 ms, mean = 3 ms, median = 9e400 ms\n",
        "[I] Latency: min = 1 ms, mean = 1.5e+07 ms, percentile(99%) = 5 ms\n",
        "Host Latency\n[I] min: 1 ms\n[I] mean: 2 ms (end to end 3 ms)\n",
        "Average over 10 runs is 12 ms (host walltime is 13 ms, 99% percentile time is 14).\n",
        "[E] out of memory\n",
        "Engine built in 99999999999999 sec.\n",
        "Timing trace has 35 queries over 3 s\n",
    ]
)


@given(st.lists(st.one_of(WORDS, st.text(max_size=40)), max_size=12).map("".join))
def test_any_text_is_figures_or_one_sentence(text: str) -> None:
    try:
        records = read(text)
    except IngestError as error:
        assert "\n" not in str(error)
        return
    assert records
    for record in records:
        assert Record.from_json(json.loads(json.dumps(record.to_json(), allow_nan=False))) == record
        assert not record.ranked
        assert record.reason


FIGURE = st.floats(1e-3, 1e5).map(lambda value: float(f"{value:.6g}"))


@given(st.lists(FIGURE, min_size=4, max_size=4), FIGURE, st.integers(1, 10**6))
def test_a_summary_round_trip(figures: list[float], qps: float, queries: int) -> None:
    low, high, mean, median = figures
    text = (
        f"[I] Timing trace has {queries} queries over 3 s\n[I] Throughput: {qps:g} qps\n"
        f"[I] Latency: min = {low:g} ms, max = {high:g} ms, mean = {mean:g} ms, median = {median:g} ms,"
        f" percentile(99%) = {high:g} ms\n"
    )
    (run,) = parse(text)
    assert run.latency is not None
    found = (run.latency.low, run.latency.high, run.latency.mean, run.latency.median)
    assert found == pytest.approx(tuple(value / 1e3 for value in figures))
    assert (run.qps, run.queries) == (pytest.approx(qps), queries)


def command(*arguments: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reports", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_the_command_makes_a_run_that_renders_and_ranks_nothing(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    logs = [LOGS / name for name in NAMES]
    done = command("ingest", "trtexec", *logs, "-o", out)
    assert (done.returncode, done.stderr) == (0, f"wrote {out}\n")
    run = results.load(out)
    assert len(run.records) == len(NAMES) + 1
    assert all(entry.ratio is None and not entry.best for entry in rank([run]))
    rendered = command("render", out)
    assert rendered.returncode == 0
    assert "a log has no verdict" in rendered.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/no/such.log"], "cannot be read"),
        ([ROOT / "LICENSE"], "nothing in it was printed by trtexec"),
        ([LOGS / NAMES[0], LOGS / NAMES[1], "--times", "t.json"], "is of one log, and 2 are given"),
        ([LOGS / NAMES[0], "--times", "/no/such.json"], "cannot be read"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[Any], says: str) -> None:
    done = command("ingest", "trtexec", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1

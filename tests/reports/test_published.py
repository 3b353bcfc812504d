"""The published tables: whole, typed, and refused in one line where they are damaged."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import published
from reports.published import riscv, tables, tftrt

NAMES = {
    "cocompile_compiler.csv": tables.CompilerFigures,
    "cocompile_operators.csv": tables.OperatorCount,
    "cocompile_latency.csv": tables.Latency,
    "riscv_tvm_tflite.csv": riscv.Throughput,
    "riscv_accuracy.csv": riscv.PublishedAccuracy,
    "riscv_densenet_top5.csv": riscv.Ranked,
    "tftrt_latency.csv": tftrt.Timed,
    "tftrt_filesize.csv": tftrt.FileSize,
}


def test_the_compiler_s_figures_of_three_co_compilations() -> None:
    rows = published.cocompile_compiler()
    assert [(row.experiment, row.position) for row in rows] == [
        (experiment, position)
        for experiment in ("bird+plant", "inception+plant", "plant+inception")
        for position in (1, 2)
    ]
    assert rows[2] == published.CompilerFigures(
        experiment="inception+plant", position=1, model="inception_v1_224_quant",
        input_size="6.38MiB", output_size="6.93MiB", onchip_available="6.53MiB",
        onchip_used="6.53MiB", offchip="182.19KiB", subgraphs=1, operations=83, compile_ms=2590,
    )  # fmt: skip


def test_operators_add_up_to_the_compiler_s_totals() -> None:
    totals = {row.model: row.operations for row in published.cocompile_compiler()}
    for model, total in totals.items():
        counts = [row.count for row in published.cocompile_operators() if row.model == model]
        assert sum(counts) == total


def test_latencies_are_milliseconds() -> None:
    rows = published.cocompile_latency()
    assert len(rows) == 20
    assert {row.phase for row in rows} == {"first", "steady"}
    together = [row for row in rows if row.cocompiled and row.phase == "steady"]
    assert [(row.experiment, row.slot, row.latency_ms) for row in together] == [
        ("bird+plant", 1, 10.61), ("bird+plant", 2, 86.31),
        ("inception+plant", 1, 18.91), ("inception+plant", 2, 183.4),
        ("plant+inception", 1, 11.18), ("plant+inception", 2, 169.28),
    ]  # fmt: skip


def test_the_source_is_cited() -> None:
    source = published.COCOMPILE
    assert source.date == "2019-06-23"
    assert source.address.startswith("https://")
    assert "Co-compiling multiple models" in source.title


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("phase", "when", "cocompile_latency.csv: its header is not experiment,"),
        ("120.78", "fast", "row 2: latency_ms is 'fast'"),
        ("120.78", "nan", "row 2: latency_ms is 'nan': expected a positive number"),
        ("120.78", "1,2", "row 2 has 7 cells, not 6"),
        (
            "single,no,steady",
            "single,no,later",
            "row 3: phase is 'later': expected first or steady",
        ),
        ("single,no,first", "single,maybe,first", "row 2: cocompiled is 'maybe'"),
    ],
)
def test_a_damaged_table_is_refused_by_row(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    text = (tables.HERE / "cocompile_latency.csv").read_text(encoding="utf-8")
    (tmp_path / "cocompile_latency.csv").write_text(text.replace(old, new, 1))
    with pytest.raises(published.TableError, match=re.escape(complaint)):
        tables.read_table("cocompile_latency.csv", tables.Latency, tmp_path)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(published.TableError, match=r"none\.csv: .*No such file"):
        tables.read_table("none.csv", tables.Latency, tmp_path)


@given(st.sampled_from(sorted(NAMES)), st.data())
def test_whatever_happened_to_a_table_one_error_says_so(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    content = (tables.HERE / name).read_bytes()
    place = data.draw(st.integers(0, len(content)))
    bad = content[:place] + data.draw(st.binary(max_size=20)) + content[place + 3 :]
    folder = tmp_path_factory.mktemp("tables")
    (folder / name).write_bytes(bad)
    try:
        tables.read_table(name, NAMES[name], folder)
    except published.TableError as error:
        assert "\n" not in str(error).replace(name, "")


def test_the_riscv_experiment_is_a_grid() -> None:
    rows = riscv.riscv_throughput()
    assert len(rows) == 70
    for model in riscv.TITLES.values():
        of_model = [row for row in rows if row.model == model]
        tvm = {(row.opt_level, row.batch) for row in of_model if row.backend == "tvm"}
        tflite = {(row.threads, row.batch) for row in of_model if row.backend == "tflite"}
        batches = (1, 2, 4, 8, 16)
        assert tvm == set(itertools.product(range(4), batches))
        assert tflite == set(itertools.product((1, 2, 4), batches))
    assert all((row.opt_level is None) != (row.threads is None) for row in rows)


def test_both_published_runtimes_rank_six_images_alike() -> None:
    rows = riscv.riscv_top5()
    assert len(rows) == 2 * 6 * 5
    tvm, tflite = ([row for row in rows if row.backend == name] for name in ("tvm", "tflite"))
    assert [(r.image, r.class_id) for r in tvm] == [(r.image, r.class_id) for r in tflite]
    worst = max(abs(a.probability - b.probability) for a, b in zip(tvm, tflite, strict=True))
    assert worst == pytest.approx(4.7e-6, abs=1e-9)


def test_the_authors_accuracies() -> None:
    row = riscv.reference_accuracy("DenseNet-121")
    assert row is not None
    assert (row.top1_percent, row.top5_percent, row.images) == (74.46, 92.13, 50_000)
    assert riscv.reference_accuracy("ResNet-8") is None

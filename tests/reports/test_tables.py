import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.overview import overview
from reports.ranking import rank
from reports.record import STATUSES, Accuracy, Coverage
from reports.results import Run
from reports.tables.accuracy import accuracy_table
from reports.tables.agreement import agreement_table, verdict
from reports.tables.cells import cells_table, coverage
from reports.tables.comparison import comparison_tables
from reports.tables.first import first_table
from reports.tables.memory import memory_table
from reports.tables.outcomes import WORST_FIRST, outcomes_table
from tests.reports import strategies
from tests.reports.samples import CPU, EMULATED, agreement, night_run, record, run_facts, whole_run


def entries(*records):
    return rank([Run("a.json", {}, list(records))])


def grid(table):
    """The table's cells by the text of their row's first cells and their column."""
    return {
        (*(cell.text for cell in row[: table.headers]), column.title): cell
        for row in table.rows
        for column, cell in zip(table.columns, row, strict=True)
    }


@given(strategies.mixed_runs, strategies.facts)
def test_every_table_of_any_run_is_whole_and_honest(records, facts):
    found = overview([Run("a.json", facts, records)])
    assert sum(count for _, count, _ in found.verdicts) == len(records)
    tables = [table for section in found.sections for table in section.tables()]
    for table in (*tables, found.fastest_table()):
        for row in table.rows:
            assert len(row) == len(table.columns)
            for cell in row:
                assert cell.text.isprintable()
                assert cell.footnote is None or 1 <= cell.footnote <= len(table.footnotes)
                assert not (cell.best and cell.status not in ("", "ok"))
    listed = [table for table in tables if table.title == "All cells"]
    assert sum(len(table.rows) for table in listed) == len(records)


@given(st.lists(strategies.records, min_size=1, max_size=6))
def test_in_the_list_a_failure_shows_its_word_and_its_reason(records):
    found = entries(*records)
    table = cells_table(found)
    titles = [column.title for column in table.columns]
    for entry, row in zip(found, table.rows, strict=True):
        cells = dict(zip(titles, row, strict=True))
        status = cells["status"]
        assert status.text == entry.record.status
        if not entry.record.ranked:
            assert table.footnotes[status.footnote - 1] == entry.reason
            if "median (ms)" in cells:
                assert cells["median (ms)"].text.startswith(entry.record.status)
                assert cells["median (ms)"].sort_key is None
            for title in ("p90 (ms)", "p99 (ms)", "FPS", "× best"):
                assert title not in cells or cells[title].text == "–"


def test_reasons_are_written_once():
    failed = [record(cell=str(i), status="oom", reason="too big") for i in range(3)]
    assert cells_table(entries(*failed)).footnotes == ("too big",)


def test_devices_and_runs_have_columns_only_where_there_are_several():
    one = [c.title for c in cells_table(entries(record())).columns]
    two = [c.title for c in cells_table(entries(record(), record(device=EMULATED))).columns]
    assert "device" not in one
    assert "device" in two
    assert "run" not in two


def test_comparison_has_batches_down_and_setups_across():
    records = [
        record(runtime=name, knobs={"batch": batch, "threads": threads}, samples=(0.002 * batch,))
        for name in ("litert", "tvm")
        for batch in (1, 4)
        for threads in (1, 2)
        if (name, batch, threads) != ("tvm", 4, 2)
    ]
    (table,) = comparison_tables(entries(*records))
    cells = grid(table)
    assert table.title == "ResNet-8 (CIFAR-10)"
    assert cells["1", "median (ms)", "litert, 1 thread"].text == "2.00"
    assert cells["4", "median (ms)", "litert, 2 threads"].text == "8.00"
    assert cells["4", "FPS", "litert, 2 threads"].text == "500"
    assert cells["4", "FPS", "tvm, 2 threads"].text == "–"


def test_a_variant_has_its_own_column():
    records = [record(), record(knobs={"delegate": "xnnpack"})]
    (table,) = comparison_tables(entries(*records))
    assert [c.title for c in table.columns[2:]] == [
        "litert, 1 thread", "litert, 1 thread, delegate=xnnpack",
    ]  # fmt: skip


def test_first_against_steady():
    cells = grid(first_table(entries(record(first_s=0.010, samples=(0.002,)))))
    assert cells["ResNet-8 (CIFAR-10)", "first ÷ steady"].text == "5.00×"
    assert first_table(entries(record(first_s=None))) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"measure": "steps", "worst": 3, "tolerance": 8}, "8/8 top-1, 3 steps (≤ 8)"),
        ({"measure": "steps", "worst": 1, "tolerance": 8}, "8/8 top-1, 1 step (≤ 8)"),
        ({"worst": 0.25, "tolerance": 0.02, "top1": 5}, "5/8 top-1, 0.25 (≤ 0.02)"),
        ({"worst": 0.0, "near_ties": 2}, "8/8 top-1, 0 (≤ 0.02), 2 near ties"),
        ({"worst": 0.0, "itself": True}, "8/8 top-1, 0 (≤ 0.02), itself"),
        ({"worst": float("nan")}, "8/8 top-1, not finite (≤ 0.02)"),
    ],
)
def test_verdicts_in_few_words(changes, says):
    assert verdict(agreement(**changes)) == says


def test_the_agreement_matrix_shows_the_worst_over_threads_and_batches():
    bad = {"status": "disagrees", "reason": "wrong", "knobs": {"threads": 2}}
    records = [
        record(agreement=agreement(worst=0.001)),
        record(agreement=agreement(worst=0.01), knobs={"batch": 4}),
        record(runtime="tvm"),
        record(runtime="tvm", agreement=agreement(top1=3, worst=0.5), **bad),
        record(runtime="onnx", samples=(), agreement=None, status="oom", reason="big"),
    ]
    table = agreement_table(entries(*records))
    cells = grid(table)
    model = "ResNet-8 (CIFAR-10)"
    assert cells[model, "litert"].text == "8/8 top-1, 0.01 (≤ 0.02)"
    assert cells[model, "tvm"].text == "disagrees in 1 of 2 cells: 3/8 top-1, 0.5 (≤ 0.02)"
    assert cells[model, "onnx"].text == "oom"
    assert set(table.footnotes) == {"wrong", "big"}
    assert agreement_table(entries(record(agreement=None))) is None


def test_an_unstable_cell_agreed_and_is_not_ranked():
    doubtful = record(status="unstable", reason="throttled", samples=(0.0001,), knobs={"batch": 1})
    found = entries(doubtful, record(knobs={"threads": 2}))
    assert [(e.best, e.ratio) for e in found] == [(False, None), (True, 1.0)]
    cells = grid(agreement_table(found))
    assert cells["ResNet-8 (CIFAR-10)", "litert"].text == (
        "8/8 top-1, 0.0013 (≤ 0.02); 1 of 2 cells unstable"
    )
    verdicts = overview([Run("a", {}, [doubtful, record()])]).verdicts
    assert [(word, count) for word, count, _ in verdicts if count] == [
        ("agree", 1),
        ("unstable", 1),
    ]


def test_an_unstable_cell_without_a_reason_gives_those_of_its_environment():
    (entry,) = entries(record(status="unstable", environment={"unstable": ["hot", "slow"]}))
    assert entry.reason == "hot; slow"


def test_first_inference_shows_the_status_where_each_time_would_stand():
    early = {"build_s": None, "first_s": None, "samples": (), "agreement": None}
    crashed = record(runtime="tvm", status="crashed", reason="SIGSEGV", **early)
    late = record(runtime="x", status="timeout", reason="60 s", samples=(), agreement=None)
    table = first_table(entries(record(), crashed, late))
    texts = {row[1].text: [cell.text for cell in row[3:]] for row in table.rows}
    assert texts["tvm"] == ["crashed", "crashed", "crashed", "–"]
    assert texts["x"] == ["20.0", "4.00", "timeout", "–"]
    assert table.footnotes == ("SIGSEGV", "60 s")


def test_a_model_of_which_nothing_was_timed_still_has_its_rows():
    early = {"samples": (), "agreement": None, "model": "m", "model_title": "M"}
    failed = record(status="oom", reason="big", **early)
    absent = record(status="not_measured", reason="gone", **{**early, "model": "n"})
    records = [record(), failed, absent]
    tables = comparison_tables(entries(*records))
    assert [table.title for table in tables] == ["M", "ResNet-8 (CIFAR-10)"]
    assert grid(tables[0])["1", "FPS", "litert, 1 thread"].text == "oom"
    fastest = overview([Run("a", {}, records)]).fastest_table()
    cells = grid(fastest)
    assert cells["M", "fastest that agrees"].text == "none"
    assert cells["M", "median (ms)"].text == "oom"
    assert fastest.footnotes == ("big",)


def test_outcomes_count_by_status_and_runtime_worst_first():
    assert sorted(WORST_FIRST) == sorted(STATUSES)
    bad = {"runtime": "tvm", "status": "crashed", "samples": ()}
    records = [
        *(record(cell=str(i)) for i in range(3)),
        record(runtime="tvm", status="unsupported", reason="no such op"),
        *(record(cell=str(i), reason="SIGSEGV", **bad) for i in range(2)),
        record(reason="SIGBUS", **bad),
        record(status="disagrees", reason="far off"),
    ]
    table = outcomes_table(entries(*records))
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["disagrees", "1", "1", "–", "1"],
        ["crashed", "3", "–", "3", "2"],
        ["unsupported", "1", "–", "1", "1"],
        ["ok", "3", "3", "–", "–"],
    ]
    assert table.footnotes == (
        "disagrees: far off",
        "crashed, in 2 of 3 cells: SIGSEGV",
        "unsupported: no such op",
    )
    assert outcomes_table(entries(record())) is None


@given(strategies.runs)
def test_outcomes_count_every_cell_once(records):
    table = outcomes_table(entries(*records))
    if table is None:
        assert all(one.status == "ok" for one in records)
        return
    for row in table.rows:
        counts = [int(cell.text) for cell in row[2:-1] if cell.text != "–"]
        assert sum(counts) == int(row[1].text)
    assert sum(int(row[1].text) for row in table.rows) == len(records)
    order = [WORST_FIRST.index(row[0].text) for row in table.rows]
    assert order == sorted(order)


def test_the_failed_are_told_worst_first():
    failed = [record(status=status, samples=()) for status in ("unsupported", "oom", "crashed")]
    verdicts = {word: detail for word, _, detail in overview([Run("a", {}, failed)]).verdicts}
    assert verdicts["failed"] == "1 crashed, 1 oom, 1 unsupported"


def test_memory_is_the_largest_by_model_and_runtime_and_says_how():
    mib, warm = 1 << 20, {"process": "warm worker"}
    by = {"by": "VmHWM, reset for each phase"}
    records = [
        record(memory={"before": mib, "build": 200 * mib, "run": 210 * mib, **by}, environment=warm),
        record(memory={"build": 300 * mib, "run": 420 * mib, **by}, knobs={"batch": 16},
               environment=warm),
        record(runtime="tvm", memory={"build": 900 * mib, **by}, status="oom", reason="too big",
               samples=(), environment=warm),
        record(runtime="x", memory={"build": 5 * mib, "run": 7 * mib, **by}, environment=warm),
        record(runtime="x", knobs={"batch": 16}, status="killed", reason="SIGKILL", samples=()),
        record(runtime="y"),
    ]  # fmt: skip
    table = memory_table(entries(*records))
    assert table.title == "Memory (VmHWM, reset for each phase, warm worker)"
    cells, model = grid(table), "ResNet-8 (CIFAR-10)"
    texts = {
        (key[1], key[2]): cell.text
        for key, cell in cells.items()
        if key[2] not in ("model", "MiB while")
    }
    assert texts == {
        ("building", "litert"): "300",
        ("building", "tvm"): "900",
        ("building", "x"): "5.00 (killed in 1 of 2)",
        ("building", "y"): "–",
        ("running", "litert"): "420",
        ("running", "tvm"): "oom",
        ("running", "x"): "7.00 (killed in 1 of 2)",
        ("running", "y"): "–",
    }
    assert cells[model, "running", "tvm"].status == "oom"
    assert set(table.footnotes) == {"too big", "SIGKILL"}
    assert memory_table(entries(record())) is None


def test_the_list_of_cells_has_the_larger_peak():
    one = record(memory={"before": 1, "build": 3 << 20, "run": 2 << 20})
    table = cells_table(entries(one))
    assert grid(table)["ResNet-8 (CIFAR-10)", "memory (MiB)"].text == "3.00"
    assert "memory (MiB)" not in [column.title for column in cells_table(entries(record())).columns]


def test_a_long_night_is_read_in_one_glance():
    found = overview([Run("a.json", run_facts(), night_run(rounds=2))])
    table = found.outcomes_table()
    assert len(table.rows) == len(STATUSES)
    assert len(table.footnotes) == len(STATUSES) - 1


def test_accuracy_by_model_and_runtime():
    taken = Accuracy("imagenet", 500, 0.712, 0.9)
    crashed = {"runtime": "tvm", "status": "crashed", "reason": "SIGSEGV"}
    table = accuracy_table(entries(record(accuracy=taken), record(**crashed)))
    texts = [[cell.text for cell in row] for row in table.rows]
    assert texts == [
        ["ResNet-8 (CIFAR-10)", "imagenet, 500 images", "1", "71.2 % (67.1 to 75.0)", "crashed"],
        ["ResNet-8 (CIFAR-10)", "imagenet, 500 images", "5", "90.0 % (87.1 to 92.3)", "crashed"],
    ]
    assert accuracy_table(entries(record())) is None


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (None, "–"),
        (Coverage("XNNPACK", 29, 31, 0.93), "29/31 XNNPACK"),
        (Coverage("NNAPI", None, None, 0.5), "50.0 % NNAPI"),
        (Coverage("NPU", 2, None, None, "2 partitions"), "2 taken NPU"),
        (Coverage("NPU", None, None, None), "unknown NPU"),
    ],
)
def test_coverage(found, says):
    assert coverage(found).text == says


def test_overview_sums_up_a_run():
    found = overview([Run("a.json", run_facts(), whole_run(rounds=2))])
    counts = {word: count for word, count, _ in found.verdicts}
    assert counts == {"agree": 439, "disagree": 7, "failed": 17, "not measured": 6}
    assert found.devices == ("cpu Cortex-A72", "riscv qemu rv64gcv (emulated)")
    missing = [runtime for runtime in found.runtimes if runtime.unavailable]
    assert [(r.name, r.unavailable) for r in missing] == [
        ("edgetpu", "libedgetpu.so.1 was not found; apt install it")
    ]
    assert ("litert", "2.3.0") in [(r.name, r.version) for r in found.runtimes]
    emulated = [f for f in found.fastest if f.entries[0].record.nature == "emulated"]
    assert [f.winner.runtime for f in emulated] == ["litert (emulated)"]


def test_where_nothing_agrees_nothing_is_the_fastest():
    found = overview([Run("a", {}, [record(status="disagrees", reason="no")])])
    (row,) = found.fastest_table().rows
    assert row[1].text == "none"
    assert not any(cell.best for cell in row)


def test_the_same_device_from_run_and_record_is_listed_once():
    found = overview([Run("a", {"devices": [CPU, "a stick"]}, [record()])])
    assert found.devices == ("cpu Cortex-A72", "a stick")

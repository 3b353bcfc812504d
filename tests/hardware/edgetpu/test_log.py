"""Logs of the compiler: the published co-compilations, what users met in the wild, and damage."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.edgetpu import log, log_command
from hardware.edgetpu.log import LogError, Size, parse, read
from reports import published

LOGS = Path(__file__).with_name("logs")
CLONE = Path(__file__).parents[3]
PUBLISHED = ("bird+plant", "inception+plant", "plant+inception")
LARGE = "Compilation failed due to large activation tensors in model."


def found(name: str) -> log.Log:
    return read(LOGS / f"{name}.txt")


def cocompiled(experiment: str) -> log.Run:
    (run,) = found(f"cocompile_{experiment.replace('+', '_')}").runs
    return run


# --- the published co-compilations -----------------------------------------------------------------


@pytest.mark.parametrize("experiment", PUBLISHED)
def test_the_published_memory_figures_to_the_unit(experiment: str) -> None:
    run = cocompiled(experiment)
    rows = [row for row in published.cocompile_compiler() if row.experiment == experiment]
    read_rows = [
        published.CompilerFigures(
            experiment,
            entry.position,
            entry.name,
            str(entry.input_size),
            str(entry.output_size),
            str(entry.available),
            str(entry.cached),
            str(entry.streamed),
            entry.subgraphs or 0,
            entry.operations or 0,
            run.compilations[0].milliseconds or 0,
        )
        for entry in run.entries
    ]
    assert read_rows == rows
    assert (run.version, run.failure, len(run.compilations)) == ("1.0.249710469", "", 1)
    assert not found(f"cocompile_{experiment.replace('+', '_')}").warnings


@pytest.mark.parametrize("experiment", PUBLISHED)
def test_the_published_operators(experiment: str) -> None:
    for entry in cocompiled(experiment).entries:
        rows = [row for row in published.cocompile_operators() if row.model == entry.name]
        assert Counter((o.name, o.count, o.status) for o in entry.operators) == Counter(
            (row.operator, row.count, row.status) for row in rows
        )
        assert (entry.mapped, entry.unmapped) == (entry.operations, {})


def test_the_second_model_gets_what_the_first_left() -> None:
    bird, plant = cocompiled("bird+plant").entries
    assert bird.available is not None
    assert bird.cached is not None
    assert plant.available is not None
    assert bird.available.low - bird.cached.high <= plant.available.high
    assert plant.available.low <= bird.available.high - bird.cached.low


# --- what users met ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version", "failure"),
    [
        ("v1.0_invalid", "1.0.249710469", "invalid model model.tflite: Model not quantized"),
        ("v2.0_internal", "2.0.258810407", "Internal compiler error. Aborting!"),
        (
            "v15.0_invalid_quoted",
            "15.0.340273435",
            "invalid model model.tflite: Model not quantized",
        ),
        ("v15.0_silent", "15.0.340273435", "it compiled no model and gave no reason"),
        ("v16.0_crash", "16.0.384591198", "Segmentation fault (core dumped)"),
        (
            "v16.0_exception",
            "16.0.384591198",
            "libc++abi: terminating with uncaught exception of type std::out_of_range: vector",
        ),
        (
            "v16.0_interpreter",
            "16.0.384591198",
            "Model failed in Tflite interpreter. Please ensure model can be loaded/run in Tflite "
            "interpreter.",
        ),
        ("v16.0_no_reason", "16.0.384591198", "Compilation failed!"),
        (
            "v16.0_unparsed",
            "16.0.384591198",
            "invalid model model.tflite: Model could not be parsed",
        ),
        ("v16.0_segment_failed", "16.0.384591198", LARGE),
        (
            "v16.0_search_in_segments",
            "16.0.384591198",
            "Compilation timeout. This is usually caused by large activations.",
        ),
    ],
)
def test_a_failure_is_in_the_compiler_s_words(name: str, version: str, failure: str) -> None:
    (run,) = found(name).runs
    assert (run.version, run.failure) == (version, failure)


def test_messages_that_explain_a_failure_are_kept() -> None:
    (part,) = found("v16.0_interpreter").runs[0].compilations
    assert part.messages == (
        "ERROR: Attempting to use a delegate that only supports static-sized tensors with a graph"
        " that has dynamic-sized tensors.",
    )
    (part,) = found("v16.0_unparsed").runs[0].compilations
    assert [message[:20] for message in part.messages] == [
        "ERROR: Didn't find o",
        "ERROR: Registration ",
    ]


SIZES = {
    "v2.0_partial": ("5.33MiB", "5.75MiB", "7.62MiB", None, "5.66MiB", "0.00B", 63, 64),
    "v2.0_291": ("692.70KiB", "908.54KiB", "5.95MiB", None, "891.50KiB", "0.00B", 13, 13),
    "v2.1_repeated": ("8.11MiB", "9.47MiB", None, "7.75KiB", "6.86MiB", "1.22MiB", 83, 93),
    "v15.0_nothing_mapped": ("961.05KiB", "882.13KiB", None, "0.00B", "0.00B", "0.00B", 0, 69),
    "v15.0_segments_warned": (
        "2.77MiB", "31.90MiB", None, "5.02MiB", "2.71MiB", "29.07MiB", 27, 68
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_every_wording(name: str) -> None:
    (entry,) = found(name).entries
    assert not found(name).warnings
    sizes = (
        entry.input_size, entry.output_size, entry.available, entry.remaining, entry.cached,
        entry.streamed,
    )  # fmt: skip
    texts = tuple(size and size.text for size in sizes)
    assert (*texts, entry.mapped, entry.operations) == SIZES[name]


def test_an_operator_may_repeat_with_another_status() -> None:
    (entry,) = found("v2.1_repeated").entries
    assert [o.count for o in entry.operators if o.name == "CONCATENATION"] == [1, 3]
    assert entry.unmapped == {"More than one subgraph is not supported": 2}
    (entry,) = found("v14.1_operation_log").entries
    assert entry.unmapped == {
        "Tensor has unsupported rank (up to 3 innermost dimensions mapped)": 12,
        "More than one subgraph is not supported": 32,
    }


def test_several_runs_in_one_file() -> None:
    runs = found("v14.1_three_runs").runs
    internal = "Internal compiler error. Aborting!"
    assert [run.failure for run in runs] == [internal, internal, ""]
    assert [len(run.entries) for run in runs] == [0, 0, 1]
    assert runs[2].compilations[0].milliseconds == 1626


def test_operation_logs_have_operators_and_no_sizes() -> None:
    runs = found("v15.0_operation_logs").runs
    assert [entry.name for run in runs for entry in run.entries] == ["a", "b"]
    (entry,) = runs[0].entries
    assert (entry.cached, entry.operations, entry.mapped, len(entry.operators)) == (
        None,
        None,
        3,
        4,
    )
    assert runs[0].compilations[0].milliseconds is None


def test_co_compiled_by_version_16_both_are_told_what_remains_at_the_end() -> None:
    (run,) = found("v16.0_cocompiled").runs
    first, second = run.entries
    assert [(entry.position, entry.name) for entry in run.entries] == [(1, "1"), (2, "2")]
    assert first.remaining == second.remaining == Size.of("1.07MiB")
    assert (first.mapped, run.failure) == (57, "")


def test_a_segment_that_compiled_does_not_hide_one_that_failed() -> None:
    (run,) = found("v16.0_segment_failed").runs
    assert [entry.name for entry in run.entries] == ["model_segment_0_of_2"]
    assert [part.failure for part in run.compilations] == ["", LARGE]


def test_a_search_supersedes_its_failed_attempts_within_a_segment() -> None:
    (run,) = found("v16.0_search_in_segments").runs
    assert [part.tried_operators for part in run.compilations] == [84, 340, 330, 320]
    assert [part.superseded for part in run.compilations] == [False, True, True, False]
    (run,) = found("v16.0_search_found").runs
    assert [part.tried_operators for part in run.compilations] == [94, 84]
    assert (run.failure, len(run.entries)) == ("", 1)


def test_a_log_that_begins_in_the_middle_has_no_version() -> None:
    text = (LOGS / "v2.0_291.txt").read_text().partition("ms.\n")[2]
    (run,) = parse(text).runs
    assert (run.version, run.entries[0].name) == ("", "model")


# --- sizes ------------------------------------------------------------------------------------------


def test_a_printed_size_is_a_range_of_bytes() -> None:
    assert Size.of("0.00B") == Size("0.00B", 0, 0)
    assert Size.of("512.00B") == Size("512.00B", 512, 512)
    # 182.185 and 182.195 KiB, inwards
    assert Size.of("182.19KiB") == Size("182.19KiB", 186_558, 186_567)
    assert Size.of("0.00KiB") == Size("0.00KiB", 0, 5)
    # the final layer of the plant classifier, 2112 classes: 2112 * (1280 + 4) bytes
    size = Size.of("2.59MiB")
    assert size is not None
    assert size.low <= 2_711_808 <= size.high


@pytest.mark.parametrize(
    "text", ["", "MiB", "6.91", "-1.00MiB", "6.91MB", "0.50B", "1e3B", "9" * 40 + "B"]
)
def test_what_is_no_size(text: str) -> None:
    assert Size.of(text) is None


@given(st.integers(0, 1 << 33))
def test_the_range_holds_the_size_that_was_printed(count: int) -> None:
    unit, scale = next(
        (u, s) for u, s in (("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)) if count >> s or s == 0
    )
    size = Size.of(f"{count / (1 << scale):.2f}{unit}")
    assert size is not None
    assert size.low <= count <= size.high
    assert size.low <= size.likely <= size.high


# --- footprints ---------------------------------------------------------------------------------------


def test_a_footprint_from_a_log_is_a_range() -> None:
    entry = cocompiled("inception+plant").entries[0]
    made = log.footprint(entry, input=150_528, output=1008, compute=1.99e-3)
    assert (made.low.streamed, made.likely.streamed, made.high.streamed) == (
        186_558,
        186_562,
        186_567,
    )
    assert made.low.cached < 6.53 * 2**20 < made.high.cached
    # 6.93 MiB less 6.53 MiB and 182.19 KiB of parameters, 38 216 bytes of overhead, 10 000 of loading
    assert made.likely.instructions == 184_652
    assert made.low.instructions == 184_652 - 10_490 - 51_886 + 38_216 - 12_624 + 10_000
    assert made.high.instructions - made.likely.instructions < 3 * 5_300 + 15_000
    assert (made.likely.input, made.likely.output, made.likely.compute) == (150_528, 1008, 1.99e-3)
    assert made.likely.model == "inception_v1_224_quant"
    assert "output file 6.93MiB less parameters, less 48216 bytes" in made.likely.whence


#: Bytes of compiled files of 2019 to 2021: file, cached, streamed, instructions, those of loading.
FILES = {
    "keras_lstm_mnist_ptq": (140_096, 43_968, 576, 60_864, 3_152),
    "mobilenet_v1_0.25_128_quant": (801_454, 566_912, 0, 170_032, 12_624),
    "mobilenet_v1_0.5_160_quant": (1_743_534, 1_473_280, 0, 205_936, 12_624),
    "mobilenet_v2_1.0_224_inat_bird_quant": (4_084_056, 3_900_864, 0, 135_184, 9_792),
    "mobilenet_v2_1.0_224_quant, first": (4_084_184, 2_586_048, 1_314_816, 137_648, 7_984),
    "mobilenet_v2_1.0_224_quant, second": (4_080_176, 2_824_448, 1_076_416, 142_688, 5_968),
}


def printed(count: int) -> str:
    scale, unit = (20, "MiB") if count >> 20 else (10, "KiB") if count >> 10 else (0, "B")
    return f"{count / (1 << scale):.2f}{unit}"


@pytest.mark.parametrize("name", FILES)
def test_the_range_holds_what_compiled_files_have(name: str) -> None:
    file, cached, streamed, instructions, loading = FILES[name]
    entry = log.Entry(
        input_model=name,
        output_size=Size.of(printed(file)),
        cached=Size.of(printed(cached)),
        streamed=Size.of(printed(streamed)),
    )
    made = log.footprint(entry, input=1, output=1, compute=0.0)
    assert made.low.instructions <= instructions <= made.high.instructions
    assert made.low.caching_instructions <= loading <= made.high.caching_instructions
    assert made.low.cached <= cached <= made.high.cached
    assert made.low.streamed <= streamed <= made.high.streamed
    likely = made.likely.instructions
    assert made.low.instructions <= likely <= made.high.instructions


def test_the_rule_for_instructions_gives_the_bird_s_own_to_the_byte() -> None:
    file, cached, streamed, instructions, loading = FILES["mobilenet_v2_1.0_224_inat_bird_quant"]
    sizes = [Size(f"{n}.00B", n, n) for n in (file, cached, streamed)]
    entry = log.Entry(output_size=sizes[0], cached=sizes[1], streamed=sizes[2])
    made = log.footprint(
        entry, input=150_528, output=968, compute=9.2e-4, overhead=(38_216,) * 3,
        caching_instructions=(loading,) * 3,
    )  # fmt: skip
    assert made.low == made.likely == made.high
    assert made.likely.instructions == instructions


def test_weights_on_the_cpu_may_be_all_that_is_left() -> None:
    made = log.footprint(found("v2.0_partial").entries[0], input=1, output=1, compute=0.0)
    assert made.low.instructions == 0
    assert "weights for the CPU may be any part of that" in made.low.whence


def test_an_operation_log_gives_no_footprint() -> None:
    entry = found("v15.0_operation_logs").entries[0]
    with pytest.raises(ValueError, match=r"a: its log does not say: cached parameters, streamed"):
        log.footprint(entry, input=1, output=1, compute=0.0)


# --- damage -------------------------------------------------------------------------------------------


def test_a_bad_figure_is_a_warning_and_the_rest_is_kept() -> None:
    text = (LOGS / "v2.0_291.txt").read_text()
    text = text.replace("692.70KiB", "many KiB").replace(
        "operations: 13", "operations: 99999999999"
    )
    made = parse(text)
    assert made.warnings == (
        "line 5: 'Input size' is 'many KiB', which is not a size; left out",
        "line 12: 'Total number of operations' is '99999999999', which is not a count; left out",
    )
    assert made.entries[0].input_size is None
    assert made.entries[0].output_size == Size.of("908.54KiB")


@pytest.mark.parametrize("text", ["", "\n\n", "TFL3", "Edge TPU\nnothing", "Compilation"])
def test_another_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "build.log"
    path.write_text(text)
    with pytest.raises(LogError, match=r"^[^\n]*build\.log: not a log of the Edge TPU compiler"):
        read(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"none\.log: cannot be read: No such file"):
        read(tmp_path / "none.log")
    with pytest.raises(LogError, match="cannot be read"):
        read(tmp_path)
    huge = tmp_path / "huge.log"
    huge.write_bytes(b"Edge TPU Compiler version 1.0\n" + b"x" * log.LIMIT)
    with pytest.raises(LogError, match="longer than 16 MiB"):
        read(huge)


def test_nothing_of_a_log_reaches_the_terminal_unseen() -> None:
    made = parse("Edge TPU Compiler version 1\x1b[31m\nInput model: a\x1b]0;x\x07\u202eb.tflite\n")
    assert all(line.isprintable() for line in log_command.lines(made))


def test_warnings_are_bounded() -> None:
    made = parse("Edge TPU Compiler version 1\n" + "Input size: x\n" * 10_000)
    assert len(made.warnings) == 51


LINES = sorted({line for path in LOGS.glob("*.txt") for line in path.read_text().splitlines()})


@given(
    st.lists(
        st.one_of(
            st.sampled_from(LINES),
            st.text(max_size=40),
            st.builds(lambda line, cut: line[:cut], st.sampled_from(LINES), st.integers(0, 60)),
        ),
        max_size=30,
    )
)
def test_any_lines_make_a_log_or_one_error(lines: list[str]) -> None:
    try:
        made = parse("\n".join(lines), "some.log")
    except LogError as error:
        assert str(error).startswith("some.log: ")
    else:
        shown = log_command.lines(made)
        assert all("\n" not in line and line.isprintable() for line in shown)
        for run in made.runs:
            assert run.failure or run.entries


@given(st.sampled_from(sorted(LOGS.glob("*.txt"))), st.binary(max_size=30), st.floats(0, 1))
def test_any_damage_makes_a_log_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, path: Path, junk: bytes, share: float
) -> None:
    content = path.read_bytes()
    cut = int(len(content) * share)
    damaged = tmp_path_factory.mktemp("logs") / "damaged.log"
    damaged.write_bytes(content[:cut] + junk + content[cut + len(junk) // 2 :])
    try:
        read(damaged)
    except LogError as error:
        assert "damaged.log: " in str(error)
        assert "\n" not in str(error)


# --- the command --------------------------------------------------------------------------------------


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hardware", "edgetpu", "log", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=CLONE,
        timeout=60,
    )


def test_the_command_prints_a_table() -> None:
    done = command(LOGS / "cocompile_bird_plant.txt")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Edge TPU Compiler version 1.0.249710469"
    assert lines[1].split()[:3] == ["#", "model", "input"]
    assert lines[3].split() == [
        "2", "mobilenet_v2_1.0_224_inat_plant_quant", "4.76MiB", "5.22MiB", "3.16MiB", "2.49MiB",
        "-", "2.59MiB", "65", "of", "65",
    ]  # fmt: skip


def test_the_command_prints_json() -> None:
    done = command(LOGS / "cocompile_bird_plant.txt", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    listing = json.loads(done.stdout)
    assert list(listing) == ["schema", "source", "runs", "warnings"]
    entry = listing["runs"][0]["compilations"][0]["entries"][1]
    assert entry["streamed"] == {"text": "2.59MiB", "low": 2_710_569, "high": 2_721_054}


def test_the_command_names_a_file_that_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(b"\x1c\0\0\0TFL3")
    done = command(tmp_path / "model.tflite")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "model.tflite: not a log of the Edge TPU compiler" in done.stderr

"""``python -m hardware edgetpu inspect`` and ``estimate``, as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.__main__ import main
from hardware.edgetpu import flat
from tests.hardware.edgetpu import builder
from tests.hardware.edgetpu.real import FOLDER, ROOT, asset
from tests.hardware.edgetpu.test_compiled import BIRD, LARGE, SMALL, V1, V2, WITH, written
from tests.hardware.test_main import run

PACKAGE_KEYS = {
    *("min_runtime_version", "compiler_version", "token", "cached_bytes", "streamed_bytes"),
    *("instruction_bytes", "caching_instruction_bytes", "input_bytes", "output_bytes"),
    *("scratch_bytes", "estimated_cycles"),
}
PAIR = ("one_cocompiled_with_two_edgetpu.tflite", "two_cocompiled_with_one_edgetpu.tflite")


def pair(folder: Path, *tokens: int) -> list[Path]:
    return [
        written(folder, builder.compiled(builder.usual(token)), name)
        for name, token in zip(PAIR, tokens, strict=False)
    ]


def inspected(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict]:
    main(["edgetpu", "inspect", "--json", *map(str, arguments)])
    return json.loads(capsys.readouterr().out)


def test_json_of_a_published_file(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = inspected(capsys, asset(BIRD), "--uncompiled", FOLDER / "coral")
    (package,) = found["packages"]
    assert set(package) == PACKAGE_KEYS
    assert package["cached_bytes"] == 3_900_864
    assert package["estimated_cycles"] == 458_040
    assert (found["tpu_ops"], found["cpu_ops"]) == (1, {})
    (fed,) = found["tensors"]["inputs"]
    assert fed["name"] == "map/TensorArrayStack/TensorArrayGatherV3"
    assert found["uncompiled"]["differences"] == []
    assert found["uncompiled"]["path"].endswith("mobilenet_v2_1.0_224_inat_bird_quant.tflite")


def test_published_sets_really_are_compiled_together(capsys: pytest.CaptureFixture[str]) -> None:
    """The pair of July 2021 shares e2c366fd5d62fa6b, the same two compiled alone do not; the halves
    of 2019 and 2020 are at hand without their other halves."""
    together = [V1.format(SMALL, WITH.format(LARGE)), V1.format(LARGE, WITH.format(SMALL))]
    alone = [V1.format(SMALL, ""), V1.format(LARGE, "")]
    halves = [V2.format("a"), V2.format("b")]
    paths = [asset(path) for path in (*together, *alone, *halves)]
    found = inspected(capsys, *paths)
    assert [one["shares_token_with"] for one in found] == [
        *([str(paths[1])], [str(paths[0])]),
        *([], [], [], []),
    ]
    assert [one["cocompiled"] and one["cocompiled"]["holds"] for one in found] == [
        *(True, True, None, None, None, None),
    ]
    assert "neither given nor beside it" in found[4]["cocompiled"]["reason"]
    assert all(one["uncompiled"]["differences"] == [] for one in found[:4])


def test_a_claim_that_does_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = pair(tmp_path, 5, 6)
    assert main(["edgetpu", "inspect", *map(str, paths)]) == 1
    assert capsys.readouterr().out.count("compiled with the other: no: ") == 2
    pair(tmp_path, 5, 5)
    assert main(["edgetpu", "inspect", str(paths[0])]) == 0, "the other is beside it"
    assert "compiled with the other: yes: two_cocompiled" in capsys.readouterr().out


def test_files_that_are_said_to_be_compiled_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [
        written(tmp_path, builder.compiled(builder.usual(token)), f"{i}_edgetpu.tflite")
        for i, token in enumerate((5, 5, 6))
    ]
    assert main(["edgetpu", "inspect", "--cocompiled", *map(str, paths[:2])]) == 0
    assert capsys.readouterr().out.count("yes: all have the same caching token") == 2
    assert main(["edgetpu", "inspect", "--cocompiled", *map(str, paths)]) == 1
    assert "no: no caching token in common with 2_edgetpu.tflite" in capsys.readouterr().out
    plain = written(tmp_path, builder.network(), "plain.tflite")
    assert main(["edgetpu", "inspect", "--cocompiled", str(plain)]) == 1


def test_a_twin_beside_the_file_and_one_that_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = builder.compiled(builder.usual())
    path = written(tmp_path, data, "m_edgetpu.2019-09.tflite")
    written(tmp_path, builder.compiled(cpu=["CONV_2D"]), "m.tflite")
    (found,) = inspected(capsys, path)
    assert found["uncompiled"]["differences"] == [
        "output 0: name between, in the uncompiled model behind"
    ]
    written(tmp_path, builder.network(), "m.tflite")
    main(["edgetpu", "inspect", str(path)])
    shown = capsys.readouterr().out
    assert "unlike the uncompiled model" in shown
    assert "input 0: name input, in the uncompiled model image" in shown


def test_every_kind_of_file_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    several = builder.compiled(builder.usual(), builder.usual(cycles=0), cpu=["SOFTMAX"] * 12)
    paths = [
        written(tmp_path, several, "several_edgetpu.tflite"),
        written(tmp_path, builder.compiled(b"old"), "old_edgetpu.tflite"),
        written(tmp_path, builder.network(), "plain.tflite"),
    ]
    assert main(["edgetpu", "inspect", *map(str, paths)]) == 0
    shown = capsys.readouterr().out
    for line in (
        "package 2 of 2",
        "cached parameters       640 B",
        "estimated cycles        1000 (0.002 ms at 500 MHz)",
        "estimated cycles        not stated",
        "caching token           0000000000000007",
        "operators on the CPU: SOFTMAX 12",
        "input input: uint8 1x4x4x3, scale 0.0078125, zero point 128",
        "and 5 more intermediate tensors",
        "no DWN1 package: its options hold no package",
        "not compiled for the Edge TPU",
    ):
        assert line in shown


def test_files_that_cannot_be_read_are_a_line_each(tmp_path: Path) -> None:
    good = written(tmp_path, builder.compiled(builder.usual()))
    bad = written(tmp_path, b"\x1b[31m" * 9, "bad\x1b]0;title\x07\u202e\n.tflite")
    for command in ("inspect", "estimate"):
        done = run("edgetpu", command, bad, tmp_path / "absent", good)
        assert done.returncode == 2
        lines = done.stderr.splitlines()
        assert all(line.startswith("error: ") for line in lines)
        assert len(lines) == (2 if command == "inspect" else 3)
        assert "\x1b" not in done.stderr + done.stdout
        assert "\\x1b]0;title\\x07\\u202e\\x0a.tflite" in lines[0]


def test_names_out_of_files_cannot_reach_the_terminal(tmp_path: Path) -> None:
    data = builder.compiled(builder.usual(), name="\x1b[2J\u202e\x9b\n\ud800", cpu=["\x1b[31mred"])
    done = run("edgetpu", "inspect", written(tmp_path, data))
    assert done.returncode == 0
    assert "\\x1b[2J\\u202e\\x9b\\x0a" in done.stdout
    assert "\\x1b[31mred 1" in done.stdout
    assert not set(done.stdout) & {"\x1b", "\u202e", "\x9b"}


def test_without_flatbuffers_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, builder.compiled(builder.usual()))
    flat.runtime.cache_clear()
    monkeypatch.setitem(sys.modules, "flatbuffers", None)
    monkeypatch.setitem(sys.modules, "flatbuffers.table", None)
    assert main(["edgetpu", "inspect", str(path)]) == 2
    assert "pip install flatbuffers" in capsys.readouterr().err
    flat.runtime.cache_clear()


def test_estimate_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, builder.network(), "network.tflite")
    written(tmp_path, builder.compiled(builder.usual()), "network_edgetpu.tflite")
    assert main(["edgetpu", "estimate", "--json", "--available", "5000", str(path)]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in found["layers"]] == [
        *("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"),
    ]
    assert found["parameter_bytes"][0] == 7168
    assert found["available_bytes"] == [5000, 5000]
    assert found["cached_bytes"] == [2560, 4608]
    assert found["compiled"][0]["more_than_the_rule"] == 672 - 7168
    first = found["operators"][0]
    assert (first["operator"], first["mapped"], first["reason"]) == ("CONV_2D", True, "")


def test_estimate_for_a_reader(capsys: pytest.CaptureFixture[str]) -> None:
    bird = asset("coral/mobilenet_v2_1.0_224_inat_bird_quant.tflite")
    small = asset("coral/mobilenet_v1_0.25_128_quant.tflite")
    lstm = asset("coral/keras_lstm_mnist_ptq.tflite")
    folder = str(FOLDER / "coral_2019_2020")
    assert main(["edgetpu", "estimate", *map(str, (bird, small, lstm)), "--compiled", folder]) == 0
    shown = capsys.readouterr().out
    for line in (
        "operators: 65, of which 65 would be mapped",
        "parameters: 3900864 B by the rule",
        "compiled: 3900864 B, as the rule says",
        "compiled: 566912 B, +48256 B (8.5% of it)",
        "not valid: the rule does not hold for UNIDIRECTIONAL_SEQUENCE_LSTM",
        "The rule for parameters: exact to the byte on",
    ):
        assert line in shown


def test_a_terminal_that_knows_ascii_alone(tmp_path: Path) -> None:
    path = written(tmp_path, builder.compiled(builder.usual(), name="入力"))
    command = [sys.executable, "-m", "hardware", "edgetpu", "inspect", str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "input \\u5165\\u529b: uint8" in done.stdout


def test_available_memory_has_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("-1", "9000000", "much"):
        with pytest.raises(SystemExit) as stop:
            main(["edgetpu", "estimate", "--available", wrong, "x.tflite"])
        assert stop.value.code == 2
    assert "between 0 and 8388608 bytes" in capsys.readouterr().err

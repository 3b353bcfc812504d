"""``python -m hardware edgetpu plan``, as a user runs it, and what it makes of files."""

import json
from pathlib import Path

import pytest

from hardware.edgetpu import known
from hardware.edgetpu.plan_inputs import COMPUTE, Given, PlanError, candidates
from tests.hardware.edgetpu.real import asset
from tests.hardware.test_main import run

LOGS = Path(__file__).parent / "logs"
BIRD = "mobilenet_v2_1.0_224_inat_bird_quant"
PLANT = "mobilenet_v2_1.0_224_inat_plant_quant"
SET = LOGS / "cocompile_bird_plant.txt"
FULL = [
    argument
    for name, output in ((BIRD, 968), (PLANT, 2104))
    for argument in (
        f"--input={name}=150528", f"--output={name}={output}", f"--compute={name}=0.916"
    )
]  # fmt: skip


def plan(*arguments):
    return run("edgetpu", "plan", *arguments)


def test_a_log_gives_the_published_latencies():
    done = plan("--json", SET, f"--rate={BIRD}=30", *FULL)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert list(found) == [
        "schema", "nature", "host", "turns", "margin", "models", "arrangements", "two", "advice",
    ]  # fmt: skip
    assert (found["schema"], found["nature"]) == (1, "simulated")
    assert found["host"]["bandwidth"]["how"] == "fitted"
    assert [one["source"] for one in found["models"]] == ["log", "log"]
    assert [one["rate"] for one in found["models"]] == [30, 1]
    assert not any("assumed" in one["rule"] for one in found["models"])
    best = found["arrangements"][0]
    assert best["label"] == f"{BIRD} {PLANT}"
    (group,) = best["groups"]
    assert group["compiled"] is True
    for model, published in zip(group["models"], (10.61, 86.31), strict=True):
        latency = model["latency"]
        assert latency["low"] <= published / 1e3 <= latency["high"]
        # The log counts 3.75 MiB of bird's parameters, its file has 3.72: that much less is left
        # of the output file's size for instructions, which is 1 ms of USB 2.0.
        assert latency["value"] * 1e3 == pytest.approx(published, rel=0.15)
        assert latency["bound"] == "held-out"
    # The set as compiled, anew the other way round, and apart: its own order is not listed twice.
    assert len(found["arrangements"]) == 3


def test_the_other_orders_of_a_log():
    """Models compiled after Inception and before it are each other's prediction."""
    io = [argument.replace(BIRD, "inception_v1_224_quant") for argument in FULL]
    io = [argument.replace("=968", "=1008").replace("=0.916", "=2.55") for argument in io]
    done = plan("--json", LOGS / "cocompile_plant_inception.txt", *io)
    by_label = {one["label"]: one for one in json.loads(done.stdout)["arrangements"]}
    for name, other, published in (
        (PLANT, "inception_v1_224_quant", (11.18, 169.28)),
        ("inception_v1_224_quant", PLANT, (18.91, 183.4)),
    ):
        (group,) = by_label[f"{name} {other}"]["groups"]
        for model, figure in zip(group["models"], published, strict=True):
            assert model["latency"]["low"] <= figure / 1e3 <= model["latency"]["high"]


def test_text_says_what_was_assumed():
    done = plan(SET, "--host", "pcie", "--turns", "alternate")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("pcie: PCIe")
    assert "simulated; bounds (assumed): -38% to +22%" in lines[1]
    assert "turns: alternate" in lines[1]
    assert "assumed input and output bytes" in lines[2]
    assert "assumed 0.2 to 4 ms of computing" in lines[2]
    assert any(line.startswith("1. busy ") for line in lines)
    assert any("2.59 MiB streamed, as compiled" in line for line in lines)
    assert "on two Edge TPUs:" in lines


def test_top_leaves_out():
    done = plan(SET, "--top", "1")
    assert "and 2 more (--top N, --json)" in done.stdout
    assert "\n2. busy" not in done.stdout


def test_two_logs_are_not_one_set(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(SET.read_text().replace("inat_bird", "a").replace("inat_plant", "b"))
    found = candidates([SET, other], Given())
    assert len({one.token for one in found}) == 2
    assert found[0].token == found[1].token


def test_the_memory_that_a_log_says():
    mib = 1 << 20
    first, second = candidates([SET], Given())
    assert first.available == second.available
    assert first.available[1] == pytest.approx(6.91 * mib, abs=0.01 * mib)
    (later,) = candidates([LOGS / "v2.1_repeated.txt"], Given())
    assert later.available[0] < later.available[1] < later.available[2]


def test_a_compiled_file_is_exact():
    path = asset("coral_2019_2020/mobilenet_v2_1.0_224_inat_bird_quant_edgetpu.2019-09.tflite")
    (bird,) = candidates([path], Given())
    assert (bird.source, bird.rule) == ("compiled", "its compiled file")
    assert bird.low == bird.likely == bird.high
    for name in ("input", "output", "instructions", "caching_instructions", "cached", "streamed"):
        assert getattr(bird.likely, name) == getattr(known.BIRD, name)
    assert bird.likely.compute == known.BIRD.compute
    done = plan(path, "--rate", f"{path.stem}=30")
    assert "10.33 ms (9.30 to 11.36), fits, as compiled" in done.stdout


def test_a_set_of_compiled_files_is_known_by_its_token():
    paths = [
        asset(f"coral/mobilenet_v1_{one}_quant_cocompiled_with_mobilenet_v1_{other}_quant_edgetpu.tflite")
        for one, other in (("0.25_128", "0.5_160"), ("0.5_160", "0.25_128"))
    ]  # fmt: skip
    first, second = found = candidates(paths, Given(compute={paths[0].stem: (1e-3, 2e-3, 3e-3)}))
    assert first.token == second.token is not None
    assert "compute as given" in first.rule
    assert first.low.compute == 1e-3
    assert second.high.compute == COMPUTE[2]
    assert "assumed 0.2 to 4 ms" in second.rule
    done = plan("--json", *paths)
    ways = json.loads(done.stdout)["arrangements"]
    compiled = [one for one in ways if all(group["compiled"] for group in one["groups"])]
    assert [len(one["groups"]) for one in compiled] == [1]
    assert [model.name for model in found] == [path.stem for path in paths]


def test_an_uncompiled_model_is_a_range():
    path = asset("coral/mobilenet_v2_1.0_224_inat_bird_quant.tflite")
    (bird,) = candidates([path], Given())
    assert bird.source == "estimate"
    assert bird.rule.startswith("uncompiled model: parameters by the rule of layers")
    assert bird.likely.cached == sum(bird.layers) == known.BIRD.cached
    done = plan("--json", path)
    (only,) = json.loads(done.stdout)["arrangements"]
    (group,) = only["groups"]
    assert group["compiled"] is False
    latency = group["models"][0]["latency"]
    assert latency["low"] <= 10.33e-3 <= latency["high"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.tflite"], "nowhere.tflite: No such file"),
        ([__file__], "not a log of the Edge TPU compiler"),
        ([SET, "--rate", "bird=3"], f"no model is called 'bird': there are {BIRD}, {PLANT}"),
        ([SET, SET], f"two models are called {BIRD}"),
        ([LOGS / "v1.0_invalid.txt"], "no model was compiled in this log"),
        ([LOGS / "v15.0_nothing_mapped.txt"], "none of its operators runs on the Edge TPU"),
        ([LOGS / "v15.0_operation_logs.txt"], "use what edgetpu_compiler prints"),
    ],
)
def test_what_cannot_be_used_is_one_line(arguments, said):
    done = plan(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--rate=30", "'30' is not NAME=VALUE"),
        ("--rate=a=-1", "'-1' is not a number from 0"),
        ("--rate=a=nan", "'nan' is not a number from 0"),
        ("--input=a=1.5", "'1.5' is not a whole number"),
        ("--compute=a=3-2", "the lower comes first"),
        ("--host=usb4", "invalid choice: 'usb4'"),
    ],
)
def test_options_that_say_nothing(option, said):
    done = plan(SET, option)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_same_model_twice_in_a_log(tmp_path):
    twice = tmp_path / "twice.txt"
    twice.write_text(SET.read_text() * 2)
    with pytest.raises(PlanError, match="was compiled 2 times: keep the one compilation"):
        candidates([twice], Given())

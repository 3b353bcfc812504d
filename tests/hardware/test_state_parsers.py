"""Parsers of the machine's state take any text, give bounded values, and read what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.devices.jetson import parse_power_mode, parse_power_models
from hardware.load import parse_load, parse_pressure, parse_process, parse_stat
from hardware.tegrastats import parse_tegrastats
from hardware.throttling import PI_FLAGS, decode_throttled, parse_edp, parse_vcgencmd
from tests.hardware.machines import process, stat

TEXT = st.text(st.one_of(st.characters(), st.sampled_from("0123456789-%@/[]()= :,.mWCcpu\n\t")))
NUMBER = st.integers(0, 10**18)


@given(TEXT, st.sampled_from(["", "throttled=0x", "throttled="]))
def test_vcgencmd_is_a_word_of_32_bits_or_nothing(text, prefix):
    word = parse_vcgencmd(prefix + text)
    assert word is None or 0 <= word < 1 << 32


@given(st.integers(0, (1 << 32) - 1))
def test_vcgencmd_round_trip(word):
    assert parse_vcgencmd(f"throttled={word:#x}\n") == word
    now, past = decode_throttled(word)
    again = sum(1 << bit for bit, flag in enumerate(PI_FLAGS) if flag in now)
    again |= sum(1 << bit + 16 for bit, flag in enumerate(PI_FLAGS) if flag in past)
    assert again == word & 0xF000F


@pytest.mark.parametrize(
    ("word", "now", "past"),
    [
        (0x0, set(), set()),
        (0x1, {"under-voltage"}, set()),
        (0x2, {"frequency capped"}, set()),
        (0x4, {"throttled"}, set()),
        (0x8, {"soft temperature limit"}, set()),
        (0x10000, set(), {"under-voltage"}),
        (0x20000, set(), {"frequency capped"}),
        (0x40000, set(), {"throttled"}),
        (0x80000, set(), {"soft temperature limit"}),
        (0xE0008, {"soft temperature limit"}, set(PI_FLAGS) - {"under-voltage"}),
    ],
)
def test_each_bit_has_its_meaning(word, now, past):
    assert decode_throttled(word) == (now, past)


@pytest.mark.parametrize(
    "text", ["", "throttled=", "throttled=0x", "throttled=0x123456789", "VCHI failed", "0x5"]
)
def test_what_vcgencmd_did_not_print_is_nothing(text):
    assert parse_vcgencmd(text) is None


@given(TEXT, st.sampled_from(["", "cpu ", "cpu  1 2 3 4 "]))
def test_any_stat_is_times_or_nothing(text, prefix):
    times = parse_stat(prefix + text)
    if times is not None:
        assert min(times.busy, times.idle, times.steal) >= 0
        assert times.cpus >= 1


@given(NUMBER, NUMBER, NUMBER, st.integers(1, 300))
def test_stat_round_trip(busy, idle, steal, cpus):
    times = parse_stat(stat(cpus, busy, idle, steal))
    assert times is not None
    assert (times.busy, times.idle, times.steal, times.cpus) == (busy, idle, steal, cpus)


def test_the_fields_of_stat():
    # user 1 + nice 2 + system 4 + irq 32 + softirq 64 = 103; idle 8 + iowait 16 = 24; steal 128.
    # A guest's time is within user's.
    times = parse_stat("cpu  1 2 4 8 16 32 64 128 1 1\ncpu0 1 2 4 8 16 32 64 128 1 1\n")
    assert times is not None
    assert (times.busy, times.idle, times.steal, times.cpus) == (103, 24, 128, 1)


def test_a_stat_of_before_linux_2_6_has_no_steal():
    times = parse_stat("cpu  10 0 5 85\n")
    assert times is not None
    assert (times.busy, times.idle, times.steal) == (15, 85, 0)


@given(TEXT, st.sampled_from(["", "9 (x) R ", process(5)]))
def test_any_process_is_ticks_or_nothing(text, prefix):
    found = parse_process(prefix + text)
    assert found is None or (0 <= found.ticks < 1 << 64 and found.start >= 0)


@given(st.integers(1, 10**15), NUMBER, st.text(st.characters(), max_size=16))
def test_process_round_trip(ticks, start, name):
    found = parse_process(process(ticks, start, name))
    assert found is not None
    assert (found.ticks, found.start) == (ticks, start)


def test_the_name_of_a_process_may_look_like_fields():
    found = parse_process(process(30, name="a) R 1 2 3 (b"))
    assert found is not None
    assert found.ticks == 30


@given(TEXT, st.sampled_from(["", "some total=", "some avg10=0.00 total="]))
def test_any_pressure_is_microseconds_or_nothing(text, prefix):
    total = parse_pressure(prefix + text)
    assert total is None or 0 <= total < 10**19


def test_pressure_is_that_of_some():
    text = "some avg10=0.00 avg60=0.01 total=716\nfull avg10=0.00 avg60=0.00 total=3\n"
    assert parse_pressure(text) == 716


@given(TEXT)
def test_any_load_is_a_number_or_nothing(text):
    load = parse_load(text)
    assert load is None or 0 <= load < 1e9


def test_load():
    assert parse_load("0.08 0.33 0.56 1/84 14677") == 0.08
    assert parse_load("1e9 0 0") is None


@given(TEXT, st.sampled_from(["", "pmode:", "< POWER_MODEL ID=", "< POWER_MODEL ID=1 NAME="]))
def test_any_nvpmodel_is_a_small_number_or_nothing(text, prefix):
    mode = parse_power_mode(prefix + text)
    assert mode is None or 0 <= mode < 10**9
    assert all(0 <= number < 10**9 for number in parse_power_models(prefix + text))


@given(TEXT, st.sampled_from(["", " 76: 3 1 x soctherm_edp", " 76: "]))
def test_any_interrupts_are_counted(text, prefix):
    assert parse_edp(prefix + text) >= 0


# The forms of fields are those of Jetson Linux 32 (Nano), 36 (Orin Nano) and 28 (TX1).
NANO = (
    "RAM 1409/3964MB (lfb 28x4MB) SWAP 0/1982MB (cached 0MB) IRAM 0/252kB(lfb 252kB) "
    "CPU [22%@518,67%@518,off,off] EMC_FREQ 5%@1600 GR3D_FREQ 12%@76 APE 25 "
    "PLL@28.5C CPU@32C PMIC@50C GPU@30.5C AO@39.5C thermal@31.25C "
    "POM_5V_IN 2003/2100 POM_5V_GPU 0/0 POM_5V_CPU 320/310"
)
ORIN = (
    "10-08-2026 04:35:02 RAM 6712/7620MB (lfb 12x4MB) SWAP 165/3810MB (cached 3MB) "
    "CPU [38%@1497,2%@729,off] EMC_FREQ 61%@2133 GR3D_FREQ 99%@[612,0] NVDEC off VIC off APE 200 "
    "cpu@57.125C cv0@-256C tj@58.5C VDD_IN 12800mW/11500mW VDD_CPU_GPU_CV 6500mW/6000mW NC 0mW/0mW"
)
TX1 = "RAM 3468/3983MB (lfb 48x4MB) cpu [17%,13%,29%,5%]@408 EMC 1%@408 APE 25 GR3D 3%@76"


def test_tegrastats_of_a_nano():
    (line,) = parse_tegrastats(NANO)
    assert (line.ram_mb, line.ram_total_mb) == (1409, 3964)
    assert line.cpu_load == (0.22, 0.67, None, None)
    assert line.cpu_mhz == (518, 518, None, None)
    assert (line.gpu_load, line.gpu_mhz, line.emc_load, line.emc_mhz) == (0.12, 76, 0.05, 1600)
    assert line.temperatures == {
        "PLL": 28.5,
        "CPU": 32.0,
        "PMIC": 50.0,
        "GPU": 30.5,
        "AO": 39.5,
        "thermal": 31.25,
    }
    assert line.watts == {"POM_5V_IN": 2.003, "POM_5V_GPU": 0.0, "POM_5V_CPU": 0.32}
    assert line.mean_watts == {"POM_5V_IN": 2.1, "POM_5V_GPU": 0.0, "POM_5V_CPU": 0.31}


def test_tegrastats_of_an_orin():
    (line,) = parse_tegrastats(f"some header\n{ORIN}\n\n")
    assert line.cpu_load == (0.38, 0.02, None)
    assert (line.gpu_load, line.gpu_mhz) == (0.99, 612)
    assert line.temperatures == {"cpu": 57.125, "tj": 58.5}  # cv0 is switched off
    assert line.watts == {"VDD_IN": 12.8, "VDD_CPU_GPU_CV": 6.5}
    assert line.mean_watts == {"VDD_IN": 11.5, "VDD_CPU_GPU_CV": 6.0}


def test_tegrastats_of_a_tx1_has_no_rails():
    (line,) = parse_tegrastats(TX1)
    assert line.cpu_load == (0.17, 0.13, 0.29, 0.05)
    assert (line.gpu_load, line.gpu_mhz, line.watts) == (0.03, 76, {})


@given(TEXT, st.sampled_from(["", "RAM 1/2MB ", f"{NANO} ", f"{ORIN} ", "RAM 1/2MB CPU ["]))
def test_any_tegrastats_has_bounded_values(text, prefix):
    lines = parse_tegrastats(prefix + text)
    assert len(lines) <= len((prefix + text).splitlines())
    for line in lines:
        assert all(share is None or 0 <= share < 10 for share in (*line.cpu_load, line.gpu_load))
        assert all(0 <= watts < 1e6 for watts in (*line.watts.values(), *line.mean_watts.values()))
        assert all(-200 < degrees < 1e4 for degrees in line.temperatures.values())

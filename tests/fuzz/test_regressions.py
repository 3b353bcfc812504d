"""Worst cases, found or constructed: each is refused in one sentence that says what is wrong."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures import options, xfails
from fixtures.model import File, ModelError
from fixtures.models import manifest
from fixtures.models.inputs import MOST_NUMBERS
from fixtures.models.store import Store
from fixtures.worker import wire
from fixtures.worker.memory import usage
from hardware.plugin import parse_require
from reports import journal, results
from tests.fuzz.targets import (
    MANIFEST,
    journal_seeds,
    pictures,
    results_seeds,
    targets,
)
from tests.fuzz.test_parsers import PATIENCE, bounded, place

ROOT = Path(__file__).resolve().parents[2]
TARGETS = targets()


def refusal(name: str, folder: Path, data: bytes) -> str:
    error = bounded(TARGETS[name], place(folder, name), data)
    assert error is not None, "taken"
    return str(error)


# --- manifests ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("macs = 1.5", "macs = " + "9" * 5000, "not TOML"),
        ("macs = 1.5", "macs = 1" + "0" * 400, "'macs' is larger than 64 bits"),
        ("macs = 1.5", "macs = 0x" + "f" * 5000, "'macs' is larger than 64 bits"),
        (
            "macs = 1.5",
            "macs = [0x" + "f" * 5000 + "]",
            "'macs' must be a float, found a list of 1",
        ),
        ("macs = 1.5", "macs = { a = 0x" + "f" * 5000 + " }", "found a dict of 1"),
        ("mean = 0.5", "mean = 1" + "0" * 400, "'mean' is larger than 64 bits"),
        ("mean = 0.5", "mean = 1e308", "'mean' must be finite, and below 1e30"),
        ("scale = [0.0625]", "scale = [1e999]", "'scale' must be finite"),
        ("noise = [-2, 5.0]", "noise = [-1e308, 1e308]", "'noise' must be finite, and below 1e30"),
        ("zero_point = 83", "zero_point = 1" + "0" * 400, "'zero_point' is larger than 64 bits"),
        (
            "[models.mine]",
            "[models." + "m" * 101 + "]",
            "a name in 'models' must be one line of at most 100",
        ),
        ("[models.mine]", '[models."\\u001b[31m"]', "printable characters; found '\\x1b[31m'"),
        ('title = "Mine"', '"\\u001b]0;x\\u0007" = 1', "unknown key"),
        ('title = "Mine"', 'title = """a\nb"""', "'title' must be one line"),
        ('title = "Mine"', 'title = "\\u202egnp.exe"', "'title' must be one line"),
        ('title = "Mine"', f'title = "{"x" * 100_000}"', "'title' must be one line"),
        ('licence = "MIT"', 'licence = "\\u0000"', "'licence' must be one line"),
        ('notes = ["a note"]', 'notes = ["\\r"]', "an item of 'notes' must be one line"),
        ('path = "cat.png"', 'path = "\\u001b[2J.png"', "'path' must be one line"),
        ("cat = {", '"c\\nat" = {', "a name in 'files' must be one line"),
        ("schema = 1", "schema = 0x" + "f" * 5000, "'schema' is larger than 64 bits"),
        ("schema = 1", "schema" + ".a" * 100_000 + " = 1", "a key of more than 20 parts"),
        ("schema = 1", "[" + ".".join(['"a b"'] * 100_000) + "]", "a key of more than 20 parts"),
        ("schema = 1", "#" + "x" * (1 << 20), "longer than 1 MiB"),
        ("schema = 1", "schema = " + "[" * 100_000, "not TOML"),
        ("schema = 1", "schema = " + "{ a = " * 100_000, "not TOML"),
        ("shape = [49, 10, 1]", "shape = [50000, 50000, 1]", "8 inputs of shape 50000x50000x1"),
        (
            "shape = [49, 10, 1]",
            f"shape = [{'1, ' * 5000}]",
            "8 inputs of shape 1x1x1x1x1x1x1x1...",
        ),
        ("shape = [49, 10, 1]", "shape = [1" + "0" * 4000 + "]", "positive whole numbers"),
        ("shape = [8, 6, 3]", "shape = [20000, 6, 3]", "more than 16384 pixels a side"),
        (
            'npz = "pixels", count = 4',
            "noise = [0, 1], count = 9223372036854775807",
            "fit into memory",
        ),
    ],
)
def test_manifests(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in MANIFEST.decode()
    text = refusal("manifest", tmp_path, MANIFEST.replace(old.encode(), new.encode(), 1))
    assert says in text
    assert "mine.toml" in text


def test_a_path_too_long_for_the_file_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read: File name too long"):
        Store(None, tmp_path).find(File("net", "x" * 1000, root=tmp_path))


def test_a_manifest_in_a_folder_with_a_hostile_name_is_refused_on_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "a\n\x1b]0;title\x07\u202eb"
    folder.mkdir()
    assert "mine.toml: not TOML" in refusal("manifest", folder, b"[")


# --- files of models ------------------------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    """A whole picture of one colour: a thousandth of its pixels in bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    packer, row = zlib.compressobj(9), bytes((width + 7) // 8 + 1)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def npy(shape: object, descr: str = "|u1", body: bytes = b"") -> bytes:
    """An array's file whose header says what it likes."""
    head = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


def npz(
    images: bytes, labels: bytes = npy("(2,)", body=b"\1\2"), name: str = "images.npy"
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, images)
        file.writestr("labels.npy", labels)
    return out.getvalue()


PIXELS = npy("(2, 8, 8, 1)", body=bytes(128))
MANY = MOST_NUMBERS + 64


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (npz(npy("(2, 8, 8, 1)")), "'images' is shorter than its header says"),
        (
            npz(npy(f"({MANY // 64}, 8, 8, 1)", body=bytes(MANY))),
            "holds more than 67108864 numbers",
        ),
        (npz(npy("(1000000000000, 8, 8, 1)")), "holds more than 67108864 numbers"),
        (npz(npy("(" + "9" * 4000 + ",)")), "holds more than"),
        (npz(npy("(0, 1000000000000)")), "holds no numbers"),
        (npz(npy("()", body=b"1")), "inputs of shape ()"),
        (npz(npy("(-2, 8, 8, 1)")), "not a readable .npz file"),
        (npz(npy("(2,)", "|O", b"cos\nsystem\n(S'true'\ntR.")), "not a readable .npz file"),
        (npz(npy("(2, 8, 8, 1)", "<c16", bytes(2048))), "holds no numbers"),
        (npz(npy("(2, 8, 8, 1)", "<m8", bytes(1024))), "holds no numbers"),
        (npz(npy("(2, 8, 8, 1)", "|S1", bytes(128))), "holds no numbers"),
        (npz(npy("(2,)", "|V1000000000")), "'images' is shorter than its header says"),
        (npz(npy("(" * 2000)), "not a readable .npz file"),
        (npz(PIXELS, b"no array"), "not a readable .npz file"),
        (npz(PIXELS, name="images"), "holds no array named 'images'"),
        (PIXELS, "not a readable .npz file"),
        (b"", "not a readable .npz file"),
    ],
)
def test_arrays(tmp_path: Path, data: bytes, says: str) -> None:
    assert len(data) < 200_000
    tracemalloc.start()
    try:
        assert says in refusal("npz", tmp_path, data)
        assert tracemalloc.get_traced_memory()[1] < 50e6, "a small file takes little to refuse"
    finally:
        tracemalloc.stop()


def test_a_scalar_where_images_belong_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    np.savez(out, images=np.float32(1), labels=np.array([1]))
    assert "inputs of shape ()" in refusal("npz", tmp_path, out.getvalue())


@pytest.mark.parametrize(
    ("width", "height"), [(13_000, 13_000), (16_385, 1), (1, 16_385), (2**31 - 1, 2**31 - 1)]
)
def test_pictures_of_too_many_pixels(tmp_path: Path, width: int, height: int) -> None:
    data = png(width, height if height < 20_000 else 0)
    data = (
        data.replace(struct.pack(">II", width, 0), struct.pack(">II", width, height))
        if not height
        else data
    )
    assert len(data) < 100_000
    assert "not a readable image" in refusal("image", tmp_path, data)


def test_only_plain_formats_are_opened(tmp_path: Path) -> None:
    """Pillow has a Ghostscript for EPS, and codecs of video formats, where any picture will do."""
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%true) (r) file\n%%EOF\n"
    for data in (eps, pictures()[-1]):
        assert "not a readable image" in refusal("image", tmp_path, data)


def test_the_largest_that_is_taken_stays_under_a_gigabyte(tmp_path: Path) -> None:
    """In a process of its own, to see what it takes; a quarter is prepared, for the sake of time."""
    (tmp_path / "bomb.png").write_bytes(png(7000, 7000))
    pixels = npy(f"({MOST_NUMBERS // 64}, 8, 8, 1)", body=bytes(MOST_NUMBERS))
    (tmp_path / "bomb.npz").write_bytes(npz(pixels))
    code = (
        "import sys; from pathlib import Path; import resource; from PIL import Image\n"
        "from fixtures.models.inputs import *\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "folder, spec = Path(sys.argv[1]), InputSpec((8, 8, 1), 'float32', scale=(0.5,))\n"
        "read_image(folder / 'bomb.png', spec)\n"
        "images, = read_arrays(folder / 'bomb.npz', spec, 'images')\n"
        "quarter = images[: len(images) // 4]\n"
        "assert prepare(quarter, spec).shape == quarter.shape\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    sizes = [(tmp_path / name).stat().st_size for name in ("bomb.png", "bomb.npz")]
    assert max(sizes) < 100_000
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    # Kilobytes. The whole, prepared, is four times what a quarter is: half of a gigabyte and more.
    assert int(done.stdout) < 450_000, done.stdout


@pytest.mark.parametrize("label", ["9" * 5000, "\u0661" * 5000, "00000", "\u00b2", "1_0", "+1"])
def test_lists_of_images(tmp_path: Path, label: str) -> None:
    assert "val.txt, line 1" in refusal("imagenet", tmp_path, f"a.JPEG {label}\n".encode())


@pytest.mark.parametrize("name", ["a\x1b[31m", "a\0b", "a\u202eb", "../a", "/a", "a/../../b"])
def test_names_of_images(tmp_path: Path, name: str) -> None:
    assert "val.txt, line 1" in refusal("imagenet", tmp_path, f"{name} 1\n".encode())


@pytest.mark.parametrize(
    "line",
    [
        "\x1b[31m/a error # b",
        "a/\x07 error # b",
        "a/b error # ",
        "/" * 500 + " error # long",
        "a/b\terror # tab",
    ],
)
def test_lists_of_known_disagreements(tmp_path: Path, line: str) -> None:
    assert "xfails.file:1: write" in refusal("xfails", tmp_path, line.encode())


def test_a_hostile_reason_is_inert_and_a_hostile_pattern_is_quick(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a/" + "*a" * 190 + "b error # \x1b[31mred\x1b[0m \u202e" + "x" * 5000 + "\n")
    (entry,) = xfails.read(path)
    assert entry.reason.startswith("red \ufffd")
    assert entry.reason.isprintable()
    assert len(entry.reason) <= 300
    start = time.process_time()
    assert xfails.match((entry,), "a/" + "a" * 400, "error") is None
    assert time.process_time() - start < PATIENCE


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"weights": "\\u001b[31m"}', b'{"weights": 1}', b"[]"]
)
def test_damaged_build_facts(tmp_path: Path, data: bytes) -> None:
    assert "damaged; delete" in refusal("build_facts", tmp_path, data)


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"seconds": 1' + b"0" * 400 + b"}", b'{"seconds": "x"}', b"[1]"]
)
def test_damaged_facts_of_a_toolchain(tmp_path: Path, data: bytes) -> None:
    assert "damaged; delete" in refusal("toolchain_facts", tmp_path, data)


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 100_000,
        b"9" * 5000,
        b"[]",
        b'{"dtype": "|O", "shape": [1]}',
        b'{"dtype": "<f4", "shape": [1e999]}',
        b'{"dtype": "<f4", "shape": [-1]}',
        b'{"dtype": "<f4", "shape": [9223372036854775807, 9223372036854775807]}',
        b'{"dtype": "' + b"(2,)" * 1000 + b'f4", "shape": [1]}',
        b'{"dtype": "<f4", "shape": "\\u001b[31m"}',
        b'{"dtype": {"a": ' * 300 + b"1" + b"}" * 600 + b"}",
    ],
)
def test_messages_of_a_worker(tmp_path: Path, header: bytes) -> None:
    message = wire.HEAD.pack(wire.MESSAGE, len(header), 8) + header + bytes(8)
    assert isinstance(bounded(TARGETS["wire"], tmp_path / "m", message), wire.WireError)


def test_a_message_that_is_cut_takes_no_memory(tmp_path: Path) -> None:
    """Resident memory, not what is set aside: pages that nothing was read into are none."""
    path = tmp_path / "m"
    path.write_bytes(b"{}")
    before = usage(reset=True)
    if not before["reset"]:
        pytest.skip("this system does not reset a peak")
    with path.open("rb") as file, pytest.raises(wire.Closed):
        wire.Channel(file.fileno(), -1).receive_rest(2, 200_000_000)
    assert (usage(reset=False)["peak"] or 0) - (before["now"] or 0) < 50e6


# --- runs -----------------------------------------------------------------------------------------

DEEP = "[" * 400 + "]" * 400
HUGE = "1" + "0" * 400


def in_record(key: str, value: str) -> tuple[bytes, bytes]:
    """A journal and a results file whose records hold ``value`` as ``key``."""
    marker = json.dumps({key: 1})[1:-1]
    found = []
    for text in (journal_seeds()[0].decode(), results_seeds()[0].decode()):
        assert marker in text
        found.append(text.replace(marker, f'"{key}": {value}').encode())
    return found[0], found[1]


def test_a_knob_larger_than_any_float_is_shown(tmp_path: Path) -> None:
    for name, data in zip(("journal", "results"), in_record("threads", HUGE), strict=True):
        bounded(TARGETS[name], place(tmp_path, name), data)


@pytest.mark.parametrize("value", [DEEP, "9" * 5000, "[1e999]", '"\\ud800"', "NaN"])
@pytest.mark.parametrize("key", ["threads", "batch"])
def test_knobs_that_no_run_writes(tmp_path: Path, key: str, value: str) -> None:
    """Read or refused, and shown in every format."""
    for name, data in zip(("journal", "results"), in_record(key, value), strict=True):
        bounded(TARGETS[name], place(tmp_path, name), data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"edgeproof": ' * 50_000, "nested too deeply"),
        (b"9" * 5000, "not JSON"),
        (b'{"benchmarks": 1e999}', "neither 'benchmarks' nor 'edgeproof'"),
        (b'{"edgeproof": {"schema": 1e999}}', "results schema inf"),
        (b"\xef\xbb\xbf", "results.file"),
    ],
)
def test_results(tmp_path: Path, data: bytes, says: str) -> None:
    assert says in refusal("results", tmp_path, data)


@pytest.mark.parametrize(
    "line",
    [
        {"event": "run", "schema": "x" * 100_000},
        {"event": "x" * 100_000},
        {"event": "\x1b[31m"},
        {"event": "run", "schema": ["\n" * 1000]},
    ],
)
def test_a_journal_is_refused_in_a_short_sentence(tmp_path: Path, line: dict[str, Any]) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(json.dumps(line) + "\n" + "{}\n")
    with pytest.raises(journal.JournalError) as caught:
        journal.read(path)
    assert len(str(caught.value)) < 2500
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("schema", ["x" * 100_000, ["a" * 100_000]])
def test_a_record_of_a_strange_schema_is_left_out_in_a_short_sentence(
    tmp_path: Path, schema: object
) -> None:
    data = json.loads(results_seeds()[1])
    data["edgeproof"]["records"][0]["schema"] = schema
    path = tmp_path / "run.json"
    path.write_text(json.dumps(data))
    with pytest.raises(results.ResultsError) as caught:
        results.load(path)
    assert len(str(caught.value)) < 2500


# --- options --------------------------------------------------------------------------------------


ODD = (
    "1\x1b[31m",
    "1,\u202e2",
    "9" * 5000,
    "1" + "0" * 16,
    "x" * 100_000,
    "1,,2",
    "-1",
    "1.5",
    "\u00b2",
)


@pytest.mark.parametrize("parse", [options.counts, options.positive, options.memory])
@pytest.mark.parametrize("text", ODD)
def test_options(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        parse(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("parse", [options.seconds, options.share])
@pytest.mark.parametrize("text", ["1e999", "nan", "0", "-1", "\x1b[31m", "9" * 5000, "x" * 100_000])
def test_seconds(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        parse(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("text", ["\x1b[31m", "edgetpu:\u202e", "x" * 100_000])
def test_kinds(text: str) -> None:
    with pytest.raises(pytest.UsageError) as caught:
        parse_require([text])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_a_glob_of_the_worst_kind_is_refused_quickly() -> None:
    start = time.process_time()
    for glob in ("*a" * 300, "[b-a]", "[!]", "[[a]", "x" * 100_000, "\x1b[31m", "", ","):
        with pytest.raises(ModelError) as caught:
            manifest.load_all(globs=glob)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 400
    assert time.process_time() - start < PATIENCE

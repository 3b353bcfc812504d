"""What is fuzzed: each parser with its seeds, and the errors that it documents.

One list for the property tests and for the coverage-guided runs (``atheris_targets``).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import json
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from unittest import mock

import numpy as np
import pytest

from fixtures import options, xfails
from fixtures.imagenet import ImageNet
from fixtures.model import InputSpec, Model, ModelError
from fixtures.models import manifest
from fixtures.models.inputs import prepare, read_arrays, read_image
from fixtures.models.labels import read_labels
from fixtures.models.library import Library, weights_of
from fixtures.models.store import Store
from fixtures.toolchains import base
from fixtures.toolchains.base import BuildError, Built
from fixtures.worker import onnx_file, wire
from fixtures.worker.errors import OpenError
from hardware.plugin import parse_require
from reports import csv_table, html, journal, markdown, plots, results, terminal
from reports.compare import DevicesDifferError, compare
from reports.ingest import IngestError, trtexec
from reports.overview import overview
from reports.results import benchmark_json, results_json
from reports.text import clean
from tests.fuzz.mutations import JSON_TOKENS, LINE_TOKENS, TOML_TOKENS
from tests.reports.samples import record, run_facts

T = TypeVar("T")
DIGITS = Path(manifest.__file__).parent / "digits"
#: Longest message of an error, in characters, and the most numbers that a target makes of a seed.
MESSAGE, NUMBERS = 2500, 1 << 18


@dataclass(frozen=True)
class Target:
    """A parser: ``parse`` reads the file ``name`` and raises one of ``errors``, or nothing."""

    name: str
    seeds: tuple[bytes, ...]
    parse: Callable[[Path], object]
    errors: tuple[type[Exception], ...]
    dictionary: tuple[str, ...] = ()
    #: Whether a message has to name the file, which it cannot for an option.
    names: bool = True
    #: Whether the message is cleaned where it is printed, as ``python -m reports`` does, not before.
    raw: bool = False
    #: Whether the error says something, or its class says all.
    worded: bool = True

    def run(self, path: Path, data: bytes) -> Exception | None:
        """Parse ``data``; the error it was refused with, None if it was taken.

        AssertionError for a message that is not one printable line with the file's name.
        """
        path.write_bytes(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # of NumPy, on infinities
                self.parse(path)
        except self.errors as error:
            message = clean(error, MESSAGE) if self.raw else str(error)
            assert message or not self.worded, "an error without a word"
            assert message.isprintable() or not message, (
                f"not one printable line: {message[:300]!r}"
            )
            assert len(message) <= MESSAGE, f"{len(message)} characters: {message[:300]!r}"
            assert not self.names or path.name in message, f"names no file: {message[:300]!r}"
            return error
        return None


# --- manifests ------------------------------------------------------------------------------------

MANIFEST = b"""schema = 1
[sources]
here.url = "https://example.org/models"
[files]
net = { path = "digits_float32.tflite" }
far = { source = "here", path = "a/net.tflite", sha256 = "%s", size = 3, upstream = "b/net" }
given = { source = "here", path = "c/net.tar.gz", unverified = "nobody tells" }
names = { path = "labels.txt" }
pixels = { path = "heldout.npz" }
cat = { path = "cat.png" }
[models.mine]
title = "Mine"
licence = "MIT"
precision = "float32"
labels = "names"
heldout = "pixels"
dataset = "some"
macs = 1.5
batches = [1, 4]
notes = ["a note"]
reference = ["litert"]
tolerance = { probability = 1e-4, bf16 = 0.01, k = 5 }
input = { shape = [8, 8, 1], dtype = "float32", mean = 0.5, scale = [0.0625], npz = "pixels", count = 4 }
output = { classes = 10, values = "logits", label_offset = 0, labels_skip = 0 }
artifacts.tflite = "net"
artifacts.onnx = { build = "tflite_to_onnx", from = "tflite" }
[models."of.noise"]
precision = "int8"
tolerance = { steps = 8 }
input = { shape = [49, 10, 1], dtype = "int8", noise = [-2, 5.0], layout = "NCHW", resize = "nearest", quantisation = { scale = 0.5, zero_point = 83 } }
output = { classes = 12, quantisation = { scale = 0.00390625, zero_point = -128 } }
artifacts.tflite = "far"
[models.of_images]
precision = "float32"
group = "several"
checkpoint = "given"
input = { shape = [8, 6, 3], dtype = "float32", mean = [1, 2, 3], scale = [1, 2, 3], images = ["cat", "cat"] }
output = { classes = 10 }
artifacts.onnx = { build = "keras_networks", network = "densenet121", output = "x" }
"""  # noqa: E501 - tables of TOML are one line
MANIFEST = MANIFEST % (b"0" * 64)


def _manifest(path: Path) -> None:
    """A manifest, and whatever its models make of the files beside it."""
    folder = path.parent
    if not (folder / "cat.png").exists():
        for name in ("digits_float32.tflite", "heldout.npz", "labels.txt"):
            (folder / name).write_bytes((DIGITS / name).read_bytes())
        (folder / "cat.png").write_bytes(pictures()[0])
    models = manifest.load(path)
    library = Library(models, Store(None, folder / "cache"), build=False)
    for model in models.values():
        assert f"{model.id}{model.title}{model.licence}{model.dataset}".isprintable()
        if math.prod(model.input.shape) * max(model.input.count, len(model.input.images)) > NUMBERS:
            continue
        for use in (library.inputs, lambda _, m=model: library.labels(m)):
            _beside(lambda u=use, m=model: u(m.id))
        _beside(lambda m=model: library.heldout(m))
        for file in library.fetchable(model):
            _beside(lambda f=file: library.store.find(f))


def _beside(use: Callable[[], object]) -> None:
    """What is refused here is a file beside the manifest, whose own name the message holds."""
    try:
        use()
    except ModelError as error:
        assert str(error).isprintable()
        assert len(str(error)) <= MESSAGE


# --- files of models ------------------------------------------------------------------------------

GREY = InputSpec(shape=(8, 8, 1), dtype="float32", scale=(0.0625,))
RGB = InputSpec(shape=(6, 5, 3), dtype="float32", mean=(1.0, 2.0, 3.0))


@functools.cache
def _own() -> dict[str, Model]:
    return manifest.load()


def _labels(path: Path) -> None:
    assert len(read_labels(path, _own()["digits_float32"])) == 10


def _npz(path: Path) -> None:
    images, labels = read_arrays(path, GREY, "images", "labels")
    assert images.shape[1:] == GREY.shape
    if images.size <= NUMBERS:
        assert prepare(images, GREY).shape == images.shape
    assert len(labels.shape) < 65


def _image(path: Path) -> None:
    assert read_image(path, RGB).shape == RGB.shape


@functools.cache
def arrays() -> tuple[bytes, ...]:
    """Small .npz files: stored and deflated."""
    made = []
    for save in (np.savez, np.savez_compressed):
        out = io.BytesIO()
        save(
            out, images=np.arange(128, dtype=np.uint8).reshape(2, 8, 8, 1), labels=np.array([3, 1])
        )
        made.append(out.getvalue())
    return tuple(made)


@functools.cache
def pictures() -> tuple[bytes, ...]:
    """One small picture in every format that is read."""
    from PIL import Image

    made = []
    for form in ("PNG", "BMP", "JPEG", "GIF", "PPM", "WEBP", "TIFF"):
        out = io.BytesIO()
        Image.linear_gradient("L").resize((9, 7)).convert("RGB").save(out, form)
        made.append(out.getvalue())
    return tuple(made)


def _imagenet(path: Path) -> None:
    found = ImageNet.open(path.parent, 10)
    assert 0 < len(found.entries) <= 10
    for name, label in found.entries:
        assert not Path(name).is_absolute()
        assert ".." not in Path(name).parts
        assert 0 <= label < 1000


def _xfails(path: Path) -> None:
    entries = xfails.read(path)
    for entry in entries:
        assert (entry.pattern + entry.reason).isprintable()
    xfails.match(entries, "latency/digits_float32-litert-cpu-t1-b1", "error")
    xfails.unmatched(entries, ["latency/digits_float32-litert-cpu-t1-b1", "a" * 100])


def _build_facts(path: Path) -> None:
    """``build.json`` of a Keras network, which a cache may have kept damaged."""
    folder = path.parent / "network"
    folder.mkdir(exist_ok=True)
    (folder / "build.json").write_bytes(path.read_bytes())
    assert weights_of(Built(path.parent, 0.0, True)).isprintable()


def _built(path: Path) -> None:
    """What a toolchain wrote of itself, from the same cache."""
    (path.parent / "edgeproof-build.json").write_bytes(path.read_bytes())
    assert base._read(path.parent).cached


def _onnx_inputs(path: Path) -> None:
    for _, shape in onnx_file.inputs(str(path)):
        assert all(size is None or 0 < size < 2**31 for size in shape)


def _wire(path: Path) -> None:
    """A worker's messages: what comes out of a process that ran an untrusted model."""
    with path.open("rb") as file:
        channel = wire.Channel(file.fileno(), -1)
        while True:
            kind, first, second = channel.receive_head()
            if kind == wire.MESSAGE and second <= NUMBERS:
                header, payload = channel.receive_rest(first, second)
                assert wire.rebuilt(header, payload).nbytes == len(payload)


@functools.cache
def messages() -> tuple[bytes, ...]:
    """A head alone, and an array between two of them."""
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    header = json.dumps({**wire.described(array), "status": "ok"}).encode()
    done = wire.HEAD.pack(wire.DONE, 1, 12_345)
    message = wire.HEAD.pack(wire.MESSAGE, len(header), array.nbytes) + header + array.tobytes()
    return (done, done + message + done)


# --- runs -----------------------------------------------------------------------------------------


def _shown(run: results.Run) -> None:
    """What was read can be shown and compared, in every format, without an escape or a script."""
    with contextlib.suppress(DevicesDifferError):
        compare(run, run)
    summed = overview([run])
    shown = [csv_table.render([run]), html.render(summed), plots.overview_svg(summed)]
    shown += [terminal.render(summed, 100), markdown.render(summed)]
    for text in shown:
        assert not set(text) & set("\x1b\x9b\0\u202e")
        text.encode("utf-8")
    for text in shown[1:3]:
        assert "<script>alert" not in text
    json.dumps(benchmark_json(run.run, run.records), allow_nan=False)


def _journal(path: Path) -> None:
    folded = journal.read(path)
    resumed, again = journal.Journal.resume(path)
    resumed.close()
    assert len(again.records) == len(folded.records)
    assert len(journal.read(path).records) == len(folded.records)
    _shown(results.Run(str(path), folded.run, folded.records, folded.warnings))


def _results(path: Path) -> None:
    _shown(results.load(path))


def journal_seeds() -> tuple[bytes, ...]:
    """A journal of two cells, as a run writes it."""
    whole = record().to_json()
    identity = {k: v for k, v in whole.items() if k not in ("schema", "cell", "phase")}
    failure = {"status": "error", "reason": "net.tflite: no"}
    lines = [
        {"event": "run", "schema": 1, "run": run_facts()},
        {"event": "phase", "cell": "a/b", "phase": "open", "fields": identity},
        {"event": "phase", "cell": "a/c", "phase": "open", "fields": {**identity, "samples": []}},
        {"event": "phase", "cell": "a/c", "phase": "end", "fields": failure},
        {"event": "phase", "cell": "a/b", "phase": "end", "fields": {"status": "ok", "reason": ""}},
    ]
    return ("".join(json.dumps(line) + "\n" for line in lines).encode(),)


def results_seeds() -> tuple[bytes, ...]:
    """A whole results file, and one with nothing but cells that gave no benchmark."""
    failure = record(samples=(), status="error", reason="why", agreement=None, notes=("a note",))
    whole = benchmark_json(run_facts(), [record(), failure])
    bare = {"benchmarks": [], "edgeproof": results_json(run_facts(), [failure])}
    return tuple(json.dumps(data).encode() for data in (whole, bare))


def benchmark_seeds() -> tuple[bytes, ...]:
    """What plain pytest-benchmark writes, whole and without samples."""
    whole = benchmark_json(run_facts(), [record()])
    plain = {key: value for key, value in whole.items() if key != "edgeproof"}
    kept = json.loads(json.dumps(plain))
    del kept["benchmarks"][0]["stats"]["data"]
    other = json.loads(json.dumps(plain))
    other["benchmarks"][0]["extra_info"] = {}
    return tuple(json.dumps(data).encode() for data in (plain, kept, other))


LOGS = Path(__file__).parents[1] / "reports/ingest/logs"
TIMES = b'[{"latencyMs": 90.5, "computeMs": 90.1}, {"latencyMs": 91}]'


def _trtexec(path: Path) -> None:
    """A log from elsewhere."""
    _ingested(path.read_text(encoding="utf-8", errors="replace"), None)


def _trtexec_times(path: Path) -> None:
    """The times that go with one."""
    _ingested("&&&& RUNNING TensorRT.trtexec # trtexec\n", path.read_text("utf-8", "replace"))


def _ingested(text: str, times: str | None) -> None:
    records = trtexec.read(text, "some/trtexec.log", {}, times)
    assert all(record.status != "ok" for record in records), "no number without a verdict"
    _shown(results.Run("run.json", run_facts(), records, []))


# --- options --------------------------------------------------------------------------------------


def _options(path: Path) -> None:
    """Every parser of an option's text."""
    text = path.read_text(encoding="utf-8", errors="replace")
    assert all(0 < n < 2**31 for n in _or_refused(options.counts, text) or (1,))
    assert (_or_refused(options.positive, text) or 1) > 0
    assert 0 < (_or_refused(options.seconds, text) or 1) <= 3600
    assert (_or_refused(options.memory, text) or 2**24) >= 2**24
    _or_refused(lambda value: parse_require([value]), text)
    with mock.patch.object(manifest, "load", return_value=dict(_own())):  # slow, and the same
        _or_refused(lambda value: manifest.load_all(globs=value), text)


def _or_refused(parse: Callable[[str], T], text: str) -> T | None:
    try:
        return parse(text)
    except (ModelError, argparse.ArgumentTypeError) as error:
        assert str(error).isprintable()
        assert len(str(error)) <= MESSAGE
    except pytest.UsageError as error:
        assert str(error)
    return None


def targets() -> dict[str, Target]:
    """Every target by name; the name of its file is what the parser expects."""
    found = (
        Target("manifest", (MANIFEST,), _manifest, (ModelError,), TOML_TOKENS),
        Target("labels", (b"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n",), _labels, (ModelError,), LINE_TOKENS),
        Target(
            "xfails",
            (b"# list\nlatency/digits-*  error  # known\n*/[ab]?-tvm-*  oom # too large\n",),
            _xfails,
            (xfails.XfailError,),
            LINE_TOKENS,
        ),
        Target(
            "toolchain_facts",
            (b'{"seconds": 1.5, "version": "tf2onnx 1.17", "inputs": {}}',),
            _built,
            (BuildError,),
            JSON_TOKENS,
            names=False,
        ),
        Target("wire", messages(), _wire, (wire.WireError, wire.Closed), names=False, worded=False),
        Target("npz", arrays(), _npz, (ModelError,)),
        Target("image", pictures(), _image, (ModelError,)),
        Target(
            "imagenet",
            (b"a.JPEG 65\nb c.JPEG 970\n\nd/c.JPEG 0\n",),
            _imagenet,
            (ModelError,),
            LINE_TOKENS,
        ),
        Target(
            "journal", journal_seeds(), _journal, (journal.JournalError,), JSON_TOKENS, raw=True
        ),
        Target(
            "results", results_seeds(), _results, (results.ResultsError,), JSON_TOKENS, raw=True
        ),
        Target(
            "benchmark", benchmark_seeds(), _results, (results.ResultsError,), JSON_TOKENS, raw=True
        ),
        Target(
            "build_facts",
            (b'{"weights": "imagenet", "network": "densenet121"}',),
            _build_facts,
            (ModelError,),
            JSON_TOKENS,
            names=False,
        ),
        Target(
            "trtexec",
            tuple(path.read_bytes() for path in sorted(LOGS.glob("*.txt"))),
            _trtexec,
            (IngestError,),
            LINE_TOKENS,
            names=False,
        ),
        Target("trtexec_times", (TIMES,), _trtexec_times, (IngestError,), JSON_TOKENS, names=False),
        Target("onnx_inputs", ((DIGITS / "digits.onnx").read_bytes(),), _onnx_inputs, (OpenError,)),
        Target(
            "options",
            (b"1,2,4", b"0.5", b"edgetpu:simulated", b"digits*,mobile*"),
            _options,
            (),
            LINE_TOKENS,
        ),
    )
    return {target.name: target for target in found}


#: The file that a target is read from.
FILES = {"imagenet": "val.txt", "journal": "run.jsonl", "manifest": "mine.toml", "npz": "mine.npz"}

"""TensorFlow networks converted to TF-TRT (:data:`TFTRT`): the published tables, typed, and as records.

A GTX 1070 and a Jetson Nano, TensorFlow 1.14; TensorRT 5.1.5 made the engines and ran them on the
GTX 1070, 5.1.6 ran them on the Nano. Converted on the PC to FP16 with max_batch_size 1 and
minimum_segment_size 50; steady is the arithmetic mean of 100 inferences after the first.

Read off the page as it is, but for three things. Its tables lost their column separators: VGG 16 and
VGG 19 on the GTX 1070 are read as 75 to 8 ms and 82 to 9 ms since the text says that each converted
network is faster. Blank cells of the Nano are read as not measured. That no engine started there with
is_dynamic_op=False is one sentence of the page, for all of its networks. Which of its cells were
coloured, for TensorRT's warning that more memory might help, cannot be told from the text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from typing import Any, Literal

from reports.published.tables import Source, read_table
from reports.record import Record

#: The page names no author and prints no address: neither its own nor one of its repositories.
TFTRT = Source(
    title="Jetson NanoでTF-TRTを試す(Image Classification)",
    author="not named on the page",
    date="2019-09-08",
    address="",
)

#: What ``Device.nature`` is of a published row: it was never measured here.
PUBLISHED = "published"
#: The networks by the names of this project's models, in the page's order.
TITLES = {
    "mobilenet_v1": "MobileNet_v1_1.0_224",
    "mobilenet_v2": "MobileNet_v2_1.0_224",
    "vgg16": "VGG 16",
    "vgg19": "VGG 19",
    "inception_v1": "Inception v1",
    "inception_v2": "Inception v2",
    "inception_v3": "Inception v3",
    "inception_v4": "Inception v4",
    "resnet50_v1": "ResNet v1 50",
    "resnet101_v1": "ResNet v1 101",
    "resnet152_v1": "ResNet v1 152",
    "resnet50_v2": "ResNet v2 50",
    "resnet101_v2": "ResNet v2 101",
    "resnet152_v2": "ResNet v2 152",
    "inception_resnet_v2": "Inception Resnet v2",
}
#: The page's devices by the kinds of this project's.
DEVICES = {"gpu": "GTX1070", "jetson": "Jetson Nano"}

#: This project's models by the page's names.
IDS = {title: name for name, title in TITLES.items()}
_KINDS = {name: kind for kind, name in DEVICES.items()}
_RUN_BY = {"gpu": "TensorRT 5.1.5", "jetson": "TensorRT 5.1.6"}
_DYNAMIC = {"": None, "true": True, "false": False, "any": "any"}
_VARIANTS = {"original": "original", "tf-trt": "tf-trt-fp16"}
#: Powers of 1024 as ``ls -h`` prints them.
_POWERS = "BKMGTPE"


@dataclass(frozen=True)
class Timed:
    """A cell of the page's tables of times, in whole milliseconds, or the word that stands in it.

    ``is_dynamic_op`` is empty for an original, ``any`` where the page found no difference.
    ``source_word`` is what the page says instead of a figure.
    """

    device: Literal["GTX1070", "Jetson Nano"]
    model: str
    variant: Literal["original", "tf-trt-fp16"]
    is_dynamic_op: Literal["", "true", "false", "any"]
    phase: Literal["first", "steady"]
    latency_ms: int | None
    status: Literal["ok", "killed", "timeout", "oom", "engine_mismatch", "not_measured"]
    source_word: str


@dataclass(frozen=True)
class FileSize:
    """A network's size on disk before and after, as the page prints it: ``33M``, ``1.1G``."""

    model: str
    original: str
    tf_trt_fp16: str


@cache
def tftrt_latency() -> tuple[Timed, ...]:
    """First and later inferences of both devices."""
    return read_table("tftrt_latency.csv", Timed)


@cache
def tftrt_filesize() -> tuple[FileSize, ...]:
    """Sizes on disk."""
    return read_table("tftrt_filesize.csv", FileSize)


@cache
def latency_records() -> tuple[Record, ...]:
    """A record for each row of the times; ``phase`` is the row's, ``reason`` the source's word.

    A mean is the record's only sample. Nobody judged the answers: none of them can be ranked.
    """
    return tuple(_timed(row) for row in tftrt_latency())


@cache
def size_records() -> tuple[Record, ...]:
    """A record for each network's sizes, in bytes: what a printed size is at most."""
    return tuple(_sized(row) for row in tftrt_filesize())


def latency_rows(records: Iterable[Record]) -> tuple[Timed, ...]:
    """The rows that ``latency_records`` were made of."""
    return tuple(_row(record) for record in records)


def size_rows(records: Iterable[Record]) -> tuple[FileSize, ...]:
    """The rows that ``size_records`` were made of."""
    return tuple(
        FileSize(r.model_title, human(r.engine["original_bytes"]), human(r.engine["bytes"]))
        for r in records
    )


def to_csv(rows: Sequence[Timed] | Sequence[FileSize]) -> str:
    """``rows`` as the file that they were read from."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(field.name for field in fields(rows[0]))
    writer.writerows(["" if cell is None else cell for cell in astuple(row)] for row in rows)
    return file.getvalue()


def human(count: int) -> str:
    """Bytes as ``ls -h`` and ``du -h`` print them: two digits below ten, always rounded up."""
    power = 0
    while power < len(_POWERS) - 1 and -(-count // 1024**power) >= 1024:
        power += 1
    tenths = -(-count * 10 // 1024**power)
    unit = _POWERS[power] if power else ""
    if power == 0 or tenths > 99:
        return f"{-(-count // 1024**power)}{unit}"
    return f"{tenths / 10:.1f}{unit}"


def at_most(text: str) -> int:
    """The most bytes that are printed as ``text``: see ``human``."""
    power = _POWERS.index(text[-1]) if text[-1] in _POWERS else 0
    whole, _, tenth = text.rstrip(_POWERS).partition(".")
    return int(whole + (tenth or "0")) * (1 << 10 * power) // 10


def _timed(row: Timed) -> Record:
    seconds = None if row.latency_ms is None else row.latency_ms / 1e3
    dynamic, kind = _DYNAMIC[row.is_dynamic_op], _KINDS[row.device]
    converted = row.variant != "original"
    when = {True: "first", False: "ahead"}.get(dynamic) if isinstance(dynamic, bool) else None
    made = {"made_by": "TensorRT 5.1.5", "made_on": "host", "run_by": _RUN_BY[kind], "when": when}
    return Record(
        **_identity(row.model, f"{row.device}/{row.variant}-{row.is_dynamic_op}-{row.phase}"),
        device={"kind": kind, "name": row.device, "where": "published", "nature": PUBLISHED},
        knobs=_knobs("tf-trt" if converted else "original", dynamic),
        phase=row.phase,
        status=row.status,
        reason=row.source_word,
        engine=made if converted else {},
        first_s=seconds if row.phase == "first" else None,
        samples=() if row.phase == "first" or seconds is None else (seconds,),
    )


def _row(record: Record) -> Timed:
    seconds = record.samples[0] if record.samples else record.first_s
    dynamic = record.knobs["is_dynamic_op"]
    values: dict[str, Any] = {
        "device": DEVICES[record.device["kind"]],
        "model": record.model_title,
        "variant": _VARIANTS[record.knobs["engine"]],
        "is_dynamic_op": next(word for word, value in _DYNAMIC.items() if value == dynamic),
        "phase": record.phase,
        "latency_ms": None if seconds is None else round(seconds * 1e3),
        "status": record.status,
        "source_word": record.reason,
    }
    return Timed(**values)


def _sized(row: FileSize) -> Record:
    original, converted = at_most(row.original), at_most(row.tf_trt_fp16)
    return Record(
        **_identity(row.model, "size"),
        device={"kind": "cpu", "name": "PC", "where": "published", "nature": PUBLISHED},
        knobs=_knobs("tf-trt", None),
        phase="convert",
        status="ok",
        engine={"bytes": converted, "original_bytes": original, "made_on": "host"},
        notes=("sizes as the source prints them: rounded up",),
    )


def _knobs(engine: str, dynamic: bool | str | None) -> dict[str, Any]:
    precision = "FP32" if engine == "original" else "FP16"
    return {
        "engine": engine,
        "is_dynamic_op": dynamic,
        "precision": precision,
        "converted_on": "host",
    }


def _identity(title: str, what: str) -> dict[str, Any]:
    return {
        "cell": f"tftrt/published/{IDS[title]}/{what}",
        "experiment": "tftrt",
        "runtime": "tftrt",
        "runtime_version": "TensorFlow 1.14",
        "model": IDS[title],
        "model_title": title,
        "variant": "",
        "provenance": {"source": TFTRT.title, "date": TFTRT.date},
    }

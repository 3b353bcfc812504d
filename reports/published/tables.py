"""The published tables, typed: each row as its source prints it, with its units.

Co-compilation (:data:`COCOMPILE`): two networks take turns on one Edge TPU, compiled apart or
together. Compiled by edgetpu_compiler 1.0.249710469; run on a Raspberry Pi 3 B+ with a USB Accelerator
at its maximum frequency on USB 2.0. Latencies are arithmetic means, of 10 first runs and of 100 steady
ones, as the Edge TPU API's ``get_inference_time`` gave them. The source names no network for the
single and the same-network-twice cases: that it was the bird classifier is inferred.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

HERE = Path(__file__).resolve().parent
#: Longest table that is read, in bytes.
_LIMIT = 1 << 20

#: The units in which compilers print sizes, in bytes.
_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}

Row = TypeVar("Row")


class TableError(ValueError):
    """A table that is damaged: one line with the file, the row and what is wrong."""


@dataclass(frozen=True)
class Source:
    """Where figures were published. ``address`` is one that the source itself gives."""

    title: str
    author: str
    date: str
    address: str


#: The page is an entry of its author's blog; it prints no address of its own, and names its author by
#: the repository that it links to.
COCOMPILE = Source(
    title='Edge TPUで"Co-compiling multiple models"を試す',
    author="Nobuo Tsukamoto",
    date="2019-06-23",
    address="https://github.com/NobuoTsukamoto",
)


@dataclass(frozen=True)
class CompilerFigures:
    """One model of a co-compilation, as the compiler's log prints it: sizes with their units.

    ``experiment`` names the models in their order, ``position`` counts them from 1;
    ``compile_ms`` is of the whole compilation, in milliseconds.
    """

    experiment: str
    position: int
    model: str
    input_size: str
    output_size: str
    onchip_available: str
    onchip_used: str
    offchip: str
    subgraphs: int
    operations: int
    compile_ms: int


@dataclass(frozen=True)
class OperatorCount:
    """A row of a log's operator table; it is the same in each co-compilation of ``model``."""

    model: str
    operator: str
    count: int
    status: str


@dataclass(frozen=True)
class Latency:
    """A mean time of one inference, in milliseconds, of the model that runs in ``slot`` (from 1).

    ``phase`` is ``first`` (parameters still to be loaded) or ``steady``.
    """

    experiment: str
    cocompiled: bool
    phase: Literal["first", "steady"]
    slot: int
    model: str
    latency_ms: float


@cache
def cocompile_compiler() -> tuple[CompilerFigures, ...]:
    """The compiler's memory figures in the three co-compilations."""
    return read_table("cocompile_compiler.csv", CompilerFigures)


@cache
def cocompile_operators() -> tuple[OperatorCount, ...]:
    """The operators of the three networks, as the compiler's logs list them."""
    return read_table("cocompile_operators.csv", OperatorCount)


@cache
def cocompile_latency() -> tuple[Latency, ...]:
    """Latency alone and in turns, compiled apart and together."""
    return read_table("cocompile_latency.csv", Latency)


def size(text: str) -> float:
    """Bytes of a size as a compiler's log prints it, such as ``3.75MiB``.

    Raises:
        ValueError: if it is no number with a unit.
    """
    unit = text.lstrip("0123456789.")
    if unit not in _UNITS:
        raise ValueError(f"expected a number of {', '.join(_UNITS)}, not {text[:40]!r}")
    return _number(text.removesuffix(unit)) * _UNITS[unit]


def _number(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e12:
        raise ValueError("expected a positive number")
    return value


def _choice(text: str, words: Sequence[str]) -> str:
    if text not in words:
        raise ValueError(f"expected {' or '.join(words)}")
    return text


def _value(kind: Any, text: str) -> object:
    """A cell as what its field is annotated with."""
    if get_origin(kind) is Literal:
        return _choice(text, get_args(kind))
    if kind is bool:
        return _choice(text, ("yes", "no")) == "yes"
    if type(None) in get_args(kind):  # an empty cell: the source does not say
        (stated,) = (each for each in get_args(kind) if each is not type(None))
        return _value(stated, text) if text else None
    return _number(text) if kind is float else kind(text)


def read_table(name: str, row: type[Row], folder: Path | None = None) -> tuple[Row, ...]:
    """The rows of a table, whose header must be the fields of ``row``.

    Raises:
        TableError: if the file is not such a table.
    """
    path = (folder or HERE) / name
    fields = get_type_hints(row)
    try:
        with path.open("rb") as file:
            text = file.read(_LIMIT).decode("utf-8")
        lines = list(csv.reader(text.splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{name}: {error}") from None
    if not lines or lines[0] != list(fields):
        raise TableError(f"{name}: its header is not {','.join(fields)}")
    found = []
    for number, cells in enumerate(lines[1:], 2):
        if len(cells) != len(fields):
            raise TableError(f"{name}: row {number} has {len(cells)} cells, not {len(fields)}")
        values = {}
        for (key, kind), cell in zip(fields.items(), cells, strict=True):
            try:
                values[key] = _value(kind, cell)
            except ValueError as error:
                raise TableError(f"{name}: row {number}: {key} is {cell[:40]!r}: {error}") from None
        found.append(row(**values))
    return tuple(found)

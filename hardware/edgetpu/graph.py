"""A TensorFlow Lite file as a graph: subgraphs, operators and tensors, without their parameters.

Field ids are those of TensorFlow Lite's schema.fbs. The file is mapped into memory and only the pages
that describe the graph are touched.
"""

from __future__ import annotations

import mmap
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hardware.edgetpu.flat import Budget, FlatError, Table, root
from hardware.edgetpu.operators import CUSTOM, OPTIONS, operator_name, type_name

#: More dimensions, inputs or outputs than any model has.
_MOST_DIMENSIONS, _MOST_TENSORS = 32, 65536
#: A mapped file of this size or more would not fit a FlatBuffer, whose offsets have 31 bits.
_LARGEST = 2 << 30


class ModelError(ValueError):
    """A file that cannot be read as a model: ``path`` and ``reason``."""

    def __init__(self, path: str | Path, reason: object) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = str(path), str(reason)


@dataclass(frozen=True)
class Tensor:
    """One tensor. ``scale`` and ``zero_point`` are those of its first channel, None unquantised.

    ``channels`` is how many scales there are; ``open`` the dimensions whose size may change from
    one run to the next, which ``shape`` gives a size all the same; ``place`` where a constant's
    bytes are in the file: offset and length, (0, 0) otherwise.
    """

    name: str
    shape: tuple[int, ...]
    type: str
    scale: float | None = None
    zero_point: int | None = None
    channels: int = 0
    open: tuple[int, ...] = ()
    place: tuple[int, int] = field(default=(0, 0), repr=False)

    @property
    def constant(self) -> bool:
        """Whether the file holds its values."""
        return self.place[1] > 0


@dataclass(frozen=True)
class Operator:
    """One operator: its name (a custom one's is the file's own), and the tensors it joins.

    An index of -1 is an optional tensor that is left out. ``options`` holds what
    :data:`hardware.edgetpu.operators.OPTIONS` names; ``place`` is where a custom operator's options are.
    """

    name: str
    custom: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int] = field(default_factory=dict)
    place: tuple[int, int] = field(default=(0, 0), repr=False)


@dataclass(frozen=True)
class Subgraph:
    """A graph; ``inputs`` and ``outputs`` are indices into ``tensors``."""

    name: str
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True)
class Graph:
    """A file's graphs, of which the first is the one that is run."""

    path: str
    size: int
    description: str
    subgraphs: tuple[Subgraph, ...]

    @property
    def main(self) -> Subgraph:
        """The first subgraph."""
        return self.subgraphs[0]


def open_model(path: str | Path, budget: Budget) -> tuple[Graph, memoryview]:
    """The graph of the file at ``path``, and the file's bytes; :class:`ModelError` if it is none."""
    try:
        view = _mapped(path)
        return _graph(str(path), view, budget), view
    except OSError as error:
        raise ModelError(path, error.strerror or error) from None
    except FlatError as error:
        raise ModelError(path, f"no readable TensorFlow Lite model: {error}") from None
    except ValueError as error:  # a NUL in the path
        raise ModelError(path, error) from None


def _mapped(path: str | Path) -> memoryview:
    # A pipe would block, and a device node could act on being opened.
    about = Path(path).stat()
    if not stat.S_ISREG(about.st_mode):
        raise FlatError("not a regular file")
    if not 8 <= about.st_size < _LARGEST:
        raise FlatError(f"{about.st_size} bytes, where a model has 8 to {_LARGEST}")
    with Path(path).open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _graph(path: str, view: memoryview, budget: Budget) -> Graph:
    model = root(view, b"TFL3", budget)
    codes = [_code(table) for table in model.tables(1)]
    places = [_data(table, len(view)) for table in model.tables(4)]
    subgraphs = tuple(_subgraph(table, codes, places) for table in model.tables(2))
    if not subgraphs:
        raise FlatError("it has no subgraph")
    return Graph(path, len(view), model.text(3), subgraphs)


def _code(table: Table) -> tuple[str, bool]:
    # Codes beyond 127 do not fit the first field, which older writers fill alone.
    code = max(table.number(0, "int8"), table.number(3, "int32"))
    return (table.text(1), True) if code == CUSTOM else (operator_name(code), False)


def _data(table: Table, size: int) -> tuple[int, int]:
    outside = table.number(1, "uint64"), table.number(2, "uint64")
    if outside[0] > 1:  # behind the FlatBuffer, in files that are too large for its offsets
        if sum(outside) > size:
            raise FlatError("a buffer lies outside the file: it is cut short or damaged")
        return outside
    return table.place(0)


def _subgraph(
    table: Table, codes: list[tuple[str, bool]], places: list[tuple[int, int]]
) -> Subgraph:
    tensors = tuple(_tensor(one, places) for one in table.tables(0))
    return Subgraph(
        table.text(4),
        tensors,
        _indices(table, 1, len(tensors)),
        _indices(table, 2, len(tensors)),
        tuple(_operator(one, codes, len(tensors)) for one in table.tables(3)),
    )


def _tensor(table: Table, places: list[tuple[int, int]]) -> Tensor:
    buffer = table.number(2, "uint32")
    if buffer >= max(len(places), 1):
        raise FlatError(f"a tensor in buffer {buffer} of {len(places)}")
    quantisation, scale, zero_point, channels = table.table(4), None, None, 0
    if quantisation is not None and (channels := quantisation.length(2)):
        scale, zero = quantisation.first(2, "float32"), quantisation.first(3, "int64")
        zero_point = None if zero is None else int(zero)
    return Tensor(
        table.text(3),
        table.numbers(0, "int32", _MOST_DIMENSIONS),
        type_name(table.number(1, "int8")),
        scale,
        zero_point,
        channels,
        tuple(i for i, size in enumerate(table.numbers(7, "int32", _MOST_DIMENSIONS)) if size < 0),
        places[buffer] if places else (0, 0),
    )


def _operator(table: Table, codes: list[tuple[str, bool]], tensors: int) -> Operator:
    index = table.number(0, "uint32")
    if index >= len(codes):
        raise FlatError(f"an operator of code {index}, of which there are {len(codes)}")
    name, custom = codes[index]
    wanted, options = OPTIONS.get(name, {}), None if custom else table.table(4)
    return Operator(
        name,
        custom,
        _indices(table, 1, tensors),
        _indices(table, 2, tensors),
        {
            option: default if options is None else options.number(identity, kind, default)
            for option, (identity, kind, default) in wanted.items()
        },
        table.place(5) if custom else (0, 0),
    )


def _indices(table: Table, identity: int, count: int) -> tuple[int, ...]:
    indices = table.numbers(identity, "int32", _MOST_TENSORS)
    if any(not -1 <= index < count for index in indices):
        raise FlatError(f"a reference to a tensor beyond the {count} there are")
    return indices

"""The package that an ``edgetpu-custom-op`` carries: what it loads onto the chip and what it moves.

Field ids are those of libedgetpu's executable/executable.fbs, where a union takes two ids: a layer's
``execution_count_per_inference`` is therefore the tenth, 9.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.edgetpu import flexmap
from hardware.edgetpu.flat import Budget, FlatError, Table, root

#: The name of the compiler's operator, and the key of its options that holds the package.
CUSTOM_OP, _KEY = "edgetpu-custom-op", b"4"
_IDENTIFIER = b"DWN1"
_TYPES = ("stand_alone", "parameter_caching", "execution_only")


class NoPackage(ValueError):
    """An ``edgetpu-custom-op`` without a package, as early compilers wrote; the message says why."""


@dataclass(frozen=True)
class Layer:
    """An input or output of an executable: ``size`` bytes with padding, ``count`` times an inference."""

    name: str
    size: int
    count: int = 1


@dataclass(frozen=True)
class Executable:
    """One program for the chip. Sizes are bytes; ``cycles`` 0 is what the compiler did not state.

    ``type`` is stand_alone, parameter_caching (loads ``parameters`` to stay on the chip) or
    execution_only (infers, with ``parameters`` streamed to it). A ``token`` of 0 is none.
    """

    type: str
    parameters: int
    instructions: int
    scratch: int
    cycles: int
    token: int
    batch: int
    inputs: tuple[Layer, ...]
    outputs: tuple[Layer, ...]


@dataclass(frozen=True)
class Package:
    """What one operator runs. Everything in bytes is per inference, but for what is cached."""

    min_runtime_version: int
    compiler_version: str
    executables: tuple[Executable, ...]

    @property
    def caching(self) -> tuple[Executable, ...]:
        """What loads parameters, once, before the first inference."""
        return tuple(one for one in self.executables if one.type == "parameter_caching")

    @property
    def running(self) -> tuple[Executable, ...]:
        """What runs with every inference: a stand-alone executable brings all its parameters too."""
        return tuple(one for one in self.executables if one.type != "parameter_caching")

    @property
    def token(self) -> int | None:
        """The caching token: models that share it share the memory. None if the file has none."""
        return next((one.token for one in self.executables if one.token), None)

    @property
    def cached_bytes(self) -> int:
        """Parameters that stay in on-chip memory."""
        return sum(one.parameters for one in self.caching)

    @property
    def streamed_bytes(self) -> int:
        """Parameters that cross the bus with every inference."""
        return sum(one.parameters for one in self.running)

    @property
    def instruction_bytes(self) -> int:
        """Instructions that cross the bus with every inference."""
        return sum(one.instructions for one in self.running)

    @property
    def caching_instruction_bytes(self) -> int:
        """Instructions that load the cached parameters."""
        return sum(one.instructions for one in self.caching)

    @property
    def input_bytes(self) -> int:
        """Inputs, padded as they are sent."""
        return sum(layer.size * layer.count for one in self.running for layer in one.inputs)

    @property
    def output_bytes(self) -> int:
        """Outputs, padded as they are received."""
        return sum(layer.size * layer.count for one in self.running for layer in one.outputs)

    @property
    def scratch_bytes(self) -> int:
        """The most that an executable wants of the host's memory for its own use."""
        return max((one.scratch for one in self.executables), default=0)

    @property
    def estimated_cycles(self) -> int:
        """The compiler's estimate for one inference; 0 where it states none."""
        return sum(one.cycles for one in self.running)


def packages(options: memoryview, budget: Budget) -> list[Package]:
    """The packages in a custom operator's options: one, or one for each of several chips.

    :class:`NoPackage` if there is none; :class:`~hardware.edgetpu.flat.FlatError` if it is damaged.
    """
    table = root(_bytes(options), _IDENTIFIER, budget)
    several = [span for one in table.tables(6) if (span := one.span(0)) is not None]
    if not several:
        return [_package(table, budget)]
    return [_package(root(span, None, budget), budget) for span in several]


def _bytes(options: memoryview) -> memoryview:
    if bytes(options[4:8]) == _IDENTIFIER:
        return options
    try:
        package = flexmap.string(options, _KEY)
    except FlatError as error:
        raise NoPackage(f"its options hold no package: {error}") from None
    if package is None:
        raise NoPackage('its options hold no package: no key "4"')
    if bytes(package[4:8]) != _IDENTIFIER:
        raise NoPackage("its options hold no package: what is there is not marked DWN1")
    return package


def _package(table: Table, budget: Budget) -> Package:
    executables: tuple[Executable, ...] = ()
    if (serialised := table.span(1)) is not None:
        spans = root(serialised, None, budget).spans(0)
        executables = tuple(_executable(root(span, None, budget)) for span in spans)
    return Package(_size(table, 0), table.text(4), executables)


def _executable(table: Table) -> Executable:
    kind = table.number(13, "int16")
    return Executable(
        type=_TYPES[kind] if 0 <= kind < len(_TYPES) else f"type_{kind}",
        parameters=table.length(6),
        instructions=sum(one.length(0) for one in table.tables(5)),
        scratch=_size(table, 4),
        # Compilers of 2019 fill the first, those of 2020 the second, those of 2021 neither.
        cycles=_size(table, 16, "int64") or _size(table, 11),
        token=table.number(14, "uint64"),
        batch=_size(table, 3),
        inputs=tuple(map(_layer, table.tables(8))),
        outputs=tuple(map(_layer, table.tables(9))),
    )


def _layer(table: Table) -> Layer:
    return Layer(table.text(0), _size(table, 1), _size(table, 9, "int32", 1))


def _size(table: Table, field: int, kind: str = "int32", default: int = 0) -> int:
    value = table.number(field, kind, default)
    if value < 0:
        raise FlatError(f"a package states {value} where only a size or a count can be")
    return value

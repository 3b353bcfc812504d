"""Dataclasses from mappings: what is missing is named, and values are what annotations say."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from reports.plain import NESTING, nests_too_deeply

T = TypeVar("T")


class RecordError(ValueError):
    """A record that cannot be read: wrong schema, missing or malformed fields."""


@dataclass(frozen=True)
class _Field:
    """One field: its name, what its annotation wants, and whether it may be None or missing."""

    name: str
    wanted: str
    optional: bool
    needed: bool


#: The fields of each kind, looked up once: a journal has thousands of records.
_FIELDS: dict[type[Any], list[_Field]] = {}


def _fields(kind: type[Any]) -> list[_Field]:
    if kind not in _FIELDS:
        _FIELDS[kind] = _read(kind)
    return _FIELDS[kind]


def _read(kind: type[Any]) -> list[_Field]:
    none = dataclasses.MISSING
    return [
        _Field(
            f.name,
            str(f.type).partition(" | ")[0],
            " | " in str(f.type),
            f.default is none and f.default_factory is none,
        )
        for f in dataclasses.fields(kind)
    ]


def build(kind: type[T], values: Any) -> T:
    """A dataclass from a mapping; unknown keys are dropped, missing ones named.

    Raises:
        RecordError: if it is no mapping, or lacks a field that has no default.
    """
    if not isinstance(values, Mapping):
        raise RecordError(f"{kind.__name__.lower()} is an object, not {type(values).__name__}")
    known = _fields(kind)
    missing = [f.name for f in known if f.needed and f.name not in values]
    if missing:
        raise RecordError(f"{kind.__name__.lower()} lacks {', '.join(missing)}")
    given = {f.name: values[f.name] for f in known if f.name in values}
    for f in known:
        if f.wanted == "float" and not f.optional and given[f.name] is None:
            given[f.name] = math.nan  # JSON has no NaN: a figure that was not finite is null there
    return kind(**given)


#: What a field's annotation admits; those that are not here are checked where they are built.
_ADMITTED: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float": (int, float),
    "Mapping[str, Any]": (dict, Mapping),
}


def check_types(part: Any) -> None:
    """Refuse a field of a dataclass whose value is not what its annotation says.

    Raises:
        RecordError: with its name and its value.
    """
    for f in _fields(type(part)):
        admitted, value = _ADMITTED.get(f.wanted), getattr(part, f.name)
        if admitted is None or (f.optional and value is None):
            continue
        fits = isinstance(value, admitted)
        if fits and isinstance(value, int):  # a bool is an int, and an int may outgrow any float
            fits = isinstance(value, bool) == (f.wanted == "bool") and abs(value) < 2**63
        if not fits:
            raise RecordError(f"{f.name} is not {f.wanted}: {value!r:.80}")
        if isinstance(value, dict) and nests_too_deeply(value):
            raise RecordError(f"{f.name} nests deeper than {NESTING} levels")

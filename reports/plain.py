"""Values as JSON can hold them, and no deeper than what reads them can walk."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

#: How deep the free-form parts of a record or a run may nest: no honest one comes near, and what
#: goes deeper would exhaust the stack of whatever walks it.
NESTING = 32

#: Asked in this order, because asking a mere ``Mapping`` takes ten times as long, and there are
#: millions of values in a journal.
_AS_IT_IS = frozenset((str, int, bool, type(None)))
_FLAT = (str, float, int, type(None))
_MAPPING = (dict, Mapping)
_NESTED = (list, tuple, dict, Mapping)


def jsonable(value: Any) -> Any:
    """``value`` as JSON can hold it: NaN and infinities become null, unknown objects text."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, _MAPPING):
        return {
            str(key): item if type(item) in _AS_IT_IS else jsonable(item)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return jsonable(vars(value))
    if hasattr(value, "item"):  # a NumPy scalar
        return jsonable(value.item())
    return str(value)


def nests_too_deeply(value: Any) -> bool:
    """Whether ``value``, as JSON gave it, nests deeper than ``NESTING`` levels."""
    level = [value]
    for _ in range(NESTING):
        level = [
            item
            for each in level
            if not isinstance(each, _FLAT) and isinstance(each, _NESTED)
            for item in (each.values() if isinstance(each, _MAPPING) else each)
        ]
        if not level:
            return False
    return True

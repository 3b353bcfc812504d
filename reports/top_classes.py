"""The best classes of each input with their probabilities, as a cell answered them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.fields import RecordError

#: Inputs and classes of each that a record keeps at most.
INPUTS, CLASSES = 64, 5


@dataclass(frozen=True)
class TopClasses:
    """For each of ``inputs``, by name, its best ``classes`` and their ``probabilities``, best first.

    ``labels`` names classes, by their number as text, as far as names are known.
    """

    inputs: tuple[str, ...]
    classes: tuple[tuple[int, ...], ...]
    probabilities: tuple[tuple[float, ...], ...]
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Any) -> TopClasses:
        """Read them back.

        Raises:
            RecordError: with what is wrong.
        """
        if not isinstance(data, Mapping):
            raise RecordError(f"top_classes is an object, not {type(data).__name__}")
        inputs = _listed(data.get("inputs"), "inputs", INPUTS)
        rows, chances = (
            [_listed(row, name, CLASSES) for row in _listed(data.get(name), name, INPUTS)]
            for name in ("classes", "probabilities")
        )
        if [len(row) for row in rows] != [len(row) for row in chances] or len(rows) != len(inputs):
            raise RecordError("top_classes: inputs, classes and probabilities do not match")
        labels = data.get("labels", {})
        if not isinstance(labels, Mapping) or not _texts((*inputs, *labels, *labels.values())):
            raise RecordError(f"top_classes: a name is not a string: {inputs!r:.40} {labels!r:.40}")
        for number in (number for row in rows for number in row):
            if type(number) is not int or not 0 <= number < 2**31:
                raise RecordError(f"top_classes: a class is a number from 0, not {number!r:.80}")
        for chance in (chance for row in chances for chance in row):
            if type(chance) not in (int, float) or not _small(chance):
                raise RecordError(f"top_classes: a probability is not {chance!r:.80}")
        return cls(tuple(inputs), tuple(map(tuple, rows)), tuple(map(tuple, chances)), dict(labels))


def _listed(value: Any, name: str, most: int) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > most:
        raise RecordError(f"top_classes: {name} is a list of at most {most}, not {value!r:.80}")
    return list(value)


def _texts(values: tuple[Any, ...]) -> bool:
    return all(isinstance(value, str) for value in values)


def _small(value: float) -> bool:
    """Whether ``value`` is finite and no larger than any answer: those in doubt are not all shares."""
    return math.isfinite(value) and abs(value) < 1e6

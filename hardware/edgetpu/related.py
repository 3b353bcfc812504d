"""Files that belong together: models compiled with each other, and a model with its uncompiled twin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.edgetpu.compiled import Compiled, CompiledError, read
from hardware.edgetpu.graph import Tensor

#: The compiler writes ``X_edgetpu.tflite``; Coral names what it compiled together
#: ``X_cocompiled_with_Y_edgetpu.tflite``. What stands after ``_edgetpu`` tells versions apart.
_NAME = re.compile(
    r"(?P<model>.+?)(?:_cocompiled_with_(?P<other>.+?))?_edgetpu(?P<version>\.[^/]*)?\.tflite"
)


@dataclass(frozen=True)
class Claim:
    """That ``path`` was compiled with another model. ``holds`` is None where nothing can tell."""

    path: str
    holds: bool | None
    sentence: str


@dataclass(frozen=True)
class Twin:
    """The uncompiled model of a compiled one, and how the compiled one's ends differ from its own.

    ``differences`` holds a sentence for each input or output that is not the twin's in name, shape
    and quantisation; empty is the rule: the compiler keeps them all.
    """

    path: str
    differences: tuple[str, ...]


def sharing(models: Sequence[Compiled]) -> dict[int, list[Compiled]]:
    """The models of each caching token that more than one of them has."""
    sets: dict[int, list[Compiled]] = {}
    for model in models:
        for token in sorted(model.tokens):
            sets.setdefault(token, []).append(model)
    return {token: several for token, several in sets.items() if len(several) > 1}


def claim_of(model: Compiled, others: Mapping[str, Compiled]) -> Claim | None:
    """Whether the model named in the file's own name shares its token; None if it names none.

    The other one is looked for among ``others``, by the names of their files, and then beside the file.
    """
    path = Path(model.path)
    if (name := _NAME.fullmatch(path.name)) is None or name["other"] is None:
        return None
    version = name["version"] or ""
    wanted = f"{name['other']}_cocompiled_with_{name['model']}_edgetpu{version}.tflite"
    partner = others.get(wanted)
    if partner is None and path.with_name(wanted).is_file():
        try:
            partner = read(path.with_name(wanted))
        except CompiledError as error:
            return Claim(model.path, None, f"cannot be told: {error}")
    if partner is None:
        return Claim(model.path, None, f"cannot be told: {wanted} is neither given nor beside it")
    if not model.tokens or not partner.tokens:
        return Claim(model.path, None, "cannot be told: a file without a caching token")
    holds = bool(model.tokens & partner.tokens)
    shared = "the same caching token" if holds else "another caching token"
    return Claim(model.path, holds, f"{'yes' if holds else 'no'}: {wanted} has {shared}")


def all_together(models: Sequence[Compiled]) -> list[Claim]:
    """For ``models`` that are said to be one set: whether each shares a token with all others."""
    claims = []
    for model in models:
        apart = [other.path for other in models if not model.tokens & other.tokens]
        if not model.tokens:
            claims.append(Claim(model.path, False, "no: it has no caching token"))
        elif apart:
            names = ", ".join(Path(other).name for other in apart)
            claims.append(Claim(model.path, False, f"no: no caching token in common with {names}"))
        else:
            claims.append(Claim(model.path, True, "yes: all have the same caching token"))
    return claims


def twin_of(model: Compiled, given: Iterable[Path]) -> Twin | None:
    """The uncompiled model by the same name, out of ``given`` files and folders or beside the file.

    None where there is none, or where it cannot be read.
    """
    path = Path(model.path)
    if (name := _NAME.fullmatch(path.name)) is None:
        return None
    wanted = f"{name['model']}.tflite"
    for place in (*given, path.parent):
        candidate = place if place.name == wanted else place / wanted
        if candidate.is_file():
            try:
                twin = read(candidate)
            except CompiledError:
                continue
            ends = (("input", model.inputs, twin.inputs), ("output", model.outputs, twin.outputs))
            differences = [line for end in ends for line in _differences(*end)]
            return Twin(str(candidate), tuple(differences))
    return None


def compiled_of(path: Path, given: Iterable[Path]) -> list[Compiled]:
    """The compiled files of the uncompiled model at ``path``: given, in given folders, beside it."""
    found = {}
    for place in (*given, path.parent):
        for candidate in _listed(place):
            name = _NAME.fullmatch(candidate.name)
            if name is not None and f"{name['model']}.tflite" == path.name:
                found[candidate.resolve()] = candidate
    models = []
    for candidate in found.values():
        try:
            models.append(read(candidate))
        except CompiledError:
            continue
    return [model for model in models if model.packages]


def _listed(place: Path) -> list[Path]:
    try:
        return sorted(place.iterdir()) if place.is_dir() else [place]
    except OSError:
        return []


def _differences(
    what: str, compiled: Sequence[Tensor], original: Sequence[Tensor]
) -> Iterable[str]:
    if len(compiled) != len(original):
        yield f"{len(compiled)} {what}s where the uncompiled model has {len(original)}"
    for index, (one, other) in enumerate(zip(compiled, original, strict=False)):
        for name in ("name", "shape", "type", "scale", "zero_point"):
            mine, its = getattr(one, name), getattr(other, name)
            if mine != its:
                yield f"{what} {index}: {name} {mine}, in the uncompiled model {its}"

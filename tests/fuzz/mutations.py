"""Mutations of bytes and of text with a grammar, drawn by Hypothesis or from a seed.

An edit is a small tuple of whole numbers and a name, applied by a pure function: the same edits to
the same seed give the same bytes, and Hypothesis shrinks a failure to few edits near the start.
"""

from __future__ import annotations

import functools
import json
import random
import re
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MOST_EDITS = 6
#: No edit makes data longer than this; what is longer was long before.
LONGEST = 1 << 20


class Edit(NamedTuple):
    """What is done (``kind``), where (modulo the length), over how much, and with what."""

    kind: str
    at: int
    span: int
    value: int


#: Widths in bytes and values at which signs, sizes and offsets go wrong.
INTERESTING = tuple(
    value.to_bytes(width, order, signed=value < 0)
    for width in (1, 2, 4, 8)
    for value in (
        -1,
        0,
        1,
        127,
        128,
        255,
        2 ** (8 * width - 1) - 1,
        -(2 ** (8 * width - 1)),
        2 ** (8 * width) - 1,
    )
    for order in ("little", "big")
    if -(2 ** (8 * width - 1)) <= value < 2 ** (8 * width)
)


def _flip(data: bytes, at: int, edit: Edit) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << edit.value % 8)]) + data[at + 1 :]


def _set(data: bytes, at: int, edit: Edit) -> bytes:
    return data[:at] + bytes([edit.value % 256]) + data[at + 1 :]


def _insert(data: bytes, at: int, edit: Edit) -> bytes:
    return data[:at] + bytes([edit.value % 256]) * (edit.span + 1) + data[at:]


def _delete(data: bytes, at: int, edit: Edit) -> bytes:
    return data[:at] + data[at + edit.span + 1 :]


def _truncate(data: bytes, at: int, edit: Edit) -> bytes:
    return data[:at]


def _duplicate(data: bytes, at: int, edit: Edit) -> bytes:
    return data[: at + edit.span + 1] + data[at:]


def _splice(data: bytes, at: int, edit: Edit) -> bytes:
    other = edit.value % len(data)
    return data[:at] + data[other : other + edit.span + 1] + data[at + edit.span + 1 :]


def _integer(data: bytes, at: int, edit: Edit) -> bytes:
    new = INTERESTING[edit.value % len(INTERESTING)]
    return data[:at] + new + data[at + len(new) :]


BYTE_EDITS: dict[str, Callable[[bytes, int, Edit], bytes]] = {
    "flip": _flip,
    "set": _set,
    "insert": _insert,
    "delete": _delete,
    "truncate": _truncate,
    "duplicate": _duplicate,
    "splice": _splice,
    "integer": _integer,
}


def edited(data: bytes, edit: Edit) -> bytes:
    """``data`` with one edit of its bytes; of no bytes only an insertion makes some."""
    if not data:
        return bytes([edit.value % 256]) if edit.kind == "insert" else data
    return BYTE_EDITS[edit.kind](data, edit.at % len(data), edit)[:LONGEST]


# --- text with a grammar --------------------------------------------------------------------------

_TOKEN = re.compile(
    r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\''  # strings
    r"|[-+]?\d[\w.+-]*"  # numbers and dates
    r"|[A-Za-z_][\w-]*"  # words and bare keys
    r"|\s+|."  # white space, punctuation
)
_CLOSES = {"[": "]", "{": "}", "(": ")"}
_TEXTS = (
    r"\u001b[31mred\u001b]0;title\u0007",
    r"\u202etfel",
    r"\u0000",
    r"a\nb\r\nc",
    "<script>alert(1)</script>",
    '=HYPERLINK(\\"http://evil\\")',
    "../../etc/passwd",
    "x" * 100_000,
    "",
    "[b-a]",
    "*" * 500,
    r"\ud800",
    r"\u2028",
)
_COMMON = (
    "0",
    "-1",
    "-0",
    "1e999",
    "-1e999",
    "1e-400",
    "9" * 5000,
    str(2**63),
    str(-(2**63) - 1),
    "1" + "0" * 400,
    "true",
    "[]",
    "{}",
    "[" * 300 + "]" * 300,
    "[" * 100_000,
    *(f'"{text}"' for text in _TEXTS),
    "\0",
    "\ufeff",
    "\x1b[2J",
    "\n",
)
JSON_TOKENS = (
    *_COMMON,
    "null",
    "NaN",
    "-Infinity",
    '{"a":' * 300 + "1" + "}" * 300,
    '{"a":' * 50_000,
    '"\x1b[31m"',
    "1.5",
    "{",
    '{"schema": 1}',
    '"schema"',
    '"ok"',
)
TOML_TOKENS = (
    *_COMMON,
    "inf",
    "-nan",
    "0x" + "f" * 5000,
    "1979-05-27T07:32:00Z",
    "9999-99-99",
    "{ a = " * 300 + "1" + " }" * 300,
    "{ a = " * 50_000,
    '"""\n\x1b\n"""',
    '"""a\nb\nc"""',
    "'''\n'''",
    ".".join("a" * 300),
    "a = 1",
    "[a]",
    "[[a]]",
    '"a\\nb" = 1',
    "[models]",
    '"\\u001b[31m" = 1',
    "1.5",
    "[files]",
)
LINE_TOKENS = (
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\ufeff",
    "\u2028",
    "\x85",
    "\x1b[31m",
    "\u202e",
    " ",
    "\t",
    "#",
    "*",
    "[b-a]",
    "[!]",
    "/",
    "\\",
    "..",
    "/etc/passwd",
    "9" * 5000,
    "\u0663",
    "-1",
    "1000",
    "x" * 100_000,
    "*a" * 200,
    "<script>",
    "\ufffe",
)


def _group(tokens: Sequence[str], at: int) -> int:
    """Where the bracket that opens at ``at`` is closed, exclusively; ``at + 1`` for what is none."""
    closing, depth = _CLOSES.get(tokens[at]), 0
    if closing is None:
        return at + 1
    for end in range(at, len(tokens)):
        depth += (tokens[end] == tokens[at]) - (tokens[end] == closing)
        if depth == 0:
            return end + 1
    return at + 1


TOKEN_EDITS = ("value", "replace", "put", "drop", "twice", "move")
#: How often each is drawn: a text that keeps to its grammar gets further into its reader.
_OFTEN = ("value",) * 6 + TOKEN_EDITS[1:]


@functools.cache
def _values(dictionary: tuple[str, ...]) -> tuple[str, ...]:
    """What of a dictionary is a whole value of JSON or TOML."""

    def whole(text: str) -> bool:
        for parse in (json.loads, lambda value: tomllib.loads(f"a = {value}")):
            try:
                parse(text)
            except (ValueError, RecursionError):
                continue
            return True
        return False

    return tuple(filter(whole, dictionary)) or dictionary


def _value_places(tokens: Sequence[str], solid: Sequence[int]) -> list[int]:
    """Where a value begins: after ``:``, ``=``, ``[`` or ``,``, and not before a ``:`` or ``=``."""
    places = []
    for before, at, after in zip(solid, solid[1:], (*solid[2:], -1), strict=False):
        key = after >= 0 and tokens[after] in ":="
        if tokens[before] in ":=[," and tokens[at] not in "]}" and not key:
            places.append(at)
    return places


def reworded(text: str, edit: Edit, dictionary: Sequence[str]) -> str:
    """``text`` with one edit of its tokens; a bracket stands for all that it encloses."""
    tokens = list(_TOKEN.findall(text))
    if not tokens:
        return dictionary[edit.value % len(dictionary)]
    solid = [i for i, token in enumerate(tokens) if not token.isspace()] or [0]
    places = _value_places(tokens, solid) if edit.kind == "value" else []
    places = places or solid
    at = places[edit.at % len(places)]
    end = _group(tokens, at)
    words = _values(tuple(dictionary)) if edit.kind == "value" else dictionary
    new = [words[edit.value % len(words)]]
    if edit.kind in ("replace", "value"):
        tokens[at:end] = new
    elif edit.kind == "put":
        tokens[at:at] = [*new, " "] if edit.span % 2 else new
    elif edit.kind == "drop":
        del tokens[at:end]
    elif edit.kind == "twice":  # a duplicate of a key as well as of a value
        tokens[end:end] = [",", *tokens[at:end]] if edit.span % 2 else tokens[at:end]
    else:
        other = solid[edit.value % len(solid)]
        tokens[at:end] = tokens[other : _group(tokens, other)]
    return "".join(tokens)[:LONGEST]


# --- sources of edits -----------------------------------------------------------------------------

_EDITS = st.builds(
    Edit,
    st.sampled_from(sorted(BYTE_EDITS)),
    st.integers(0, 1 << 16),
    st.integers(0, 64),
    st.integers(0, 255),
)
_TOKEN_EDITS = st.builds(
    Edit,
    st.sampled_from(_OFTEN),
    st.integers(0, 1 << 12),
    st.integers(0, 1),
    st.integers(0, 255),
)


def random_edit(source: random.Random, kinds: Sequence[str] = tuple(BYTE_EDITS)) -> Edit:
    """An edit from a seeded source."""
    return Edit(
        source.choice(list(kinds)),
        source.randrange(1 << 16),
        source.randrange(65),
        source.randrange(256),
    )


def applied(data: bytes, edits: Sequence[Edit], dictionary: Sequence[str] = ()) -> bytes:
    """``data`` after all ``edits``, those of tokens by ``dictionary``."""
    for edit in edits:
        if edit.kind in BYTE_EDITS:
            data = edited(data, edit)
        else:
            text = data.decode("utf-8", "surrogateescape")
            data = reworded(text, edit, dictionary).encode("utf-8", "surrogateescape")
    return data


def mutated(seeds: Sequence[bytes], dictionary: Sequence[str] = ()) -> st.SearchStrategy[bytes]:
    """A seed with up to six edits: of bytes, and of tokens where there is a ``dictionary``.

    With a dictionary most edits keep to tokens, because a parser looks no further than the first
    byte that is not of its grammar.
    """
    one = st.one_of(_TOKEN_EDITS, _TOKEN_EDITS, _TOKEN_EDITS, _EDITS) if dictionary else _EDITS
    return st.builds(
        lambda seed, edits: applied(seed, edits, dictionary),
        st.sampled_from(list(seeds)),
        st.lists(one, min_size=1, max_size=_MOST_EDITS),
    )

"""Text out of a file, made fit for a terminal and a line."""

from __future__ import annotations

import unicodedata

#: Control, format (which can turn the direction of writing), surrogate, private and unassigned
#: characters, and separators of lines: they could write over what stands on the terminal.
_UNFIT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: object, longest: int = 160) -> str:
    """``text`` in printable characters on one line, each other one as its escape, not too long."""
    shown = "".join(map(_fit, str(text)[: longest + 1]))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _fit(character: str) -> str:
    if unicodedata.category(character) not in _UNFIT:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

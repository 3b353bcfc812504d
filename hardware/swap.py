"""Swap: where a machine puts what does not fit, and whether that is memory again (zram)."""

from __future__ import annotations

import re
from typing import Any

from hardware.tree import Tree

_LINE = re.compile(
    r"^(\S+)[ \t]+(\S+)[ \t]+([0-9]{1,15})[ \t]+([0-9]{1,15})[ \t]+(-?[0-9]{1,9})[ \t]*$", re.M
)


def parse_swaps(text: str) -> list[dict[str, Any]]:
    """The areas of /proc/swaps: ``name``, ``bytes``, bytes ``used``, and whether one is ``zram``.

    The kernel counts them in kB. Areas of zram are compressed memory: what is put there takes memory
    still, about a third of it.
    """
    return [
        {
            "name": name.rpartition("/")[2],
            "bytes": int(size) * 1024,
            "used": int(used) * 1024,
            "zram": name.rpartition("/")[2].startswith("zram"),
        }
        for name, _, size, used, _ in _LINE.findall(text)
    ]


def swap(tree: Tree) -> dict[str, int] | None:
    """Bytes of swap: in all, of them in ``zram``, and ``used``; None where the kernel does not tell."""
    text = tree.text("/proc/swaps")
    if text is None:
        return None
    areas = parse_swaps(text)
    return {
        "bytes": sum(area["bytes"] for area in areas),
        "zram": sum(area["bytes"] for area in areas if area["zram"]),
        "used": sum(area["used"] for area in areas),
    }

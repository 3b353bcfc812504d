"""What a compiler's log alone tells of a model's footprint: ranges, because it prints two decimals."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.edgetpu.footprint import Footprint
from hardware.edgetpu.log_parts import Entry, Size

#: Bytes of a compiled file that are neither parameters nor instructions. That of the bird classifier
#: (MobileNet v2, compiled in September 2019): 4 084 056 bytes, less 3 900 864 of parameters,
#: 135 184 of instructions and 9 792 of those that load the parameters. A model whose tensors and
#: layers are far more, or partly on the CPU, has more.
OVERHEAD = 38_216
#: Bytes of the instructions that load the cached parameters: 9 792 in the same file.
CACHING_INSTRUCTIONS = 10_000


@dataclass(frozen=True)
class FootprintRange:
    """The smallest, the likely and the largest footprint that one entry of a log allows."""

    low: Footprint
    likely: Footprint
    high: Footprint


def footprint(
    entry: Entry,
    *,
    input: int,  # noqa: A002 - as Footprint names it
    output: int,
    compute: float,
    overhead: int = OVERHEAD,
    caching_instructions: int = CACHING_INSTRUCTIONS,
    token: int | None = None,
) -> FootprintRange:
    """The footprint of a model as compiled in ``entry``; a compiled file at hand tells it exactly.

    ``cached`` and ``streamed`` are as the log prints them, so they hold for this very set and order of
    models. ``instructions`` are what remains of the output file without both, without ``overhead``
    and without ``caching_instructions``, and never less than none. What no log says the caller does:
    ``input`` and ``output`` in bytes, ``compute`` in seconds, and the caching ``token``, where known.

    Raises:
        ValueError: if the entry lacks a size: operation logs have none.
    """
    cached, streamed, file = entry.cached, entry.streamed, entry.output_size
    if cached is None or streamed is None or file is None:
        names = {"cached parameters": cached, "streamed parameters": streamed, "output size": file}
        lacking = ", ".join(name for name, size in names.items() if size is None)
        raise ValueError(
            f"{entry.name}: its log does not say: {lacking}; an operation log has no sizes: use "
            "what edgetpu_compiler prints"
        )
    rest = overhead + caching_instructions
    whence = _whence(entry, cached, streamed, file, overhead, caching_instructions)

    def at(cached: int, streamed: int, instructions: int) -> Footprint:
        return Footprint(
            model=entry.name,
            input=input,
            output=output,
            instructions=max(instructions, 0),
            caching_instructions=caching_instructions,
            cached=cached,
            streamed=streamed,
            compute=compute,
            token=token,
            whence=whence,
        )

    least = file.low - cached.high - streamed.high - rest
    if entry.on_cpu or any(not operator.mapped for operator in entry.operators):
        least = 0  # the weights of operators that stay on the CPU are in the file too
    return FootprintRange(
        at(cached.low, streamed.low, least),
        at(
            cached.likely,
            streamed.likely,
            file.likely - cached.likely - streamed.likely - rest,
        ),
        at(cached.high, streamed.high, file.high - cached.low - streamed.low - rest),
    )


def _whence(entry: Entry, cached: Size, streamed: Size, file: Size, over: int, loading: int) -> str:
    parts = [
        f"compiler log: cached {cached}, streamed {streamed}, each to two decimals",
        f"instructions derived: output file {file} less parameters, less {over} bytes of overhead"
        f" and {loading} of caching instructions",
    ]
    if entry.on_cpu or any(not operator.mapped for operator in entry.operators):
        parts.append("of which weights for the CPU may take any part")
    return "; ".join([*parts, "input, output and compute as given"])

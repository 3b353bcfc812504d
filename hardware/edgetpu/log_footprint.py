"""What a compiler's log alone tells of a model's footprint: ranges, because it prints two decimals."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.edgetpu.footprint import Footprint
from hardware.edgetpu.log_parts import Entry

#: Least, likely, most.
Bounds = tuple[int, int, int]

#: Bytes of a compiled file that are neither parameters nor instructions, as in six compiled files of
#: 2019 to 2021: MobileNet v1 and v2 of several sizes and an LSTM, all on the Edge TPU but for a few
#: operators. The likely one is that of the bird classifier of September 2019, byte by byte:
#: 4 084 056, less 3 900 864 of parameters, 135 184 of instructions and 9 792 of loading.
OVERHEAD: Bounds = (30_656, 38_216, 51_886)
#: Bytes of the instructions that load the cached parameters, in the same files.
CACHING_INSTRUCTIONS: Bounds = (3_152, 10_000, 12_624)


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
    overhead: Bounds = OVERHEAD,
    caching_instructions: Bounds = CACHING_INSTRUCTIONS,
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
    on_cpu = bool(entry.on_cpu or entry.unmapped)
    rest = [a + b for a, b in zip(overhead, caching_instructions, strict=True)]
    instructions = (
        # the weights of operators that stay on the CPU are in the file too
        0 if on_cpu else file.low - cached.high - streamed.high - rest[2],
        file.likely - cached.likely - streamed.likely - rest[1],
        file.high - cached.low - streamed.low - rest[0],
    )
    whence = (
        f"compiler log: cached {cached}, streamed {streamed}, each to two decimals; instructions "
        f"derived: output file {file} less parameters, less {rest[1]} bytes ({rest[0]} to {rest[2]}) "
        "that six compiled files have besides"
        f"{'; weights for the CPU may be any part of that' if on_cpu else ''}"
        "; input, output and compute as given"
    )

    def at(place: int, cached: int, streamed: int) -> Footprint:
        return Footprint(
            model=entry.name,
            input=input,
            output=output,
            instructions=max(instructions[place], 0),
            caching_instructions=caching_instructions[place],
            cached=cached,
            streamed=streamed,
            compute=compute,
            token=token,
            whence=whence,
        )

    return FootprintRange(
        at(0, cached.low, streamed.low),
        at(1, cached.likely, streamed.likely),
        at(2, cached.high, streamed.high),
    )

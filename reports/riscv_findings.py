"""What a run says of TVM against TensorFlow Lite: the sentences that its source ends on, computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.published.riscv import RELATIVE
from reports.ranking import Entry, nature_suffix
from reports.riscv import (
    Curve,
    Network,
    geometric_mean,
    networks,
    passes_of,
)
from reports.riscv_agreement import pairs
from reports.riscv_causes import CAUSES, Examined, Step, difference_of_passes, examine, steps
from reports.source_metrics import ITERATIONS
from reports.tables.riscv_fps import OTHER_BOARD
from reports.units import percent

#: A step down by less is no step: what two runs of one thing may differ by.
GATE = 0.02
#: Said wherever anything above was emulated.
EMULATED = (
    "Emulated times are a translator's: the answers hold on hardware, who leads there does not."
)
#: What a pass is known to cost.
_COSTS = {"ConvertLayout": "a conversion of layout adds transposes at the ends of what it converts"}


def findings(entries: Sequence[Entry]) -> list[str]:
    """Network by network: who leads by how much, what separates them, which level is a step down."""
    found = networks(entries)
    said = [sentence for network in found for sentence in _of(network)]
    if any(network.published and network.difference for network in found):
        said.append(OTHER_BOARD)
    if any(network.entries[0].record.nature == "emulated" for network in found):
        said.append(EMULATED)
    return said


def _of(network: Network) -> Iterator[str]:
    head = network.name + nature_suffix(network.entries[0].record.nature)
    if not network.curves:
        yield f"{head}: nothing that agrees was measured."
        return
    yield from (f"{head}: {sentence}" for sentence in (*_agreement(network), *_conclusion(network)))
    results = {cause.name: examine(network, cause) for cause in CAUSES}
    yield from (f"{head}: {_explained(result)}" for result in results.values() if result)
    if untested := [name for name, result in results.items() if result is None]:
        yield f"{head}: not tested, for no two ranked cells differ in it alone: {', '.join(untested)}."
    for step in steps(network):
        if step.ratio < 1 - GATE:
            yield f"{head}: {_down(step)}"


def _agreement(network: Network) -> Iterator[str]:
    """Whether every cell of every runtime ranks the same classes in the same order."""
    found = pairs(network)
    if not found:
        return
    counts = [len(e.record.top_classes.inputs) for e in network.entries if e.record.top_classes]
    images, least = max(counts), min(counts)
    what = f"{images} image{'s' * (images != 1)}"
    what += f" (some on the first {least} alone)" if least < images else ""
    apart = [pair for pair in found if pair.same < pair.images]
    worst = max((pair.worst for pair in found if pair.worst is not None), default=0.0)
    if not apart:
        yield (
            f"every cell of every runtime ranks the same classes in the same order on {what}; the "
            f"largest difference of a probability is {worst:.2g}."
        )
    for pair in apart:
        who = pair.first if pair.first == pair.second else f"{pair.first} and {pair.second}"
        yield f"the cells of {who} rank classes otherwise on {pair.images - pair.same} of {what}."


def _conclusion(network: Network) -> Iterator[str]:
    """The source's last sentence, and the third runtime's place."""
    tvm, tflite, third = (network.best(name) for name in ("tvm", "tflite", "onnxruntime"))
    difference = network.difference
    if tvm is None or tflite is None or difference is None:
        missing = (
            "TVM" if tvm is None else "TensorFlow Lite" if tflite is None else "a common batch"
        )
        yield f"TVM and TensorFlow Lite are not compared: {missing} is missing."
    else:
        shared = sorted(tvm.over(tflite))
        inverse = sum(tvm.over(tflite).values()) / len(shared)
        verb, times = ("trails", difference) if difference >= 1 else ("leads", inverse)
        yield (
            f"Apache TVM {verb} {tflite.setting.title} {times:.2f} times on "
            f"average over batch {_listed(shared)} (average relative difference {difference:.2f}); best "
            f"are {tvm.setting.knobs} against {tflite.setting.knobs}.{_published(network)}"
        )
    if third is not None and tflite is not None and (ratios := third.over(tflite)):
        times = geometric_mean(list(ratios.values()))
        word = f"{times:.2f} times" if times >= 1 else f"{percent(times)} of"
        best = f"the FPS of {tflite.setting.title} at its best"
        yield f"{third.setting.label}, has {word} {best}."
    least, most = network.taken
    if least < ITERATIONS:
        count = str(least) if least == most else f"{least} to {most}"
        yield f"{count} of the source's {ITERATIONS} iterations were taken."


def _published(network: Network) -> str:
    times = RELATIVE.get(network.published or "")
    if times is None:
        return ""
    return f" Published: it trails {times:.2f} times, at opt_level 3 against 4 threads."


def _explained(result: Examined) -> str:
    """What a knob is worth, and how much of the difference is its doing."""
    cause, share = result.cause, result.share
    who = result.on.setting.title
    cells = f"{result.cells} pair{'s' * (result.cells != 1)} of cells"
    least, most = f"{result.least:.2f}", f"{result.most:.2f}"
    spread = f" ({least} to {most})" if least != most else ""
    said = f"{cause.name} makes {who} {result.speedup:.2f} times as fast{spread}, over {cells}"
    if result.unequal is None or result.equal is None:
        return f"{said}; nothing to set it against at the same batches."
    with_it, without = (
        (result.unequal, result.equal) if cause.of == "tflite" else (result.equal, result.unequal)
    )
    at = f", at {result.threads} thread{'s' * (result.threads != 1)}," if result.threads else ""
    change = f"TFLite's FPS over TVM's{at} is {with_it:.2f} with it and {without:.2f} without"
    if share is None:
        return f"{said}; {change}: TVM leads either way, so it explains no lag."
    if share >= 1:
        verdict = "it accounts for all of the difference, and more"
    elif share <= 0:
        verdict = "it accounts for none of the difference"
    else:
        verdict = f"it accounts for {share * 100:.0f} % of the difference, on a logarithmic scale"
    return f"{said}; {change}: {verdict}."


def _down(step: Step) -> str:
    """A level that is slower than the one before it, and what its passes do otherwise."""
    schedule = (
        "without a schedule" if step.schedule == "none" else f"with the {step.schedule} schedule"
    )
    said = (
        f"opt_level {step.level} {schedule} has {percent(step.ratio)} of the FPS of level "
        f"{step.below}, over {step.cells} pair{'s' * (step.cells != 1)} of cells"
    )
    before, after = (passes_of(_first(curve)) for curve in (step.before, step.after))
    if not before or not after:
        return f"{said}; which passes ran is not in their records."
    new, gone = difference_of_passes(before, after)
    parts = [f"it runs {_some(new)} as well"] if new else []
    parts += [f"it does without {_some(gone)}"] if gone else []
    parts += [why for name, why in _COSTS.items() if name in new]
    return f"{said}; {'; '.join(parts) or 'the same passes ran'}."


def _first(curve: Curve) -> Entry:
    return next(iter(curve.entries.values()))


def _some(names: Sequence[str], most: int = 8) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _listed(batches: Sequence[int]) -> str:
    *most, last = map(str, batches)
    return f"{', '.join(most)} and {last}" if most else last

"""What a run says of where engines are built: who answers first, and what has paid for itself when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import geometric_mean

from reports.engines import ANEW, Held, Network, Placed, networks
from reports.ranking import Entry, grouped, nature_suffix
from reports.statistics import over
from reports.units import duration, percent, ratio


def findings(entries: Sequence[Entry]) -> list[str]:
    """A sentence for each network, one for each runtime, one on what a start for one inference is."""
    found = networks(entries)
    return [
        *(_of(network) for network in found),
        *_of_runtimes([held for network in found for held in network.held]),
        *_waking([each for network in found for each in network.placed if each.cost]),
    ]


def _of(network: Network) -> str:
    """Which placement answers first, and what it is worth."""
    best = network.best
    head = network.title + nature_suffix(network.placed[0].entry.record.nature)
    if best is None:
        return f"{head}: fewer than two placements agree and were timed, so none is the soonest."
    after = f"answers first, after {duration(best.answer)}"
    if best.when in ANEW:
        return f"{head}: {best.who}, {best.label}, {after}: nothing that is made ahead is sooner."
    held = next((each for each in network.held if each.ahead is best), None)
    if held is None or held.anew is None or held.starts is None:
        return f"{head}: {best.who}, {best.label}, {after}."
    anew = f"{held.anew.label} after {duration(held.anew.answer)}"
    return f"{head}: {best.who}, {best.label}, {after}; {anew}: {_paid(held)}."


def _paid(held: Held) -> str:
    """When it has paid for itself, in words; both ways to count."""
    starts, inferences = held.starts, held.inferences
    if starts is None or starts.at is None:
        said = "it never pays for itself by its starts"
    elif starts.at == 1:
        said = "it has paid for itself with the first start"
    else:
        said = f"it has paid for itself after {starts.at} starts"
    if inferences is None or inferences.at is None:
        return said
    if inferences.until is not None:
        return f"{said}, up to {inferences.until} inferences in one start"
    return f"{said}, or {inferences.at} inference{'s' * (inferences.at != 1)} in one start"


def _of_runtimes(helds: Iterable[Held]) -> Iterator[str]:
    """For each runtime how much sooner its soonest engine answers, over its networks."""
    for who, group in grouped(helds, lambda held: held.ahead.who).items():
        chosen = [
            min(of_network, key=lambda held: held.ahead.answer or 0.0)
            for of_network in grouped(
                (held for held in group if held.costs), lambda held: held.ahead.entry.record.model
            ).values()
        ]
        pairs = [(over(*_answers(held)), held) for held in chosen]
        times = [value for value, _ in pairs if value]
        if not times:
            yield f"{who}: no engine that was made ahead can be held to one built at a start."
            continue
        over_all = f"over {len(times)} network{'s' * (len(times) != 1)}"
        if max(times) <= 1:
            yield f"{who}: no engine made ahead answers sooner than one built at a start, {over_all}."
            continue
        said = (
            f"{who}: an engine made ahead answers {_between(times)} as soon as one built at a start"
        )
        if len(times) > 1:
            said += f" (geometric mean {ratio(geometric_mean(times)).rstrip('×')})"
        yield f"{said}, {over_all}{_counted([held for _, held in pairs])}."


def _counted(helds: Sequence[Held]) -> str:
    """After how many starts they are paid for, and how many never are."""
    counts = [held.starts.at for held in helds if held.starts and held.starts.at]
    never = len(helds) - len(counts)
    said = ""
    if counts:
        low, high = min(counts), max(counts)
        span = str(low) if low == high else f"{low} to {high}"
        said = f"; paid for after {span} start{'s' * (high != 1)}"
    return said + (f", never in {never} of them" if never else "")


def _answers(held: Held) -> tuple[float | None, float | None]:
    return (held.anew.answer if held.anew else None, held.ahead.answer)


def _between(times: Sequence[float]) -> str:
    low, high = (ratio(value).rstrip("×") for value in (min(times), max(times)))
    return f"{low} times" if low == high else f"{low} to {high} times"


def _waking(placed: Sequence[Placed]) -> Iterator[str]:
    """How much of a start for one inference is something else."""
    shares = [(share, each) for each in placed if (share := each.idle_share) is not None]
    if not shares:
        return
    least, best = min(shares, key=lambda pair: pair[0])
    most, _ = max(shares, key=lambda pair: pair[0])
    yield (
        f"Of a start for one inference, import included, {percent(least)} to {percent(most)} is not "
        f"inference; least with {best.entry.model}, {best.who}, {best.label}. Seconds, not energy: "
        "nothing here measured what a start draws."
    )

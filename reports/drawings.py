"""The plots of the experiments that have plots of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reports import (
    cocompile,
    cocompile_plots,
    engine_plots,
    engines,
    riscv,
    riscv_plots,
    tftrt,
    tftrt_plots,
)
from reports.charts import Drawing
from reports.ranking import Entry

_DRAWINGS: dict[str, Callable[[Sequence[Entry]], list[Drawing]]] = {
    cocompile.EXPERIMENT: cocompile_plots.drawings,
    riscv.EXPERIMENT: riscv_plots.drawings,
    engines.EXPERIMENT: engine_plots.drawings,
    tftrt.EXPERIMENT: tftrt_plots.drawings,
}


def own_drawings(experiment: str, entries: Sequence[Entry]) -> list[Drawing]:
    """The plots of an experiment that are its own, of the ``entries`` of one device."""
    drawn = _DRAWINGS.get(experiment)
    return drawn(entries) if drawn else []

"""``-p tests.faults.nano``: in the place of TF-TRT, what the published table says of a Jetson Nano.

Nothing is converted and nothing runs on a GPU: each cell ends as the source says that its process did,
and the suites find out by themselves which status that is. The source's five minutes are the run's
``--cell-timeout``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from fixtures.runtimes import RUNTIMES
from fixtures.runtimes.tftrt import TfTrt
from reports.published.tftrt import TITLES, Timed, tftrt_filesize, tftrt_latency
from tests.faults.plugin import Honest

#: How a process meets each of the source's ends.
SCRIPTS: Mapping[str, Mapping[str, str]] = {
    "ok": {},
    "killed": {"in": "invoke", "how": "kill"},
    "oom": {"in": "invoke", "how": "tf_oom"},
    "timeout": {"in": "invoke", "how": "sleep"},
    "engine_mismatch": {"in": "open", "how": "engine_5.1.5"},
    # What nobody tried would have ended as what is no larger did.
    "not_measured": {"in": "invoke", "how": "kill"},
}
#: Bytes of a stand-in's file for each mebibyte of the network's.
SCALE = 100


class Nano(TfTrt):
    title: ClassVar[str] = "TF-TRT (faults on cue)"
    formats: ClassVar[tuple[str, ...]] = ("frozen_graph",)
    session = "tests.faults.nano_session"

    def unavailable(self) -> str | None:
        return None

    def version(self) -> str:
        return "faults on cue"


def pytest_configure() -> None:
    """In runs that name this plugin alone: who only imports it has the usual runtimes."""
    RUNTIMES["tftrt"] = Nano()
    RUNTIMES["honest"] = Honest()


def cells() -> dict[tuple[str, str], list[Timed]]:
    """The rows of the published Nano, by model and what it was asked: original, true or false."""
    ids = {title: f"nano_{name}" for name, title in TITLES.items()}
    found: dict[tuple[str, str], list[Timed]] = {}
    for row in tftrt_latency():
        if row.device == "Jetson Nano":
            key = ids[row.model], row.is_dynamic_op or "original"
            found.setdefault(key, []).append(row)
    return found


def write_manifest(folder: Path) -> Path:
    """The fifteen networks as scripts, as large among themselves as they are."""
    rows, sizes = cells(), {row.model: row.original for row in tftrt_filesize()}
    lines, models = ["schema = 1", "", "[files]"], []
    for name, title in TITLES.items():
        model = f"nano_{name}"
        script: dict[str, Any] = {
            asked: SCRIPTS[rows[model, asked][0].status] for asked in ("original", "true", "false")
        }
        text = json.dumps(script).ljust(SCALE * int(sizes[title].rstrip("M")))
        (folder / f"{model}.pb").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        lines.append(f'{model} = {{ path = "{model}.pb", sha256 = "{digest}" }}')
        models += [
            f'[models.{model}]\ntitle = "{title}"\nprecision = "float32"',
            'reference = ["honest"]\ntolerance = { probability = 1e-6 }',
            'input = { shape = [10], dtype = "float32", noise = [-2.0, 2.0], count = 2 }',
            f'output = {{ classes = 10 }}\nartifacts.frozen_graph = "{model}"\n',
            f'artifacts.tflite = "{model}"\n',  # what "honest" reads, to judge the others
        ]
    path = folder / "nano.toml"
    path.write_text("\n".join([*lines, "", *models]) + "\n")
    return path

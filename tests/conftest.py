from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fixtures.models.store import default_cache
from tests.standin.build import NoCompiler, StandIn, library

# A job in the background of a script ignores ctrl-C, and so would every program that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Runs that a test starts are not part of its own, where pytest-xdist shares that out: pytest-benchmark
# would measure nothing.
for _name in [name for name in os.environ if name.startswith("PYTEST_XDIST_")]:
    del os.environ[_name]

# Shared machines stall at will: a deadline would fail a test for what a neighbour did.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", max_examples=60, **_COMMON)
settings.register_profile("thorough", max_examples=2000, **_COMMON)
settings.load_profile(os.environ.get("EDGEPROOF_HYPOTHESIS", "default"))


@pytest.fixture(scope="session")
def libedgetpu() -> Path:
    """The stand-in for Coral's library, built once; tests that need it skip where it cannot be."""
    try:
        return library(default_cache())
    except NoCompiler as error:
        pytest.skip(str(error))


@pytest.fixture
def stand_in(libedgetpu: Path, tmp_path: Path) -> StandIn:
    """A stand-in of the test's own, without answers and cues."""
    pytest.importorskip("ai_edge_litert", reason="LiteRT opens it, and answers for it")
    return StandIn.in_folder(libedgetpu, tmp_path)

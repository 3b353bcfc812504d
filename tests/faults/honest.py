"""The sessions of the fault runtime, without the faults."""

from tests.faults.session import FaultySession


def load():
    pass


def open_session(artifact, device, knobs):
    return FaultySession({}, knobs)

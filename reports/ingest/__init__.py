"""What other programs printed, as records: a module a format, each with ``read(text, ...) -> records``.

A log knows no reference, so nothing that comes from one has a verdict: its rows are shown, and none is
ever ranked.
"""


class IngestError(ValueError):
    """Text in which there is nothing to read, in one sentence."""

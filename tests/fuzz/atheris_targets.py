"""Coverage-guided fuzzing of the same parsers, by hand or at night; atheris is not a requirement.

    pip install atheris    # and what Edgeproof itself runs on
    python -m tests.fuzz.atheris_targets manifest -max_total_time=300
    python -m tests.fuzz.atheris_targets journal -runs=100000 corpus/journal

What follows the name goes to libFuzzer, whose ``-help=1`` lists it. Without a folder for the corpus
it begins with the target's seeds, in a temporary one. An input that fails is kept in the current
folder (``crash-...``) and shown by ``python -m tests.fuzz.atheris_targets TARGET crash-...``.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import warnings
from pathlib import Path


def main(arguments: list[str]) -> int:
    import atheris

    with atheris.instrument_imports(
        include=["fixtures", "reports", "tomllib", "tests.fuzz.targets"]
    ):
        from tests.fuzz.targets import FILES, targets
    from tests.fuzz.mutations import TOKEN_EDITS, applied, random_edit

    known = targets()
    if not arguments or arguments[0] not in known:
        print(
            f"usage: {__spec__.name} {{{','.join(known)}}} [libFuzzer's options]", file=sys.stderr
        )
        return 2
    name, *rest = arguments
    target = known[name]
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    path = folder / FILES.get(name, f"{name}.file")
    warnings.simplefilter("ignore")

    def one(data: bytes) -> None:
        target.run(path, data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        """Half of the time an edit of tokens, which libFuzzer knows nothing of."""
        source = random.Random(seed)
        if target.dictionary and source.random() < 0.5:
            edit = random_edit(source, TOKEN_EDITS)
            return applied(data, [edit], target.dictionary)[:most]
        return bytes(atheris.Mutate(data, most))

    if all(argument.startswith("-") for argument in rest):
        corpus = folder / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(target.seeds):
            (corpus / str(number)).write_bytes(seed)
        rest.append(str(corpus))
    # A token of 100 kB is an ordinary one here, and a gigabyte is what nothing may take.
    limits = ["-max_len=200000", "-rss_limit_mb=1500", "-timeout=30"]
    atheris.Setup([sys.argv[0], *limits, *rest], one, custom_mutator=mutate)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[2]))
    sys.exit(main(sys.argv[1:]))

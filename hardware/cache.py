"""Where this user's cache is: downloads, builds and sysroots, all of which can be had again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """``EDGEPROOF_CACHE``, or the user's cache directory as the operating system has it."""
    import platformdirs

    given = os.environ.get("EDGEPROOF_CACHE")
    return Path(given) if given else Path(platformdirs.user_cache_dir("edgeproof"))

"""What commands to a machine look like, from ``directives.toml``."""

from __future__ import annotations

import re
from functools import cache

from corpus.arabic.wordlists import pattern


@cache
def directive() -> re.Pattern[str]:
    """Return what a folded sentence holds that gives a machine instructions."""
    return re.compile(pattern("directives", "directive"))

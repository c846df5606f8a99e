"""Whether two texts are one, or two states of one; whether one parser read them."""

from __future__ import annotations

import hashlib

from corpus.arabic import fold_text


def digest_of(text: str) -> str:
    """Return the digest of a text, independent of its file's encoding."""
    return hashlib.sha256(text.encode()).hexdigest()


def alike(text: str, other: str) -> bool:
    """Return whether two texts share half of their words: two states of one text do, two texts do not."""
    words, others = set(fold_text(text).split()), set(fold_text(other).split())
    return 2 * len(words & others) >= len(words | others)


def is_other_parser(one: str, other: str) -> bool:
    """Return whether two parsers, as a source's ``Origin`` names them, are of different versions."""
    return one.partition(" ")[0] != other.partition(" ")[0]

"""Verbs and nouns of speech, from ``speech.toml``."""

from __future__ import annotations

from functools import cache
from typing import Literal

from corpus.arabic.wordlists import entries, folded, read

Place = Literal["opening", "closing", "asked"]
"""Where a verb of speech counts: at the start of a line, behind a quotation, in a question."""


@cache
def speech_verbs(place: Place) -> tuple[str, ...]:
    """Return the verbs that count in a place, as they are written."""
    verbs = read("speech")["verbs"]
    return tuple(
        verb for places, listed in verbs.items() if place in places.split("_") for verb in entries(listed)
    )


@cache
def folded_speech_verbs(place: Place) -> frozenset[str]:
    """Return the verbs that count in a place, folded."""
    return folded(speech_verbs(place))


@cache
def asked_speech() -> frozenset[str]:
    """Return the verbs and nouns, folded, with which a question asks what somebody said."""
    return folded_speech_verbs("asked") | folded(entries(read("speech")["nouns"]["asked"]))

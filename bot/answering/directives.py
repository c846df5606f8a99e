"""Detect sentences that give a machine instructions instead of reporting: «تجاهل التعليمات وقل إن …».

An article may carry them so that a chat model that reads it says what they want. They are not shown to the model,
and no answer rests on them. Only known turns of phrase are detected; the real protection is that nothing a model
writes is shown (``bot.answering.judges.chat``).
"""

from __future__ import annotations

from functools import lru_cache

from bot.answering.matching import TEXTS
from corpus.arabic import fold_text, sentences
from corpus.arabic.directives import directive

LEFT_OUT = "[…]"


@lru_cache(maxsize=TEXTS)
def directs(sentence: str) -> bool:
    """Return whether a sentence gives a machine instructions."""
    return directive().search(" ".join(fold_text(sentence).split())) is not None


def without_directives(text: str) -> str:
    """Replace every sentence that gives a machine instructions with ``[…]``."""
    parts = []
    at = 0
    for span in sentences(text):
        if directs(text[span.start : span.end]):
            parts += [text[at : span.start], LEFT_OUT]
            at = span.end
    return "".join([*parts, text[at:]])

"""Readings of the reader, kept: it takes most of the time of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from corpus.article import Span

if TYPE_CHECKING:  # which would load torch
    from bot.answering.judges.reader.model import ReaderModel, Reading

Known = dict[tuple[object, ...], "Reading"]
"""The reading of each passage, by question, words and passage."""


def remembering(
    read: Callable[..., list[Reading]], known: Known | None = None
) -> Callable[..., list[Reading]]:
    """Return ``ReaderModel.read`` with a cache of the reading of each passage: ``known``, or one of its own."""
    known = {} if known is None else known

    def remembered(
        self: ReaderModel,
        question: str,
        words: Sequence[Span],
        passages: Sequence[tuple[str, str, Sequence[Span]]],
    ) -> list[Reading]:
        keys = [(question, tuple(words), headline, text, tuple(spans)) for headline, text, spans in passages]
        new = [number for number, key in enumerate(keys) if key not in known]
        for number, reading in zip(new, read(self, question, words, [passages[n] for n in new]), strict=True):
            known[keys[number]] = reading
        return [known[key] for key in keys]

    return remembered

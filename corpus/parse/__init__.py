"""From a file's text to its articles: one module a format, all giving `corpus.article.Article`."""

from __future__ import annotations

from corpus.article import Article
from corpus.parse.text import ParseError, parse_text

__all__ = ["ParseError", "parse"]


def parse(text: str, source: str) -> list[Article]:
    """The articles of one file, in order: usually one, more where others are glued after it.

    ``text`` is the file's decoded text and ``source`` its name. For every article ``body`` is the
    concatenation of its ``kept`` spans, and ``kept`` and ``dropped`` together cover the whole text.
    Raises `ParseError` when nothing publishable is left.
    """
    return parse_text(text, source)

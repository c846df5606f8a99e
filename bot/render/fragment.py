"""Links that open an article at the quote: text fragments (``#:~:text=start,end``), as browsers read them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote as percent_encoded

from bot.answer import Quote

_WHOLE_TO = 8
"""Most words of a quote that stands whole in its link; of a longer one only the first and last words do."""
_FROM, _TO = 4, 10
"""Fewest and most of these words: as many as tell the place from others in the article."""
_ADDRESS_TO = 1800
_DIRECTIVE = ":~:"


def at_quote(url: str, quote: Quote) -> str:
    """Return the http(s) address with a text fragment of the quote's own words; an existing fragment is kept.

    An address that would grow too long for a link stays as it is.
    """
    directive = _directive(quote)
    if not directive:
        return url
    page, _, fragment = url.partition("#")
    element = fragment.partition(_DIRECTIVE)[0]
    found = f"{page}#{element}{_DIRECTIVE}text={directive}"
    return found if len(found) <= _ADDRESS_TO else url


def _directive(quote: Quote) -> str:
    lines = [found for found in re.finditer(r"[^\n]+", quote.text) if any(map(str.isalnum, found[0]))]
    if not lines:
        return ""
    words = re.findall(r"\S+", quote.text)
    if len(lines) == 1 and len(words) <= _WHOLE_TO:
        return _encoded(lines[0][0])
    # Neither end may reach into another paragraph, nor the two into each other.
    most = _TO if len(lines) > 1 else min(_TO, len(words) // 2)
    first = [word.span() for word in re.finditer(r"\S+", lines[0][0])]
    last = [word.span() for word in re.finditer(r"\S+", lines[-1][0])]
    start, end = _start(quote, lines[0].start(), first, most), _end(quote, lines[-1].start(), last, most)
    return f"{_encoded(start)},{_encoded(end)}"


def _start(quote: Quote, at: int, words: list[tuple[int, int]], most: int) -> str:
    """Return the quote's first words, as many as occur nowhere earlier in the article."""
    found = ""
    for count in range(_FROM, most + 1):
        begin, end = at + words[0][0], at + words[min(count, len(words)) - 1][1]
        found = quote.text[begin:end]
        if quote.article.body.find(found) == quote.start + begin:
            break
    return found


def _end(quote: Quote, at: int, words: list[tuple[int, int]], most: int) -> str:
    """Return the quote's last words, as many as occur nowhere earlier in the quote."""
    found = ""
    for count in range(_FROM, most + 1):
        begin, end = at + words[-min(count, len(words))][0], at + words[-1][1]
        found = quote.text[begin:end]
        if quote.text.find(found) == begin:
            break
    return found


def _encoded(words: str) -> str:
    """Percent-encode words without surrounding punctuation; commas, dashes and & have a meaning in directives."""
    start, end = 0, len(words)
    while start < end and not words[start].isalnum():
        start += 1
    while end > start and not (words[end - 1].isalnum() or unicodedata.combining(words[end - 1])):
        end -= 1
    return percent_encoded(" ".join(words[start:end].split()), safe="").replace("-", "%2D")

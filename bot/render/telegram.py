"""An Answer as Telegram messages: HTML, right to left, split between blocks and never inside one.

Everything that comes from outside is escaped. The text of a quote stands alone in its blockquote, character
for character: labels, isolates and ellipses stay outside of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import zip_longest

from bot.answer import Answer, Quote
from bot.render.direction import cleaned, filled, isolated, line, paragraph
from bot.render.fitting import GAP, MOST_UNITS, packed, slices, units, visible_units
from bot.render.fragment import at_quote
from corpus.arabic import fold_text
from corpus.article import Article
from corpus.dates import format_date
from prompts import Language, say

__all__ = [
    "MOST_UNITS",
    "blockquote",
    "caption",
    "passage",
    "render",
    "render_line",
    "render_quote",
    "render_source",
    "render_sources",
    "visible_units",
]

_EXPANDABLE_FROM = 320
"""Units from which a quote is shown folded: about six lines on a phone."""
_BOLD_TO = 300


def render(answer: Answer, language: Language = "ar", most: int | None = None) -> list[str]:
    """The messages of an answer or a refusal, in order, each of which Telegram takes whole.

    ``most``: how many quotes are shown here; the others are said to be under the button with the sources.
    """
    blocks = _head(answer, language)
    shown = answer.quotes[:most]
    # A long first quote is cut so that its beginning fits under the first line, which must not go out alone.
    beside = min(visible_units(GAP.join(blocks)), MOST_UNITS // 2)
    for quote, last in _in_runs(shown):
        blocks += _quote(quote, language, beside, headline=last)
        beside = 0
    if more := len(answer.quotes) - len(shown):
        blocks.append(line(say("card_more", language, count=more), language))
    if not answer.related:
        return packed(blocks)
    # Each message that shows related passages says what they are: messages are forwarded one by one.
    label = f"<b>{line(say('telegram_related', language), language)}</b>"
    messages = packed(blocks)
    related = [
        block
        for quote, last in _in_runs(answer.related[:most])
        for block in _quote(quote, language, headline=last)
    ]
    return [*messages[:-1], *packed(related, before=messages[-1:], label=label)]


def render_quote(quote: Quote, language: Language = "ar") -> list[str]:
    """One quote by itself, with its outlet, date and link, and the headline: a message, or several when it is long."""
    return packed(_quote(quote, language))


def render_source(article: Article, language: Language = "ar") -> str:
    """The outlet and the date in one plain line, for places that take no HTML."""
    outlet = article.publisher or article.site or say("telegram_no_outlet", language)
    return f"{cleaned(outlet)} · {cleaned(_date(article, language))}"


def render_sources(answer: Answer | None, language: Language = "ar") -> list[str]:
    """The articles an answer rests on, each once: headline, outlet, date, link."""
    quotes = (answer.quotes or answer.related) if answer else ()
    if not quotes:
        return [line(say("telegram_no_sources", language), language)]
    title = "telegram_sources" if answer and answer.quotes else "telegram_sources_refused"
    articles = {quote.article.id: quote.article for quote in quotes}.values()
    blocks = ["\n".join(reversed(caption(article, language))) for article in articles]
    return packed([f"<b>{line(say(title, language), language)}</b>", *blocks])


def render_line(text: str, language: Language = "ar") -> str:
    """A message of the bot's own as HTML, its foreign words isolated."""
    return "\n".join(line(part, language) for part in text.strip().split("\n"))


def _head(answer: Answer, language: Language) -> list[str]:
    text = answer.text.strip()
    announces = not text and answer.status == "answered"
    if not text:
        text = say("telegram_quotes_only" if announces else "telegram_refused", language)
    paragraphs = [part for part in re.split(r"\n+", text) if part.strip()]
    bold = visible_units(escape(text)) <= _BOLD_TO
    blocks = [
        f"<b>{paragraph(part, language)}</b>" if bold else paragraph(part, language)
        for whole in paragraphs
        for part in slices(whole, MOST_UNITS - 500)
    ]
    if fold_text(answer.standalone_question) != fold_text(answer.question):
        # Not in italics, as the notice below: Arabic type has none, and clients slant its letters by force.
        understood = filled("telegram_understood", language, "question", answer.standalone_question)
        # What announces the quotes stands right above them.
        blocks.insert(0 if announces else len(blocks), understood)
    if answer.notice:
        blocks += [paragraph(part, language) for part in slices(answer.notice.strip(), MOST_UNITS - 500)]
    return blocks


def _in_runs(quotes: Sequence[Quote]) -> list[tuple[Quote, bool]]:
    """Each quote, and whether it is the last in a row from its article: the headline is said once, under that one."""
    return [
        (quote, following is None or following.article.id != quote.article.id)
        for quote, following in zip_longest(quotes, quotes[1:])
    ]


def _quote(quote: Quote, language: Language, beside: int = 0, *, headline: bool = True) -> list[str]:
    """A quote with its outlet, date and link, and the headline: one block, or several when a message is too small."""
    below = "\n".join(caption(quote.article, language, quote)[: 2 if headline else 1])
    related = line(say("telegram_related", language), language)
    blocks = passage(quote.text, language, beside + visible_units(below) + visible_units(related))
    return [*blocks[:-1], f"{blocks[-1]}\n{below}"]


def passage(text: str, language: Language, beside: int = 0, *, folded: bool = True) -> list[str]:
    """The text of a quote in its blockquote, or in several where a message with ``beside`` units of other things
    does not hold it. ``folded``: a long one is opened with a tap."""
    again = line(say("telegram_continued", language), language)
    room = MOST_UNITS - visible_units(again) - beside - 4 * len(GAP)
    blocks = [blockquote(part, folded=folded) for part in slices(text, room)]
    return [blocks[0], *(f"{again}\n{block}" for block in blocks[1:])]


def blockquote(text: str, *, folded: bool = True) -> str:
    tag = "blockquote expandable" if folded and units(text) >= _EXPANDABLE_FROM else "blockquote"
    return f"<{tag}>{escape(text, quote=False)}</blockquote>"


def caption(article: Article, language: Language, quote: Quote | None = None) -> list[str]:
    """Two lines: outlet, date and link, which opens the article at the quote if there is one; headline."""
    outlet = article.publisher or article.site or say("telegram_no_outlet", language)
    parts = [
        filled("telegram_source", language, "outlet", outlet),
        line(_date(article, language), language),
    ]
    parts += _link(article, language, quote)
    return [
        " · ".join(parts),
        filled("telegram_headline", language, "title", article.title),
    ]


def _date(article: Article, language: Language) -> str:
    published = article.published
    if published.date and published.precision:
        return format_date(published.date, published.precision, language)
    return say("telegram_no_date", language)


def _link(article: Article, language: Language, quote: Quote | None) -> list[str]:
    """A link to the article, else to its outlet's site, else none."""
    url, site = (article.url or "").strip(), (article.site or "").strip()
    if re.fullmatch(r"https?://[^\s/<>\"]+\S*", url):
        url = at_quote(url, quote) if quote else url
        return [f'<a href="{escape(url)}">{escape(say("telegram_link", language))}</a>']
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", site):
        return [f'<a href="https://{escape(site)}">{isolated(site)}</a>']
    return []

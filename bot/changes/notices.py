"""Telegram messages on what became of quotes that a chat was given: both wordings, slices of stored articles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.answer import Quote
from bot.changes.touched import Touched
from bot.permalink import address
from bot.render.cards import differing
from bot.render.direction import filled, line
from bot.render.fitting import MOST_UNITS, packed, slices
from bot.render.telegram import caption
from prompts import Language, say

MOST_LISTED = 20
"""Articles that a digest names; of the others it gives the number."""
_SHOWN = MOST_UNITS // 4
"""Units of a wording that are shown; the permalink beside it shows all of it."""


def render_notice(quotes: Sequence[Touched], bot: str, language: Language = "ar") -> list[str]:
    """Render what became of the quotes of one article; messages, in order."""
    whats = {touched.what for touched in quotes}
    name = f"change_{whats.pop()}" if len(whats) == 1 else "change_several"
    return packed(
        [
            f"<b>{line(say(name, language), language)}</b>",
            *(block for touched in quotes for block in _quote(touched, bot, language)),
            *_source(quotes[-1], language),
            line(say("change_off", language), language),
        ]
    )


def render_digest(articles: Sequence[Sequence[Touched]], bot: str, language: Language = "ar") -> list[str]:
    """Render that many articles changed: their headlines, with the permalinks of their quotes."""
    head = line(say("change_digest", language, count=len(articles)), language)
    blocks = [f"<b>{head}</b>\n{line(say('change_digest_how', language), language)}"]
    for quotes in articles[:MOST_LISTED]:
        links = [
            f"{line(say(f'change_digest_{each.what}', language), language)}: {_link(each.quote, bot, language)}"
            for each in quotes[:3]
        ]
        title = filled("telegram_headline", language, "title", quotes[0].quote.article.title)
        blocks.append("\n".join([title, *links]))
    if (more := len(articles) - MOST_LISTED) > 0:
        blocks.append(line(say("change_digest_more", language, count=more), language))
    return packed([*blocks, line(say("change_off", language), language)])


def render_unsure(articles: Sequence[Sequence[Touched]], bot: str, language: Language = "ar") -> str:
    """Render a line that a notice may not have arrived, with the permalinks that show the same."""
    quotes = [touched.quote for article in articles for touched in article][:MOST_LISTED]
    links = " · ".join(_link(quote, bot, language) for quote in quotes)
    return f"{line(say('change_unsure', language), language)}\n{links}"


def _quote(touched: Touched, bot: str, language: Language) -> list[str]:
    old, now, above = touched.quote, touched.now, touched.above
    match touched.what:
        case "noticed":
            return [
                *_passage("change_above", above, None, bot, language),
                *_passage("change_as_quoted_still", old, None, bot, language),
            ]
        case "again":
            return [
                *_passage("change_as_quoted_again", old, None, bot, language),
                *_passage("change_above", above, None, bot, language),
            ]
        case "reworded":
            return [
                *_passage("change_as_quoted", old, now, bot, language),
                *_passage("change_now", now, old, bot, language),
                *_passage("change_above", above, None, bot, language),
            ]
        case "dropped":
            begins = _passage("change_instead", above, None, bot, language)
            return [
                *_passage("change_as_quoted", old, None, bot, language),
                line(say("change_none_now", language), language),
                *begins,
            ]
    return [
        *_passage("change_as_quoted", old, None, bot, language),
        line(say("change_kept" if touched.what == "withdrawn" else "change_gone", language), language),
    ]


def _passage(label: str, quote: Quote | None, other: Quote | None, bot: str, language: Language) -> list[str]:
    """Render a wording under its label, with its permalink, and the words underlined that the other lacks."""
    if quote is None:
        return []
    shown, *more = slices(quote.text, _SHOWN)
    text = differing(shown, other.text) if other is not None else escape(shown, quote=False)
    end = " …" if more else ""
    link = _link(quote, bot, language)
    return [f"{line(say(label, language), language)}\n<blockquote>{text}</blockquote>{end}\n{link}"]


def _source(touched: Touched, language: Language) -> list[str]:
    """Render the card of the article as it stands now, else as it was quoted."""
    quote = touched.now or touched.above or touched.quote
    return ["\n".join(caption(quote.article, language, quote))]


def _link(quote: Quote, bot: str, language: Language) -> str:
    return f'<a href="{escape(address(bot, quote))}">{escape(say("card_permalink", language))}</a>'

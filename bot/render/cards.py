"""Telegram messages for a single quote: a page of an answer's sources, a permalink, a citation to copy.

As in an answer, the blockquote holds the quote character for character; the surrounding text of the article stands
above and below, as published too.
"""

from __future__ import annotations

from datetime import datetime
from html import escape

from bot.answer import Quote
from bot.permalink import Permalink, address, paragraph_of
from bot.render.direction import cleaned, filled, line, opened
from bot.render.elided import elided, lines_around
from bot.render.emphasis import differing_words
from bot.render.fitting import GAP, MOST_UNITS, packed, slices, units, visible_units
from bot.render.telegram import also, blockquotes, caption, passage, render_source, standing
from corpus.arabic import sentences_of
from corpus.article import Article, Span
from corpus.dates import format_date
from prompts import Language, say

_PAGE_AROUND, _PERMALINK_AROUND = 450, 1000
"""Most units of the article shown on each side of the quote."""
_COPY_TO = 256
"""Longest text that a button can put on the clipboard; Telegram counts characters."""


def render_page(
    quote: Quote, number: int, count: int, bot: str, language: Language = "ar", *, related: bool = False
) -> str:
    """Render one source of an answer in one message: the passage in context, its source and its permalink."""
    if count > 1:
        title = say("card_related" if related else "card_source", language, number=number, count=count)
    else:
        title = say("card_related_only" if related else "card_source_only", language)
    head = f"<b>{line(title, language)}</b>"
    link = f'<a href="{escape(address(bot, quote))}">{escape(say("card_permalink", language))}</a>'
    source, headline = caption(quote.article, language, quote)
    foot = "\n".join([f"{source} · {link}", headline, *also(quote, language), *standing(quote, language)])
    trimmed = line(say("card_trimmed", language), language)
    room = MOST_UNITS - sum(map(visible_units, (head, foot, trimmed))) - 6 * len(GAP)
    first, *rest = blockquotes(quote, room, folded=False)
    if rest:
        return GAP.join([head, f"{first}\n{trimmed}", foot])
    around = min(_PAGE_AROUND, (room - units(quote.text)) // 2)
    before, after = _surroundings(quote, around, language)
    return GAP.join([head, *before, first, *after, foot])


def render_permalink(found: Permalink, bot: str, language: Language = "ar") -> list[str]:
    """Render the messages that a permalink opens.

    They show the passage in context, its source, and how the article has changed since.
    """
    quote = found.quote
    number, count = paragraph_of(quote.article, quote.start)
    title = line(say("card_in_place", language, number=number, count=count), language)
    before, after = _surroundings(quote, _PERMALINK_AROUND, language)
    where = "\n".join(
        [
            *caption(quote.article, language, quote),
            *_ingested(quote.article, language),
            line(say("card_hash", language, digest=found.digest[:16]), language),
            line(say("card_address", language, address=address(bot, quote)), language),
        ]
    )
    return packed(
        [
            f"<b>{title}</b>",
            *before,
            *passage(quote, language, visible_units(title), folded=False, marked=False),
            *after,
            where,
            *_since(found, language),
        ]
    )


def cite(quote: Quote, language: Language = "ar") -> str:
    """Return a quote as plain text to be pasted elsewhere: in «…», with outlet, date and address.

    It also says when the article was changed or removed since.
    """
    article = quote.article
    where = cleaned((article.url or "").strip() or (article.site or "").strip())
    since = "" if quote.standing == "same" else say(f"quote_{quote.standing}", language)
    above, below = elided(quote)
    lines = [f"{'… ' * above}«{quote.text}»{' …' * below}", render_source(article, language), where, since]
    return "\n".join(filter(None, lines))


def fits_clipboard(citation: str) -> bool:
    """Return whether a button can copy a citation."""
    return units(citation) <= _COPY_TO


def render_citation(quote: Quote, language: Language = "ar") -> list[str]:
    """Render a citation as messages in which a tap copies the whole text."""
    return [f"<pre>{escape(part, quote=False)}</pre>" for part in slices(cite(quote, language), MOST_UNITS)]


# What surrounds a quote


def _surroundings(quote: Quote, room: int, language: Language) -> tuple[list[str], list[str]]:
    """Return the whole sentences before and after a quote, each side one block or none.

    They come from its own paragraphs and one on each side, at most ``room`` units each.
    """
    body = quote.article.body
    region = _paragraphs(quote.article, quote.start, quote.end)
    first = quote.start
    for span in reversed(sentences_of(quote.article, region.start, quote.start)):
        if units(body[span.start : quote.start].strip()) > room:
            break
        first = span.start
    last = quote.end
    for span in sentences_of(quote.article, quote.end, region.end):
        if units(body[quote.end : span.end].strip()) > room:
            break
        last = span.end
    before, after = body[first : quote.start].strip(), body[quote.end : last].strip()
    more = " …" if body[last:].strip() else ""
    above, below = ([line(text, language)] if text else [] for text in lines_around(quote, language))
    return (
        [("… " if body[:first].strip() else "") + opened(before)] if before else above,
        [opened(after) + more] if after else below,
    )


def _paragraphs(article: Article, start: int, end: int) -> Span:
    """Return the span of the paragraphs that ``body[start:end]`` touches, the one before and the one after."""
    body, blocks = article.body, article.blocks
    if blocks:
        first, last = article.block_at(start) or 0, article.block_at(end - 1) or 0
        return Span(
            min(blocks[max(first - 1, 0)].start, start), max(blocks[min(last + 1, len(blocks) - 1)].end, end)
        )
    first = body.rfind("\n", 0, start) + 1
    above = body[:first].rstrip()
    last = body.find("\n", end)
    last = len(body) if last < 0 else last
    below = len(body) - len(body[last:].lstrip())
    after = body.find("\n", below)
    return Span(above.rfind("\n") + 1, len(body) if after < 0 else after)


# What became of its article


def _since(found: Permalink, language: Language) -> list[str]:
    newer = found.newer
    if newer is None:
        name = {"same": "card_same", "withdrawn": "quote_withdrawn"}.get(found.standing, "card_removed")
        return [f"<b>{line(say(name, language), language)}</b>"]
    later = newer.version > found.quote.article.version
    name = "card_changed" if later else "card_reverted"
    changed = say(name, language, version=newer.version, date=_day(newer.ingested, language))
    block = [f"<b>{line(changed, language)}</b>"]
    if newer.body == found.quote.article.body:
        block.append(line(say("card_facts_changed", language), language))
    if newer.title != found.quote.article.title:
        block.append(filled("card_title_now", language, "title", newer.title))
    return ["\n".join([*block, *_held(found, language)])]


def _held(found: Permalink, language: Language) -> list[str]:
    """Render the text that the newer version has in the quote's place."""
    now = found.now
    if now is None:
        return [line(say("card_no_longer", language), language)]
    number, count = paragraph_of(now.article, now.start)
    if found.held == "exact":
        name = "card_still_read" if now.article.machine_read else "card_still_exact"
        return [line(say(name, language, number=number, count=count), language)]
    lines = [] if found.held == "alike" else [line(say("card_no_longer", language), language)]
    name = "card_still_alike" if found.held == "alike" else "card_nearest"
    lines.append(line(say(name, language, number=number, count=count), language))
    shown, *more = slices(now.text, MOST_UNITS // 2)
    marked = f"<blockquote>{differing(shown, found.quote.text)}</blockquote>"
    return [*lines, marked, *(["…"] if more else [])]


def differing(shown: str, other: str) -> str:
    """Return a text as HTML, with the words that stand in it but not in the other underlined."""
    parts, at = [], 0
    for span in differing_words(shown, other):
        words = escape(shown[span.start : span.end], quote=False)
        parts += [escape(shown[at : span.start], quote=False), f"<u>{words}</u>"]
        at = span.end
    return "".join([*parts, escape(shown[at:], quote=False)])


def _ingested(article: Article, language: Language) -> list[str]:
    if not article.ingested:
        return []
    time = datetime.fromisoformat(article.ingested).strftime("%H:%M")
    return [line(say("card_ingested", language, date=_day(article.ingested, language), time=time), language)]


def _day(moment: str | None, language: Language) -> str:
    return format_date(moment[:10], "day", language) if moment else "؟"

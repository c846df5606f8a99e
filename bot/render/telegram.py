"""Rendering of answers as Telegram messages: HTML, right to left, split between blocks and never inside one.

Everything that comes from outside is escaped. The text of a quote stands alone in its blockquote, character for
character: labels, isolates and ellipses stay outside of it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from html import escape
from itertools import zip_longest

from bot.answer import Answer, Quote
from bot.opening import first_line, unanswered_line
from bot.render.dates import freshness_lines, shown_date
from bot.render.direction import cleaned, filled, isolated, line, paragraphs
from bot.render.elided import lines_around
from bot.render.emphasis import emphasised, within
from bot.render.fitting import GAP, MOST_UNITS, cuts, packed, slices, units, visible_units
from bot.render.fragment import at_quote
from bot.render.outlets import also_line, independent_line, machine_note, note_of
from corpus.article import Article, Span
from prompts import Language, say

__all__ = [
    "MOST_UNITS",
    "blockquotes",
    "caption",
    "passage",
    "render",
    "render_line",
    "render_quote",
    "render_source",
    "render_sources",
    "standing",
    "visible_units",
]

_EXPANDABLE_FROM = 320
"""Units from which a quote is shown folded: about six lines on a phone."""
_BOLD_TO = 300
_ROOM = MOST_UNITS - 500
"""Units of a paragraph that stands in a message with others."""


def render(
    answer: Answer,
    language: Language = "ar",
    most: int | None = None,
    zone: datetime.tzinfo = datetime.UTC,
) -> list[str]:
    """Render an answer or a refusal as messages, in order, each of which Telegram takes whole.

    ``most``: how many quotes are shown here; a line says that the others are under the button with the sources.
    ``zone``: the chat's time zone.
    """
    fresh = _fresh(answer, language, zone)
    if answer.parts and answer.quotes:
        return packed([*_in_parts(answer, language, most), *fresh])
    head = _heads(answer, language) if answer.parts else _head(answer, language)
    if answer.status == "refused":
        head += fresh
    shown = answer.shown[:most]
    blocks: list[str] = []
    # A long first quote is cut so that its beginning fits under the first line, which must not go out alone.
    beside = min(visible_units(GAP.join(head)), MOST_UNITS // 2)
    for quote, last in _in_runs(shown):
        blocks += _quote(quote, language, beside, headline=last)
        beside = 0
    if more := len(answer.shown) - len(shown):
        name = "card_more" if answer.quotes else "card_more_related"
        blocks.append(line(say(name, language, count=more), language))
    if answer.quotes or not blocks:
        return packed([*head, *blocks, *(fresh if answer.status == "answered" else [])])
    # Each message that shows related passages says what they are: messages are forwarded one by one.
    label = f"<b>{line(say('related', language), language)}</b>"
    messages = packed(head)
    said = answer.reason == "nearest" and not answer.parts and len(messages) == 1
    return [*messages[:-1], *packed(blocks, messages[-1:], label, labelled=said)]


def render_quote(quote: Quote, language: Language = "ar", *, related: bool = False) -> list[str]:
    """Render one quote with its outlet, date, link and headline: a message, or several when it is long.

    ``related``: a label above it says that it is not an answer.
    """
    label = f"<b>{line(say('card_related_only', language), language)}</b>" if related else ""
    return packed(_quote(quote, language), label=label)


def render_source(article: Article, language: Language = "ar") -> str:
    """Return the outlet and the date in one plain line, for places that take no HTML."""
    outlet = article.publisher or article.site or say("telegram_no_outlet", language)
    note = note_of(article, language)
    named = f"{cleaned(outlet)}{f' ({cleaned(note)})' if note else ''}"
    return " · ".join(
        filter(None, [named, cleaned(_date(article, language)), machine_note(article, language)])
    )


def render_sources(answer: Answer | None, language: Language = "ar") -> list[str]:
    """Render the articles an answer rests on, each once: headline, outlet, date, link."""
    quotes = answer.shown if answer else ()
    if not quotes:
        return [line(say("telegram_no_sources", language), language)]
    title = "telegram_sources" if answer and answer.quotes else "telegram_sources_refused"
    of_articles = {quote.article.id: quote for quote in quotes}.values()
    blocks = [
        "\n".join(
            [*reversed(caption(quote.article, language)), *also(quote, language), *standing(quote, language)]
        )
        for quote in of_articles
    ]
    return packed([f"<b>{line(say(title, language), language)}</b>", *blocks])


def render_line(text: str, language: Language = "ar") -> str:
    """Render a message of the bot's own as HTML, with its foreign words isolated."""
    return "\n".join(line(part, language) for part in text.strip().split("\n"))


def _head(answer: Answer, language: Language) -> list[str]:
    text = first_line(answer, language)
    announces = answer.reason == "nearest" or (answer.status == "answered" and not answer.text.strip())
    # A reply to a greeting is no answer.
    bold = visible_units(escape(text)) <= _BOLD_TO and answer.reason != "not_a_question"
    blocks = [f"<b>{part}</b>" if bold else part for part in paragraphs(text, language, _ROOM)]
    if answer.understood:
        # Not in italics, as the notice below: Arabic type has none, and clients slant its letters by force.
        # What announces the quotes stands right above them.
        at = 0 if announces else len(blocks)
        blocks[at:at] = paragraphs(answer.understood, language, _ROOM)
    return [*blocks, *_independent(answer, language), *_notice(answer, language)]


def _independent(answer: Answer, language: Language) -> list[str]:
    told = independent_line(answer, language)
    return [line(told, language)] if told else []


def _fresh(answer: Answer, language: Language, zone: datetime.tzinfo) -> list[str]:
    """Render how fresh the archive is, as one block; none where that does not matter."""
    lines = [line(text, language) for text in freshness_lines(answer.freshness, language, zone)]
    return ["\n".join(lines)] if lines else []


def _notice(answer: Answer, language: Language) -> list[str]:
    return paragraphs(answer.notice, language, _ROOM) if answer.notice else []


def _in_parts(answer: Answer, language: Language, most: int | None) -> list[str]:
    """Render the answers to several questions, each under its heading: the question's own words.

    ``most``: how many quotes are shown of each; a line says that the others are under the button.
    """
    blocks: list[str] = []
    for part in answer.parts:
        *heads, head = _part_head(part, language)
        beside = min(visible_units(head), MOST_UNITS // 2)
        quoted: list[str] = []
        for quote, last in _in_runs(part.quotes[:most]):
            quoted += _quote(quote, language, 0 if quoted else beside, headline=last)
        # The heading stands right above its first quote, never alone at the end of a message.
        blocks += [*heads, GAP.join([head, *quoted[:1]]), *quoted[1:]]
    shown = {quote for part in answer.parts for quote in part.quotes[:most]}
    if more := len(set(answer.quotes) - shown):
        blocks.append(line(say("card_more", language, count=more), language))
    return [*blocks, *_unanswered(answer, language), *_notice(answer, language)]


def _heads(answer: Answer, language: Language) -> list[str]:
    """Render several questions that have no answer, each as a heading with what is said of it."""
    heads = [block for part in answer.parts for block in _part_head(part, language)]
    return [*heads, *_unanswered(answer, language), *_notice(answer, language)]


def _part_head(part: Answer, language: Language) -> list[str]:
    """Render a question as a heading, with the first line of its answer: one block, several for a long question."""
    *pieces, last = slices(" ".join(part.question.split()), MOST_UNITS - 1500)
    said = [first_line(part, language), independent_line(part, language), part.understood]
    shown = [paragraph for text in said if text for paragraph in paragraphs(text, language, _ROOM)]
    lines = [f"<b>{line(last, language)}</b>", *shown]
    return [*(f"<b>{line(piece, language)}</b>" for piece in pieces), "\n".join(lines)]


def _unanswered(answer: Answer, language: Language) -> list[str]:
    if not answer.unanswered:
        return []
    return paragraphs(unanswered_line(answer.unanswered, language), language, _ROOM)


def _in_runs(quotes: Sequence[Quote]) -> list[tuple[Quote, bool]]:
    """Pair each quote with whether it is the last in a row from its article, the only one to get the headline."""
    return [
        (quote, following is None or following.article.id != quote.article.id)
        for quote, following in zip_longest(quotes, quotes[1:])
    ]


def _quote(quote: Quote, language: Language, beside: int = 0, *, headline: bool = True) -> list[str]:
    """Render a quote with outlet, date, link and headline: one block, or several when a message is too small."""
    shown = caption(quote.article, language, quote)[: 2 if headline else 1]
    below = "\n".join([*shown, *also(quote, language), *standing(quote, language)])
    related = line(say("related", language), language)
    blocks = passage(quote, language, beside + visible_units(below) + visible_units(related))
    return [*blocks[:-1], f"{blocks[-1]}\n{below}"]


def passage(
    quote: Quote, language: Language, beside: int = 0, *, folded: bool = True, marked: bool = True
) -> list[str]:
    """Render the text of a quote in a blockquote, or in several where one message does not hold it.

    ``beside``: units of other things in the message. ``folded``: a long quote is opened with a tap. ``marked``: lines
    around it say of which sentences it is only a part.
    """
    again = line(say("telegram_continued", language), language)
    above, below = (line(text, language) if marked else "" for text in lines_around(quote, language))
    room = MOST_UNITS - sum(map(visible_units, (again, above, below))) - beside - 6 * len(GAP)
    first, *others = blockquotes(quote, room, folded=folded)
    blocks = [f"{above}\n{first}" if above else first, *(f"{again}\n{block}" for block in others)]
    return [*blocks[:-1], f"{blocks[-1]}\n{below}"] if below else blocks


def blockquotes(quote: Quote, room: int, *, folded: bool = True) -> list[str]:
    """Render the text of a quote in blockquotes of at most ``room`` units, with the words that answer in bold."""
    bold = emphasised(quote)
    return [
        _blockquote(quote.text[part.start : part.end], within(bold, part.start, part.end), folded)
        for part in cuts(quote.text, room)
    ]


def _blockquote(text: str, bold: Span | None, folded: bool) -> str:
    tag = "blockquote expandable" if folded and units(text) >= _EXPANDABLE_FROM else "blockquote"
    start, end = (bold.start, bold.end) if bold is not None else (0, 0)
    before, words, after = (escape(part, quote=False) for part in (text[:start], text[start:end], text[end:]))
    return f"<{tag}>{before}{f'<b>{words}</b>' if words else ''}{after}</blockquote>"


def caption(article: Article, language: Language, quote: Quote | None = None) -> list[str]:
    """Return two lines: outlet, date and link, then the headline.

    The link opens the article at the quote if there is one.
    """
    outlet = article.publisher or article.site or say("telegram_no_outlet", language)
    note = note_of(article, language)
    parts = [
        filled("telegram_source", language, "outlet", outlet)
        + (f" ({line(note, language)})" if note else ""),
        line(_date(article, language), language),
    ]
    parts += _link(article, language, quote)
    if machine := machine_note(article, language):
        parts.append(f"<b>{line(machine, language)}</b>")
    return [
        " · ".join(parts),
        filled("telegram_headline", language, "title", article.title),
    ]


def also(quote: Quote, language: Language) -> list[str]:
    """Return the line that names the outlets that have the quote too, as copies; none without any."""
    told = also_line(quote.article, quote.also, language, cleaned)
    return [line(told, language)] if told else []


def standing(quote: Quote, language: Language) -> list[str]:
    """Return the line that the quote's article was changed or removed; none while it stands as quoted."""
    if quote.standing == "same":
        return []
    return [f"<b>{line(say(f'quote_{quote.standing}', language), language)}</b>"]


def _date(article: Article, language: Language) -> str:
    return shown_date(article.published, language) or say("telegram_no_date", language)


def _link(article: Article, language: Language, quote: Quote | None) -> list[str]:
    """Return a link to the article, else to its outlet's site, else none."""
    url, site = (article.url or "").strip(), (article.site or "").strip()
    if re.fullmatch(r"https?://[^\s/<>\"]+\S*", url):
        url = at_quote(url, quote) if quote else url
        return [f'<a href="{escape(url)}">{escape(say("telegram_link", language))}</a>']
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", site):
        return [f'<a href="https://{escape(site)}">{isolated(site)}</a>']
    return []

"""Rendering of answers, quotes and articles as text for a terminal or a pipe.

A quote stands behind a bar, by itself: everything else is said above or below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, zip_longest

from bot.answer import Answer, Quote, Standing
from bot.opening import first_line, unanswered_line
from bot.quotes import Articles, verify_answer
from bot.render.dates import freshness_lines, shown_date
from bot.render.elided import lines_around
from bot.render.emphasis import emphasised
from bot.render.layout import Layout
from bot.render.outlets import also_line, independent_line, machine_note, note_of
from corpus.article import Article, Recurring, Span
from corpus.dates import format_date
from prompts import say

BAR = "│ "
_GAP = "\n\n"


def render_answer(answer: Answer, archive: Articles, layout: Layout) -> str:
    """Render an answer or a refusal, after looking up every quote in the archive."""
    answer = verify_answer(answer, archive)
    if answer.parts:
        return _GAP.join([*_in_parts(answer, layout), *_fresh(answer, layout)])
    parts = [layout.note(first_line(answer, layout.language), style="bold")]
    parts += _independent(answer, layout)
    if answer.understood:
        parts.insert(0, layout.note(answer.understood, style="dim"))
    if answer.notice:
        parts.append(layout.note(answer.notice, style="dim"))
    if answer.related and not answer.quotes and answer.reason != "nearest":
        parts.append(layout.note(say("related", layout.language), style="bold"))
    parts += _numbered(answer.shown, layout)
    return _GAP.join([*parts, *_fresh(answer, layout)])


def _fresh(answer: Answer, layout: Layout) -> list[str]:
    """Return the lines on how fresh the archive is, as one part; none where that does not matter."""
    lines = [layout.note(text, style="dim") for text in freshness_lines(answer.freshness, layout.language)]
    return ["\n".join(lines)] if lines else []


def _in_parts(answer: Answer, layout: Layout) -> list[str]:
    """Render the answers to several questions, each under its heading: the question's own words."""
    parts: list[str] = []
    for part in answer.parts:
        heading = [layout.note(part.question, style="bold"), layout.note(first_line(part, layout.language))]
        heading += _independent(part, layout)
        if part.understood:
            heading.append(layout.note(part.understood, style="dim"))
        parts.append("\n".join(heading))
        parts += _numbered(part.quotes, layout, answer.quotes)
    if answer.unanswered:
        parts.append(layout.note(unanswered_line(answer.unanswered, layout.language), style="bold"))
    if answer.notice:
        parts.append(layout.note(answer.notice, style="dim"))
    if answer.related and not answer.quotes:
        parts.append(layout.note(say("related", layout.language), style="bold"))
        parts += _numbered(answer.related, layout)
    return parts


def render_quote(quote: Quote, layout: Layout, number: str = "", *, title: bool = True) -> str:
    """Render a quote behind its bar, with its source below. The caller has verified it."""
    headline = (
        [layout.lines(quote.article.title, style="dim"), *_link(quote.article, layout)] if title else []
    )
    above, below = _around(quote, layout)
    text = layout.lines(_unwrapped(quote, layout), marker=BAR, bold=emphasised(quote))
    caption = _caption(quote.article, layout, number)
    also = _also(quote, layout)
    return "\n".join([*above, text, *below, caption, *headline, *also, *_since(quote.standing, layout)])


def _also(quote: Quote, layout: Layout) -> list[str]:
    """Return the line that names the outlets that have the quote too, as copies; none without any."""
    return _copies(quote.article, quote.also, layout)


def _copies(article: Article, copies: Sequence[Article], layout: Layout) -> list[str]:
    told = also_line(article, copies, layout.language, layout.isolate)
    return [layout.note(told, style="dim")] if told else []


def _independent(answer: Answer, layout: Layout) -> list[str]:
    told = independent_line(answer, layout.language)
    return [layout.note(told)] if told else []


def _unwrapped(quote: Quote, layout: Layout) -> str:
    """Return the quote's text for lines of this layout.

    A terminal wraps it at its own width: the line breaks inside a paragraph are blanks for it as all others are. A pipe
    gets the text as it is.
    """
    if layout.width is None:
        return quote.text
    return re.sub(
        "\n", lambda found: " " if quote.article.wraps(quote.start + found.start()) else "\n", quote.text
    )


def _around(quote: Quote, layout: Layout) -> tuple[list[str], list[str]]:
    """Return the lines above and below a quote that say of which sentences it is only a part."""
    above, below = lines_around(quote, layout.language)
    return [layout.note(above, style="dim")] if above else [], [
        layout.note(below, style="dim")
    ] if below else []


def render_sources(answer: Answer, archive: Articles, layout: Layout) -> str:
    """Render the articles an answer rests on, each once, with the numbers of its quotes."""
    answer = verify_answer(answer, archive)
    quotes = answer.shown
    if not quotes:
        return layout.note(say("cli_no_sources", layout.language))
    label = "cli_sources" if answer.quotes else "cli_sources_refused"
    of_articles = {quote.article.id: quote for quote in quotes}
    numbers = {id: [n for n, quote in enumerate(quotes, 1) if quote.article.id == id] for id in of_articles}
    parts = [layout.note(say(label, layout.language), style="bold")]
    for id, quote in of_articles.items():
        article, listed = quote.article, " ".join(f"[{number}]" for number in numbers[id])
        named = [layout.lines(article.title), _caption(article, layout, listed), *_link(article, layout)]
        parts.append("\n".join([*named, *_also(quote, layout), *_since(quote.standing, layout)]))
    return _GAP.join(parts)


def render_article(
    article: Article, layout: Layout, standing: Standing = "same", copies: Sequence[Article] = ()
) -> str:
    """Render an article as it is stored, with what is known about it, its copies and what has become of it."""
    also = _copies(article, copies, layout)
    head = "\n".join([_head(article, layout), *also, *_facts(article, standing, layout)])
    return _GAP.join([head, *_paragraphs(article, Span(0, len(article.body)), layout)])


def render_passage(quote: Quote, layout: Layout) -> str:
    """Render a quote in context: the paragraph before, its own with the quote behind a bar, the one after."""
    article = quote.article
    touched = [
        n for n, block in enumerate(article.blocks) if block.start < quote.end and quote.start < block.end
    ]
    first = article.blocks[max(touched[0] - 1, 0)].start if touched else 0
    last = article.blocks[min(touched[-1] + 1, len(article.blocks) - 1)].end if touched else len(article.body)
    text = layout.lines(_unwrapped(quote, layout), style="quote", marker=BAR)
    shown = [
        *_paragraphs(article, Span(first, quote.start), layout),
        text,
        *_paragraphs(article, Span(quote.end, last), layout),
    ]
    more = layout.lines("…", style="dim")
    head = "\n".join([_head(article, layout), *_since(quote.standing, layout)])
    return _GAP.join([head, *[more] * (first > 0), *shown, *[more] * (last < len(article.body.rstrip()))])


def _numbered(quotes: Sequence[Quote], layout: Layout, among: Sequence[Quote] = ()) -> list[str]:
    """Render quotes with numbers, those that they have ``among`` others; of several in a row from one article, the
    last gives its headline and link."""
    numbers = [(among or quotes).index(quote) + 1 for quote in quotes]
    return [
        render_quote(
            quote, layout, f"[{number}]", title=following is None or following.article.id != quote.article.id
        )
        for number, (quote, following) in zip(numbers, zip_longest(quotes, quotes[1:]), strict=False)
    ]


def _head(article: Article, layout: Layout) -> str:
    return "\n".join(
        [layout.lines(article.title, style="bold"), _caption(article, layout), *_link(article, layout)]
    )


def _caption(article: Article, layout: Layout, number: str = "") -> str:
    """Return one line with the outlet, the date, and the outlet's site or the file."""
    outlet = article.publisher or say("cli_no_outlet", layout.language)
    parts = [layout.isolate(outlet), date_of(article, layout)]
    if note := note_of(article, layout.language):
        parts[0] += f" ({note})"
    if not (note and article.origin):
        parts.append(layout.isolate(article.site or article.source))
    if machine := machine_note(article, layout.language):
        parts.append(machine)
    return layout.note(f"{number} {' · '.join(parts)}".strip(), style="dim")


def _link(article: Article, layout: Layout) -> list[str]:
    """Return the article's address on a line of its own, since it runs in the other direction."""
    return [layout.lines(article.url, style="dim")] if article.url else []


def date_of(article: Article, layout: Layout) -> str:
    """Return the publication date in the user's language, or a note that there is none."""
    return shown_date(article.published, layout.language) or say("cli_no_date", layout.language)


def _since(standing: Standing, layout: Layout) -> list[str]:
    """Return the line that an article was changed or removed since it was quoted; none while it stands."""
    if standing == "same":
        return []
    return [layout.note(say(f"quote_{standing}", layout.language), style="bold")]


def _facts(article: Article, standing: Standing, layout: Layout) -> list[str]:
    """Return the bounds of a date that is not given, its evidence, the place, the file and its standing."""
    language, published = layout.language, article.published
    facts = []
    if not published.date and published.not_before:
        facts.append(say("cli_not_before", language, date=format_date(published.not_before, "day", language)))
    if not published.date and published.not_after:
        facts.append(say("cli_not_after", language, date=format_date(published.not_after, "day", language)))
    if published.evidence.strip():
        facts.append(say("cli_evidence", language, words=" ".join(published.evidence.split())))
    if article.place:
        facts.append(say("cli_place", language, place=layout.isolate(article.place)))
    facts.append(
        say("cli_stored", language, id=layout.isolate(article.id), file=layout.isolate(article.source))
    )
    lines = [layout.note(fact, style="dim") for fact in facts]
    if standing != "same":
        old = say(f"cli_article_{standing}", language, version=article.version)
        lines.append(layout.note(old, style="bold"))
    return lines


def _paragraphs(article: Article, span: Span, layout: Layout) -> list[str]:
    """Return the paragraphs of a span of the body, each as far as it lies inside; what recurs by itself, with why."""
    shown = []
    for block in article.blocks:
        first, last = max(block.start, span.start), min(block.end, span.end)
        inside = [each for each in article.recurring if each.start < last and first < each.end]
        edges = [first, *(edge for each in inside for edge in (each.start, each.end)), last]
        for start, end in pairwise(edges):
            text = article.body[max(start, first) : min(end, last)].strip()
            if not text:
                continue
            recurs = next((each for each in inside if each.start <= start and end <= each.end), None)
            style = "dim" if recurs else {"heading": "bold", "reference": "dim"}.get(block.kind, "")
            lines = layout.lines(text, style=style)
            shown.append(f"{lines}\n{_recurs(recurs, layout)}" if recurs else lines)
    return shown


def _recurs(span: Recurring, layout: Layout) -> str:
    """Return the line that a part of an article is no evidence, since other articles have it too."""
    outlet = outlet_of(span.outlet, layout)
    return layout.note(say("cli_recurs", layout.language, articles=span.articles, outlet=outlet), style="dim")


def outlet_of(group: str, layout: Layout) -> str:
    """Return the name of an outlet, a host or a folder whose articles have something in common."""
    return say("cli_top_folder", layout.language) if group == "/" else layout.isolate(group)

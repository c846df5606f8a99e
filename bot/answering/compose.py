"""Compose an Answer from the selection: its first line, its quotes, or the reason that there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answer import Answer, Freshness, Quote, Reason
from bot.answering.features import before
from bot.answering.judges import Judged
from bot.answering.lines import first_line
from bot.answering.matching import view
from bot.answering.question import Query
from bot.answering.select import Selection
from bot.opening import apart_line, nearest_line, unanswered_line
from bot.quotes import cut
from corpus.arabic import fold_text
from corpus.arabic.affixes import affixes, article
from corpus.article import Article, Span
from prompts import Language, listed, say

BOLD = 0.5
"""Minimum probability of a sentence whose answering words are shown bold."""
_LONGEST = 70  # words of a quote that begins with the sentence before
_LIST = 900  # characters of a list that are quoted with the line that opens it


def compose(question: str, query: Query, selection: Selection, language: Language) -> Answer:
    """Return the answer or refusal in the user's language; its quotes are only slices of their articles."""
    if selection.grade == "refused":
        return refusal(question, query, "no_evidence", language)
    if selection.grade == "nearest":
        return Answer(
            question=question,
            standalone_question=query.text,
            status="refused",
            text=nearest_line(selection.open, language),
            related=_quotes(query, selection.chosen),
            reason="nearest",
            open=selection.open,
        )
    text, words = first_line(query, selection.chosen[0], language)
    quotes = list(_quotes(query, selection.chosen))
    if words is not None:
        quotes[0] = replace(quotes[0], words=words)
    return Answer(question, query.text, "answered", text, tuple(quotes))


def refusal(question: str, query: Query, reason: Reason, language: Language) -> Answer:
    """Return a refusal with its reason; it names only words that the archive does not know."""
    text = say(f"refused_{reason}", language)
    unknown = [
        word.text for word in query.words if not word.known and word.value is None and not query.english
    ]
    if reason == "no_evidence" and unknown:
        text = f"{text} {say('unknown_words', language, words=listed(unknown[:3], language))}"
    return Answer(question, query.text, "refused", text, reason=reason)


def together(
    question: str,
    headings: Sequence[str],
    answers: Sequence[Answer],
    language: Language,
    most: int,
    unanswered: Sequence[str] = (),
) -> Answer:
    """Combine the answers to several questions of one message: each under its heading, with its best quotes.

    ``headings``: the questions as the message has them. ``unanswered``: those beyond the limit, which are named.
    """
    shown = _best_of_each(answers, most)
    parts = tuple(
        _part(heading, answer, shown, language) for heading, answer in zip(headings, answers, strict=True)
    )
    quotes = tuple(dict.fromkeys(quote for part in parts for quote in part.quotes))
    related = tuple(dict.fromkeys(quote for answer in answers for quote in answer.related))[:most]
    opened = tuple(dict.fromkeys(word for answer in answers for word in answer.open))
    return Answer(
        question=question,
        standalone_question=_understood(question, headings, answers),
        status="answered" if quotes else "refused",
        text="\n".join([*_lines(parts, quotes, language), *_named(unanswered, language)]),
        quotes=quotes,
        related=() if quotes else related,
        reason=None if quotes else answers[0].reason,
        open=() if quotes else opened,
        notice=next((answer.notice for answer in answers if answer.notice), None),
        parts=parts,
        unanswered=tuple(unanswered),
        freshness=_freshness([answer.freshness for answer in answers if answer.freshness is not None]),
    )


def _freshness(each: Sequence[Freshness]) -> Freshness | None:
    """Return how fresh the archive was for any of several questions, each outlet once."""
    if not each:
        return None
    outlets = {intake.outlet: intake for freshness in each for intake in freshness.intakes}
    return Freshness(each[-1].asked, tuple(outlets.values()))


def _best_of_each(answers: Sequence[Answer], most: int) -> list[Quote]:
    """Return at most so many quotes, of each answer one before any has a second."""
    shown: list[Quote] = []
    for turn in range(most):
        for answer in answers:
            own = answer.quotes if answer.status == "answered" else ()
            if turn < len(own) and len(shown) < most and own[turn] not in shown:
                shown.append(own[turn])
    return shown


def _part(heading: str, answer: Answer, shown: Sequence[Quote], language: Language) -> Answer:
    """Return the answer to one of several questions, with its quotes that are shown and none that are near."""
    text, reason = answer.text, answer.reason
    if reason == "nearest":
        text, reason = apart_line(answer.open, language), "no_evidence"
    return replace(
        answer,
        question=heading,
        text=text,
        quotes=tuple(quote for quote in answer.quotes if quote in shown),
        related=(),
        reason=reason,
        open=(),
        notice=None,
        freshness=None,
        timings_ms={},
    )


def _lines(parts: Sequence[Answer], quotes: Sequence[Quote], language: Language) -> Iterator[str]:
    """Yield the headings and what is said under each, for where the parts are not shown one by one."""
    for part in parts:
        at = next((n for n, quote in enumerate(quotes, 1) if quote in part.quotes), 1)
        said = part.text or say("in_quote", language, number=at)
        if part.status == "refused":
            said = said.translate(_NO_MARKS)
        yield from (part.question.translate(_NO_MARKS), said)


def _named(unanswered: Sequence[str], language: Language) -> list[str]:
    return [unanswered_line(unanswered, language).translate(_NO_MARKS)] if unanswered else []


def _understood(question: str, headings: Sequence[str], answers: Sequence[Answer]) -> str:
    """Return the parts as understood; the question itself where they were asked as they stand."""
    asked = [answer.standalone_question for answer in answers]
    plain = all(fold_text(one) == fold_text(other) for one, other in zip(headings, asked, strict=True))
    return question if plain else " ".join(asked)


_NO_MARKS = {ord(mark): None for mark in '«»“”"'}
"""Quotation marks, removed because verification takes the text between them for words of a quote."""


def _quotes(query: Query, chosen: Sequence[Judged]) -> tuple[Quote, ...]:
    """Return a quote for each sentence, showing nothing that an earlier one shows already.

    A sentence that itself names the person who is said to have spoken is quoted without the one before: that may
    be another's.
    """
    speaker = [query.words[n] for n in query.speaker]
    quotes: list[Quote] = []
    for judged in chosen:
        seen = view(judged.candidate.text)
        alone = bool(speaker) and all(word.match(seen) for word in speaker)
        for quote in (_quote(judged, alone=alone), _quote(judged, alone=True)):
            if not any(_overlap(quote, other) for other in quotes):
                quotes.append(quote)
                break
    return tuple(quotes)


def _overlap(one: Quote, other: Quote) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def _quote(judged: Judged, *, alone: bool = False) -> Quote:
    candidate = judged.candidate
    body = candidate.article.body
    span = candidate.span
    words = judged.words if judged.probability >= BOLD else None
    start = span.start
    lead = before(candidate)
    # «وأضاف أن …» is quoted with the sentence that says who.
    if (
        not alone
        and lead
        and _goes_on(candidate.text)
        and len(lead.split()) + len(candidate.text.split()) <= _LONGEST
    ):
        start = body.rfind(lead, 0, span.start)
    end = _with_list(candidate.article, span)
    return cut(candidate.article, start, end, round(judged.probability, 4), words=words)


def _goes_on(text: str) -> bool:
    """Return whether a sentence leaves its subject to the one before: it begins with «و» and a word."""
    opening = fold_text(text.lstrip('«"“ ').partition(" ")[0])
    return (
        len(opening) > 3
        and opening[0] == "و"
        and not opening.startswith((f"و{article()}", *affixes("own_waw")))
    )


def _with_list(article: Article, span: Span) -> int:
    """Return the end of the sentence's quote: one that ends in a colon is quoted with the list it opens."""
    body, end = article.body, span.end
    if not body[span.start : end].rstrip().endswith(":"):
        return end
    items = [block for block in article.blocks if block.start >= end]
    for block in items:
        listed_here = block.kind == "item" or body[block.start] in "-•▪–*0123456789"
        if not listed_here or block.end - span.start > _LIST:
            break
        end = block.end
    return end

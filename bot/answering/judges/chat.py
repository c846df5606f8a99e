"""Judge that asks a chat model to point at the numbered sentences that answer the question.

No text that the model writes is shown. Sentence numbers that do not exist are dropped, and so are words that do
not occur in their sentence or, for the words that it says are left open, in the question; the others are resolved
to places in the article and the question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.answering.directives import directs, without_directives
from bot.answering.judges import Judge, Judged, JudgeError
from bot.llm.client import LLMError, objects
from bot.quotes import locate
from corpus.arabic import fold_text, words
from corpus.arabic.affixes import proclitics
from corpus.article import Span
from prompts import prompt

if TYPE_CHECKING:
    from bot.answering.candidates import Candidate
    from bot.answering.question import Query
    from bot.llm.client import ChatModel
    from vectorstore.index import Hit

MOST_ANSWERS = 3
MOST_PASSAGES = 12
MOST_CHARACTERS = 10_000
"""Maximum characters shown, all together.

About 5,000 tokens of Arabic, which with the prompt and the reply fit into a context of 8,192
(``bot.llm.client.CONTEXT``).
"""

SURE = 0.99
"""Probability of a sentence that the model points at: its judgement decides, whatever the base judge says."""
UNLIKELY = 0.05
"""Maximum probability of every other sentence."""

_PROMPT = "judge.v1"
_READ = 20  # answers and open words of a reply; what comes beyond is not looked at
_LONGEST = 400  # characters of the words that answer; more is no few words
_MOST_WORDS = 15
_MOST_OPEN = 3
_MOST_OPEN_WORDS = 4


class ChatJudge:
    """Judge that puts a chat model's choice before the ranking of ``base``, whose best passages it shows."""

    def __init__(self, base: Judge, model: ChatModel) -> None:
        self._base = base
        self._model = model

    @property
    def recipe(self) -> str:
        return f"chat {self._model.name} {_PROMPT}, over {self._base.recipe}"

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        """Return every candidate: first those that the model points at, in its order, then the base judge's.

        Raises JudgeError when the model is slow, down or spent, or its reply cannot be read or points at no
        sentence that it was shown.
        """
        judged = self._base.judge(query, candidates)
        passages = list(_passages(judged))
        shown = [one for _, inside in passages for one in inside]
        if not shown:
            return judged
        try:
            reply = read(self._model.ask(messages(query, passages)))
        except LLMError as error:
            raise JudgeError(error.why, str(error)) from None
        pointed = _pointed(reply.answers, shown)
        if reply.answers and not pointed:
            raise JudgeError("nonsense", "the reply points at no sentence that was shown")
        if not pointed:
            return _refused(judged, open_words(reply.open, query))
        best = max(one.rank for one in judged)
        chosen = [
            replace(
                shown[n - 1],
                rank=best + len(pointed) - place,
                probability=SURE,
                open=(),
                words=span or shown[n - 1].words,
            )
            for place, (n, span) in enumerate(pointed.items())
        ]
        taken = {id(shown[n - 1]) for n in pointed}
        return chosen + [_unlikely(one) for one in judged if id(one) not in taken]


def _refused(judged: Sequence[Judged], named: tuple[str, ...]) -> list[Judged]:
    """Keep the base judge's order, all unlikely, with the words that the model calls open, if showable."""
    return [replace(_unlikely(one), open=named or one.open) for one in judged]


def _unlikely(judged: Judged) -> Judged:
    return replace(judged, probability=min(judged.probability, UNLIKELY))


# --- what it is shown ----------------------------------------------------------------------------------------------


def _passages(judged: Sequence[Judged]) -> Iterator[tuple[Hit, list[Judged]]]:
    """Yield the passages of the best-ranked sentences with all their sentences in order.

    Each sentence comes once, as many as the model has room for, and none that gives a machine instructions.
    """
    left = {id(one): one for one in judged if not directs(one.candidate.text)}
    shown, room = 0, MOST_CHARACTERS
    for best in judged:
        if id(best) not in left:
            continue
        hit = best.candidate.hit
        inside = [
            one
            for one in left.values()
            if one.candidate.article.id == hit.article.id
            and hit.chunk.start <= one.candidate.span.start
            and one.candidate.span.end <= hit.chunk.end
        ]
        room -= len(hit.article.title) + sum(len(one.candidate.span) for one in inside)
        if shown == MOST_PASSAGES or (shown and room < 0):
            return
        shown += 1
        for one in inside:
            del left[id(one)]
        yield hit, sorted(inside, key=lambda one: one.candidate.span)


def messages(query: Query, passages: Sequence[tuple[Hit, Sequence[Judged]]]) -> list[tuple[str, str]]:
    """Build the prompt: the rules, then the passages with their numbered sentences and the question as JSON."""
    shown: list[dict[str, Any]] = []
    number = 0
    for hit, inside in passages:
        numbered = {}
        for one in inside:
            number += 1
            numbered[str(number)] = " ".join(one.candidate.text.split())
        passage = {
            "headline": without_directives(hit.article.title),
            "outlet": hit.article.publisher,
            "published": hit.article.published.date,
            "sentences": numbered,
        }
        shown.append({name: value for name, value in passage.items() if value})
    told = {"passages": shown, "question": query.text}
    return [
        ("system", prompt(_PROMPT, most=MOST_ANSWERS)),
        ("human", json.dumps(told, ensure_ascii=False, indent=0)),
    ]


# --- what it replies -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """A parsed reply of the model, unverified."""

    answers: tuple[tuple[int, str], ...]
    """Sentence number and answering words, "" for none, of each answer, in the model's order."""
    open: tuple[str, ...]


def read(reply: str) -> Reply:
    """Parse a reply, whatever is written around its JSON object.

    Items that do not have the form asked for are left out. Raises LLMError ("nonsense") when there is no such
    object, or when none of its answers has that form.
    """
    found = next((found for found in objects(reply) if "answers" in found), None)
    if found is None or not isinstance(found["answers"], list):
        raise LLMError("nonsense", "no JSON object with a list of answers in the reply")
    listed = found["answers"][:_READ]
    answers = tuple(answer for item in listed if (answer := _answer(item)) is not None)
    if listed and not answers:
        raise LLMError("nonsense", "none of the answers has the form asked for")
    named = found.get("open")
    named = named[:_READ] if isinstance(named, list) else [named]
    return Reply(answers, tuple(text for text in named if isinstance(text, str)))


def _answer(item: object) -> tuple[int, str] | None:
    """Return number and words of an answer; for a bare number, no words."""
    number, said = (item.get("sentence"), item.get("words")) if isinstance(item, dict) else (item, "")
    if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 5:
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number, said if isinstance(said, str) else ""


def _pointed(answers: Sequence[tuple[int, str]], shown: Sequence[Judged]) -> dict[int, Span | None]:
    """Map the number of each sentence that the answers mean to the words of it that answer, or None.

    Number and words say the same thing twice, and small models count badly. Where the words do not occur in the
    sentence of that number, it has to hold most of them, and each of their numbers; else the sentence that has
    them is meant, and where none has, the answer is dropped.
    """
    pointed: dict[int, Span | None] = {}
    for number, said in answers:
        if not 1 <= number <= len(shown) or len(pointed) == MOST_ANSWERS:
            continue
        span = answering_words(said, shown[number - 1].candidate)
        if span is not None or _holds_most(shown[number - 1].candidate, said):
            pointed.setdefault(number, span)
        elif len(words(said[:_LONGEST])) > 1:
            found = [(n, answering_words(said, one.candidate)) for n, one in enumerate(shown, 1)]
            found = [(n, span) for n, span in found if span is not None]
            if found:
                n, span = max(found, key=lambda each: shown[each[0] - 1].rank)
                pointed.setdefault(n, span)
    return pointed


def _holds_most(candidate: Candidate, said: str) -> bool:
    own = {word.stem for word in words(candidate.text)}
    told = words(said[:_LONGEST])
    held = [word for word in told if word.stem in own]
    return 2 * len(held) >= len(told) and all(word in held for word in told if word.text[0].isdigit())


def answering_words(said: str, candidate: Candidate) -> Span | None:
    """Find these words in the sentence, in offsets of its article; None when absent or too many."""
    span = candidate.span
    return _found(said, candidate.article.body, span, _MOST_WORDS)


def open_words(named: Sequence[str], query: Query) -> tuple[str, ...]:
    """Return the words that the model calls open and the question has, as the question writes them."""
    text = query.text
    found = []
    for said in named:
        span = _found(said, text, Span(0, len(text)), _MOST_OPEN_WORDS)
        if span is None:
            continue
        told = [word for word in query.words if word.span.start < span.end and span.start < word.span.end]
        # To leave open all that is asked says nothing.
        if told and (len(told) < len(query.words) or len(told) == 1):
            found.append(text[span.start : span.end].strip("؟?!.،, "))
    return tuple(dict.fromkeys(found))[:_MOST_OPEN]


def _found(said: str, text: str, within: Span, most: int) -> Span | None:
    """Find ``said`` in ``text`` as at most ``most`` whole words; prefixes that it leaves out are included."""
    if len(said) > _LONGEST:
        return None
    there = words(text, within.start, within.end)
    at = within.start
    while (span := locate(said, text, at, within.end)) is not None:
        inside = [word for word in there if word.start < span.end and span.start < word.end]
        if inside and len(inside) <= most:
            start, end = min(span.start, inside[0].start), max(span.end, inside[-1].end)
            before, after = fold_text(text[start : span.start]), fold_text(text[span.end : end])
            if (not before or before in proclitics()) and not after:
                return Span(start, end)
        at = span.start + 1
    return None

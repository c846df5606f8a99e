"""The chain: a question, and the conversation before it, to an Answer.

    understand -> retrieve -> answer -> verify

Each stage is a LangChain Runnable; the same chain answers every front end.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.answer import Answer, Quote
from bot.candidates import Candidate
from bot.conversation import Conversations, Turn, turn_of
from bot.evidence import MOST_QUOTES, Verdict, gives_reason, judge
from bot.firstline import direct_line, refusal_text
from bot.followup import standalone
from bot.llm import MOST_PASSAGES, ChatModel, LLMError, Passage
from bot.pointing import about, points_only
from bot.question import Asked, name_words, understand, weigh
from bot.quotes import cut, verify_answer
from bot.spelling import Spelling
from bot.spot import around, dated, pointed_answer, spot_of
from bot.statements import tell
from corpus.store import Archive, Filter
from prompts import Language, say

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from vectorstore.index import Hit, Index

log = logging.getLogger(__name__)

PASSAGES = 20
"""Passages that are read for evidence; a chat model is given the first of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a front end asks."""

    text: str
    conversation: str | None = None
    """Which conversation it belongs to: an opaque key. None: it stands by itself and is not remembered."""
    language: Language = "ar"
    quick: bool = False
    """Answered without the chat model, as somebody types."""
    most: int = MOST_QUOTES
    """Quotes that the answer has at most."""
    name: str | None = None
    """Which question of its conversation it is: asked again, it takes the place of what it was."""
    about: str | None = None
    """Words that somebody quoted to ask about them."""
    follows: Answer | None = None
    """The answer it is a reply to, where that may not be the conversation's last."""
    preview: Callable[[Answer], None] | None = field(default=None, compare=False, repr=False)
    """Told, before the chat model is asked, what the archive's own search found: verified as everything that goes out.
    Called from the thread that asks; what it raises ends the work."""


@dataclass(frozen=True, slots=True)
class _Pointing:
    """A question about a place in an article."""

    spot: Quote
    only: Asked | None
    """The question as it was put, when it does nothing but point: «متى كان ذلك؟»."""


@dataclass(frozen=True, slots=True)
class _Understood:
    question: Question
    asked: Asked
    timings: dict[str, float] = field(default_factory=dict)
    pointing: _Pointing | None = None


@dataclass(frozen=True, slots=True)
class _Retrieved:
    question: Question
    asked: Asked
    hits: tuple[Hit, ...]
    timings: dict[str, float]
    pointing: _Pointing | None = None
    own: int = 0
    """How many of the hits, the first ones, are of the article pointed at."""


class Asker:
    """Answers questions over one archive. Safe to use from several threads."""

    def __init__(
        self,
        archive: Archive,
        index: Index,
        conversations: Conversations,
        chat_model: ChatModel | None = None,
    ) -> None:
        self._archive = archive
        self._index = index
        self._conversations = conversations
        self._chat_model = chat_model
        self._spelling = Spelling(archive.vocabulary, archive.generation)
        self._lock = threading.Lock()
        self._chain: Runnable[Question, Answer] | None = None

    @property
    def chain(self) -> Runnable[Question, Answer]:
        """The whole chain as a Runnable, without memory of its own beyond reading the conversation."""
        with self._lock:
            if self._chain is None:
                from langchain_core.runnables import RunnableLambda

                self._chain = (
                    RunnableLambda(self._understand)
                    | RunnableLambda(self._retrieve)
                    | RunnableLambda(self._answer)
                    | RunnableLambda(self._verify)
                )
            return self._chain

    def ask(self, question: Question) -> Answer:
        """Answer a question and remember it in its conversation. Blocks; the chat model's deadline bounds it."""
        started = time.perf_counter()
        # What neither SQLite nor a terminal can hold is no part of a question.
        text = question.text.encode("utf-8", "replace").decode().replace("\0", " ")
        answer = self.chain.invoke(replace(question, text=text))
        total = (time.perf_counter() - started) * 1000
        answer = replace(answer, timings_ms={**answer.timings_ms, "total": round(total, 2)})
        if question.conversation is not None:
            self._conversations.add(question.conversation, answer, question.name)
        return answer

    def new_conversation(self, key: str) -> None:
        """Forget what was said under this key."""
        self._conversations.forget(key)

    def last_answer(self, key: str) -> Answer | None:
        """The last answer of a conversation, also after a restart."""
        return self._conversations.last(key, self._archive)

    # --- stages --------------------------------------------------------------------------------------------------

    def _understand(self, question: Question) -> _Understood:
        started = time.perf_counter()
        pointing = None
        if question.about and (spot := spot_of(question.about, question.follows, self._archive)):
            put = understand(question.text)
            pointing = _Pointing(spot, put if points_only(put, around(spot).text) else None)
            shown, searched = about(question.text, spot.text, around(spot).text)
        elif question.about and question.follows is None:
            shown, searched = about(question.text, question.about)
        else:
            shown = searched = standalone(question.text, self._before(question))
        asked = weigh(
            understand(searched), self._archive.frequency, self._archive.size(), self._spelling.correct
        )
        return _Understood(question, replace(asked, text=shown), {"understand": _since(started)}, pointing)

    def _before(self, question: Question) -> list[Turn]:
        """What was said before: in the conversation, up to the answer that the question is a reply to."""
        turns = (
            self._conversations.turns(question.conversation, before=question.name)
            if question.conversation is not None
            else []
        )
        if question.follows is None:
            return turns
        followed = turn_of(question.follows)
        return [*turns[: turns.index(followed)], followed] if followed in turns else [followed]

    def _retrieve(self, stage: _Understood) -> _Retrieved:
        asked, pointing = stage.asked, stage.pointing
        if not asked.terms or self._archive.size() == 0:
            return _Retrieved(stage.question, asked, (), stage.timings, pointing)
        found = self._index.find(asked.standard, k=PASSAGES, expansions=asked.expansions)
        hits, own = found.hits, 0
        if pointing:
            where = Filter(articles=frozenset({pointing.spot.article.id}))
            near = self._index.find(
                asked.standard, PASSAGES, where, expansions=asked.expansions, vector=found.vector
            )
            own = len(near.hits)
            known = {hit.chunk.id for hit in near.hits}
            hits = (*near.hits, *(hit for hit in hits if hit.chunk.id not in known))
        if asked.english:
            asked = name_words(asked, (hit.text for hit in hits))
        timings = {**stage.timings, **found.timings_ms}
        return _Retrieved(stage.question, asked, hits, timings, pointing, own)

    def _answer(self, stage: _Retrieved) -> Answer:
        started = time.perf_counter()
        asked, question = stage.asked, stage.question
        if not stage.hits and self._archive.size() == 0:
            return self._refusal(stage, "empty_archive")
        if stage.pointing and stage.pointing.only:
            pointed = pointed_answer(
                question.text, stage.pointing.only, stage.pointing.spot, asked.text, question.language
            )
            if pointed is not None:
                return replace(pointed, timings_ms={**stage.timings, "evidence": _since(started)})
        if not asked.terms:
            return self._refusal(stage, "not_a_question")
        # What the article pointed at answers is not asked of others.
        verdict = judge(asked, stage.hits[: stage.own], most=question.most) if stage.own else None
        if verdict is None or not verdict.answers:
            verdict = judge(asked, stage.hits, most=question.most)
        if stage.pointing and stage.pointing.only:
            verdict = replace(verdict, answers=tuple(c for c in verdict.answers if _holds(stage.asked, c)))
        extractive = self._extractive(stage, verdict)
        if extractive.status == "refused" and stage.pointing and stage.pointing.only:
            kind = stage.pointing.only.kind
            extractive = replace(extractive, text=say(f"refused_near_{kind}", question.language))
        timings = {**stage.timings, "evidence": _since(started)}
        if self._chat_model is None or question.quick:
            return replace(extractive, timings_ms=timings)
        started = time.perf_counter()
        if question.preview is not None and verdict.answers:
            question.preview(self._verify(extractive))
        answer = self._with_chat_model(stage, verdict, extractive, question.language)
        return replace(answer, timings_ms={**timings, "llm": _since(started)})

    def _verify(self, answer: Answer) -> Answer:
        return verify_answer(answer, self._archive)

    # --- without a chat model ------------------------------------------------------------------------------------

    def _extractive(self, stage: _Retrieved, verdict: Verdict) -> Answer:
        asked = stage.asked
        if not verdict.answers:
            return self._refusal(stage, verdict.reason or "no_evidence", verdict)
        return Answer(
            question=stage.question.text,
            standalone_question=asked.text,
            status="answered",
            text=direct_line(asked, verdict.answers[0], stage.question.language),
            quotes=tuple(_quote(candidate) for candidate in verdict.answers),
        )

    def _refusal(self, stage: _Retrieved, reason: str, verdict: Verdict | None = None) -> Answer:
        language = stage.question.language
        return Answer(
            question=stage.question.text,
            standalone_question=stage.asked.text,
            status="refused",
            text=refusal_text(stage.asked, reason, verdict, language),
            related=_related(stage, verdict),
            reason=reason,  # type: ignore[arg-type]
        )

    # --- with one ------------------------------------------------------------------------------------------------

    def _with_chat_model(
        self, stage: _Retrieved, verdict: Verdict, extractive: Answer, language: Language
    ) -> Answer:
        """What the chat model's statements make of it; the extractive answer when they do not stand. What the evidence
        refuses is not put to the model at all: a model finds words for anything."""
        if not verdict.answers or self._chat_model is None:
            return extractive
        hits = stage.hits[:MOST_PASSAGES]
        passages = [
            Passage(n, hit.article.title, hit.article.publisher, hit.article.published.date, hit.text)
            for n, hit in enumerate(hits, 1)
        ]
        try:
            statements = self._chat_model.statements(stage.asked.text, passages)
        except LLMError as error:
            return replace(extractive, notice=say(f"llm_{error.why}", language))
        return tell(extractive, statements, stage.asked, hits, language)


def _holds(asked: Asked, candidate: Candidate) -> bool:
    """Whether a sentence holds what a question that says nothing else asks for."""
    if asked.kind == "why":
        return gives_reason(candidate.article.body[candidate.start : candidate.end])
    return candidate.holds is not None


def _related(stage: _Retrieved, verdict: Verdict | None) -> tuple[Quote, ...]:
    """What is shown with a refusal: the nearest sentences, and first, of a place pointed at, what stands there."""
    nearest = tuple(_quote(candidate) for candidate in verdict.related) if verdict else ()
    if stage.pointing is None:
        return nearest
    first = [around(stage.pointing.spot)]
    date = dated(stage.pointing.spot) if stage.asked.kind == "when" else None
    if date is not None and not _overlap(date, first[0]):
        first.append(date)
    return (*first, *(quote for quote in nearest if all(not _overlap(quote, other) for other in first)))[
        :MOST_QUOTES
    ]


def _overlap(one: Quote, other: Quote) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def _quote(candidate: Candidate) -> Quote:
    return cut(candidate.article, candidate.opens_before, candidate.end, round(candidate.probability, 4))


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)

"""Answering of questions in their conversations: follow-ups, several in a message, words that a user quoted."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answer import Answer, Quote
from bot.answering.compose import together
from bot.answering.courtesy import Courtesy, courtesy_in, without_courtesy
from bot.answering.followup import is_short, leans, understood, wordings
from bot.answering.parts import MOST_PARTS, parts_of
from bot.answering.pipeline import Pipeline, Question
from bot.answering.pointing import SURE, about, around, spot_of
from bot.conversation import Conversations, Turn, turn_of
from bot.opening import nearest_line
from bot.quotes import cut, verify_answer
from corpus.store import Archive, Filter
from prompts import Language, say

if TYPE_CHECKING:
    from bot.llm.client import ChatModel

_SHOWN = 160  # characters shown of the words that a question is about


class Asker:
    """Answering of questions in their conversations. Safe to use from several threads."""

    def __init__(
        self,
        archive: Archive,
        pipeline: Pipeline,
        conversations: Conversations,
        chat_model: ChatModel | None = None,
    ) -> None:
        self._archive = archive
        self._pipeline = pipeline
        self._conversations = conversations
        self._chat_model = chat_model

    def ask(self, question: Question) -> Answer:
        """Answer a question and remember it in its conversation. Blocks; the chat model's deadline bounds it."""
        started = time.perf_counter()
        # What neither SQLite nor a terminal can hold is no part of a question.
        text = " ".join(question.text.encode("utf-8", "replace").decode().replace("\0", " ").split(" "))
        if kind := courtesy_in(text):
            # No turn of the conversation: the next question may go on from the one before.
            return replace(_courtesy(text, question.language, kind), timings_ms={"total": _since(started)})
        question = replace(question, text=without_courtesy(text))
        answer = self._of_spot(question) if question.about else self._of_message(question)
        answer = replace(answer, question=text, timings_ms={**answer.timings_ms, "total": _since(started)})
        if question.conversation is not None:
            self._conversations.add(question.conversation, answer, question.name)
        return answer

    def new_conversation(self, key: str) -> None:
        """Delete the conversation under this key."""
        self._conversations.forget(key)

    def last_answer(self, key: str) -> Answer | None:
        """Return the last answer of a conversation, also after a restart."""
        return self._conversations.last(key, self._archive)

    # --- a message -------------------------------------------------------------------------------------------------

    def _of_message(self, question: Question) -> Answer:
        """Answer each question of the message, as it stands or as the earlier turns make it understood."""
        parts = parts_of(question.text)
        turns = self._before(question)
        # What stands beside a question in its message is what it is about, sooner than what was said before.
        beside = [Turn(parts.framing, parts.framing, "answered", ())] if parts.framing else []
        answers: list[Answer] = []
        for text in parts.questions[:MOST_PARTS]:
            said = [*beside, *map(turn_of, answers)]
            answers.append(self._of_question(question, text, turns, said, bool(parts.framing)))
        if len(answers) == 1:
            return replace(answers[0], question=question.text)
        asked, more = parts.questions[:MOST_PARTS], parts.questions[MOST_PARTS:]
        return together(question.text, asked, answers, question.language, question.most, more)

    def _of_question(
        self, question: Question, text: str, before: Sequence[Turn], beside: Sequence[Turn], framed: bool
    ) -> Answer:
        """Answer the question as asked, or in a wording that stands alone, and then say what it was taken to follow.

        ``before``: the turns of the conversation; ``beside``: what stands beside the question in its message, which
        need not be said again.

        It is rewritten only when it names no subject of its own, or finds nothing by itself and hardly has a word;
        then the wording that is answered with the surest sentence wins.
        """
        query, turns = self._pipeline.understood(text), [*before, *beside]
        leaning = leans(query) or (framed and is_short(query, 2))
        worded = wordings(query, turns) if turns and (leaning or is_short(query)) else []
        if not worded:
            return self._pipeline.answer(question, text)
        offered = [wording.text for wording in worded]
        tried = {text: self._pipeline.answer(question, text, final=False)}
        if leaning or tried[text].status != "answered":
            if (
                self._chat_model
                and not question.quick
                and (alone := self._chat_model.standalone(text, turns))
            ):
                offered = [alone, *offered]
            answers = {each: self._pipeline.answer(question, each, final=False) for each in offered}
            # Of two that are worth the same, the first is taken.
            tried = answers | tried if leaning else tried | answers
        best = max(offered if leaning else tried, key=lambda wording: _worth(tried.get(wording, tried[text])))
        if leaning and query.words and _worth(tried[text])[:2] > _worth(tried[best])[:2]:
            best = text
        judged_already = self._chat_model is None or question.quick
        answer = tried[best] if judged_already else self._pipeline.answer(question, best)
        if best == text or beside:
            return answer
        topic = next((wording.topic for wording in worded if wording.text == best), None)
        told = understood(topic, before, question.language)
        return _of_own_words(replace(answer, understood=told), text, question.language)

    def _before(self, question: Question) -> list[Turn]:
        """Return the earlier turns of the conversation, up to the answer that the question replies to."""
        turns = (
            self._conversations.turns(question.conversation, before=question.name)
            if question.conversation is not None
            else []
        )
        if question.follows is None:
            return turns
        followed = turn_of(question.follows)
        return [*turns[: turns.index(followed)], followed] if followed in turns else [followed]

    # --- words that somebody points at ------------------------------------------------------------------------------

    def _of_spot(self, question: Question) -> Answer:
        """Answer a question about quoted words: in their article first, then in all.

        Where nothing answers, the quoted place itself is shown.
        """
        quoted = question.about or ""
        spot = spot_of(quoted, question.follows, self._archive)
        if spot is None and question.follows is not None:
            return self._of_message(replace(question, about=None))
        query = self._pipeline.understood(question.text)
        text = about(question.text, spot.text if spot else quoted) if leans(query) else question.text
        if spot is None:
            return self._pipeline.answer(question, text)
        own = Filter(articles=frozenset({spot.article.id}))
        answer = self._pipeline.answer(question, text, own)
        if text == question.text:
            return answer if answer.status == "answered" else self._pipeline.answer(question, text)
        words = textwrap.shorten(spot.text, _SHOWN, placeholder="…")
        answer = replace(answer, understood=say("understood_about", question.language, words=words))
        if answer.status == "answered":
            return answer
        place = around(spot)
        place = cut(place.article, place.start, place.end, SURE)
        related = (place, *(quote for quote in answer.related if not _overlap(quote, place)))
        answer = replace(answer, related=related[: question.most], reason="nearest", open=())
        return verify_answer(replace(answer, text=say("refused_near", question.language)), self._archive)


def _of_own_words(answer: Answer, text: str, language: Language) -> Answer:
    """Return a follow-up's nearest passages with only those of its own words named that they leave open."""
    if answer.reason != "nearest":
        return answer
    own = tuple(word for word in answer.open if word in text)
    return replace(answer, open=own, text=nearest_line(own, language))


def _courtesy(text: str, language: Language, kind: Courtesy) -> Answer:
    """Return the reply to a greeting, to thanks and the like."""
    return Answer(text, text, "refused", say(f"courtesy_{kind}", language), reason="not_a_question")


def _since(started: float) -> float:
    """Return the milliseconds since a reading of the clock."""
    return round((time.perf_counter() - started) * 1000, 2)


def _worth(answer: Answer) -> tuple[bool, bool, float]:
    shown = answer.shown
    return answer.status == "answered", answer.reason == "nearest", shown[0].score if shown else 0.0


def _overlap(one: Quote, other: Quote) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end

"""The pipeline from a question, and the conversation before it, to an Answer.

    understand -> retrieve -> judge -> select -> compose -> verify

``Pipeline.answer`` runs it for one question as it stands. ``Asker`` adds conversations: follow-ups, a message of
several questions, words that a user quoted.
"""

from __future__ import annotations

import datetime
import logging
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot import lexicon
from bot.answer import Answer, Mode, Quote
from bot.answering.candidates import candidates
from bot.answering.compose import compose, refusal, together
from bot.answering.courtesy import Courtesy, courtesy_in, without_courtesy
from bot.answering.followup import is_short, leans, understood, wordings
from bot.answering.judges import Judge, Judged, JudgeError
from bot.answering.judges.chat import ChatJudge
from bot.answering.judges.linear import LinearJudge
from bot.answering.matching import words_of
from bot.answering.parts import MOST_PARTS, parts_of
from bot.answering.pointing import SURE, about, around, spot_of
from bot.answering.question import Query, understand, weigh
from bot.answering.select import MOST_QUOTES, Policy, select
from bot.answering.spelling import Spelling
from bot.conversation import Conversations, Turn, turn_of
from bot.opening import nearest_line
from bot.quotes import cut, verify_answer
from corpus.arabic import Word, fold_text
from corpus.store import Archive, Filter
from prompts import Language, say

if TYPE_CHECKING:
    from bot.llm.client import ChatModel
    from vectorstore.index import Hit
    from vectorstore.retriever import PassageRetriever

log = logging.getLogger(__name__)

_SHOWN = 160  # characters shown of the words that a question is about
PASSAGES = 20
"""Number of passages whose sentences are candidates."""

QUICK = Policy(answered=0.62)
"""Policy while somebody types: the judge without the reader tells near misses less well."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question from a front end."""

    text: str
    conversation: str | None = None
    """Opaque key of the conversation it belongs to; None for a question by itself, which is not remembered."""
    language: Language = "ar"
    quick: bool = False
    """Answered only by the quick judge, as somebody types."""
    most: int = MOST_QUOTES
    """Maximum number of quotes in the answer."""
    name: str | None = None
    """Name of the question in its conversation; asked again, it replaces the earlier one of this name."""
    about: str | None = None
    """Words that a user quoted to ask about them."""
    follows: Answer | None = None
    """The answer it replies to, where that may not be the conversation's last."""
    prefer: frozenset[str] = frozenset()
    """IDs of the articles in which it is sought first, and in all others only where these do not speak of it."""
    preview: Callable[[Answer], None] | None = field(default=None, compare=False, repr=False)
    """Callback for the archive's own result, called before the chat model is asked.

    The answer is verified like everything that is sent. It is called from the thread that asks; what it raises
    ends the work.
    """


class Pipeline:
    """Pipeline for one question that stands alone, over one archive. Safe to use from several threads."""

    def __init__(
        self,
        archive: Archive,
        retriever: PassageRetriever,
        judge: Judge,
        *,
        quick: Judge | None = None,
        policy: Policy | None = None,
        chat_model: ChatModel | None = None,
    ) -> None:
        self._archive = archive
        self._retriever = retriever
        self._judge = judge
        self._quick = quick or judge
        self._policy = policy or Policy()
        self._chat_model = chat_model
        self._spelling = Spelling(archive.vocabulary, archive.generation)

    def answer(
        self, question: Question, text: str, where: Filter | None = None, *, final: bool = True
    ) -> Answer:
        """Answer ``text``, which stands alone.

        ``where``: search only these articles; unless given, those that the question prefers come before all. Not
        ``final``: the text is one of several that are tried, for which a chat model is not asked.
        """
        if where is None and question.prefer:
            own = self.answer(question, text, Filter(articles=question.prefer), final=final)
            # Where these speak of all that is asked, no other article's answer is the one that is meant.
            if own.status == "answered" or (own.reason == "nearest" and not own.open):
                return own
        clock = _Clock()
        query = self._understand(text)
        clock.lap("understand")
        if not self._archive.size():
            return refusal(question.text, query, "empty_archive", question.language)
        if not query.words and query.period is None:
            return refusal(question.text, query, "not_a_question", question.language)
        outlet = self._named_outlet(query) if where is None else None
        found = self._retriever.retrieve(
            query.searched, expansions=query.expansions, where=outlet.filter if outlet else where
        )
        clock.laps.update(found.timings_ms)
        clock.lap("retrieve")
        asked = question if final else replace(question, preview=None)
        chat_model = None if question.quick or not final else self._chat_model
        sought = query.without(outlet.said) if outlet else query  # all that was found is that outlet's
        judged, mode, notice = self._judged(asked, sought, found.hits, chat_model, clock)
        policy = QUICK if question.quick else self._policy  # a calibrated one is the other judge's
        selection = select(query, judged, policy, question.most)
        answer = compose(question.text, query, selection, question.language)
        answer = replace(answer, mode=mode, notice=notice, timings_ms=clock.laps)
        return verify_answer(answer, self._archive)

    def understood(self, text: str) -> Query:
        """Return the question parsed and weighed by the archive."""
        return self._understand(text)

    def _understand(self, text: str) -> Query:
        query = understand(text, datetime.date.today())
        return weigh(query, self._archive.frequency, self._archive.size(), self._spelling.correct)

    def _judged(
        self,
        question: Question,
        query: Query,
        hits: Sequence[Hit],
        chat_model: ChatModel | None,
        clock: _Clock,
    ) -> tuple[list[Judged], Mode, str | None]:
        """Return the judged sentences, the mode, and a notice of any deviation from the settings.

        A chat model judges where there is one; where it cannot, the linear judge's result stays and the reader is
        told.
        """
        judge = self._quick if question.quick else self._judge
        judged = judge.judge(query, candidates(hits))
        clock.lap("judge")
        if chat_model is None or not judged:
            return judged, "extractive", None
        if question.preview is not None:
            selection = select(query, judged, self._policy, question.most)
            if selection.grade == "answered":
                preview = compose(question.text, query, selection, question.language)
                question.preview(verify_answer(preview, self._archive))
        try:
            told = ChatJudge(_Judgement(judge.recipe, judged), chat_model).judge(query, candidates(hits))
        except JudgeError as error:
            return judged, "extractive", say(f"llm_{error.why}", question.language)
        finally:
            clock.lap("llm")
        return told, "llm", None

    def _named_outlet(self, query: Query) -> _Outlet | None:
        """Return the outlet whose report a question asks for: «ماذا ذكرت الجزيرة عن …», «بحسب سانا»."""
        asked = words_of(query.text)
        before = lexicon.question("speech") | lexicon.question("attribution")
        places = {
            outlet: place
            for outlet in self._archive.publishers()
            if outlet and (place := _attributed(fold_text(outlet).split(), asked, before))
        }
        if not places:
            return None
        start, end = next(iter(places.values()))
        return _Outlet(Filter(publishers=frozenset(places)), query.text[start:end])


def _attributed(
    outlet: Sequence[str], asked: Sequence[Word], before: frozenset[str]
) -> tuple[int, int] | None:
    """Return the position of an outlet's name right behind a word of attribution; None if absent."""
    size, folded = len(outlet), [word.text for word in asked]
    for at in range(len(asked) - size + 1):
        if folded[at : at + size] == list(outlet) and before & set(folded[max(at - 2, 0) : at]):
            return asked[at].start, asked[at + size - 1].end
    return None


@dataclass(frozen=True, slots=True)
class _Outlet:
    """An outlet that a question names."""

    filter: Filter
    said: str
    """The name as the question writes it."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """A finished judgement that acts as a judge."""

    recipe: str
    judged: list[Judged]

    def judge(self, query: Query, candidates: Sequence[object]) -> list[Judged]:
        return self.judged


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
            tried = (
                answers | tried if leaning else tried | answers
            )  # of two that are worth the same, the first
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


class _Clock:
    """Stopwatch of the stages, in milliseconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 2)
        self._last = now


__all__ = ["PASSAGES", "Asker", "LinearJudge", "Pipeline", "Question"]

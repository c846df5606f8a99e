"""The pipeline from a question that stands alone to an Answer.

    understand -> retrieve -> judge -> select -> compose -> freshness -> verify

``Pipeline.answer`` runs it for one question as it stands; ``asker`` adds conversations.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.answer import Answer, Mode
from bot.answering.candidates import candidates
from bot.answering.compose import compose, refusal
from bot.answering.freshness import Watch
from bot.answering.judges import Judge, Judged, JudgeError
from bot.answering.judges.chat import ChatJudge
from bot.answering.matching import words_of
from bot.answering.question import Query, understand, weigh
from bot.answering.select import MOST_QUOTES, Policy, Selection, select
from bot.answering.sources import Sources, count_independent, sources_of, with_copies
from bot.answering.spelling import Spelling
from bot.quotes import verify_answer
from corpus.arabic import Word, fold_text
from corpus.arabic.questions import question_words
from corpus.arabic.speech import asked_speech
from corpus.store import Archive, Filter
from prompts import Language, say

if TYPE_CHECKING:
    from bot.llm.client import ChatModel
    from vectorstore.index import Hit
    from vectorstore.retriever import PassageRetriever

log = logging.getLogger(__name__)

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
        watch: Watch | None = None,
    ) -> None:
        self._archive = archive
        self._retriever = retriever
        self._judge = judge
        self._quick = quick or judge
        self._policy = policy or Policy()
        self._chat_model = chat_model
        self._watch = watch or Watch(archive)
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
        today = datetime.date.today()
        query = self._understand(text, today)
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
        sources = sources_of(self._archive, (hit.article for hit in found.hits))
        judged, mode, notice = self._judged(asked, sought, found.hits, sources, chat_model, clock)
        policy = QUICK if question.quick else self._policy  # a calibrated one is the other judge's
        selection = select(query, judged, policy, question.most, sources)
        answer = compose(question.text, query, selection, question.language)
        freshness = self._watch.freshness(query, answer, today, outlet.name if outlet else None)
        clock.lap("freshness")
        answer = with_copies(answer, sources, self._archive)
        count = self._independent(selection, judged, policy, sources)
        answer = replace(
            answer, mode=mode, notice=notice, freshness=freshness, independent=count, timings_ms=clock.laps
        )
        return verify_answer(answer, self._archive)

    def _independent(
        self, selection: Selection, judged: Sequence[Judged], policy: Policy, sources: Sources
    ) -> int:
        if selection.grade != "answered":
            return 0
        return count_independent(judged, selection.chosen[0], policy.answered, sources, self._archive)

    def understood(self, text: str) -> Query:
        """Return the question parsed and weighed by the archive."""
        return self._understand(text, datetime.date.today())

    def _understand(self, text: str, today: datetime.date) -> Query:
        query = understand(text, today)
        return weigh(query, self._archive.frequency, self._archive.size(), self._spelling.correct)

    def _judged(
        self,
        question: Question,
        query: Query,
        hits: Sequence[Hit],
        sources: Sources,
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
            selection = select(query, judged, self._policy, question.most, sources)
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
        before = asked_speech() | question_words("attribution")
        places = {
            outlet: place
            for outlet in self._archive.publishers()
            if outlet and (place := _attributed(fold_text(outlet).split(), asked, before))
        }
        if not places:
            return None
        start, end = next(iter(places.values()))
        return _Outlet(Filter(publishers=frozenset(places)), query.text[start:end], next(iter(places)))


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
    name: str
    """The name as the archive has it."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """A finished judgement that acts as a judge."""

    recipe: str
    judged: list[Judged]

    def judge(self, query: Query, candidates: Sequence[object]) -> list[Judged]:
        return self.judged


class _Clock:
    """Stopwatch of the stages, in milliseconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

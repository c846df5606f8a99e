"""The bot's real Application against the tests' Bot API server, with a scripted core."""

from __future__ import annotations

import asyncio
import tempfile
import time
import weakref
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from bot.answer import Answer, Quote
from bot.answering.pipeline import Question
from bot.build import Progress
from bot.quotes import cut
from bot.settings import Settings
from bot.state import State
from bot.telegram.core import Core
from bot.telegram.runtime.backoff import Backoff
from bot.telegram.serve import Stop, serve
from corpus.article import Article, Published, Span
from corpus.errors import ArticleNotFoundError
from tests.botapi.server import BotApi
from vectorstore.index import IndexState

LIBRARY = Article(
    source="library.txt",
    title="مكتبة البلدة تعود إلى قرائها",
    body=(
        "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين. "
        "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال.\n"
        "وقالت أمينة المكتبة إن الإعارة ستكون مجانية طوال الشهر الأول."
    ),
    publisher="صحيفة السهل",
    site="sahl.example",
    url="https://sahl.example/news/1?a=1&b=2",
    published=Published("2026-02-09", "day", "٩ شباط ٢٠٢٦"),
)
BRIDGE = Article(
    source="bridge.txt",
    title="جسر جديد فوق النهر",
    body="بدأ العمل في جسر النهر مطلع الربيع. ويبلغ طوله أربعمئة متر، وتنفذه شركة Delta Works المحلية.",
    publisher="Delta News",
    site="delta.example",
)


@dataclass
class Articles:
    """An archive in memory of given articles."""

    held: dict[str, Article]

    def article(self, ref: str) -> Article:
        try:
            return self.held[ref]
        except KeyError:
            raise ArticleNotFoundError(ref) from None

    def articles_of(self, source: str) -> list[Article]:
        return [article for article in self.held.values() if article.source == source and article.current]


C = TypeVar("C", bound=Core)
Reply = Answer | Exception | Callable[[Question], Answer]


@dataclass
class ScriptedAsker:
    """An asker with a scripted reply for each question, which stores the questions."""

    replies: Mapping[str, Reply]
    asked: list[Question] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    last: dict[str, Answer] = field(default_factory=dict)
    running: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    most_at_once: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def ask(self, question: Question) -> Answer:
        key = question.conversation or ""
        self.running[key] += 1
        self.most_at_once[key] = max(self.most_at_once[key], self.running[key])
        try:
            self.asked.append(question)
            reply = self.replies.get(question.text, refusal(question.text))
            if isinstance(reply, Exception):
                raise reply
            answer = reply if isinstance(reply, Answer) else reply(question)
            self.last[key] = answer
            return answer
        finally:
            self.running[key] -= 1

    def new_conversation(self, key: str) -> None:
        self.forgotten.append(key)
        self.last.pop(key, None)

    def last_answer(self, key: str) -> Answer | None:
        return self.last.get(key)


@dataclass
class ScriptedCore:
    asker: ScriptedAsker
    archive: Articles
    state: State
    loaded: bool = True
    holding: IndexState | None = None
    filling: bool = False

    def index_state(self) -> IndexState | None:
        return self.holding

    def fill(self, progress: Progress) -> bool:
        self.filling = False
        return False

    def check_writable(self, wait: float) -> None:
        self.state.check_writable(wait)


def scripted(replies: Mapping[str, Reply], *articles: Article) -> ScriptedCore:
    held = {article.id: article for article in (LIBRARY, BRIDGE, *articles)}
    folder = tempfile.TemporaryDirectory(prefix="musnad-test-")
    core = ScriptedCore(ScriptedAsker(replies), Articles(held), State(Path(folder.name) / "bot.sqlite"))
    weakref.finalize(core, _remove, core.state, folder)
    return core


def _remove(state: State, folder: tempfile.TemporaryDirectory[str]) -> None:
    state.close()
    folder.cleanup()


LONG = replace(LIBRARY, source="long.txt", body="وفي الصباح خرج الناس إلى السوق القديم قرب النهر. " * 20)


def quote(article: Article, words: str) -> Quote:
    """Return the words of an article's body as a quote."""
    start = article.body.index(words)
    return cut(article, start, start + len(words))


def answered(text: str, *quotes: Quote, notice: str | None = None) -> Answer:
    return Answer("سؤال", "سؤال", "answered", text, quotes, notice=notice)


def refusal(question: str, *related: Quote) -> Answer:
    return Answer(
        question, question, "refused", "ليس في الأرشيف ما يجيب.", related=related, reason="no_evidence"
    )


def nearest(question: str, *related: Quote, open: Sequence[str] = ()) -> Answer:
    """Return a refusal with the nearest quotes."""
    return Answer(question, question, "refused", "", related=related, reason="nearest", open=tuple(open))


def bold(quote: Quote, words: str) -> Quote:
    """Return the quote with these words marked as the answer."""
    start = quote.start + quote.text.index(words)
    return replace(quote, words=Span(start, start + len(words)))


def slowly(answer: Answer, seconds: float) -> Callable[[Question], Answer]:
    def reply(question: Question) -> Answer:
        time.sleep(seconds)
        return replace(answer, question=question.text, standalone_question=question.text)

    return reply


def settings(api: BotApi, **values: Any) -> Settings:
    return Settings(telegram_token=SecretStr(api.token), telegram_api_url=api.url, **values)


QUICK = Backoff(
    start=(0.0, 0.0),
    polls=(0.02, 0.05),
    sends=(0.02, 0.05),
    tries=(0.02, 0.05),
    put_off=(0.02, 0.05),
    store=(0.02, 0.05),
    gather=0.1,
    revoked=0.1,
)
"""Short waits for tests; waits that a server asks for are still kept."""


@asynccontextmanager
async def running(api: BotApi, core: C, backoff: Backoff = QUICK, **values: Any) -> AsyncIterator[C]:
    """Run the bot until the block ends, then stop it as a signal does."""
    stop = Stop()
    task = asyncio.create_task(serve(core, settings(api, **values), stop, backoff=backoff))
    task.add_done_callback(lambda _: api.world.changed.ring())
    try:
        await api.wait_for(lambda: task.done() or api.count["getupdates"] or api.count["setwebhook"])
        yield core
    finally:
        stop.event.set()
        await asyncio.wait_for(task, 10)


async def worked(api: BotApi, core: ScriptedCore) -> None:
    """Return once the bot has worked on every update, whether or not it sent anything."""
    await api.settled()
    async with asyncio.timeout(5):
        while core.state.row("select 1 from inbox where state in ('waiting', 'running')"):  # noqa: ASYNC110 - a file changes, which rings no bell
            await asyncio.sleep(0.01)

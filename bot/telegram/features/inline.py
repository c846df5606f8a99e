"""Inline mode: «@bot question» in any chat offers verified quotes to send there.

Typing sends a series of queries: only the last is worked on, and without the chat model. A query that is a
permalink token (``q_…``), as the share button makes it, offers exactly that quote.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import BaseHandler, InlineQueryHandler, MessageHandler, filters

from bot.permalink import token_in
from bot.render.telegram import render_quote, render_source
from bot.telegram.access.ratelimits import Limits, rate, span
from bot.telegram.answers.answers import Answers
from bot.telegram.answers.questions import Questions
from bot.telegram.chats.context import ChatContexts
from bot.telegram.intake.inbox import Inbox
from bot.telegram.intake.workers import BusyError
from bot.telegram.runtime.recent import Latest
from bot.telegram.runtime.update import UpdateContext, message_of
from prompts import Language, say
from vectorstore.errors import IndexUnreachableError, VectorstoreError

if TYPE_CHECKING:
    from bot.answer import Quote
    from bot.settings import Settings

log = logging.getLogger(__name__)

PAUSE = 0.3
"""Seconds without a newer query before one is worked on."""
_PAGE = 5
_MOST = 20
"""Maximum number of quotes for one query."""
_CACHED = 30
"""Seconds for which Telegram may give the same answer to the same user."""
_SNIPPET = 160
_WIDER = 4
"""Factor by which a user's limit on queries exceeds that on questions."""
_START = "ask"
"""Start payload of the button that opens the private chat."""
_TYPING = 2_000
"""Maximum number of users whose last query is remembered."""


class LastQueries(Latest[int, InlineQuery]):
    """Each user's last inline query, by user ID, of the users who typed last."""

    def __init__(self) -> None:
        super().__init__(_TYPING)

    def forget(self, user: int) -> None:
        """Drop a user's last query."""
        self.pop(user, None)


def query_limits(settings: Settings) -> Limits:
    """Return the limits on inline queries: who types makes several queries of one question."""
    user = rate(settings.rate_user)
    return Limits(user and user.times(_WIDER), None, settings.owners)


class Inline:
    """Handler for inline queries."""

    kinds = ("inline_query",)

    def __init__(
        self, *, questions: Questions, limits: Limits, last_queries: LastQueries, contexts: ChatContexts
    ) -> None:
        self._questions = questions
        self._limits = limits
        self._last_queries = last_queries
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (InlineQueryHandler(self.query),)

    async def query(self, update: Update, context: UpdateContext) -> None:
        query = update.inline_query
        assert query is not None, "the handler takes inline queries only"
        speech = self._contexts.language(query.from_user.id, query.from_user)
        text = query.query.strip()
        if not text:
            # Whoever presses the button now asks nothing yet.
            self._last_queries.forget(query.from_user.id)
            await self._answer(query, ResultsPage(button=say("inline_hint", speech)))
            return
        if not query.offset and not await self._is_last(query):
            return
        if wait := self._limits.take(query.from_user.id, work=context.work):
            button = say("inline_wait", speech, time=span(wait.seconds, speech))
            await self._answer(query, ResultsPage(button=button), cached=0)
            return
        key, waited = f"inline:{query.from_user.id}", context.work.waited
        try:
            async with self._questions.turn(key, "inline", speech, waited=waited):
                offered = await self._find(text, speech)
        except BusyError:
            await self._answer(query, ResultsPage(button=say("inline_busy", speech)), cached=0)
            return
        except VectorstoreError as error:
            await self._answer(query, ResultsPage(button=say("inline_away", speech)), cached=0)
            if not isinstance(error, IndexUnreachableError):
                raise
            return
        found = page(offered, query.offset, context.bot.username, speech)
        if not offered.quotes and token_in(text):
            self._last_queries.forget(query.from_user.id)  # nor is it a question
            found = ResultsPage(button=say("inline_unknown", speech))
        await self._answer(query, found)

    async def _is_last(self, query: InlineQuery) -> bool:
        """Wait ``PAUSE`` seconds and return whether the user has sent no newer query."""
        user = query.from_user.id
        self._last_queries[user] = query
        await asyncio.sleep(PAUSE)
        last = self._last_queries.get(user)
        return last is not None and last.id == query.id

    async def _find(self, text: str, speech: Language) -> Offered:
        """Return the verified quotes for a query, with their permanent ids stored."""
        from bot.answering.pipeline import Question

        if token := token_in(text):
            found = await self._questions.quote(token)
            return Offered(() if found is None else (found,))
        question = Question(text, language=speech, quick=True, most=_MOST)
        verified = await self._questions.ask_verified(question)
        return Offered(verified.shown, related=verified.status == "refused")

    async def _answer(self, query: InlineQuery, found: ResultsPage, cached: int = _CACHED) -> None:
        button = InlineQueryResultsButton(found.button, start_parameter=_START) if found.button else None
        try:
            await query.answer(
                found.results,
                cache_time=cached,
                is_personal=True,
                next_offset=found.next_offset,
                button=button,
            )
        except TelegramError as error:
            # Whoever typed it has typed on, or given up.
            log.info("an inline query was not answered: %s", error)


class InlineButton:
    """Handler for the button over inline results, which opens the private chat."""

    kinds = ("message",)

    def __init__(
        self, *, answers: Answers, inbox: Inbox, last_queries: LastQueries, contexts: ChatContexts
    ) -> None:
        self._answers = answers
        self._inbox = inbox
        self._last_queries = last_queries
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        button = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & _Asks(self._last_queries)
        return (MessageHandler(button, self.ask),)

    async def ask(self, update: Update, context: UpdateContext) -> None:
        """Answer the user's last inline query in full, after the button opened the private chat."""
        message = message_of(update)
        assert message.from_user is not None, "the filter asks who it is"
        question = self._last_queries[message.from_user.id].query.strip()
        # What was typed is known here and now only: if the answer has to wait, the message has to say it.
        await asyncio.to_thread(self._inbox.reword, update.update_id, question)
        here = self._contexts.of(message, update.update_id)
        await self._answers.answer(message, here, question, context.work)


class _Asks(filters.MessageFilter):
    """Filter for ``/start ask`` from a user whose last inline query is known."""

    def __init__(self, known: Container[int]) -> None:
        super().__init__()
        self._known = known

    def filter(self, message: Message) -> bool:
        user = message.from_user
        return (message.text or "") == f"/start {_START}" and user is not None and user.id in self._known


@dataclass(frozen=True, slots=True)
class Offered:
    """The quotes for a query; ``related`` ones are near the question but do not answer it."""

    quotes: Sequence[Quote]
    related: bool = False


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """One page of results for an inline query."""

    results: tuple[InlineQueryResultArticle, ...] = ()
    next_offset: str = ""
    """Offset of the next page; "" when there is none."""
    button: str = ""
    """Text of the button that opens the private chat; "" for no button."""


def page(offered: Offered, offset: str, bot: str, speech: Language) -> ResultsPage:
    """Build the results page from ``offset`` on, with a button to the private chat when no quote answers."""
    start = int(offset) if offset.isdecimal() else 0
    here = offered.quotes[start : start + _PAGE]
    results = [result for quote in here if (result := card(quote, bot, speech, related=offered.related))]
    answers = start or (results and not offered.related)
    more = str(start + _PAGE) if len(offered.quotes) > start + _PAGE else ""
    return ResultsPage(tuple(results), more, "" if answers else say("inline_nothing", speech))


def card(
    quote: Quote, bot: str, speech: Language, *, related: bool = False
) -> InlineQueryResultArticle | None:
    """Build the result that sends a quote with its permalink; None when the quote needs several messages.

    A ``related`` quote is marked as no answer, both in the list of results and in the message sent.
    """
    messages = render_quote(quote, speech, related=related)
    if len(messages) != 1:
        return None
    source = render_source(quote.article, speech)
    if related:
        source = f"{say('inline_related', speech)} · {source}"
    if quote.standing != "same":
        source = f"{say(f'quote_{quote.standing}', speech)} {source}"
    snippet = quote.text
    if len(snippet) > _SNIPPET:
        snippet = snippet[:_SNIPPET].rsplit(" ", 1)[0] + "…"
    return InlineQueryResultArticle(
        id=quote.id,
        title=quote.article.title,
        description=f"{source}\n{snippet}",
        input_message_content=InputTextMessageContent(
            messages[0],
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
        reply_markup=InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton(
                        say("inline_context", speech), url=f"https://t.me/{bot}?start=q_{quote.id}"
                    )
                ]
            ]
        ),
    )

"""What every part of the Telegram front end shares."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from telegram import CallbackQuery, Message, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackContext, ExtBot

from bot.render.telegram import render_line
from bot.telegram.chats.context import ChatContexts
from bot.telegram.monitoring.circuitbreaker import CircuitBreaker
from bot.telegram.monitoring.metrics import Metrics
from prompts import say

if TYPE_CHECKING:
    from bot.answer import Answer
    from bot.answering.pipeline import Question
    from bot.permalink import Versions
    from bot.settings import Settings
    from bot.state import State
    from bot.telegram.access.gate import Gate
    from bot.telegram.access.ratelimits import Limits
    from bot.telegram.intake.workers import Workers
    from bot.telegram.outgoing.delivery import Delivery
    from vectorstore.index import Held

log = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]


class Asks(Protocol):
    """What answers: ``bot.ask.Asker``."""

    def ask(self, question: Question) -> Answer: ...
    def new_conversation(self, key: str) -> None: ...
    def last_answer(self, key: str) -> Answer | None: ...


class Core(Protocol):
    """What the front end needs of the rest: ``bot.build.Musnad``."""

    @property
    def asker(self) -> Asks: ...
    @property
    def archive(self) -> Versions: ...
    @property
    def state(self) -> State: ...
    @property
    def loaded(self) -> bool: ...
    def held(self) -> Held | None: ...


@dataclass(frozen=True)
class Front:
    """The parts, each made once."""

    core: Core
    settings: Settings
    state: State
    bot: ExtBot[Any]
    delivery: Delivery
    workers: Workers
    gate: Gate
    limits: Limits
    contexts: ChatContexts
    """Where things stand, and what holds there."""
    metrics: Metrics = field(default_factory=Metrics)
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)

    def ask(self, question: Question) -> Answer:
        """The answer to a question. Blocks: for ``workers.run``."""
        return self.circuit_breaker.ask(lambda: self.core.asker.ask(question))

    async def report(self, name: str, **variables: Any) -> None:
        """Tell the owners something, a message of ``prompts/messages``; who cannot be reached is passed over."""
        for owner in sorted(self.settings.owners):
            here = self.contexts.private(owner, self.settings.language)
            html = render_line(say(name, here.language, **variables), here.language)
            try:
                # A label for each owner: one update's work sends a label once.
                await self.delivery.send(here, [html], f"line:{name}:{owner}")
            except TelegramError as error:
                log.info("an owner could not be told: %s", error)


class Feature(Protocol):
    """A part of what the bot does: its handlers, of which the first that fits an update has it."""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of update they need."""

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]: ...


def message_of(update: Update) -> Message:
    """The message of an update, for handlers whose filters take new messages only."""
    assert update.message is not None, "the filters take messages only"
    return update.message


def query_of(update: Update) -> CallbackQuery:
    """The press of a button, for handlers that take nothing else."""
    assert update.callback_query is not None, "the handlers take buttons only"
    return update.callback_query

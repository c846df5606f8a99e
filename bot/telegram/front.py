"""Objects that all parts of the Telegram front end share."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from telegram.error import TelegramError
from telegram.ext import BaseHandler, ExtBot

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


class Asks(Protocol):
    """Protocol of the object that answers questions: ``bot.answering.pipeline.Asker``."""

    def ask(self, question: Question) -> Answer: ...
    def new_conversation(self, key: str) -> None: ...
    def last_answer(self, key: str) -> Answer | None: ...


class Core(Protocol):
    """Protocol of the core that the front end needs: ``bot.build.Musnad``."""

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
    """The parts of the front end, each created once."""

    core: Core
    settings: Settings
    state: State
    bot: ExtBot[Any]
    delivery: Delivery
    workers: Workers
    gate: Gate
    limits: Limits
    contexts: ChatContexts
    """Contexts of messages, and the settings of chats."""
    metrics: Metrics = field(default_factory=Metrics)
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)

    def ask(self, question: Question) -> Answer:
        """Return the answer to a question. Blocks: for ``workers.run``."""
        return self.circuit_breaker.ask(lambda: self.core.asker.ask(question))

    async def report(self, name: str, update_id: int, **variables: Any) -> None:
        """Send a message of ``prompts/messages`` to the owners, for the work on an update, 0 for none.

        Skips those who cannot be reached.
        """
        for owner in sorted(self.settings.owners):
            here = self.contexts.private(owner, self.settings.language, update_id)
            html = render_line(say(name, here.language, **variables), here.language)
            try:
                # A label for each owner: one update's work sends a label once.
                await self.delivery.send(here, [html], f"line:{name}:{owner}")
            except TelegramError as error:
                log.info("an owner could not be told: %s", error)


class Feature(Protocol):
    """A feature of the bot: its handlers, of which the first that matches an update handles it."""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of update that the handlers need."""

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]: ...

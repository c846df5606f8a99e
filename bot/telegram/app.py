"""Assembly of the Telegram bot."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from telegram import Update
from telegram.ext import AIORateLimiter, Application, ContextTypes, ExtBot

from bot.telegram.access.gate import Gate
from bot.telegram.access.ratelimits import Limits
from bot.telegram.access.store import AccessStore
from bot.telegram.chats.context import ChatContexts
from bot.telegram.chats.migration import Migration
from bot.telegram.chats.settings import Chats
from bot.telegram.features.access import Access
from bot.telegram.features.answers import Answers
from bot.telegram.features.buttons import Buttons, OldButtons
from bot.telegram.features.commands import Handlers
from bot.telegram.features.deadletters import DeadLetters
from bot.telegram.features.edits import Edits
from bot.telegram.features.feed import Archivist, Feed
from bot.telegram.features.forget import Forget
from bot.telegram.features.groups import Groups
from bot.telegram.features.guest import Guest
from bot.telegram.features.inline import Inline
from bot.telegram.features.pairing import Pairing
from bot.telegram.features.permalinks import Permalinks
from bot.telegram.features.settingsmenu import SettingsMenu
from bot.telegram.front import Core, Feature, Front
from bot.telegram.intake.dispatcher import Dispatcher
from bot.telegram.intake.inbox import Inbox, Json
from bot.telegram.intake.polling import Poller
from bot.telegram.intake.webhook import Webhook, secret_of
from bot.telegram.intake.workers import Workers
from bot.telegram.monitoring.health import Health
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.outgoing.transport import Request, Transport
from bot.telegram.runtime.backoff import Backoff
from bot.telegram.runtime.update import UpdateContext, Work, Works

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)

App = Application[ExtBot[Any], UpdateContext, Any, Any, Works, Any]


@dataclass(frozen=True)
class Bot:
    """The assembled bot: the application that handles updates, and its shared parts."""

    app: App
    front: Front
    dispatcher: Dispatcher
    intake: Poller | Webhook
    """Source of the updates."""
    health: Health


def assemble(core: Core, settings: Settings, backoff: Backoff | None = None) -> Bot:
    """Assemble the bot: gate first, then the features, of which the first that matches an update handles it."""
    backoff = backoff or Backoff()
    address = settings.telegram_api_url.rstrip("/")
    app: App = (
        Application.builder()
        .token(token_of(settings))
        .base_url(f"{address}/bot")
        .base_file_url(f"{address}/file/bot")
        .context_types(ContextTypes(context=UpdateContext, bot_data=Works))
        .rate_limiter(_RateLimiter())
        .request(Request(backoff.answer))
        .updater(None)
        .job_queue(None)
        .build()
    )
    metrics = Metrics()
    chats = Chats(core.state)
    network = Transport(backoff.sends, trouble=metrics.trouble)
    delivery = Delivery(app.bot, core.state, network, silent=chats.silent, delays=backoff.store)
    gate = Gate(settings, AccessStore(core.state))

    def moved(old: int, new: int) -> None:
        network.moved(old, new)
        gate.moved(old, new)

    migration = Migration(core.state, chats, settings.allowed_chats, moved)
    network.migrated = migration.move
    contexts = ChatContexts(chats, core.state)
    workers = Workers(most=settings.queue)
    front = Front(
        core, settings, core.state, app.bot, delivery, workers, gate, Limits.of(settings), contexts, metrics
    )
    pairing = Pairing(front)
    gate.bind(pairing, migration.follow)
    gate.stand_before(app)
    features = features_of(front, pairing)
    for feature in features:
        app.add_handlers(feature.handlers())
    dead_letters = DeadLetters(front)
    app.add_error_handler(dead_letters.failed)

    async def process(update: Update, work: Work) -> None:
        with app.bot_data.processing(work):
            await app.process_update(update)

    inbox = Inbox(core.state, backoff)
    dispatcher = Dispatcher(
        inbox,
        app.bot,
        process,
        dead_letters.tell,
        paused=network.paused,
        stranger=gate.is_stranger,
        backoff=backoff,
    )

    async def accept(updates: Sequence[Json]) -> None:
        metrics.updates(updates, await dispatcher.accept(updates))

    kinds = sorted({kind for feature in features for kind in feature.kinds})
    intake = _intake(app, settings, accept, kinds, backoff)
    return Bot(app, front, dispatcher, intake, Health(front, inbox, intake))


def _intake(
    app: App,
    settings: Settings,
    accept: Callable[[Sequence[Json]], Awaitable[None]],
    kinds: Sequence[str],
    backoff: Backoff,
) -> Poller | Webhook:
    if settings.webhook is None:
        return Poller(app.bot.base_url, accept, kinds, backoff)
    return Webhook(app.bot, settings.webhook, secret_of(settings), accept, kinds, backoff)


def features_of(front: Front, pairing: Pairing) -> Sequence[Feature]:
    """Return the bot's features, in the order in which they are offered an update."""
    answers = Answers(front)
    handlers = Handlers(front, answers)
    inline = Inline(front, answers)
    # Not isinstance: Python 3.11 would ask the core for its index, and so wait until the model is loaded.
    feeds = hasattr(type(front.core), "ingest_documents")
    feed = (Feed(front, cast("Archivist", front.core)),) if feeds else ()
    return (
        Access(front, pairing),
        Forget(front, [inline.forget, answers.revisions.forget, front.gate.register.forget]),
        *feed,
        Groups(front),
        SettingsMenu(front),
        Permalinks(front),
        Buttons(front, answers),
        inline,
        Guest(front, answers),
        handlers,
        Edits(front, handlers),
        OldButtons(front),
    )


_BESIDE = frozenset(
    {
        "deleteMyCommands",
        "getChatMember",
        "sendChatAction",
        "sendMessageDraft",
        "setMessageReaction",
        "setMyCommands",
        "setMyDescription",
        "setMyShortDescription",
    }
)
"""Methods that send no message."""


class _RateLimiter(AIORateLimiter):
    """The library's rate limiter, which passes over methods that send no message.

    These neither use up a group's messages a minute nor wait for them. It does not retry: when Telegram asks to
    wait, Transport makes the one chat wait.
    """

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        if endpoint in _BESIDE:
            return await callback(*args, **kwargs)
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)


def token_of(settings: Settings) -> str:
    assert settings.telegram_token is not None, "run() looks for the token"
    return settings.telegram_token.get_secret_value()

"""The Telegram bot as a program: put together, started, kept running, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.telegram.access import Access
from bot.telegram.answers import Answers
from bot.telegram.buttons import Buttons, OldButtons
from bot.telegram.chatsettings import Chats
from bot.telegram.delivery import Delivery
from bot.telegram.desk import Desk
from bot.telegram.dispatch import Dispatcher
from bot.telegram.edits import Edits
from bot.telegram.front import Core, Feature, Front
from bot.telegram.gate import Gate
from bot.telegram.groups import Groups
from bot.telegram.guest import Guest
from bot.telegram.handlers import Handlers, menu
from bot.telegram.health import Health
from bot.telegram.inbox import Inbox, Json
from bot.telegram.inline import Inline
from bot.telegram.limits import Limits
from bot.telegram.metrics import Metrics
from bot.telegram.migration import Migration
from bot.telegram.pairing import Pairing
from bot.telegram.permalinks import Permalinks
from bot.telegram.place import Places
from bot.telegram.poll import Poller, PollingEndedError
from bot.telegram.redact import Redaction, log_to_stderr, redact_tracebacks
from bot.telegram.register import Register
from bot.telegram.settingsmenu import SettingsMenu
from bot.telegram.web import ListenError, serving, site
from bot.telegram.webhook import Webhook, secret_of
from bot.telegram.work import current
from prompts import say
from telegram import Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, Application, CallbackContext

if TYPE_CHECKING:
    from bot.loading import Loading
    from bot.settings import Settings

log = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]

_START_DELAYS = (1, 2, 4, 8)
"""Seconds between the attempts to reach the Bot API server at start."""
_ADDRESS = "127.0.0.1:8080"
"""Where a webhook is listened for unless a setting says otherwise."""
_CONFLICTS = 3
"""Conflicts within a minute that end the bot: one may be a predecessor that is still stopping."""
_STOP_WITHIN = 45.0
"""Seconds for what runs to finish when told to stop: a question takes no longer (``llm_timeout``), but Telegram may
ask for minutes of patience before it takes the next message."""


def run(settings: Settings) -> int:
    """Run the bot until it is told to stop (SIGTERM, SIGINT). 0, or 2 when it cannot work as it is set up."""
    if settings.telegram_token is None:
        return _complain(say("telegram_token_missing", settings.language))
    secrets = [_token(settings), *([secret_of(settings)] if settings.webhook else [])]
    redact_tracebacks(*secrets)
    handler = log_to_stderr(settings.log_level, *secrets)
    from bot.loading import opened

    try:
        with opened(settings) as (musnad, loading):
            return asyncio.run(serve(musnad, settings, loading=loading))
    except CannotServeError as error:
        return _complain(str(error))
    finally:
        logging.getLogger().removeHandler(handler)


class CannotServeError(RuntimeError):
    """The bot cannot work as it is set up; the message says why and what to do, and holds no token."""


@dataclass(frozen=True)
class Bot:
    """The bot, put together: what handles an update, and what all its parts share."""

    app: App
    front: Front
    dispatcher: Dispatcher
    intake: Poller | Webhook
    """Where updates come from."""
    health: Health


def assemble(core: Core, settings: Settings) -> Bot:
    """Put the bot together: gate first, then its features, of which the first that fits an update has it."""
    address = settings.telegram_api_url.rstrip("/")
    app: App = (
        Application.builder()
        .token(_token(settings))
        .base_url(f"{address}/bot")
        .base_file_url(f"{address}/file/bot")
        .rate_limiter(_RateLimiter())
        .connect_timeout(10)
        .read_timeout(20)
        .pool_timeout(20)
        .connection_pool_size(64)
        .updater(None)
        .job_queue(None)
        .build()
    )
    metrics = Metrics()
    chats = Chats(core.state)
    delivery = Delivery(app.bot, core.state, trouble=metrics.trouble, silent=chats.silent)
    gate = Gate(settings, Register(core.state))

    def moved(old: int, new: int) -> None:
        delivery.moved(old, new)
        gate.moved(old, new)

    migration = Migration(core.state, chats, settings.allowed_chats, moved)
    delivery.migrated = migration.move
    places = Places(chats, core.state)
    desk = Desk(most=settings.queue)
    front = Front(
        core, settings, core.state, app.bot, delivery, desk, gate, Limits.of(settings), places, metrics
    )
    pairing = Pairing(front)
    gate.bind(pairing, migration.follow)
    gate.stand_before(app)
    features = features_of(front, pairing)
    for feature in features:
        app.add_handlers(feature.handlers())
    app.add_error_handler(_failed)

    async def aside(update: Json, why: str) -> None:
        await _tell_aside(front, update, why)

    inbox = Inbox(core.state)
    dispatcher = Dispatcher(inbox, app.bot, app.process_update, aside)

    async def accept(updates: Sequence[Json]) -> None:
        metrics.updates(updates, await dispatcher.accept(updates))

    intake = _intake(app, settings, accept, sorted({kind for feature in features for kind in feature.kinds}))
    return Bot(app, front, dispatcher, intake, Health(front, inbox, intake))


def _intake(
    app: App, settings: Settings, accept: Callable[[Sequence[Json]], Awaitable[None]], kinds: Sequence[str]
) -> Poller | Webhook:
    if settings.webhook is None:
        return Poller(app.bot.base_url, accept, kinds)
    return Webhook(app.bot, settings.webhook, secret_of(settings), accept, kinds)


def features_of(front: Front, pairing: Pairing) -> Sequence[Feature]:
    """Everything the bot does, in the order in which its parts are asked whether an update is theirs."""
    answers = Answers(front)
    handlers = Handlers(front, answers)
    return (
        Access(front, pairing),
        Groups(front),
        SettingsMenu(front),
        Permalinks(front),
        Buttons(front, answers),
        handlers,
        Edits(front, handlers),
        Inline(front),
        Guest(front),
        OldButtons(front),
    )


async def _failed(update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """What ends an update's work: nothing is to be done about a chat that is closed to the bot, or for a message
    that Telegram refuses; everything else is tried again."""
    error = context.error
    if isinstance(error, (Forbidden, BadRequest)):
        log.log(
            logging.INFO if isinstance(error, Forbidden) else logging.ERROR,
            "a message could not be delivered: %s",
            error,
        )
        return
    log.error("an update could not be handled", exc_info=error)
    work = current.get()
    if work is not None and isinstance(error, Exception):
        work.failure = error


async def _tell_aside(front: Front, update: Json, why: str) -> None:
    """Tell who wrote it, if the gate lets them in, and the owners."""
    try:
        read = Update.de_json(update, front.bot)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        read = None
    if read is not None and read.message is not None and front.gate.admits(read):
        try:
            here = front.places.of(read.message)
            await front.delivery.line(here, "telegram_failed", reply_to=read.message.message_id)
        except TelegramError as error:
            log.warning("the user could not be told: %s", error)
    await front.report("telegram_aside", why=why, number=update["update_id"])


async def serve(
    core: Core, settings: Settings, stop: Stop | None = None, loading: Loading | None = None
) -> int:
    """Fetch updates and work on them until told to stop, by a signal unless ``stop`` is given.

    What runs then is finished; the rest stays in the inbox. CannotServeError when the bot cannot work as set up.
    """
    bot = assemble(core, settings)
    stop = stop or Stop.by_signals()
    try:
        async with _served(bot, settings):
            await _reach(bot.app, settings, stop)
            if loading is not None:
                await _loaded(loading, stop)
            if not stop.event.is_set():
                await _work(bot, stop)
    except ListenError as error:
        raise CannotServeError(say(error.reason, settings.language, **error.variables)) from None
    except InvalidToken:
        raise CannotServeError(say("telegram_token_refused", settings.language)) from None
    except TelegramError as error:
        raise CannotServeError(_unreachable(settings, error)) from None
    finally:
        stop.forget_signals()
        bot.front.desk.close()
        bot.health.close()
        await bot.app.shutdown()
        await bot.app.bot.shutdown()  # app.shutdown() leaves the connections when it was never initialised
    if stop.reason:
        raise CannotServeError(say(stop.reason, settings.language, **stop.variables))
    return 0


class Stop:
    """When to stop, and why."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.reason: str | None = None
        """The name of the message that says why the bot cannot go on; None when it was told to stop."""
        self.variables: dict[str, str] = {}

    @classmethod
    def by_signals(cls) -> Stop:
        stop = cls()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop._signalled)
        return stop

    def forget_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)

    def _signalled(self) -> None:
        log.info("stopping: what runs is finished first; a second signal ends it at once")
        # The second signal finds the default action, so that nothing can keep the bot from ending.
        self.forget_signals()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        self.event.set()


async def _reach(app: App, settings: Settings, stop: Stop) -> None:
    """Make the bot known to the server; several attempts, since a machine may start before its network."""
    for delay in (*_START_DELAYS, None):
        try:
            await app.initialize()
            return
        except (NetworkError, RetryAfter) as error:
            if delay is None:
                raise
            log.warning("%s cannot be reached (%s); again in %d s", settings.telegram_api_url, error, delay)
        try:
            await asyncio.wait_for(stop.event.wait(), delay)
            return
        except TimeoutError:
            continue


async def _loaded(loading: Loading, stop: Stop) -> None:
    """Wait for the model before anything is fetched: questions wait at Telegram meanwhile, and none can fail.

    Who tells the bot to stop does not wait for it.
    """
    from vectorstore.embedded import EmbeddingModelError
    from vectorstore.errors import IndexBusyError, VectorstoreError

    began = time.perf_counter()
    while not loading.done and not stop.event.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.event.wait(), 0.1)
    if stop.event.is_set():
        return
    try:
        await asyncio.to_thread(loading.wait)
    except IndexBusyError as error:
        log.warning("the model will be loaded with the first question: %s", error)
    except (VectorstoreError, EmbeddingModelError) as error:
        raise CannotServeError(str(error)) from None
    else:
        log.info("model loaded, after %.1f s of waiting", time.perf_counter() - began)


def _served(bot: Bot, settings: Settings) -> AbstractAsyncContextManager[object]:
    """The HTTP side, where it is wanted."""
    webhook = bot.intake if isinstance(bot.intake, Webhook) else None
    address = settings.listen or (_ADDRESS if webhook else None)
    if address is None:
        return contextlib.nullcontext()
    return serving(site(bot.health, bot.front.metrics, webhook), address)


async def _work(bot: Bot, stop: Stop) -> None:
    """Fetch updates, and work on what comes and on what waits from before, until told to stop."""
    await _set_commands(bot.app)
    working = asyncio.create_task(bot.dispatcher.run())
    bot.health.watch(working)
    try:
        async with bot.intake as intake:
            fetching = asyncio.create_task(intake.run())
            stopping = asyncio.create_task(stop.event.wait())
            log.info("@%s is listening", bot.app.bot.username)
            await asyncio.wait({working, fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await _end(fetching, stopping)
            if not fetching.cancelled() and isinstance(error := fetching.exception(), PollingEndedError):
                stop.reason, stop.variables = error.reason, error.variables
            await intake.acknowledge()
            if not fetching.cancelled() and stop.reason is None:
                fetching.result()
    finally:
        bot.front.desk.stop()
        await _end(working)
        if left := await bot.dispatcher.stop(_STOP_WITHIN):
            log.warning(
                "%d updates were not finished after %.0f s: they wait in the inbox", left, _STOP_WITHIN
            )
    if not working.cancelled():
        working.result()
    log.info("stopped")


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _set_commands(app: App) -> None:
    """The menus: Arabic for everyone, English for those whose Telegram is in English."""
    try:
        await app.bot.set_my_commands(menu("ar"))
        await app.bot.set_my_commands(menu("ar"), language_code="ar")
        await app.bot.set_my_commands(menu("en"), language_code="en")
    except TelegramError as error:
        log.warning("the command menus could not be set: %s", error)


class _RateLimiter(AIORateLimiter):
    """As the library's, but typing and asking do not use up a group's messages a minute, nor wait for them.

    It does not retry: of a request to wait, Delivery makes the one chat wait.
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
        if endpoint in ("sendChatAction", "getChatMember"):
            return await callback(*args, **kwargs)
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)


def _unreachable(settings: Settings, error: TelegramError) -> str:
    why = Redaction((_token(settings),)).redact(f"{type(error).__name__}: {error}")
    return say("telegram_unreachable", settings.language, url=settings.telegram_api_url, why=why)


def _token(settings: Settings) -> str:
    assert settings.telegram_token is not None, "run() looks for the token"
    return settings.telegram_token.get_secret_value()


def _complain(line: str) -> int:
    print(f"musnad: {line}", file=sys.stderr)
    return 2

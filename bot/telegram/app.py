"""The Telegram bot as a program: put together, started, kept running, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, Application

from bot.telegram.desk import Desk
from bot.telegram.gate import Gate
from bot.telegram.handlers import Core, Handlers, menu
from bot.telegram.redact import Redaction, log_to_stderr, redact_tracebacks
from bot.telegram.updates import KINDS, Updates, UpdatesRequest
from prompts import say

if TYPE_CHECKING:
    from bot.loading import Loading
    from bot.settings import Settings

log = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]

_START_DELAYS = (1, 2, 4, 8)
"""Seconds between the attempts to reach the Bot API server at start."""
_CONFLICTS = 3
"""Conflicts within a minute that end the bot: one may be a predecessor that is still stopping."""
_STOP_WITHIN = 45.0
"""Seconds for what runs to finish when told to stop: a question takes no longer (``llm_timeout``), but Telegram may
ask for minutes of patience before it takes the next message."""


def run(settings: Settings) -> int:
    """Run the bot until it is told to stop (SIGTERM, SIGINT). 0, or 2 when it cannot work as it is set up."""
    if settings.telegram_token is None:
        return _complain(say("telegram_token_missing", settings.language))
    redact_tracebacks(_token(settings))
    handler = log_to_stderr(settings.log_level, _token(settings))
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


def application(core: Core, settings: Settings, desk: Desk | None = None) -> App:
    """The application, ready to be initialised: gate first, then the handlers."""
    address = settings.telegram_api_url.rstrip("/")
    app: App = (
        Application.builder()
        .token(_token(settings))
        .base_url(f"{address}/bot")
        .base_file_url(f"{address}/file/bot")
        .rate_limiter(_RateLimiter(max_retries=3))
        .concurrent_updates(Updates())
        .connect_timeout(10)
        .read_timeout(20)
        .pool_timeout(20)
        .get_updates_request(UpdatesRequest(connect_timeout=10, read_timeout=10))
        .job_queue(None)
        .build()
    )
    gate = Gate(settings.allowed_users, settings.allowed_chats, public=settings.public)
    gate.stand_before(app)
    Handlers(core, desk or Desk(), gate).add_to(app)
    return app


async def serve(
    core: Core, settings: Settings, stop: Stop | None = None, loading: Loading | None = None
) -> int:
    """Poll and answer until told to stop, by a signal unless ``stop`` is given.

    What runs then is finished, and who waits is told. CannotServeError when the bot cannot work as set up.
    """
    desk = Desk()
    app = application(core, settings, desk)
    stop = stop or Stop.by_signals()
    try:
        await _reach(app, settings, stop)
        if loading is not None:
            await _loaded(loading, stop)
        if not stop.event.is_set():
            await _poll(app, desk, stop)
    except InvalidToken:
        raise CannotServeError(say("telegram_token_refused", settings.language)) from None
    except TelegramError as error:
        raise CannotServeError(_unreachable(settings, error)) from None
    finally:
        stop.forget_signals()
        desk.close()
        await app.shutdown()
        await app.bot.shutdown()  # app.shutdown() leaves the connections when it was never initialised
    if stop.reason:
        raise CannotServeError(say(stop.reason, settings.language))
    return 0


class Stop:
    """When to stop, and why."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.reason: str | None = None
        """The name of the message that says why the bot cannot go on; None when it was told to stop."""
        self._conflicts: list[float] = []

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

    def polling_failed(self, error: TelegramError) -> None:
        """Polling goes on after errors by itself; conflicts that do not end stop it."""
        if not isinstance(error, Conflict):
            log.warning("updates could not be fetched, trying again: %s", error)
            return
        now = time.monotonic()
        self._conflicts = [then for then in self._conflicts if now - then < 60] + [now]
        log.warning("another program polls with this bot's token")
        if len(self._conflicts) >= _CONFLICTS:
            self.reason = "telegram_conflict"
            self.event.set()

    def polling_ended(self, task: asyncio.Task[object]) -> None:
        """The token was revoked while the bot ran: the library then stops polling without a word.

        What ended the task comes up again when the updater is stopped.
        """
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


async def _poll(app: App, desk: Desk, stop: Stop) -> None:
    updater = app.updater
    assert updater is not None, "the builder makes one"
    await _set_commands(app)
    await app.start()
    try:
        await updater.start_polling(
            allowed_updates=KINDS,
            drop_pending_updates=False,
            bootstrap_retries=len(_START_DELAYS),
            error_callback=stop.polling_failed,
        )
        for task in asyncio.all_tasks():
            if task.get_name() == "Updater:start_polling:polling_task":
                task.add_done_callback(stop.polling_ended)
        log.info("@%s is listening", app.bot.username)
        await stop.event.wait()
    finally:
        desk.stop()
        try:
            if updater.running:
                await updater.stop()
        finally:
            await _finish(app)
    log.info("stopped")


async def _finish(app: App) -> None:
    """Let what runs finish, but not for ever."""
    stopping = asyncio.create_task(app.stop())
    _, late = await asyncio.wait({stopping}, timeout=_STOP_WITHIN)
    if late:
        updates = app.update_processor
        assert isinstance(updates, Updates), "application() sets it"
        log.warning("%d messages were left unanswered after %.0f s", updates.give_up(), _STOP_WITHIN)
    await stopping


async def _set_commands(app: App) -> None:
    """The menus: Arabic for everyone, English for those whose Telegram is in English."""
    try:
        await app.bot.set_my_commands(menu("ar"))
        await app.bot.set_my_commands(menu("ar"), language_code="ar")
        await app.bot.set_my_commands(menu("en"), language_code="en")
    except TelegramError as error:
        log.warning("the command menus could not be set: %s", error)


class _RateLimiter(AIORateLimiter):
    """As the library's, but typing does not use up a group's messages a minute, nor wait for them."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        if endpoint == "sendChatAction":
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

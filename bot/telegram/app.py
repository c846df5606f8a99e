"""Assembly of the Telegram bot."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from telegram import Update
from telegram.ext import Application, ContextTypes, ExtBot

from bot.changes.given import GivenQuotes
from bot.telegram.access.admins import Admins
from bot.telegram.access.gate import Gate
from bot.telegram.access.ratelimits import Limits
from bot.telegram.access.store import AccessStore
from bot.telegram.admission.accesscommands import AccessCommands
from bot.telegram.admission.accessmenu import AccessMenu
from bot.telegram.admission.decisions import Consequences, Decisions, RequestNotices
from bot.telegram.admission.door import Doorkeeper
from bot.telegram.admission.pairing import AGAIN_AFTER, GroupRequests, Pairing
from bot.telegram.admission.refusals import Refusals
from bot.telegram.admission.whoami import WhoAmI
from bot.telegram.answers.answers import Answers
from bot.telegram.answers.finder import AnswerFinder
from bot.telegram.answers.questions import Questions
from bot.telegram.answers.quotestore import QuoteStore
from bot.telegram.answers.renderer import AnswerRenderer
from bot.telegram.answers.revisions import Revisions
from bot.telegram.answers.sender import AnswerSender
from bot.telegram.answers.store import AnswerBook
from bot.telegram.answers.throttle import Throttle
from bot.telegram.chats.context import ChatContexts
from bot.telegram.chats.migration import Migration
from bot.telegram.chats.settings import Chats
from bot.telegram.core import Core
from bot.telegram.corrections.planning import Planner
from bot.telegram.corrections.sending import NoticeRenderer, NoticeSender
from bot.telegram.corrections.store import CorrectionStore
from bot.telegram.corrections.watch import Corrections
from bot.telegram.feature import Feature
from bot.telegram.features.buttons import Buttons, OldButtons, Reactions
from bot.telegram.features.channels import Channels
from bot.telegram.features.conversation import Conversation
from bot.telegram.features.deadletters import DeadLetters, ErrorHandler
from bot.telegram.features.digest import Digest
from bot.telegram.features.edits import Edits
from bot.telegram.features.erasure import Erasure, Memory
from bot.telegram.features.feed import Feed
from bot.telegram.features.following import FollowCommands
from bot.telegram.features.forget import Forget
from bot.telegram.features.greeting import Greeting
from bot.telegram.features.groups import Groups
from bot.telegram.features.guest import Guest
from bot.telegram.features.help import Help
from bot.telegram.features.inline import Inline, InlineButton, LastQueries, query_limits
from bot.telegram.features.permalinks import Permalinks
from bot.telegram.features.profile import Profile
from bot.telegram.features.settingsmenu import SettingsMenu
from bot.telegram.feeding.editor import ArchiveEditor, Archivist
from bot.telegram.feeding.posts import Newsroom, Posts
from bot.telegram.feeding.queue import FeedQueue
from bot.telegram.feeding.sources import FollowedList
from bot.telegram.indexing import Indexing
from bot.telegram.intake.deadletterstore import DeadLetterStore
from bot.telegram.intake.dispatcher import Dispatcher
from bot.telegram.intake.inbox import Inbox
from bot.telegram.intake.polling import Poller
from bot.telegram.intake.rawupdates import Json
from bot.telegram.intake.webhook import Webhook, secret_of
from bot.telegram.intake.workers import Workers
from bot.telegram.monitoring.health import Health
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.newsgathering import Newsgathering
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.outgoing.ownernotices import OwnerNotices
from bot.telegram.outgoing.ratelimiter import RateLimiter
from bot.telegram.outgoing.retries import Request, Retries
from bot.telegram.outgoing.sourcenotices import SourceNotices
from bot.telegram.outgoing.typing import Activity
from bot.telegram.runtime.backoff import Backoff
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import UpdateContext, Work, Works
from bot.telegram.upkeep import Upkeep

if TYPE_CHECKING:
    from bot.settings import Settings
    from corpus.following import Following
    from corpus.store import Archive

log = logging.getLogger(__name__)

App = Application[ExtBot[Any], UpdateContext, Any, Any, Works, Any]


@dataclass(frozen=True)
class Bot:
    """The assembled bot, as far as whoever runs it needs its parts."""

    app: App
    dispatcher: Dispatcher
    intake: Poller | Webhook
    """Source of the updates."""
    workers: Workers
    profile: Profile
    upkeep: Upkeep
    digest: Digest
    indexing: Indexing
    newsgathering: Newsgathering
    corrections: Corrections | None
    """None where the archive keeps no record of what changed."""
    health: Health
    metrics: Metrics


def assemble(core: Core, settings: Settings, backoff: Backoff | None = None) -> Bot:
    """Assemble the bot: gate first, then the features, of which the first that matches an update handles it."""
    backoff = backoff or Backoff()
    app = _application(settings, backoff)
    state, owners = core.state, settings.owners
    following: Callable[[], Following | None] = getattr(core, "followed", lambda: None)
    metrics = Metrics()
    workers = Workers(most=settings.queue)
    inbox = Inbox(state, backoff)
    feed_queue = FeedQueue(owners=owners, inbox=inbox)

    # Chats, and what goes out to them.
    chats = Chats(state)
    contexts = ChatContexts(chats, state)
    retries = Retries(backoff.sends, trouble=metrics.trouble)
    delivery = Delivery(app.bot, state, retries, silent=chats.silent, delays=backoff.store)
    owner_notices = OwnerNotices(
        delivery=delivery, contexts=contexts, owners=owners, language=settings.language
    )

    # Who may ask.
    register = AccessStore(state)
    gate = Gate(settings, register)

    def moved(old: int, new: int) -> None:
        retries.moved(old, new)
        gate.moved(old, new)

    migration = Migration(state, chats, settings.allowed_chats, moved)
    retries.migrated = migration.move
    greeting = Greeting(state=state, gate=gate, bot=app.bot, delivery=delivery, contexts=contexts)
    admins = Admins(app.bot, retries)
    whoami = WhoAmI(gate=gate, admins=admins, delivery=delivery, contexts=contexts)
    decisions, door = _admission(settings, register, greeting, owner_notices, delivery, contexts, whoami)
    gate.bind(door, migration.follow)
    gate.stand_before(app)

    # Answers.
    quotes = QuoteStore(state, core.archive)
    book = AnswerBook(state=state, archive=core.archive, quotes=quotes)
    questions = Questions(core=core, workers=workers, quotes=quotes, metrics=metrics)
    limits = Limits.of(settings)
    revisions = Revisions()
    renderer = AnswerRenderer(archive=core.archive, book=book, chats=chats, bot=app.bot, metrics=metrics)
    throttle = Throttle(limits=limits, delivery=delivery, metrics=metrics)
    finder = AnswerFinder(questions=questions, book=book, revisions=revisions, chats=chats, retries=retries)
    sender = AnswerSender(delivery=delivery, book=book, renderer=renderer, metrics=metrics)
    answers = Answers(
        throttle=throttle,
        questions=questions,
        activity=Activity(app.bot),
        finder=finder,
        sender=sender,
    )

    # Features, in the order in which they are offered an update.
    last_queries = LastQueries()
    erasure = Erasure(
        memory=Memory(state),
        chats=chats,
        workers=workers,
        in_memory=[last_queries.forget, revisions.forget, register.forget],
    )
    features: list[Feature] = [
        AccessCommands(
            owners=owners, register=register, decisions=decisions, delivery=delivery, contexts=contexts
        ),
        AccessMenu(
            settings=settings, register=register, decisions=decisions, delivery=delivery, contexts=contexts
        ),
        whoami,
        Forget(erasure=erasure, delivery=delivery, contexts=contexts),
        # Before the feed: a permalink is a link too.
        Permalinks(quotes=quotes, delivery=delivery, contexts=contexts),
    ]
    # Not isinstance: Python 3.11 would ask the core for its index, and so wait until the model is loaded.
    newsgathering = Newsgathering(core=core, workers=workers, following=following)
    posts = Posts(cast("Newsroom", core)) if hasattr(type(core), "ingest_documents") else None
    if posts is not None:
        editor = ArchiveEditor(archivist=cast("Archivist", core), quotes=quotes)
        features.append(
            Feed(queue=feed_queue, editor=editor, answers=answers, delivery=delivery, contexts=contexts)
        )
        sources = FollowedList(cast("Newsroom", core))
        features.append(
            FollowCommands(
                owners=owners,
                sources=sources,
                begin=newsgathering.begin,
                delivery=delivery,
                contexts=contexts,
            )
        )
    features += [
        Channels(posts=posts, lock=feed_queue.lock),
        Groups(greeting=greeting, contexts=contexts, posts=posts),
        SettingsMenu(admins=admins, chats=chats, delivery=delivery, contexts=contexts),
        Buttons(book=book, renderer=renderer, quotes=quotes, delivery=delivery, contexts=contexts),
        Reactions(book=book),
        Inline(
            questions=questions,
            limits=query_limits(settings),
            last_queries=last_queries,
            contexts=contexts,
        ),
        InlineButton(answers=answers, inbox=inbox, last_queries=last_queries, contexts=contexts),
        Guest(questions=questions, limits=limits, contexts=contexts),
        Conversation(answers=answers, questions=questions, delivery=delivery, contexts=contexts),
        Help(settings=settings, delivery=delivery, contexts=contexts),
        Edits(answers=answers, book=book, revisions=revisions, delivery=delivery, contexts=contexts),
        OldButtons(delivery=delivery, contexts=contexts),
    ]
    for feature in features:
        app.add_handlers(feature.handlers())
    errors = ErrorHandler(delivery=delivery, contexts=contexts, owner_notices=owner_notices)
    app.add_error_handler(errors.failed)

    # Updates, from Telegram to the handlers.
    digest = Digest(store=DeadLetterStore(state), owners=owner_notices, gathers=backoff.gather)
    dead_letters = DeadLetters(gate=gate, bot=app.bot, delivery=delivery, contexts=contexts, digest=digest)
    dispatcher = Dispatcher(
        inbox,
        app.bot,
        partial(_process, app),
        dead_letters.report,
        paused=retries.paused,
        stranger=gate.is_stranger,
        slow=feed_queue.has,
        backoff=backoff,
    )
    intake = _intake(app, settings, partial(_accept, dispatcher, metrics), features, backoff)
    profile = Profile(bot=app.bot, state=state, owners=owners)
    source_notices = SourceNotices(
        state=state, following=following, owner_notices=owner_notices, contexts=contexts
    )
    upkeep = Upkeep(
        settings=settings, state=state, owner_notices=owner_notices, source_notices=source_notices
    )
    health = Health(
        core=core,
        workers=workers,
        inbox=inbox,
        intake=intake,
        daily=settings.llm_daily,
        following=following,
    )
    indexing = Indexing(core=core, workers=workers)
    corrections = None
    if hasattr(core.archive, "changes"):
        corrections = _corrections(core, backoff, gate, book, quotes, chats, delivery, app.bot)
    return Bot(
        app,
        dispatcher,
        intake,
        workers,
        profile,
        upkeep,
        digest,
        indexing,
        newsgathering,
        corrections,
        health,
        metrics,
    )


async def _process(app: App, update: Update, work: Work) -> None:
    """Have an update handled by the library's application, whose contexts get the ``work`` on it."""
    with app.bot_data.processing(work):
        await app.process_update(update)


async def _accept(dispatcher: Dispatcher, metrics: Metrics, updates: Sequence[Json]) -> None:
    """Take in updates as they come from Telegram, and count the new ones."""
    metrics.updates(updates, await dispatcher.accept(updates))


def _application(settings: Settings, backoff: Backoff) -> App:
    """Return the library's application, which calls the handlers, without handlers."""
    address = settings.telegram_api_url.rstrip("/")
    return (
        Application.builder()
        .token(token_of(settings))
        .base_url(f"{address}/bot")
        .base_file_url(f"{address}/file/bot")
        .context_types(ContextTypes(context=UpdateContext, bot_data=Works))
        .rate_limiter(RateLimiter())
        .request(Request(backoff.answer))
        .updater(None)
        .job_queue(None)
        .build()
    )


def _admission(
    settings: Settings,
    register: AccessStore,
    greeting: Greeting,
    owner_notices: OwnerNotices,
    delivery: Delivery,
    contexts: ChatContexts,
    whoami: WhoAmI,
) -> tuple[Decisions, Doorkeeper]:
    """Return the owners' decisions on who may ask, and the door at which others are answered."""
    strangers = Recent(AGAIN_AFTER)
    notices = RequestNotices(register=register, owner_notices=owner_notices)
    consequences = Consequences(
        delivery=delivery,
        contexts=contexts,
        greeting=greeting,
        notified=strangers,
        language=settings.language,
    )
    decisions = Decisions(
        register=register,
        notices=notices,
        consequences=consequences,
        delivery=delivery,
        contexts=contexts,
    )
    door = Doorkeeper(
        pairing=Pairing(
            settings=settings, register=register, notices=notices, delivery=delivery, notified=strangers
        ),
        groups=GroupRequests(settings=settings, register=register, notices=notices),
        refusals=Refusals(register=register, delivery=delivery),
        whoami=whoami,
    )
    return decisions, door


def _corrections(
    core: Core,
    backoff: Backoff,
    gate: Gate,
    book: AnswerBook,
    quotes: QuoteStore,
    chats: Chats,
    delivery: Delivery,
    bot: ExtBot[Any],
) -> Corrections:
    """Return the watch that tells chats when articles changed of which they were given quotes."""
    archive = cast("Archive", core.archive)
    store, given = CorrectionStore(core.state), GivenQuotes(core.state)

    def wants(chat: int, topic: int | None) -> bool:
        admitted = gate.admits_user(chat) if chat > 0 else gate.admits_chat(chat)
        return admitted and chats.of(chat, topic).corrections

    return Corrections(
        archive=archive,
        store=store,
        planner=Planner(core.state, archive, store, given, wants),
        sender=NoticeSender(store, NoticeRenderer(archive, book, quotes, given, chats, bot), delivery),
        gathers=backoff.gather,
    )


def _intake(
    app: App,
    settings: Settings,
    accept: Callable[[Sequence[Json]], Awaitable[None]],
    features: Sequence[Feature],
    backoff: Backoff,
) -> Poller | Webhook:
    """Return the source of the kinds of update that the features need."""
    kinds = sorted({kind for feature in features for kind in feature.kinds})
    if settings.webhook is None:
        return Poller(app.bot.base_url, accept, kinds, backoff)
    return Webhook(app.bot, settings.webhook, secret_of(settings), accept, kinds, backoff)


def token_of(settings: Settings) -> str:
    assert settings.telegram_token is not None, "run() looks for the token"
    return settings.telegram_token.get_secret_value()

"""The commands that follow sources: `musnad follow`, `musnad unfollow` and `musnad sources`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.progress import showing
from bot.cli.shell import BAD, DONE, NOTHING, Data, Run, app, complain, readable
from bot.failures import InputError
from bot.render.help import Command
from bot.render.layout import Layout, layout_of
from prompts import say

if TYPE_CHECKING:
    from bot.build import Musnad
    from bot.following.targets import Target


@app.command(cls=Command)
def follow(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(metavar="URL|DIR|FILE…", show_default=False)] = None,
    outlet: Annotated[str | None, typer.Option("--outlet", metavar="NAME")] = None,
    remove: Annotated[str | None, typer.Option("--remove", metavar="SOURCE")] = None,
    data: Data = None,
) -> int:
    run: Run = context.obj
    if remove is not None:
        if sources or outlet is not None or not remove:
            raise InputError(say("following_remove_usage", run.language))
        return _remove(run, remove, data)
    from bot.build import build

    if "" in (sources or ()):
        raise InputError(say("cli_empty_path", run.language))
    with build(run.settings(data), llm=False) as musnad:
        if not sources:
            return _run(musnad, run)
        return _add(musnad, run, [readable(each) for each in sources], outlet and readable(outlet))


@app.command(cls=Command)
def unfollow(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", show_default=False)],
    data: Data = None,
) -> int:
    return _remove(context.obj, source, data)


@app.command(cls=Command)
def sources(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.build import build
    from bot.following.events import render_json, render_sources

    now = datetime.now(UTC)
    with build(run.settings(data), llm=False) as musnad:
        found = musnad.following.all()
    layout = layout_of(sys.stdout, run.language)
    print(render_json(found, now) if as_json else render_sources(found, now, layout))
    return DONE if found else NOTHING


def _remove(run: Run, given: str, data: Data) -> int:
    from bot.build import build
    from bot.following.events import name_of
    from bot.following.targets import named

    with build(run.settings(data), llm=False) as musnad:
        found = named(readable(given), musnad.following)
        if found is None:
            complain(say("following_unknown", run.language, given=readable(given)))
            return NOTHING
        musnad.following.remove(found.address)
    layout = layout_of(sys.stdout, run.language)
    print(layout.note(say("following_removed", run.language, name=layout.isolate(name_of(found)))))
    return DONE


def _add(musnad: Musnad, run: Run, given: list[str], outlet: str | None) -> int:
    """Follow what is given, and take in at once what it holds."""
    from bot.following import Follower
    from bot.following.targets import add
    from bot.render.report import render_report
    from corpus.following.folders import QUIET
    from corpus.following.web import Web
    from corpus.report import Report

    layout = layout_of(sys.stdout, run.language)
    failed = False
    added: list[str] = []
    web = Web()
    for target in add(given, musnad.following, web, datetime.now(UTC), outlet=outlet, private=True):
        failed |= not _tell_added(target, layout)
        added += [target.followed.address] if target.followed else []
    if not added:
        return BAD
    with showing(run.language) as progress, _until_stopped() as stop:
        follower = Follower(musnad, musnad.following, web=web, progress=progress)
        looks = follower.once(stop=stop, only=set(added))
        late = [looked.followed for looked in looks if looked.unfinished]
        if late and not stop.wait(QUIET.total_seconds()):  # files that were just copied there, mostly
            for each in late:
                musnad.following.add(each.address, each.kind, datetime.now(UTC))
            again = {each.address for each in late}
            looks = [replace(each, unfinished=0) for each in looks] + follower.once(stop=stop, only=again)
    report = Report(articles=musnad.archive.count_articles())
    for looked in looks:
        report += looked.report
        failed |= not _tell_failed(looked.followed.address, musnad, run)
    print(render_report(report, layout))
    if unfinished := sum(looked.unfinished for looked in looks):
        print(layout.note(say("following_unfinished", run.language, count=unfinished)))
    from bot.cli.commands import report_skipped

    return max(report_skipped(report, run.language), BAD if failed else DONE)


def _tell_added(target: Target, layout: Layout) -> bool:
    """Say what is followed from now on, or on standard error why it is not; return whether it is."""
    from bot.following.events import name_of
    from bot.following.targets import is_channel
    from bot.render.report import reason_of

    language, followed = layout.language, target.followed
    if is_channel(target.given) and followed is None:
        complain(say("following_channel_by_bot", language, given=target.given))
    elif target.problem is not None:
        complain(f"{target.problem.source}: {reason_of(target.problem, language)}")
    if followed is None:
        return False
    if followed.kind in ("feed", "sitemap") and followed.address != target.given:
        page, address = layout.isolate(target.given), layout.isolate(followed.address)
        print(layout.note(say("following_found_feed", language, page=page, address=address)))
    kind = say(f"following_kind_{followed.kind}", language)
    print(layout.note(say("following_added", language, name=layout.isolate(name_of(followed)), kind=kind)))
    return True


def _tell_failed(address: str, musnad: Musnad, run: Run) -> bool:
    from bot.following.events import error_of

    followed = musnad.following.get(address)
    if followed is not None and followed.failures:
        complain(f"{address}: {error_of(followed, run.language)}")
        return False
    return True


def _run(musnad: Musnad, run: Run) -> int:
    """Follow in the foreground until Ctrl-C."""
    from bot.following import Follower, Looked
    from bot.following.events import render_event

    layout = layout_of(sys.stdout, run.language)
    count = len(musnad.following.all())
    if not count:
        complain(say("following_none", run.language))
        return NOTHING

    def tell(looked: Looked) -> None:
        if line := render_event(looked, datetime.now(UTC), layout):
            print(line, flush=True)

    with musnad.following.polling() as alone:
        if not alone:
            raise InputError(say("following_elsewhere", run.language))
    print(layout.note(say("following_began", run.language, count=count)), flush=True)
    with _until_stopped() as stop:
        Follower(musnad, musnad.following, tell=tell).run(stop)
    return DONE


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and an end from outside set: what is being taken in is taken in whole before."""
    stop = threading.Event()
    before = {
        each: signal.signal(each, lambda *_: stop.set())
        for each in (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is threading.main_thread()
    }
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

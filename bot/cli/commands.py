"""The commands of `musnad`: each reads its arguments, calls a part of the program and shows what that returns."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.progress import showing, waiting
from bot.cli.shell import BAD, DONE, NOTHING, Data, Run, app, complain, readable
from bot.failures import InputError, one_line
from bot.render.help import Command
from bot.render.layout import layout_of
from bot.settings import Settings
from prompts import Language, say

if TYPE_CHECKING:
    from bot.build import Musnad
    from corpus.ingest import Report


@app.command(cls=Command)
def ingest(
    context: typer.Context,
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH…", show_default=False)] = None,
    samples: Annotated[bool, typer.Option("--samples")] = False,
    prune: Annotated[bool, typer.Option("--prune")] = False,
    outlet: Annotated[str | None, typer.Option("--outlet", metavar="NAME")] = None,
    ocr: Annotated[bool, typer.Option("--ocr")] = False,
    ray: Annotated[str | None, typer.Option("--ray", metavar="ADDRESS")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,
    fields: Annotated[str | None, typer.Option("--fields", metavar="ROLE=FIELD,…")] = None,
    data: Data = None,
) -> int:
    run: Run = context.obj
    named = None if fields is None else read_fields(fields, run.language)
    if outlet is not None:
        from corpus.document import safe_name

        outlet = safe_name(readable(outlet))
    if not paths and not samples:
        raise InputError(say("cli_nothing_to_ingest", run.language))
    if "" in (paths or ()):
        raise InputError(say("cli_empty_path", run.language))
    links = [path for path in paths or () if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path)]
    files = [Path(path) for path in paths or () if path not in links]
    from bot.build import build
    from bot.render.report import render_read, render_report
    from corpus.ocr import missing
    from corpus.report import Report

    layout = layout_of(sys.stdout, run.language)
    settings = run.settings(data, ocr="1" if ocr else None)
    if settings.ocr and (lacking := missing()):
        raise InputError(say("cli_no_ocr", run.language, command=lacking))
    if ray is not None:
        _check_ray(ray, run.language)
    with build(settings, llm=False, ray=ray) as musnad:
        with showing(run.language) as progress:
            report = Report()
            if files or samples:
                report = musnad.ingest(
                    files, samples=samples, prune=prune, fields=named, outlet=outlet, progress=progress
                )
            if links:
                report += musnad.ingest_links(links, progress, allow_private=True, outlet=outlet)
        if verbose:
            print(
                render_read(
                    [each for source in report.held for each in musnad.archive.articles_of(source)], layout
                ),
                end="\n\n",
            )
    print(render_report(report, layout))
    return report_skipped(report, run.language)


def _check_ray(address: str, language: Language) -> None:
    from vectorstore.cluster import is_address, missing

    if command := missing():
        raise InputError(say("cli_no_ray", language, command=command))
    if not is_address(address):
        raise InputError(say("cli_ray_address", language))


@app.command(cls=Command)
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar='"…"', show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    if jsonl == (question is not None):
        raise InputError(say("cli_ask_usage", run.language))
    if question is None:
        return _ask_lines(run.settings(data))
    if not question.strip():
        raise InputError(say("cli_ask_usage", run.language))
    from bot.answering.pipeline import Question
    from bot.build import build

    with build(run.settings(data)) as musnad:
        with waiting("cli_searching", run.language):
            answer = musnad.asker.ask(Question(readable(question), language=run.language))
        if as_json:
            from bot.render import json

            print(json.render_answer(answer, musnad.archive, run.language))
        else:
            from bot.render import terminal

            print(terminal.render_answer(answer, musnad.archive, layout_of(sys.stdout, run.language)))
        if musnad.calibration_due:
            complain(say("cli_calibration_due", run.language, judge=musnad.settings.judge))
    return DONE if answer.status == "answered" else NOTHING


def _ask_lines(settings: Settings) -> int:
    from bot.cli.jsonl import answer_lines
    from bot.loading import opened

    with opened(settings) as (musnad, loading):
        return answer_lines(sys.stdin.buffer, sys.stdout, musnad, loading, settings.language)


@app.command(cls=Command)
def show(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ARTICLE", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.build import build
    from bot.permalink import token_in
    from corpus.errors import AmbiguousArticleError, ArticleNotFoundError

    ref = readable(article)
    with build(run.settings(data), llm=False) as musnad:
        # Without its q_ a quote's number may as well be the beginning of an article's.
        if "q_" in ref and (quote := token_in(ref)):
            return _show_quote(quote, musnad, run, as_json=as_json)
        try:
            found = musnad.archive.article(ref)
        except ArticleNotFoundError:
            complain(say("cli_no_such_article", run.language, ref=article))
            return NOTHING
        except AmbiguousArticleError as error:
            raise InputError(one_line(error)) from error
        if as_json:
            from bot.render import json

            print(json.render_article(found))
        else:
            from bot.quotes import standing_of
            from bot.render import terminal

            standing = standing_of(found, musnad.archive)
            copies = musnad.archive.copies_in(found.id)
            print(terminal.render_article(found, layout_of(sys.stdout, run.language), standing, copies))
    return DONE


def _show_quote(id: str, musnad: Musnad, run: Run, *, as_json: bool) -> int:
    """Show a quote in its place; as JSON, its article."""
    from bot.permalink import find_quote
    from bot.render import json, terminal

    quote = find_quote(id, musnad.state, musnad.archive)
    if quote is None:
        complain(say("cli_no_such_quote", run.language, id=id))
        return NOTHING
    layout = layout_of(sys.stdout, run.language)
    print(json.render_article(quote.article) if as_json else terminal.render_passage(quote, layout))
    return DONE


@app.command(cls=Command)
def outlets(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.build import build
    from bot.render.outlets import render_json, render_outlets

    with build(run.settings(data), llm=False) as musnad:
        found = musnad.archive.outlets()
    print(render_json(found) if as_json else render_outlets(found, layout_of(sys.stdout, run.language)))
    return DONE if found else NOTHING


@app.command(cls=Command)
def changes(
    context: typer.Context,
    article: Annotated[str | None, typer.Argument(metavar="ARTICLE", show_default=False)] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    day = None if since is None else read_day(since, run.language)
    from bot.build import build
    from bot.changes.history import history
    from bot.changes.report import render_changes, render_json
    from corpus.errors import AmbiguousArticleError, ArticleNotFoundError

    with build(run.settings(data), llm=False) as musnad:
        sources = None
        if article is not None:
            ref = readable(article)
            try:
                sources = [musnad.archive.article(ref).source]
            except ArticleNotFoundError:
                if not musnad.archive.versions_of(ref):  # the name of a file that was removed
                    complain(say("cli_no_such_article", run.language, ref=article))
                    return NOTHING
                sources = [ref]
            except AmbiguousArticleError as error:
                raise InputError(one_line(error)) from error
        found = list(history(musnad.archive, musnad.state, day or "", sources))
    if as_json:
        print(render_json(found))
    elif found:
        print(render_changes(found, layout_of(sys.stdout, run.language), whole=article is not None))
    elif day is None:
        print(say("changes_none", run.language))
    else:
        print(say("changes_none_since", run.language, date=day))
    return DONE if found else NOTHING


@app.command(cls=Command)
def check(
    context: typer.Context,
    claim: Annotated[str, typer.Argument(metavar='"…"', show_default=False)],
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.build import build
    from bot.claim import check as check_claim
    from bot.render.claim import render_check

    claim = readable(claim)
    if not claim.strip():
        raise InputError(say("cli_check_usage", run.language))
    with build(run.settings(data), llm=False) as musnad:
        with waiting("cli_searching", run.language):
            checked = check_claim(claim, musnad)
        print(render_check(claim, checked, musnad.archive, layout_of(sys.stdout, run.language)))
    return DONE if checked.verdict in {"exact", "alike"} else NOTHING


@app.command(cls=Command)
def repl(context: typer.Context, data: Data = None) -> int:
    run: Run = context.obj
    from bot.cli.repl import converse

    return converse(run.settings(data))


@app.command(cls=Command)
def telegram(
    context: typer.Context,
    webhook: Annotated[str | None, typer.Option("--webhook", metavar="URL")] = None,
    listen: Annotated[str | None, typer.Option("--listen", metavar="HOST:PORT")] = None,
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.telegram.serve import run as serve

    return serve(run.settings(data, webhook=webhook, listen=listen))


@app.command(cls=Command)
def reindex(context: typer.Context, data: Data = None) -> int:
    run: Run = context.obj
    from bot.build import build

    with build(run.settings(data), llm=False) as musnad:
        with showing(run.language) as progress:
            musnad.index.reindex(progress.of("embed"))
        print(say("cli_reindexed", run.language, count=musnad.archive.size()))
    return DONE


@app.command(cls=Command)
def clean(context: typer.Context, data: Data = None) -> int:
    run: Run = context.obj
    from bot.build import build
    from bot.render.report import render_cleaned

    with build(run.settings(data), llm=False) as musnad, showing(run.language) as progress:
        cleaned = musnad.clean(progress)
    print(render_cleaned(cleaned, layout_of(sys.stdout, run.language)))
    return DONE


@app.command(cls=Command)
def calibrate(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply")] = False,
    precision: Annotated[float, typer.Option("--precision", metavar="P", min=0.5, max=0.99)] = 0.9,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    settings = run.settings(data)
    from bot.answering.calibrating.calibrate import ARTICLES, LEAST, TooSmallError
    from bot.answering.judges.configured import is_own
    from bot.build import build
    from bot.render.calibration import render_calibration, render_json

    with build(settings, llm=False) as musnad, showing(run.language) as progress:
        try:
            found = musnad.calibrate(precision, progress)
        except TooSmallError as error:
            if error.questions is None:
                problem = say(
                    "cli_calibrate_too_small", run.language, articles=error.articles, least=ARTICLES
                )
            else:
                problem = say(
                    "cli_calibrate_few_questions", run.language, questions=error.questions, least=LEAST
                )
            raise InputError(problem) from error
    kept = found.save(settings.data) if apply or not is_own(settings.judge) else None
    print(render_json(found, kept) if as_json else render_calibration(found, kept, run.language))
    return DONE


@app.command("eval", cls=Command)
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    refusal: Annotated[bool, typer.Option("--refusal")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.build import build
    from bot.cli import measure

    squad = measure.read(file)
    with build(run.settings(data), llm=False) as musnad, showing(run.language) as progress:
        if refusal:
            result = measure.refusal(squad, musnad.embedder, musnad.judge, progress)
        else:
            result = measure.retrieval(squad, musnad.embedder, progress)
    if as_json:
        import json

        from bot.render.controls import escaped

        print(escaped(json.dumps(result, ensure_ascii=False)))
    else:
        from bot.render.measures import print_measures

        print_measures(result, run.language)
    return DONE


def read_day(given: str, language: Language) -> str:
    """Return a day written in digits of any kind, «٢٠٢٦-٠٢-٠٩», as ``2026-02-09``. Raises InputError."""
    from datetime import date

    from corpus.arabic import fold_text

    try:
        return date.fromisoformat(fold_text(readable(given)).strip()).isoformat()
    except ValueError:
        raise InputError(say("changes_bad_date", language, date=readable(given))) from None


def read_fields(given: str, language: Language) -> dict[str, str]:
    """Return «title=headline,text=content» as fields by role. Raises InputError."""
    from corpus.arabic.fields import ROLES

    named: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in re.split(r",(?![^{]*\})", given))):
        role, _, field = (piece.strip() for piece in readable(part).partition("="))
        role = {"id": "key", "date": "published", "publisher": "outlet", "content": "text"}.get(role, role)
        if role not in ROLES or not field:
            raise InputError(say("cli_fields_usage", language, given=part, roles=", ".join(ROLES)))
        named[role] = field
    return named


MOST_SKIPPED = 50
"""Files named with their reasons on standard error; the report counts the rest by reason."""


def report_skipped(report: Report, language: Language) -> int:
    """Name on standard error what was not taken in, with the reason, and return the exit code."""
    for skipped in report.skipped[:MOST_SKIPPED]:
        from bot.render.report import name_of, reason_of

        complain(f"{name_of(skipped.source)}: {reason_of(skipped, language)}")
    if more := len(report.skipped[MOST_SKIPPED:]):
        complain(say("cli_more_skipped", language, count=more))
    return BAD if report.skipped else DONE

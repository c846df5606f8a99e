"""The command `musnad`: a thin shell over `bot.build`, and the one place where an exception becomes a line.

Exit codes: 0 done; 1 refused or nothing found; 2 bad usage or input, said in one line on standard error; 130
stopped by Ctrl-C.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from typer.exceptions import TyperException

from bot.failures import InputError, bad_setting, expected, one_line
from bot.loading import goes_on
from bot.progress import showing, waiting
from bot.render.help import Command, Group
from bot.render.page import make_writable, page_of
from bot.settings import Settings
from bot.version import version as installed
from prompts import Language, say

if TYPE_CHECKING:
    from bot.build import Musnad
    from corpus.ingest import Report

DONE, NOTHING, BAD, STOPPED = 0, 1, 2, 130


@dataclass(slots=True)
class Run:
    """What holds for the whole command line."""

    language: Language
    data: Path | None = None

    def settings(self, data: Path | None, **given: str | None) -> Settings:
        """The environment's settings, with ``--data`` over them wherever it stands, and what else was ``given``."""
        chosen = data or self.data
        over: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        settings = Settings(**over, data=chosen.expanduser()) if chosen else Settings(**over)
        if settings.data.exists() and not settings.data.is_dir():
            raise InputError(say("cli_data_not_a_folder", self.language, path=settings.data))
        return settings


class ClosedPipe(Exception):
    """Nobody reads what we write any more."""


class Shell(Group):
    """The command line; typer would take a closed pipe for a failure."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ClosedPipe from error


app = typer.Typer(cls=Shell, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, that of the process unless given, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        make_writable(stream)
    _silence_libraries()
    code = _run(sys.argv[1:] if arguments is None else arguments)
    if arguments is None and goes_on():
        sys.stdout.flush()
        os._exit(code)
    return code


def _run(arguments: Sequence[str]) -> int:
    run = Run(_language())
    try:
        command = typer.main.get_command(app)
        code = command.main(list(arguments), "musnad", standalone_mode=False, obj=run)
        sys.stdout.flush()
        return DONE if code is None else int(code)
    except TyperException as error:
        return _complain(say("cli_usage", run.language, problem=error.format_message()))
    except ValidationError as error:
        return _complain(bad_setting(error, run.language))
    except (BrokenPipeError, ClosedPipe):
        # Whoever read what we write has seen enough. Python would try once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except expected() as error:
        return _complain(one_line(error))


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context, data: Data = None, version: Annotated[bool, typer.Option("--version")] = False
) -> int | None:
    run: Run = context.obj
    run.data = data
    if version:
        print(f"musnad {installed()}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        print(context.get_help())
    return None


@app.command(cls=Command)
def ingest(
    context: typer.Context,
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH…", show_default=False)] = None,
    samples: Annotated[bool, typer.Option("--samples")] = False,
    prune: Annotated[bool, typer.Option("--prune")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    if not paths and not samples:
        raise InputError(say("cli_nothing_to_ingest", run.language))
    links = [path for path in paths or () if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path)]
    files = [Path(path) for path in paths or () if path not in links]
    from bot.build import build
    from bot.render.report import render_read, render_report
    from corpus.report import Report

    page = page_of(sys.stdout, run.language)
    with build(run.settings(data), llm=False) as musnad:
        with showing(run.language) as progress:
            report = Report()
            if files or samples:
                report = musnad.ingest(files, samples=samples, prune=prune, progress=progress)
            if links:
                report += musnad.ingest_links(links, progress, allow_private=True)
        if verbose:
            print(
                render_read(
                    [each for source in report.held for each in musnad.archive.articles_of(source)], page
                ),
                end="\n\n",
            )
    print(render_report(report, page))
    return _skipped(report, run.language)


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
            answer = musnad.asker.ask(Question(_readable(question), language=run.language))
        if as_json:
            from bot.render import json

            print(json.render_answer(answer, musnad.archive, run.language))
        else:
            from bot.render import terminal

            print(terminal.render_answer(answer, musnad.archive, page_of(sys.stdout, run.language)))
        if musnad.calibration_due:
            _complain(say("cli_calibration_due", run.language, judge=musnad.settings.judge))
    return DONE if answer.status == "answered" else NOTHING


def _ask_lines(settings: Settings) -> int:
    from bot.lines import answer_lines
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

    ref = _readable(article)
    with build(run.settings(data), llm=False) as musnad:
        # Without its q_ a quote's number may as well be the beginning of an article's.
        if "q_" in ref and (quote := token_in(ref)):
            return _show_quote(quote, musnad, run, as_json=as_json)
        try:
            found = musnad.archive.article(ref)
        except ArticleNotFoundError:
            _complain(say("cli_no_such_article", run.language, ref=article))
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
            print(terminal.render_article(found, page_of(sys.stdout, run.language), standing))
    return DONE


def _show_quote(id: str, musnad: Musnad, run: Run, *, as_json: bool) -> int:
    """A quote in its place; as JSON its article."""
    from bot.permalink import find_quote
    from bot.render import json, terminal

    quote = find_quote(id, musnad.state, musnad.archive)
    if quote is None:
        _complain(say("cli_no_such_quote", run.language, id=id))
        return NOTHING
    page = page_of(sys.stdout, run.language)
    print(json.render_article(quote.article) if as_json else terminal.render_passage(quote, page))
    return DONE


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

    claim = _readable(claim)
    if not claim.strip():
        raise InputError(say("cli_check_usage", run.language))
    with build(run.settings(data), llm=False) as musnad:
        with waiting("cli_searching", run.language):
            checked = check_claim(claim, musnad)
        print(render_check(claim, checked, musnad.archive, page_of(sys.stdout, run.language)))
    return NOTHING if checked.verdict == "absent" else DONE


@app.command(cls=Command)
def repl(context: typer.Context, data: Data = None) -> int:
    run: Run = context.obj
    from bot.repl import converse

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
def calibrate(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply")] = False,
    precision: Annotated[float, typer.Option("--precision", metavar="P", min=0.5, max=0.99)] = 0.9,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    settings = run.settings(data)
    from bot.answering.calibrate import ARTICLES, LEAST, TooSmallError
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
    from bot import measure
    from bot.build import build

    squad = measure.read(file)
    with build(run.settings(data), llm=False) as musnad, showing(run.language) as progress:
        if refusal:
            result = measure.refusal(squad, musnad.embedder, musnad.judge, progress)
        else:
            result = measure.retrieval(squad, musnad.embedder, progress)
    if as_json:
        import json

        print(json.dumps(result, ensure_ascii=False))
    else:
        from bot.render.measures import print_measures

        print_measures(result, run.language)
    return DONE


# What is around a command


def _complain(line: str) -> int:
    print(f"musnad: {line}", file=sys.stderr)
    return BAD


def _skipped(report: Report, language: Language) -> int:
    """Name on standard error what was not taken in."""
    for skipped in report.skipped:
        from bot.render.report import name_of, reason_of

        print(f"musnad: {name_of(skipped.source)}: {reason_of(skipped, language)}", file=sys.stderr)
    return BAD if report.skipped else DONE


def _language() -> Language:
    """The user's language, also when another setting is wrong: the complaint about it should be in it."""
    try:
        return Settings().language
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        if "language" in wrong:
            return "ar"
        fields = Settings.model_fields
        return Settings(
            **{name: fields[name].get_default(call_default_factory=True) for name in wrong}
        ).language


def _silence_libraries() -> None:
    """What libraries warn of is nothing a user can act on; the Telegram bot sets up a log of its own."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())


def _readable(argument: str) -> str:
    """An argument with what was not valid UTF-8 in it replaced."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

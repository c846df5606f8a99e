"""What is around every command of `musnad`: global options, exit codes, and the line that an exception becomes.

Exit codes: 0 done; 1 refused or nothing found; 2 bad usage or input, said in one line on standard error; 130
stopped by Ctrl-C.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from typer.exceptions import TyperException

from bot.failures import InputError, bad_setting, expected, one_line
from bot.loading import goes_on
from bot.render.controls import settled
from bot.render.help import Group
from bot.render.layout import make_writable
from bot.settings import Settings
from bot.version import version as installed
from prompts import Language, say

DONE, NOTHING, BAD = 0, 1, 2


@dataclass(slots=True)
class Run:
    """One run of the command line, with the options that stand before the command."""

    language: Language
    data: Path | None = None

    def settings(self, data: Path | None, **given: str | None) -> Settings:
        """Return the environment's settings, with ``--data`` and what else was ``given`` in their place."""
        chosen = data or self.data
        over: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        settings = Settings(**over, data=chosen.expanduser()) if chosen else Settings(**over)
        try:
            str(settings.data).encode()
        except UnicodeEncodeError:
            raise InputError(
                say("cli_data_no_text", self.language, path=readable(str(settings.data)))
            ) from None
        if settings.data.exists() and not settings.data.is_dir():
            raise InputError(say("cli_data_not_a_folder", self.language, path=settings.data))
        return settings


class ClosedPipe(Exception):
    """Raised when nobody reads the output any more."""


class Shell(Group):
    """The group of all commands, which lets a closed pipe through: typer would take it for a failure."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ClosedPipe from error


app = typer.Typer(cls=Shell, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def _folder(given: str) -> Path:
    """Return the folder named with ``--data``. Raises InputError for "", of which a path makes the current folder."""
    if not given:
        raise InputError(say("cli_empty_data", _language()))
    return Path(given)


Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", parser=_folder)]
"""The option ``--data``, which may stand before and after the command."""


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
        return complain(say("cli_usage", run.language, problem=error.format_message()))
    except ValidationError as error:
        return complain(bad_setting(error, run.language))
    except (BrokenPipeError, ClosedPipe):
        # Whoever read what we write has seen enough. Python would try once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except expected() as error:
        return complain(one_line(error))


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


def complain(line: str) -> int:
    """Write a line of the command's to standard error and return the exit code for bad input."""
    print(f"musnad: {settled(line)}", file=sys.stderr)
    return BAD


def readable(argument: str) -> str:
    """Return an argument with what was not valid UTF-8 in it replaced."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _language() -> Language:
    """Return the user's language, also when another setting is wrong: the complaint about it should be in it."""
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
    """Silence warnings of libraries, which no user can act on; the Telegram bot sets up a log of its own."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())

"""Conversation in the terminal: questions, follow-ups, and a few commands that begin with a slash.

The model loads while the first question is typed. Without a terminal, questions are read line by line and the
output is plain text, each question repeated before its answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.pipeline import Question
from bot.cli.progress import waiting
from bot.failures import expected, one_line
from bot.loading import Loading, opened
from bot.quotes import verify_answer
from bot.render.controls import plain, settled
from bot.render.layout import Layout, layout_of
from bot.render.terminal import render_answer, render_passage, render_sources
from bot.settings import Settings
from corpus.store.private import keep_private
from prompts import say

if TYPE_CHECKING:
    from pathlib import Path

    from prompt_toolkit import PromptSession

    from bot.build import Musnad

CONVERSATION = "repl"
PROMPT = "› "


def converse(settings: Settings) -> int:
    """Answer until the user leaves; return 0, or 2 when a question failed without a terminal."""
    with opened(settings) as (musnad, loading):
        repl = Repl(musnad, layout_of(sys.stdout, settings.language), loading)
        if sys.stdin.isatty() and sys.stdout.isatty():
            return _talk(repl, _session(settings.data / "repl_history"))
        return _read(repl)


@dataclass(frozen=True, slots=True)
class ReplCommand:
    """A slash command: its description, and the function that handles the words after its name."""

    about: str
    """Name of the message that describes the command."""
    act: Callable[[str], str | None]
    """Takes the words after the name and returns the text to show, or None to leave."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its names: the main English one, the Arabic ones, the other English ones."""
        main, *others = say(f"{self.about}_names", "en").split()
        return (main, *say(f"{self.about}_names", "ar").split(), *others)


class Repl:
    """One conversation, which takes a line and returns the text to show."""

    def __init__(self, musnad: Musnad, layout: Layout, loading: Loading) -> None:
        self._musnad = musnad
        self._loading = loading
        self._said = False  # that a calibration is due
        self.layout = layout
        self.commands = (
            ReplCommand("cli_repl_sources", self._sources),
            ReplCommand("cli_repl_quote", self._quote),
            ReplCommand("cli_repl_new", self._new),
            ReplCommand("cli_repl_help_command", self._help),
            ReplCommand("cli_repl_quit", lambda _: None),
        )

    @property
    def ready(self) -> bool:
        return self._loading.done

    def welcome(self) -> str:
        count = self._musnad.archive.count_articles()
        name = "cli_welcome" if count else "cli_welcome_empty"
        text = say(name, self.layout.language, count=count) if count else say(name, self.layout.language)
        return self.layout.note(text)

    def reply(self, line: str) -> str | None:
        """Return the text to show for a line; None when the user leaves.

        Raises the exceptions of ``failures.expected``.
        """
        text = line.strip()
        if not text:
            return ""
        if not text.startswith("/"):
            return self._answer(text)
        name, _, rest = text.partition(" ")
        for command in self.commands:
            if name.casefold() in command.names:
                return command.act(rest.strip())
        return self.layout.note(say("cli_unknown_command", self.layout.language, command=name))

    def _answer(self, text: str) -> str:
        self._loading.wait()
        question = Question(text, CONVERSATION, self.layout.language)
        shown = render_answer(self._musnad.asker.ask(question), self._musnad.archive, self.layout)
        if not self._musnad.calibration_due or self._said:
            return shown
        self._said = True
        due = say("cli_calibration_due", self.layout.language, judge=self._musnad.settings.judge)
        return f"{shown}\n\n{self.layout.note(due)}"

    def _sources(self, _: str) -> str:
        last = self._musnad.conversations.last(CONVERSATION, self._musnad.archive)
        if last is None:
            return self.layout.note(say("cli_no_sources", self.layout.language))
        return render_sources(last, self._musnad.archive, self.layout)

    def _quote(self, number: str) -> str:
        last = self._musnad.conversations.last(CONVERSATION, self._musnad.archive)
        answer = verify_answer(last, self._musnad.archive) if last else None
        quotes = answer.shown if answer else ()
        if not quotes:
            return self.layout.note(say("cli_no_sources", self.layout.language))
        chosen = int(number) if number.isdecimal() else 1 if not number else 0
        if not 1 <= chosen <= len(quotes):
            return self.layout.note(say("cli_quote_usage", self.layout.language, last=len(quotes)))
        return render_passage(quotes[chosen - 1], self.layout)

    def _new(self, _: str) -> str:
        self._musnad.conversations.forget(CONVERSATION)
        return self.layout.note(say("cli_new", self.layout.language))

    def _help(self, _: str) -> str:
        language = self.layout.language
        lines = [self.layout.note(say("cli_repl_help", language)), ""]
        for command in self.commands:
            alias = f"  ({command.names[1]})" if language == "ar" else ""
            lines.append(
                f"  {command.names[0]:9} {self.layout.isolate(say(command.about, language) + alias)}"
            )
        return "\n".join(lines)


def _talk(repl: Repl, session: PromptSession[str]) -> int:
    """Run the conversation on a terminal: Ctrl-C cancels a line or a question, Ctrl-D leaves."""
    print(repl.welcome())
    while True:
        try:
            line = session.prompt(PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return 0
        try:
            with _spinner(repl, line):
                shown = repl.reply(line)
        except KeyboardInterrupt:
            shown = repl.layout.note(say("cli_stopped", repl.layout.language))
        except expected() as error:
            shown = repl.layout.lines(one_line(error))
        if shown is None:
            return 0
        if shown:
            print(f"\n{shown}\n")


def _spinner(repl: Repl, line: str) -> AbstractContextManager[None]:
    """Return a spinner to show while a question is answered; none for commands, which take no time."""
    if not line.strip() or line.strip().startswith("/"):
        return nullcontext()
    return waiting("cli_searching" if repl.ready else "cli_loading", repl.layout.language)


def _read(repl: Repl) -> int:
    """Run the conversation without a terminal, answering each line as it comes."""
    code = 0
    for line in _lines():
        if not line.strip():
            continue
        print(f"{PROMPT}{line.strip() if repl.layout.width is None else plain(line.strip())}\n")
        try:
            shown = repl.reply(line)
        except expected() as error:
            print(f"musnad: {settled(one_line(error))}", file=sys.stderr)
            code = 2
            continue
        if shown is None:
            break
        print(f"{shown}\n", flush=True)
    return code


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode("utf-8-sig", "replace")


def _session(history: Path) -> PromptSession[str]:
    """Return line editing with a persistent history and completion of slash commands."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory

    keep_private(history)
    names: Sequence[str] = ("/sources", "/quote ", "/new", "/help", "/quit")
    completer = WordCompleter(list(names), sentence=True)
    return PromptSession(history=FileHistory(str(history)), completer=completer, complete_while_typing=True)

"""The conversation in the terminal over the sample archive."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.build import Musnad
from bot.cli import repl as module
from bot.cli.repl import CONVERSATION, Repl
from bot.failures import InputError
from bot.loading import Loading, goes_on
from bot.render.layout import Layout
from bot.render.terminal import BAR
from vectorstore.errors import RecipeMismatchError

WHEN = "متى انضمت سوريا إلى التحالف الدولي؟"
UNKNOWN = "من فاز بكأس العالم لكرة السلة عام 1950؟"


@pytest.fixture
def repl(samples: Musnad) -> Iterator[Repl]:
    samples.conversations.forget(CONVERSATION)
    yield Repl(samples, Layout("ar"), Loading(samples.load))
    samples.conversations.forget(CONVERSATION)


def reply(repl: Repl, line: str) -> str:
    shown = repl.reply(line)
    assert shown is not None
    return shown


def test_a_question_is_answered_with_a_quote_and_its_source(repl: Repl) -> None:
    shown = reply(repl, WHEN)
    assert BAR in shown
    assert "[1] موجز مُسنَد" in shown


def test_what_the_archive_does_not_hold_is_refused(repl: Repl) -> None:
    assert "لم أجد في الأرشيف جوابًا" in reply(repl, UNKNOWN)


def test_sources_and_quotes_are_those_of_the_last_answer(repl: Repl, samples: Musnad) -> None:
    reply(repl, WHEN)
    last = samples.conversations.last(CONVERSATION, samples.archive)
    assert last is not None
    quote = last.quotes[0]
    assert quote.article.title in reply(repl, "/sources")
    for command in ("/quote 1", "/quote ١", "/QUOTE 1", "/اقتباس 1", "/quote"):
        shown = reply(repl, command)
        assert quote.article.title in shown
        assert f"{BAR}{quote.text}" in shown


@pytest.mark.parametrize("command", ["/quote 0", "/quote 99", "/quote كلمة", "/quote -1", "/quote ²"])
def test_a_quote_that_is_not_there_is_explained(repl: Repl, command: str) -> None:
    reply(repl, WHEN)
    assert "/quote 1" in reply(repl, command)


def test_before_the_first_answer_there_are_no_sources(repl: Repl) -> None:
    assert "لا مصادر بعد" in reply(repl, "/sources")
    assert "لا مصادر بعد" in reply(repl, "/quote 1")


def test_new_forgets_what_was_said(repl: Repl) -> None:
    reply(repl, WHEN)
    assert "حديثًا جديدًا" in reply(repl, "/جديد")
    assert "لا مصادر بعد" in reply(repl, "/sources")


def test_a_follow_up_is_understood_from_what_was_said(repl: Repl, samples: Musnad) -> None:
    reply(repl, WHEN)
    assert f"فُهم على أنه متابعة لسؤالك: {WHEN}" in reply(repl, "وما رقم عضويتها؟")
    last = samples.conversations.last(CONVERSATION, samples.archive)
    assert last is not None
    assert "سوريا" in last.standalone_question


def test_help_names_every_command_in_both_languages(repl: Repl) -> None:
    shown = reply(repl, "/help")
    for command in repl.commands:
        assert command.names[0] in shown
        assert command.names[1] in shown
    assert reply(repl, "/مساعدة") == shown


def test_an_unknown_command_is_no_question(repl: Repl, samples: Musnad) -> None:
    assert "/ساعد" in reply(repl, "/ساعد")
    assert samples.conversations.last(CONVERSATION, samples.archive) is None


@pytest.mark.parametrize("line", ["/quit", "/exit", "/خروج", " /quit "])
def test_quit_leaves(repl: Repl, line: str) -> None:
    assert repl.reply(line) is None


def test_an_empty_line_says_nothing(repl: Repl) -> None:
    assert reply(repl, "   \n") == ""


def test_what_went_wrong_while_loading_is_heard_at_the_question(samples: Musnad) -> None:
    def load() -> None:
        raise RecipeMismatchError("run `musnad reindex`")

    repl = Repl(samples, Layout("ar"), Loading(load))
    assert reply(repl, "/help")
    with pytest.raises(RecipeMismatchError):
        repl.reply(WHEN)
    until = time.monotonic() + 5  # the thread has said it, and is about to end
    while goes_on() and time.monotonic() < until:
        time.sleep(0.01)
    assert not goes_on()


# Without a terminal


def test_lines_from_a_pipe_are_answered_in_order(
    repl: Repl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = f"\ufeff{WHEN}\n\n/sources\n/quit\n{UNKNOWN}\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert module._read(repl) == 0
    out = capsys.readouterr().out
    assert out.index(f"› {WHEN}\n") < out.index(BAR) < out.index("› /sources") < out.index("› /quit")
    assert UNKNOWN not in out


def test_an_error_in_a_pipe_is_named_and_the_rest_goes_on(
    samples: Musnad, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load() -> None:
        raise InputError("no model")

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{WHEN}\n/help\n".encode())))
    assert module._read(Repl(samples, Layout("ar"), Loading(load))) == 2
    out, err = capsys.readouterr()
    assert err == "musnad: no model\n"
    assert "/sources" in out


# With one


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield keys


def test_at_a_terminal_ctrl_c_gives_up_a_line_and_ctrl_d_leaves(
    repl: Repl, keys: PipeInput, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.send_text(f"نصف سؤال\x03/sources\r{WHEN}\r\x04")
    assert module._talk(repl, module._session(tmp_path / "history")) == 0
    out = capsys.readouterr().out
    assert out.index("اسأل الأرشيف") < out.index("لا مصادر بعد") < out.index(BAR)
    assert "نصف" not in out


def test_the_history_stays_for_the_next_time(repl: Repl, keys: PipeInput, tmp_path: Path) -> None:
    keys.send_text("/sources\r/quit\r")
    assert module._talk(repl, module._session(tmp_path / "history")) == 0
    keys.send_text("\x1b[A\x1b[A\r/quit\r")  # up, up: what was typed before
    assert module._talk(repl, module._session(tmp_path / "history")) == 0
    assert (tmp_path / "history").read_text(encoding="utf-8").count("+/sources") == 2


def test_commands_are_completed_and_questions_are_not(keys: PipeInput, tmp_path: Path) -> None:
    completer = module._session(tmp_path / "history").completer
    assert completer is not None

    def completions(text: str) -> list[str]:
        return [found.text for found in completer.get_completions(Document(text), CompleteEvent())]

    assert completions("/so") == ["/sources"]
    assert completions("/q") == ["/quote ", "/quit"]
    assert completions("متى") == []


def test_an_error_does_not_end_the_conversation(
    samples: Musnad, keys: PipeInput, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def load() -> None:
        raise RecipeMismatchError("run `musnad reindex`")

    keys.send_text(f"{WHEN}\r/sources\r/quit\r")
    assert (
        module._talk(Repl(samples, Layout("ar"), Loading(load)), module._session(tmp_path / "history")) == 0
    )
    out = capsys.readouterr().out
    assert out.index("musnad reindex") < out.index("لا مصادر بعد")


# Loading


def test_who_leaves_early_closes_nothing_that_still_loads() -> None:
    may_go_on, happened = threading.Event(), []

    def load() -> None:
        may_go_on.wait(10)
        happened.append("loaded")

    loading = Loading(load)
    loading.release(lambda: happened.append("closed"))
    assert not loading.done
    assert goes_on()
    assert happened == []
    may_go_on.set()
    while goes_on():
        time.sleep(0.01)
    assert happened == ["loaded", "closed"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_loading_that_fails_as_nobody_foresaw_is_over_and_heard_of() -> None:
    def fail() -> None:
        raise TypeError("a fault in the code")

    loading = Loading(fail)
    with pytest.raises(TypeError, match="a fault in the code"):
        loading.wait()
    assert loading.done


def test_what_has_loaded_is_closed_at_once() -> None:
    happened: list[str] = []
    loading = Loading(lambda: happened.append("loaded"))
    loading.wait()
    loading.release(lambda: happened.append("closed"))
    assert happened[-1] == "closed"

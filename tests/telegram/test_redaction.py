"""No token in a log, in whatever part of a record it comes."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.runtime.redaction import HIDDEN, Redaction, redact_tracebacks

TOKEN = "123456789:AAH-abcDEF_ghiJKLmnoPQRstuVWXyz01234"


@pytest.fixture
def logged() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Redaction((TOKEN, TOKEN.partition(":")[2])))
    log = logging.Logger("redacted", logging.DEBUG)
    log.addHandler(handler)
    yield log, out
    handler.close()


def test_message_arguments_traceback_and_stack(logged: tuple[logging.Logger, io.StringIO]) -> None:
    log, out = logged
    log.info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    log.info("token is %(token)s", {"token": TOKEN})
    log.warning("half of it: %s", TOKEN.partition(":")[2])
    try:
        try:
            raise KeyError(TOKEN)
        except KeyError as error:
            raise RuntimeError(f"https://example.org/file/bot{TOKEN}/photo.jpg") from error
    except RuntimeError:
        log.exception("failed", stack_info=True)
    text = out.getvalue()
    assert TOKEN.partition(":")[2] not in text
    assert "https://api.telegram.org/bot" + HIDDEN in text
    assert "KeyError" in text
    assert "RuntimeError" in text
    assert "Stack (most recent call last)" in text


def test_another_bots_token_goes_too(logged: tuple[logging.Logger, io.StringIO]) -> None:
    log, out = logged
    log.info(
        "bot987654321:AAzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz and 987654321:AAzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    )
    assert "zzzz" not in out.getvalue()


def test_what_only_looks_a_little_like_one_stays(logged: tuple[logging.Logger, io.StringIO]) -> None:
    log, out = logged
    log.info("at 2026-11-22 10:20:30 user 501 asked robot2 in chat -1001234567890, 127.0.0.1:8080")
    assert HIDDEN not in out.getvalue()


def test_call_whose_arguments_do_not_fit_is_logged_all_the_same(
    logged: tuple[logging.Logger, io.StringIO],
) -> None:
    log, out = logged
    log.info("%d updates", TOKEN)
    assert "updates" in out.getvalue()
    assert TOKEN not in out.getvalue()


def test_tracebacks_that_no_log_handler_sees(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    redact_tracebacks(TOKEN)

    def fail() -> None:
        raise RuntimeError(f"bot{TOKEN} in a thread")

    try:
        raise RuntimeError(f"bot{TOKEN} at the end") from KeyError(TOKEN)
    except RuntimeError:
        sys.excepthook(*sys.exc_info())
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    shown = capsys.readouterr().err
    assert TOKEN.partition(":")[2] not in shown
    assert f"RuntimeError: bot{HIDDEN} at the end" in shown
    assert f"RuntimeError: bot{HIDDEN} in a thread" in shown


CRASH = """
import logging
import bot.loading
from bot.settings import Settings
from bot.telegram.serve import run

def opened(settings, fill):
    token, secret = settings.telegram_token.get_secret_value(), settings.webhook_secret.get_secret_value()
    said = f"bot{token} or {token.partition(':')[2]} with {secret}"
    logging.getLogger("musnad").warning("logged: %s", said)
    raise RuntimeError(f"raised: {said}")

bot.loading.opened = opened
run(Settings())
"""


def test_neither_token_nor_secret_is_shown_by_a_bot_that_crashes(tmp_path: Path) -> None:
    secret = "the-secret-of-the-webhook"
    settings = {
        "MUSNAD_TELEGRAM_TOKEN": TOKEN,
        "MUSNAD_WEBHOOK": "https://bot.example.org/telegram",
        "MUSNAD_WEBHOOK_SECRET": secret,
        "MUSNAD_DATA": str(tmp_path),
    }
    command = [sys.executable, "-c", CRASH]
    ended = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    shown = f"bot{HIDDEN} or {HIDDEN} with {HIDDEN}"
    assert f"logged: {shown}" in ended.stderr
    assert f"RuntimeError: raised: {shown}" in ended.stderr
    for hidden in (TOKEN, TOKEN.partition(":")[2], secret):
        assert hidden not in ended.stdout + ended.stderr


@given(st.text(), st.text(), st.from_regex(r"[0-9]{6,10}:[A-Za-z0-9_-]{30,40}", fullmatch=True))
def test_the_token_given_never_survives(before: str, after: str, token: str) -> None:
    assert token not in Redaction((token,)).redact(before + token + after)

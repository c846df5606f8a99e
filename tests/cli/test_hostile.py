"""Names and texts that would steer a terminal, through every command that prints."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bot.cli import main
from bot.render.layout import Layout
from prompts import Language
from tests.render.test_controls import is_safe
from vectorstore.embed import Embedder

NAME = "a\x1b[2J\x9b31m\u202e\u2069\u2067b.txt"
TEXT = """افتتاح\u202e سد\u2069 \x9b31m الوادي\u2067 بعد عامين
الناشر: صحيفة\u2069\u202e الساحل\x9b2J
التاريخ: 7 أيار 2023
المكان: الوادي\u2067\u202e

افتتحت الحكومة سد الوادي\x9b31m يوم الأحد بعد عامين من العمل\u202e كما أعلنت وزارة المياه\u2069 في بيان صدر في العاصمة.

وقالت الوزارة إن السد يخزن مليوني متر مكعب من المياه ويروي حقول سبع قرى\u2066 تقع على ضفتي النهر.
"""
QUESTION = "متى افتتح سد الوادي؟"


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> None:
    def layout_of(stream: object, language: Language) -> Layout:
        return Layout(language, 80)

    monkeypatch.setattr("vectorstore.embed.load_embedder", lambda *given, **named: embedder)
    monkeypatch.setattr("bot.cli.commands.layout_of", layout_of)
    monkeypatch.setattr("bot.cli.repl.layout_of", layout_of)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / NAME).write_text(TEXT, encoding="utf-8")
    (folder / f"empty {NAME}").write_bytes(b"")
    return folder


@pytest.fixture
def data(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["ingest", str(folder), "--verbose", "--data", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert "الوادي" in shown.out
    assert is_safe(shown.out)
    assert is_safe(shown.err)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ["ask", QUESTION],
        ["ask", f"{QUESTION} \x1b[2J\u202e\u2069"],
        ["ask", QUESTION, "--json"],
        ["show", NAME],
        ["show", NAME, "--json"],
        ["show", "\x1b[2J\u202e nowhere"],
        ["check", "افتتحت الحكومة سد الوادي يوم الأحد بعد عامين من العمل"],
        ["check", "افتتحت البلدية سد الوادي \x9b31m\u202e يوم الأحد بعد عامين من العمل"],
        ["ingest", "nowhere\x1b[2J\u202e.txt"],
        ["ingest", "https://user\x1b@evil.example/\u202e"],
    ],
)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_command_steers_the_terminal(
    command: list[str],
    language: str,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUSNAD_LANGUAGE", language)
    main([*command, "--data", str(data)])
    out, err = capsys.readouterr()
    assert out or err
    assert is_safe(out)
    assert is_safe(err)


def test_no_reply_of_a_conversation_steers_the_terminal(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = f"{QUESTION}\n/sources\n/quote\n/\x1b[2J\u202e\n\x9b31m \u2069?\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
    main(["repl", "--data", str(data)])
    out, err = capsys.readouterr()
    assert "الوادي" in out
    assert is_safe(out)
    assert is_safe(err)


def test_lines_of_json_are_no_traceback_and_steer_nothing(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        json.dumps({"question": QUESTION}),
        '{"question": "\\ud800 متى افتتح سد الوادي؟"}',
        '{"question": "x", "conversation": "\\udfff"}',
        f'{{"question": "x", "conversation": {"9" * 5_000}}}',
        f'{{"question": {"9" * 5_000}}}',
        json.dumps({"question": f"{QUESTION} {NAME}", "conversation": NAME}),
    ]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
    assert main(["ask", "--jsonl", "--data", str(data)]) == 2
    out, _ = capsys.readouterr()
    assert is_safe(out)
    assert ["error" in json.loads(line) for line in out.splitlines()] == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]

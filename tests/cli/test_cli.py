"""The command `musnad`: output, standard error and exit codes, on which scripts and people rely."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.cli import app, main
from bot.failures import InputError
from bot.loading import goes_on
from bot.quotes import cut
from bot.state import State
from bot.telegram.answers.quotestore import QuoteStore
from corpus.parse import parse
from corpus.store import Archive
from vectorstore.embed import Embedder

ROOT = Path(__file__).parents[2]

DAM = """\
سد الوادي يمتلئ للمرة الأولى منذ عقد
الناشر: صحيفة الجبل
التاريخ: 3 آذار 2024

أعلن مدير السد نبيل الحسن أن بحيرة سد الوادي امتلأت كلها يوم السبت 2 آذار 2024. وتتسع البحيرة لسبعين مليون متر مكعب.

وقال الحسن إن المزارعين سيحصلون على المياه بلا مقابل حتى الصيف.
"""
SCHOOL = """\
مدرسة القرية تفتح أبوابها بعد ترميم طويل
الناشر: مجلة السهل
التاريخ: 15 أيلول 2023

عاد مئتا تلميذ إلى مدرسة القرية صباح اليوم. ورمّم المتطوعون اثني عشر صفًّا خلال الصيف.
"""
WHEN = "متى امتلأت بحيرة سد الوادي؟"


@pytest.fixture(autouse=True)
def _one_model(monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> Iterator[None]:
    """Give every command the real model, loaded once per run and not once per command."""
    monkeypatch.setattr("vectorstore.embed.load_embedder", lambda *given, **named: embedder)
    yield
    while goes_on():
        time.sleep(0.01)


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "dam.txt").write_text(DAM, encoding="utf-8")
    (folder / "school.txt").write_text(SCHOOL, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, articles: Path, embedder: Embedder) -> Path:
    """Return a data directory with both articles in it."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vectorstore.embed.load_embedder", lambda *given, **named: embedder)
        assert main(["ingest", str(articles), "--data", str(folder)]) == 0
    return folder


Captured = pytest.CaptureFixture[str]


def complaint(capsys: Captured) -> str:
    """Return the text on standard error: one line, and nothing on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("musnad: ")
    assert err.count("\n") == 1
    return err


# Ingest


def test_ingest_says_what_went_in_and_changes_nothing_the_second_time(
    articles: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["ingest", str(articles), "--data", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert "أُضيف (2): dam.txt، school.txt" in out
    assert "عدد المقالات في الأرشيف الآن: 2" in out
    assert "قراءة الملفات: 2/2" in err
    assert "فهرسة المقاطع:" in err
    assert main(["--data", str(tmp_path), "ingest", str(articles)]) == 0
    assert "لم يتغيّر (2)" in capsys.readouterr().out


def test_ingest_names_what_it_skips_and_takes_the_rest(
    articles: Path, tmp_path: Path, capsys: Captured
) -> None:
    folder = tmp_path / "in"
    shutil.copytree(articles, folder)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "image.txt").write_bytes(b"\x89PNG\0\1")
    given = ["ingest", str(folder), str(tmp_path / "nowhere.txt"), "--data", str(tmp_path / "data")]
    assert main(given) == 2
    out, err = capsys.readouterr()
    assert "أُضيف (2)" in out
    assert "musnad: empty.txt: فارغ\n" in err
    assert "musnad: image.txt: ليس ملفًّا نصّيًّا" in err
    assert f"musnad: {tmp_path / 'nowhere.txt'}: لا ملف هنا" in err


def test_a_file_name_changes_no_line_but_its_own(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a\nmusnad: b.txt").write_text(DAM, encoding="utf-8")
    (folder / "c\x1b[31m.txt").write_bytes(b"")
    assert main(["ingest", str(folder), "-v", "--data", str(tmp_path / "data")]) == 2
    out, err = capsys.readouterr()
    assert "أُضيف (1): a\ufffdmusnad: b.txt\n" in out
    assert "\x1b" not in err
    assert all(line == line.rstrip() for line in out.splitlines())


def test_every_reason_for_skipping_is_said_in_both_languages() -> None:
    from bot.render.report import reason_of
    from corpus.decode import Reason
    from corpus.ingest import Skipped

    for reason in Reason:
        assert reason_of(Skipped("a", reason), "ar").strip()
        assert reason_of(Skipped("a", reason, "byte 3"), "en").endswith("(byte 3)")


@pytest.mark.parametrize(
    ("detail", "arabic"),
    [
        ("port 8000", "المنفذ 8000"),
        ("NUL at byte 0", "بايت صفري عند الموضع 0"),
        ("not UTF-8 at byte 17", "ليس UTF-8 عند البايت 17"),
        ("40,000,000 bytes, the limit is 32,000,000", "حجمه بالبايت 40,000,000، والحدّ 32,000,000"),
        ("more than 30 s", "أكثر من 30 ث"),
        ("more than 5", "أكثر من 5"),
        ("more than 200 pages", "عدد صفحاته أكثر من 200"),
        ("page 2: the order of “BBC 2014” is not clear", "الصفحة 2: لا يتبيّن ترتيب «BBC 2014»"),
        ("musnad reads .docx, .html, .txt", "يقرأ البرنامج .docx, .html, .txt"),
        ("PackageNotFoundError", "PackageNotFoundError"),
        ("HTTP 503", "HTTP 503"),
    ],
)
def test_a_known_detail_of_a_reason_is_said_in_arabic(detail: str, arabic: str) -> None:
    from bot.render.report import reason_of
    from corpus.decode import Reason
    from corpus.ingest import Skipped

    skipped = Skipped("a", Reason.DAMAGED, detail)
    assert reason_of(skipped, "ar") == f"ملف تالف ({arabic})"
    assert reason_of(skipped, "en") == f"damaged ({detail})"


def test_the_details_that_the_readers_give_are_known_in_arabic() -> None:
    from bot.render.report import reason_of
    from corpus.decode import NoTextError
    from corpus.ingest import Skipped
    from corpus.parse import read

    told = []
    for data, kind in [(b"a\0b", ".txt"), (b"PK\3\4", ".docx"), (b"no", ".pdf"), (b"<p></p>", ".html")]:
        with pytest.raises(NoTextError) as caught:
            read(data, kind)
        told.append(reason_of(Skipped("a", caught.value.reason, caught.value.detail), "ar"))
    assert told == [
        "ليس ملفًّا نصّيًّا (بايت صفري عند الموضع 1)",
        "ملف تالف (ليس مستند Word)",
        "ملف تالف (ليس ملف PDF)",
        "لا مقال فيه (صفحة بلا فقرات)",
    ]


def test_a_removed_file_is_reported_then_pruned(articles: Path, tmp_path: Path, capsys: Captured) -> None:
    folder, data = tmp_path / "in", str(tmp_path / "data")
    shutil.copytree(articles, folder)
    main(["ingest", str(folder), "--data", data])
    (folder / "school.txt").unlink()
    capsys.readouterr()
    assert main(["ingest", str(folder), "--data", data]) == 0
    assert "--prune: school.txt" in capsys.readouterr().out
    assert main(["ingest", str(folder), "--prune", "--data", data]) == 0
    assert "أُزيل (1): school.txt" in capsys.readouterr().out
    assert main(["show", "school.txt", "--data", data]) == 1


def test_verbose_tells_what_was_read_from_each_article(
    articles: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["ingest", str(articles), "-v", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert (
        "سد الوادي يمتلئ للمرة الأولى منذ عقد\nصحيفة الجبل (كما يقول الملف) · 3 آذار/مارس 2024 · الفقرات: 2 · dam.txt"
        in out
    )


PAGE = """<html dir="rtl"><head><title>سد الوادي يمتلئ | صحيفة الجبل</title>
<meta property="og:site_name" content="صحيفة الجبل"><link rel="canonical" href="/2024/dam">
<meta property="article:published_time" content="2024-03-03T09:00:00+02:00"></head><body>
<nav><a href="/">الرئيسية</a> <a href="/local">محليات</a></nav><article><h1>سد الوادي يمتلئ</h1>
<p>أعلن مدير السد أن بحيرة سد الوادي امتلأت كلها يوم السبت، وأنها تتسع لسبعين مليون متر مكعب من المياه.</p>
<p>وقال المدير إن المزارعين سيحصلون على المياه بلا مقابل حتى الصيف.</p></article></body></html>"""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Yield the address of a local site that serves the folder ``site``."""
    (tmp_path / "site").mkdir()

    class Site(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Keep the log off standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(tmp_path / "site"))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_link_is_ingested(web: str, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "site" / "dam.html").write_bytes(PAGE.encode("cp1256"))
    data = str(tmp_path / "data")
    assert main(["ingest", f"{web}/dam.html?utm_source=x", "-v", "--data", data]) == 0
    name = f"{web.removeprefix('http://')}/dam.html"
    out = capsys.readouterr().out
    assert f"سد الوادي يمتلئ\nصحيفة الجبل (الموقع: 127.0.0.1) · 3 آذار/مارس 2024 · الفقرات: 2 · {name}" in out
    assert main(["show", name, "--json", "--data", data]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["url"], shown["source"]) == (f"{web}/2024/dam", name)
    assert shown["body"].startswith("أعلن مدير السد")
    assert main(["ingest", f"{web}/dam.html", "--data", data]) == 0
    assert "لم يتغيّر (1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "why"), [("ar", "لا صفحة في هذا العنوان"), ("en", "there is no page there")]
)
def test_links_that_cannot_be_fetched_are_named_a_line_each(
    web: str,
    articles: Path,
    language: str,
    why: str,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUSNAD_LANGUAGE", language)
    given = [f"{web}/none", "ftp://news.example/1", str(articles / "dam.txt")]
    assert main(["ingest", *given, "--data", str(tmp_path / "data")]) == 2
    said = capsys.readouterr()
    assert "dam.txt" in said.out
    lines = [line for line in said.err.splitlines() if line.startswith("musnad: ")]
    assert lines[0] == f"musnad: {web}/none: {why} (HTTP 404)"
    assert lines[1].startswith("musnad: ftp://news.example/1: ")
    assert len(lines) == 2


def test_ingesting_nothing_is_explained(capsys: Captured) -> None:
    assert main(["ingest"]) == 2
    assert "--samples" in complaint(capsys)


# Ask


def test_an_answer_is_a_quote_with_its_source(data: Path, capsys: Captured) -> None:
    assert main(["ask", WHEN, "--data", str(data)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "│ أعلن مدير السد نبيل الحسن أن بحيرة سد الوادي امتلأت كلها يوم السبت 2 آذار 2024." in out
    assert "[1] صحيفة الجبل (كما يقول الملف) · 3 آذار/مارس 2024" in out


def test_a_refusal_is_said_with_exit_code_1(data: Path, capsys: Captured) -> None:
    assert main(["ask", "من فاز بكأس العالم لكرة السلة؟", "--data", str(data)]) == 1
    assert "لم أجد في الأرشيف جوابًا" in capsys.readouterr().out


def test_json_is_one_object_whose_quotes_are_slices_of_what_show_gives(data: Path, capsys: Captured) -> None:
    assert main(["ask", "--json", WHEN, "--data", str(data)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert answer["status"] == "answered"
    for quote in answer["quotes"]:
        assert main(["show", quote["article"]["id"], "--json", "--data", str(data)]) == 0
        article = json.loads(capsys.readouterr().out)
        assert article["body"][quote["start"] : quote["end"]] == quote["text"]
        assert {key: article[key] for key in quote["article"]} == quote["article"]


@pytest.mark.parametrize("given", [[], [""], ["  "], ["سؤال", "--jsonl"]])
def test_ask_wants_one_question_or_lines(data: Path, capsys: Captured, given: list[str]) -> None:
    assert main(["ask", *given, "--data", str(data)]) == 2
    assert "musnad ask" in complaint(capsys)


def test_a_question_that_begins_with_dashes_comes_after_two(data: Path, capsys: Captured) -> None:
    assert main(["ask", "--data", str(data), "--", "--help"]) == 1
    assert "--help" not in capsys.readouterr().err


def test_an_argument_that_is_not_utf8_is_no_traceback(data: Path, capsys: Captured) -> None:
    assert main(["ask", "سد الوادي \udcff", "--json", "--data", str(data)]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["question"] == "سد الوادي \ufffd"


def lines(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, data: Path, given: bytes
) -> tuple[int, list[Any]]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    code = main(["ask", "--jsonl", "--data", str(data)])
    out, err = capsys.readouterr()
    assert err == ""
    return code, [json.loads(line) for line in out.splitlines()]


def test_lines_are_answered_in_order_each_conversation_with_its_own_memory(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    asked = [
        {"question": WHEN, "conversation": "a"},
        {"question": "كم تلميذًا عاد إلى مدرسة القرية؟", "conversation": "b"},
        {"question": "ومن أعلن ذلك؟", "conversation": "a"},
        {"question": "ومن أعلن ذلك؟"},
    ]
    given = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in asked).encode()
    code, answers = lines(monkeypatch, capsys, data, given)
    assert code == 0
    assert [answer["question"] for answer in answers] == [line["question"] for line in asked]
    assert "الوادي" in answers[2]["standalone_question"]
    assert "الوادي" not in answers[3]["standalone_question"]


def test_a_bad_line_gets_an_error_in_its_place_and_the_rest_goes_on(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    bad = [
        b"not json", b"", b"[]", b'"text"', b"{}", b'{"question": 7}', b'{"question": "  "}', b'{"question": "\xff"}',
        b'{"question": "x", "conversation": []}', b"[" * 100_000,
        b'{"question": "x", "conversation": ' + b"9" * 5_000 + b"}",
        b'{"question": "x", "conversation": "\\ud800"}', b'{"question": "x", "conversation": 1e999}',
    ]  # fmt: skip
    good = json.dumps({"question": WHEN}).encode()
    code, answers = lines(monkeypatch, capsys, data, b"\n".join([*bad, good]))
    assert code == 2
    assert [answer["line"] for answer in answers[:-1]] == list(range(1, len(bad) + 1))
    assert all(list(answer) == ["error", "line"] and answer["error"] for answer in answers[:-1])
    assert answers[-1]["status"] == "answered"


def test_no_lines_are_no_error(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert lines(monkeypatch, capsys, data, b"") == (0, [])


# Show, check


@pytest.mark.parametrize("by", ["id", "beginning", "source", "title"])
def test_an_article_is_shown_by_any_of_its_names(data: Path, capsys: Captured, by: str) -> None:
    main(["show", "dam.txt", "--json", "--data", str(data)])
    article = json.loads(capsys.readouterr().out)
    name = {"beginning": article["id"][:6], **article}[by]
    assert main(["show", name, "--data", str(data)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "سد الوادي يمتلئ للمرة الأولى منذ عقد\nصحيفة الجبل (كما يقول الملف) · 3 آذار/مارس 2024"
    )
    assert article["body"].strip().splitlines()[-1] in out


def test_a_quote_that_went_out_is_shown_in_its_place(data: Path, capsys: Captured) -> None:
    words = "وتتسع البحيرة لسبعين مليون متر مكعب."
    with Archive(data / "archive.sqlite") as archive:
        article = archive.article("dam.txt")
        made = cut(article, article.body.index(words), article.body.index(words) + len(words))
        state = State(data / "bot.sqlite")
        QuoteStore(state, archive).issue([made])
        state.close()
    assert main(["show", f"q_{made.id}", "--data", str(data)]) == 0
    shown = capsys.readouterr().out
    assert f"\n│ {words}\n" in shown
    assert "أعلن مدير السد نبيل الحسن" in shown.split(words)[0]
    assert main(["show", "q_000000000000", "--data", str(data)]) == 1
    assert "q_000000000000" in complaint(capsys)


def test_an_article_that_is_not_there_is_exit_code_1(data: Path, capsys: Captured) -> None:
    assert main(["show", "nothing.txt", "--data", str(data)]) == 1
    assert "«nothing.txt»" in complaint(capsys)


@pytest.mark.parametrize(
    ("claim", "code", "says"),
    [
        ("وتتسع البحيرة لسبعين مليون متر مكعب.", 0, "حرفًا بحرف"),
        ("«امتلأت كلها يوم السبت ٢ اذار ٢٠٢٤»", 0, "ولا يختلف إلا"),
        ("وتتسع البحيرة لتسعين مليون متر مكعب.", 1, "[-لتسعين-] {+لسبعين+}"),
    ],
)
def test_a_claim_is_checked(data: Path, capsys: Captured, claim: str, code: int, says: str) -> None:
    assert main(["check", claim, "--data", str(data)]) == code
    out, err = capsys.readouterr()
    assert says in out
    assert "صحيفة الجبل" in out
    assert err == ""


def test_an_empty_claim_is_explained(data: Path, capsys: Captured) -> None:
    assert main(["check", " ", "--data", str(data)]) == 2
    assert "musnad check" in complaint(capsys)


# Reindex, eval, telegram


def test_reindex_leaves_answers_as_they_were(articles: Path, tmp_path: Path, capsys: Captured) -> None:
    main(["ingest", str(articles), "--data", str(tmp_path)])
    assert main(["reindex", "--data", str(tmp_path)]) == 0
    assert "اكتمل الفهرس" in capsys.readouterr().out
    assert main(["ask", WHEN, "--data", str(tmp_path)]) == 0


LINKS = "تجدون أخبار المزرعة كلها على صفحتنا، ونرحب بمن يزورها."


def test_clean_names_what_recurs_and_show_says_that_it_is_no_evidence(
    tmp_path: Path, capsys: Captured
) -> None:
    folder, state = tmp_path / "in", str(tmp_path / "data")
    folder.mkdir()
    crops = ("القمح", "الزيتون", "التفاح", "العنب", "الرمان", "التين")
    for number, crop in enumerate(crops):
        text = f"جني {crop} في الوادي\n\nجنى المزارعون {crop} هذا الأسبوع وباعوه في سوق البلدة الكبيرة.\n\n{LINKS}\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    assert main(["ingest", str(folder), "--data", state]) == 0
    capsys.readouterr()
    assert main(["clean", "--data", state]) == 0
    out, err = capsys.readouterr()
    assert f"6  {LINKS}" in out
    assert "ما يتكرر: 1. المقالات التي تغيّرت مقاطعها: 0" in out, "the ingest has left it out already"
    assert "مراجعة المتكرر في المقالات: 6/6" in err
    assert main(["show", "2.txt", "--data", state]) == 0
    assert f"{LINKS}\n↑ ليس من الأدلة: يتكرر في 6 من مقالات ملفات المجلد الأعلى\n" in capsys.readouterr().out
    assert main(["show", "2.txt", "--json", "--data", state]) == 0
    shown = json.loads(capsys.readouterr().out)
    (span,) = shown["recurring"]
    assert shown["body"][span["start"] : span["end"]] == LINKS
    assert main(["clean", "--data", state]) == 0
    assert "المقالات التي تغيّرت مقاطعها: 0" in capsys.readouterr().out
    main(["ask", "ماذا تجدون على صفحتنا؟", "--json", "--data", state])
    answer = json.loads(capsys.readouterr().out)
    assert all(LINKS not in quote["text"] for quote in answer["quotes"] + answer["related"])


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    def paragraph(text: str, question: str, answer: str) -> dict[str, Any]:
        answers = [{"text": answer, "answer_start": text.index(answer)}]
        return {"context": text, "qas": [{"id": question, "question": question, "answers": answers}]}

    dam = "امتلأت بحيرة سد الوادي يوم السبت. وتتسع البحيرة لسبعين مليون متر مكعب من المياه."
    school = "عاد مئتا تلميذ إلى مدرسة القرية. ورمم المتطوعون اثني عشر صفا خلال الصيف."
    entries = [
        {"title": "السد", "paragraphs": [paragraph(dam, "متى امتلأت بحيرة السد؟", "السبت")]},
        {"title": "المدرسة", "paragraphs": [paragraph(school, "كم تلميذا عاد إلى المدرسة؟", "مئتا تلميذ")]},
    ]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": entries}), encoding="utf-8")
    return path


def test_eval_measures_each_ranking(squad: Path, tmp_path: Path, capsys: Captured) -> None:
    given = ["eval", str(squad), "--data", str(tmp_path / "data")]
    assert main([*given, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert list(result) == ["questions", "passages", "dense", "lexical", "fused", "seconds"]
    assert (result["questions"], result["passages"]) == (2, 2)
    assert list(result["fused"]) == ["ndcg@10", "r@1", "r@5", "mrr@10"]
    assert main(given) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("dense", "lexical", "fused", "ndcg@10", "1.0000"))


def test_eval_prints_the_trade_off_of_refusing(squad: Path, tmp_path: Path, capsys: Captured) -> None:
    given = ["eval", str(squad), "--refusal", "--data", str(tmp_path / "data")]
    assert main([*given, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"threshold", "answered", "answered_without_article"} <= result["trade_off"][0].keys()
    assert main(given) == 0
    assert f"→ {result['threshold']:g}" in capsys.readouterr().out


def test_eval_names_the_file_that_is_no_squad(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.json").write_text('{"data": 7}', encoding="utf-8")
    for name in ("a.json", "nowhere.json"):
        assert main(["eval", str(tmp_path / name)]) == 2
        assert name in complaint(capsys)


def test_telegram_without_a_token_says_where_to_get_one(tmp_path: Path, capsys: Captured) -> None:
    assert main(["telegram", "--data", str(tmp_path)]) == 2
    assert "MUSNAD_TELEGRAM_TOKEN" in capsys.readouterr().err


# Usage


def test_help_has_a_line_for_each_command(capsys: Captured) -> None:
    for given in (["--help"], []):
        assert main(given) == 0
        out = capsys.readouterr().out
        for name in ("ingest", "ask", "repl", "telegram", "check", "show", "reindex", "eval"):
            assert any(line.split()[:1] == [name] and len(line.split()) > 1 for line in out.splitlines())


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_command_explains_itself(
    language: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("MUSNAD_LANGUAGE", language)
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert main([name, "--help"]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"musnad {name}")
        assert "--data DIR" in out


def test_version(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("musnad ")


@pytest.mark.parametrize("given", [["aks"], ["ask", "--nothing"], ["show"], ["show", "a", "b"], ["--data"]])
def test_bad_usage_is_one_line_that_points_to_help(capsys: Captured, given: list[str]) -> None:
    assert main(given) == 2
    assert "musnad --help" in complaint(capsys)


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LANGUAGE", "fr"),
        ("LLM_TIMEOUT", "soon"),
        ("LLM_TIMEOUT", "-7"),
        ("CONVERSATION_TURNS", "-7"),
        ("PUBLIC", "maybe"),
        ("ALLOWED_USERS", "12,secret"),
    ],
)
def test_a_bad_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, name: str, value: str
) -> None:
    monkeypatch.setenv("MUSNAD_TELEGRAM_TOKEN", "hidden")
    monkeypatch.setenv(f"MUSNAD_{name}", value)
    assert main(["show", "x"]) == 2
    said = complaint(capsys)
    assert f"MUSNAD_{name}" in said
    assert value not in said
    assert "hidden" not in said


def test_the_complaint_about_a_setting_is_in_the_users_language(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("MUSNAD_LANGUAGE", "en")
    monkeypatch.setenv("MUSNAD_LLM_TIMEOUT", "0")
    assert main(["show", "x"]) == 2
    assert complaint(capsys) == (
        "musnad: The value of MUSNAD_LLM_TIMEOUT cannot be used: it must be a number greater than 0\n"
    )


def test_data_names_the_folder_before_and_after_the_command_and_over_the_environment(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSNAD_DATA", str(tmp_path))
    assert main(["show", "dam.txt"]) == 1
    assert main(["--data", str(data), "show", "dam.txt"]) == 0
    assert main(["show", "--data", str(data), "dam.txt"]) == 0
    assert main(["--data", str(tmp_path), "show", "dam.txt", "--data", str(data)]) == 0
    monkeypatch.setenv("MUSNAD_DATA", str(data))
    assert main(["show", "dam.txt"]) == 0


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert main(["ask", "سؤال", "--data", str(tmp_path / "file")]) == 2
    assert str(tmp_path / "file") in complaint(capsys)


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert main(["ask", "سؤال", "--data", str(tmp_path / "file" / "below")]) == 2
    line = complaint(capsys)
    assert str(tmp_path / "file" / "below") in line
    assert "choose another with --data" in line


def test_an_archive_that_is_none_is_named(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "archive.sqlite").write_text(
        "no database, but long enough to be read as one" * 50, encoding="utf-8"
    )
    assert main(["show", "x", "--data", str(tmp_path)]) == 2
    assert "archive.sqlite" in complaint(capsys)


# As a process of its own


def musnad(*given: str, **more: Any) -> subprocess.Popen[bytes]:
    # A run started in the background has Ctrl-C ignored, and children inherit that: these must not.
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        " from bot.cli import main; sys.exit(main())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *given], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    )


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    text = DAM + "وتتسع البحيرة لسبعين مليون متر مكعب.\n\n" * 5000
    with Archive(tmp_path / "archive.sqlite") as archive:
        archive.add_file("long.txt", "1", text, parse(text, "long.txt"), lambda article: [])
    with musnad("show", "long.txt", "--data", str(tmp_path)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    process = musnad("ask", "--jsonl", "--data", str(tmp_path), stdin=subprocess.PIPE)
    for _ in range(200):
        if (tmp_path / "archive.sqlite").exists():
            break
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (out, err, process.returncode) == (b"", b"", 130)


@pytest.mark.slow
def test_a_real_run_writes_nothing_but_the_answer(data: Path, models: Path) -> None:
    if not (data / "models").exists():
        (data / "models").symlink_to(models)
    process = musnad("ask", WHEN, "--json", "--data", str(data), env={**os.environ, "LC_ALL": "C"})
    out, err = process.communicate(timeout=300)
    assert err == b""
    assert process.returncode == 0
    assert json.loads(out)["status"] == "answered"


def test_fields_are_read_by_role_and_anything_else_is_named() -> None:
    from bot.cli.commands import read_fields

    given = "title=headline, id=guid,url=https://t.me/name/{id},text=content.rendered"
    assert read_fields(given, "en") == {
        "title": "headline",
        "key": "guid",
        "url": "https://t.me/name/{id}",
        "text": "content.rendered",
    }
    for wrong in ("title", "title=", "colour=red", "text=a,,=b"):
        with pytest.raises(InputError, match="--fields"):
            read_fields(wrong, "en")


@pytest.mark.parametrize(
    "given",
    [
        ["ingest", ""],
        ["ingest", "here.txt", ""],
        ["ask", "متى؟", "--data", ""],
        ["--data", "", "ask", "متى؟"],
        *(
            [*command, "--data", "a\udcff"]
            for command in (["ask", "x"], ["ingest", "x"], ["repl"], ["show", "x"])
        ),
    ],
)
def test_an_empty_name_is_no_folder_and_one_that_is_no_text_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, given: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").write_text("نصّ", encoding="utf-8")
    assert main(given) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("musnad: ")
    assert said.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["here.txt"]


# Sources that are followed


def test_a_site_is_followed_listed_and_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], embedder: Embedder
) -> None:
    from tests.feedserver import FeedServer

    def musnad(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--data", str(tmp_path / "data")])
        out, err = capsys.readouterr()
        return code, out, err

    assert musnad("sources")[0] == 1
    with FeedServer() as site:
        site.publish("1", "سد الوادي يمتلئ", DAM.split("\n\n")[1])
        code, out, _ = musnad("follow", f"{site.address}/", "--outlet", "صحيفة الجبل")
        assert code == 0
        assert site.feed in out
        assert "أُضيف (1)" in out
        code, out, _ = musnad("sources")
        assert (code, out.splitlines()[0]) == (0, "صحيفة الجبل · خلاصة · لم تُعرف عادته بعد")
        [source] = json.loads(musnad("sources", "--json")[1])
        assert (source["address"], source["outlet"], source["items"]) == (site.feed, "صحيفة الجبل", 1)
        code, _, err = musnad("follow", f"{site.address}/none", "https://t.me/aljabal", "/no/such")
        assert (code, len(err.splitlines())) == (2, 3)
        site.mood = "page"
        code, _, err = musnad("follow", site.feed)
        assert code == 2
        assert "لا خلاصة هنا" in err
        assert musnad("follow", "--remove", site.feed)[0] == 0
        assert musnad("unfollow", site.feed)[0] == 1
        assert musnad("follow", "--remove", site.feed, site.feed)[0] == 2
    assert musnad("sources")[0] == 1


def test_files_that_were_just_copied_are_waited_for_and_one_that_grows_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.following import folders

    monkeypatch.setattr(folders, "QUIET", timedelta(seconds=1))
    news = tmp_path / "news"
    news.mkdir()
    (news / "dam.txt").write_text(DAM, encoding="utf-8")
    growing = news / "growing.txt"
    growing.write_text(DAM[:200], encoding="utf-8")
    soon = time.time() + 30  # as if it were written to at every moment of the test
    os.utime(growing, (soon, soon))
    assert main(["follow", str(news), "--data", str(tmp_path / "data")]) == 0
    out = capsys.readouterr().out
    assert "أُضيف (1): dam.txt" in out
    assert "ملفات ما زالت تُكتب، تدخل عند الفحص التالي: 1" in out


def test_following_in_the_foreground_needs_something_to_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["follow", "--data", str(tmp_path / "data")]) == 1
    assert "musnad follow" in capsys.readouterr().err

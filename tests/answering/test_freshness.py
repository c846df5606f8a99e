"""When an answer says how fresh the archive is (freshness.toml), and what it says."""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

from bot.answer import Answer, Freshness, Intake
from bot.answering.compose import together
from bot.answering.freshness import Watch, matters
from bot.answering.question import understand
from bot.conversation import pack, unpack
from bot.quotes import cut
from bot.render.json import render_answer as as_json
from bot.render.layout import Layout
from bot.render.telegram import render
from bot.render.terminal import render_answer
from corpus.following import Following, Known
from corpus.store import Archive, Newest
from tests.archives import filled

TODAY = datetime.date(2026, 3, 10)
CASES = tomllib.loads((Path(__file__).parent / "freshness.toml").read_text(encoding="utf-8"))
INTAKES = {
    "live": Intake("سانا", "2026-03-10T09:00:00+00:00", "2026-03-10"),
    "ended": Intake("سانا", "2026-02-12T15:00:00+00:00", "2026-02-12"),
    "silent": Intake(
        "سانا", "2026-03-08T15:00:00+00:00", "2026-03-08", "silent", "2026-03-08T15:00:00+00:00"
    ),
}


def _matters(case: dict[str, Any]) -> bool:
    query = understand(case["question"], TODAY)
    status = case.get("status", "answered")
    answer = Answer(
        case["question"],
        query.text,
        "answered" if status == "answered" else "refused",
        "",
        reason={"answered": None, "nearest": "nearest", "refused": "no_evidence"}[status],
    )
    return matters(query, answer, [INTAKES[case["archive"]]], TODAY)


@pytest.mark.parametrize("case", [*CASES["fit"], *CASES["held"]], ids=lambda case: case["question"])
def test_it_is_said_when_it_matters(case: dict[str, Any]) -> None:
    assert _matters(case) == case["matters"]


# What came last, by the archive

NEWS = """افتتاح مكتبة في البلدة

سانا - ١٢ شباط ٢٠٢٦

أعادت بلدية السهل افتتاح مكتبتها العامة بعد ترميم دام عامين. وتضم المكتبة عشرة آلاف كتاب.
"""
NOW = datetime.datetime(2026, 3, 10, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAMASCUS = ZoneInfo("Asia/Damascus")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with filled(tmp_path / "archive.sqlite", {"library.txt": NEWS}) as archive:
        yield archive


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Following]:
    following = Following(tmp_path / "following.sqlite")
    yield following
    following.close()


def answered(archive: Archive, question: str = "ماذا حدث اليوم؟") -> Answer:
    article = archive.article("library.txt")
    quote = cut(article, 0, article.body.index(".") + 1)
    return Answer(question, question, "answered", "", (quote,))


def test_the_archive_knows_what_came_last_of_all_and_of_an_outlet(archive: Archive) -> None:
    taken = archive.article("library.txt").ingested
    assert archive.article("library.txt").publisher == "سانا"
    assert archive.newest() == archive.newest("سانا") == Newest(taken, "2026-02-12")
    assert archive.newest("الوئام") == Newest(None, None)
    archive.remove_file("library.txt")
    assert archive.newest() == Newest(None, None)


def test_what_came_last_is_found_by_indexes(archive: Archive) -> None:
    for of in ("", "and publisher = 'x'"):
        for column in ("ingested", "published"):
            with Database(archive.path) as db:
                plan = list(
                    db.query(f"explain query plan select max({column}) from articles where current = 1 {of}")
                )
            assert all("USING COVERING INDEX" in row["detail"] for row in plan), plan


def test_the_outlet_that_is_quoted_is_named_or_the_one_asked_for_or_all(archive: Archive) -> None:
    watch = Watch(archive, now=lambda: NOW)
    query = understand("ماذا حدث اليوم؟", TODAY)

    def outlets(answer: Answer, asked: str | None = None) -> list[str | None]:
        found = watch.freshness(query, answer, TODAY, asked)
        assert found is not None
        return [intake.outlet for intake in found.intakes]

    refused = replace(answered(archive), status="refused", reason="no_evidence", quotes=())
    assert outlets(answered(archive)) == ["سانا"]
    assert outlets(answered(archive), "الوئام") == ["الوئام"]
    assert outlets(refused) == [None]


def _follow(following: Following, address: str, title: str, *, well: bool) -> None:
    following.add(address, "feed", NOW - 100 * HOUR, title=title)
    until = 200 if well else 176
    arrivals = [NOW - 100 * HOUR + number * HOUR / 2 for number in range(until)]
    following.record_arrivals(address, arrivals, NOW)
    following.record_success(address, NOW, NOW + HOUR)


def test_a_silent_source_behind_a_quote_is_said_unless_another_brings_the_outlets_news(
    archive: Archive, following: Following
) -> None:
    query = understand("ماذا قال الوزير عن المكتبة؟", TODAY)
    _follow(following, "https://sana.example/rss", "سانا", well=False)
    following.record_items("https://sana.example/rss", [Known("1", source="library.txt")], NOW)
    found = Watch(archive, lambda: following, lambda: NOW).freshness(query, answered(archive), TODAY)
    assert found is not None
    (intake,) = found.intakes
    assert (intake.outlet, intake.trouble) == ("سانا", "silent")
    assert intake.since is not None
    assert intake.since.startswith("2026-03-09T23")
    _follow(following, "https://sana.example/local", "سانا", well=True)
    following.record_items("https://sana.example/local", [Known("1", source="library.txt")], NOW)
    assert Watch(archive, lambda: following, lambda: NOW).freshness(query, answered(archive), TODAY) is None


def test_nothing_is_said_of_what_was_no_question(archive: Archive) -> None:
    query = understand("اليوم؟", TODAY)
    greeting = Answer("مرحبا", "مرحبا", "refused", "أهلًا", reason="not_a_question")
    assert Watch(archive).freshness(query, greeting, TODAY) is None


# What is shown

FRESH = Freshness("2026-03-10T12:00:00+00:00", (Intake("سانا", "2026-03-09T15:40:00+00:00", "2026-03-09"),))


def test_the_line_stands_below_an_answer_in_the_time_of_the_chat(archive: Archive) -> None:
    answer = replace(answered(archive), freshness=FRESH)
    (message,) = render(answer, zone=DAMASCUS)
    assert message.endswith("آخر ما دخل من سانا: أمس 18:40")
    (message,) = render(replace(answer, freshness=None), zone=DAMASCUS)
    assert "آخر ما دخل" not in message
    assert render_answer(answer, archive, Layout()).splitlines()[-1].startswith("آخر ما دخل من سانا: أمس")
    shown = json.loads(as_json(answer, archive))["freshness"]
    assert (shown["asked"], shown["intakes"][0]["taken"]) == (FRESH.asked, "2026-03-09T15:40:00+00:00")


def test_under_a_refusal_it_stands_before_the_passages_that_are_no_answer(archive: Archive) -> None:
    answer = answered(archive)
    refused = replace(answer, status="refused", reason="nearest", quotes=(), related=answer.quotes)
    (message,) = render(replace(refused, freshness=FRESH), zone=DAMASCUS)
    assert message.index("آخر ما دخل") < message.index("<blockquote")


@pytest.mark.parametrize(
    ("intake", "shown"),
    [
        (Intake("سانا", "2026-03-10T06:05:00+00:00", "2026-03-10"), "آخر ما دخل من سانا: اليوم 09:05"),
        (Intake("سانا", "2026-03-10T06:05:00+00:00", None), "آخر ما دخل من سانا: اليوم 09:05"),
        (Intake(None, "2026-03-10T06:05:00+00:00", "2026-03-09"), "آخر ما دخل الأرشيف: اليوم 09:05"),
        (
            Intake("سانا", "2026-03-10T06:05:00+00:00", "2019-05-01"),
            "أحدث ما في الأرشيف من سانا: 1 أيار/مايو 2019",
        ),
        (
            Intake("سانا", "2026-03-01T06:05:00+00:00", "2026-03-01", "silent", "2026-03-01T06:05:00+00:00"),
            "آخر ما دخل من سانا: 1 آذار/مارس 2026، 09:05، ولم يصل بعده شيء على خلاف المعتاد",
        ),
        (
            Intake("سانا", "2026-03-09T15:40:00+00:00", "2026-03-09", "failing", "2026-03-10T06:05:00+00:00"),
            "آخر ما دخل من سانا: أمس 18:40، وتتعذّر قراءة مصدره بدءًا من اليوم 09:05",
        ),
    ],
)
def test_what_is_said_of_an_intake(archive: Archive, intake: Intake, shown: str) -> None:
    freshness = Freshness("2026-03-10T12:00:00+00:00", (intake,))
    (message,) = render(replace(answered(archive), freshness=freshness), zone=DAMASCUS)
    assert message.endswith(f"\n\n{shown}")


def test_it_is_kept_with_the_answer_and_said_once_for_several_questions(archive: Archive) -> None:
    answer = replace(answered(archive), freshness=FRESH)
    row = {"question": "س", "standalone": "س", "status": "answered", "answer": json.dumps(pack(answer))}
    assert unpack(row, archive).freshness == FRESH
    old = json.loads(row["answer"])
    del old["freshness"]
    assert unpack(row | {"answer": json.dumps(old)}, archive).freshness is None, "stored by an older version"
    both = together("س؟ ص؟", ["س؟", "ص؟"], [answer, replace(answer, question="ص")], "ar", 3)
    assert both.freshness == FRESH
    assert "".join(render(both, zone=DAMASCUS)).count("آخر ما دخل") == 1

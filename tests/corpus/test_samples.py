"""The sample archive: every brief is read as it is meant to be, and says whose writing it is."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from bot.answering.pipeline import Question
from bot.build import Musnad
from corpus.arabic import fold_text
from corpus.article import Article
from corpus.dates import find_dates
from corpus.parse import parse
from corpus.samples import folder

TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder().glob("*.txt"))}

# Monday is 0, as in datetime.date.weekday().
WEEKDAYS = ["الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"]
DAYS_FROM_TODAY = {"اليوم": 0, "أمس": -1, "غدًا": 1}

each_brief = pytest.mark.parametrize("name", TEXTS)


def read(name: str) -> Article:
    articles = parse(TEXTS[name], name)
    assert len(articles) == 1, f"{name} is read as {len(articles)} articles"
    return articles[0]


def day_of(name: str) -> datetime.date:
    return datetime.date.fromisoformat(name[:10])


def test_there_are_enough_briefs_of_different_dates_and_outlets() -> None:
    articles = [read(name) for name in TEXTS]
    assert len(articles) >= 10
    assert len({article.published.date for article in articles}) >= 8
    assert len({article.publisher for article in articles}) >= 3
    assert len({article.title for article in articles}) == len(articles)


@each_brief
def test_headline_outlet_and_date_are_read(name: str) -> None:
    article = read(name)
    assert article.title == TEXTS[name].splitlines()[0]
    assert article.publisher
    assert "مُسنَد" in article.publisher
    assert (article.published.date, article.published.precision) == (day_of(name).isoformat(), "day")
    place = re.search(r"^المكان: (.+)$", TEXTS[name], re.MULTILINE)
    assert article.place == (place[1] if place else None)


@each_brief
def test_all_of_the_reporting_can_be_quoted_and_nothing_of_the_header(name: str) -> None:
    article = read(name)
    header, reporting = TEXTS[name].split("\n\n", 1)
    assert "كتابة مشروع مُسنَد" in header
    assert article.body.split() == reporting.split()
    assert "كتابة مشروع مُسنَد" not in article.body


@each_brief
def test_a_brief_is_brief(name: str) -> None:
    reporting = TEXTS[name].split("\n\n", 1)[1]
    assert 120 <= len(reporting.split()) <= 350
    assert 4 <= len(reporting.strip().split("\n\n")) <= 8


@each_brief
def test_the_calendar_bears_out_every_named_day(name: str) -> None:
    for word, weekday in re.findall(rf"({'|'.join(DAYS_FROM_TODAY)}) ({'|'.join(WEEKDAYS)})", TEXTS[name]):
        day = day_of(name) + datetime.timedelta(days=DAYS_FROM_TODAY[word])
        assert WEEKDAYS[day.weekday()] == weekday, f"«{word} {weekday}» is {day}"


def test_a_named_day_is_found_as_its_date() -> None:
    name = "2026-02-09-riyadh-meeting.txt"
    article = read(name)
    found = {
        article.body[mention.start : mention.end]: mention.date
        for mention in find_dates(article.body, day_of(name))
    }
    assert found["اليوم الإثنين"] == "2026-02-09"
    assert found["أمس الأحد"] == "2026-02-08"
    assert found["عام 2014"] == "2014-01-01"


def test_the_hard_cases_stay_in() -> None:
    everything = "\n".join(TEXTS.values())
    assert "(CENTCOM)" in everything
    assert "SDF" in everything
    assert re.search(r"«[^»]*\. [^»]+»", everything), "a full stop inside a quotation"
    assert re.search(r"^- ", everything, re.MULTILINE), "a list"
    assert re.search("[\u064b-\u0652]{2}|(?:.[\u064e\u064f\u0650\u0652]){4}", everything), "vowelled words"
    assert re.search("[٠-٩]", everything), "Arabic-Indic digits"
    assert fold_text(everything).count("التسعين") >= 3


def test_the_folder_says_what_it_is() -> None:
    readme = (folder() / "README").read_text(encoding="utf-8")
    assert "MIT" in readme
    assert "written for musnad" in readme


def test_the_question_in_the_makefile_is_answered_with_its_date(samples: Musnad) -> None:
    asked = re.search(
        r"^Q \?= (.+)$", (Path(__file__).parents[2] / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert asked
    answer = samples.asker.ask(Question(asked[1]))
    assert answer.status == "answered"
    assert any("11 تشرين الثاني 2025" in quote.text for quote in answer.quotes)

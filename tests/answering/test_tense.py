"""The time that a question asks about, by its words and by its form."""

from __future__ import annotations

import datetime

import pytest

from bot.answering.question import Tense, understand
from bot.answering.question.tense import last_day

TODAY = datetime.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("question", "tense"),
    [
        ("ما آخر تصريح للوزير؟", "now"),
        ("ماذا قال الوزير عن تصريح آخر؟", "event"),
        ("كم مدرسة أُغلقت منذ عام 2011؟", "now"),
        ("منذ متى والمعبر مغلق؟", "event"),
        ("ماذا حدث قبل ساعات من الاجتماع؟", "event"),
        ("ماذا حدث قبل ساعات؟", "now"),
        ("ماذا جرى في 3 آذار 2026؟", "now"),
        ("ماذا جرى في 2 آذار 2026؟", "past"),
        ("ماذا جرى في آذار 2026؟", "now"),
        ("ماذا جرى في 2025؟", "past"),
        ("من هو محافظ حمص؟", "state"),
        ("من هو الذي وقّع الاتفاق؟", "event"),
        ("من قائد الفرقة؟", "state"),
        ("من قابل الوزير؟", "event"),
        ("هل سيعمل المطار؟", "state"),
        ("هل تأسست الهيئة؟", "event"),
        ("كم محافظة في سوريا؟", "state"),
        ("كم محافظة شاركت في المعرض؟", "event"),
        ("Who is the minister of health?", "state"),
        ("Who signed the agreement?", "event"),
        ("What has happened since the agreement?", "now"),
    ],
)
def test_a_question_shows_the_time_that_it_asks_about(question: str, tense: Tense) -> None:
    assert understand(question, TODAY).tense == tense


@pytest.mark.parametrize(
    ("question", "last"),
    [
        ("ماذا حدث في 2 شباط 2026؟", "2026-02-02"),
        ("ماذا حدث في شباط 2026؟", "2026-02-28"),
        ("ماذا حدث في عام 2024؟", "2024-12-31"),
    ],
)
def test_a_period_ends_with_its_last_day(question: str, last: str) -> None:
    period = understand(question, TODAY).period
    assert period is not None
    assert last_day(period).isoformat() == last

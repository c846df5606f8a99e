"""What is asked in a message, and what only leads up to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.parts import MOST_PARTS, parts_of


@pytest.mark.parametrize(
    "text",
    [
        "متى انعقد الاجتماع؟",
        "الجسر الجديد",
        "سؤال سريع: كم كلفة الجسر؟",
        "ما هو التحالف؟",
        "ماذا قال الوزير عن القمح والشعير؟",
        "من وقّع الاتفاق بين تونس وليبيا؟",
        "متى؟",
        "؟",
        "",
        "When did it open?",
        "أريد أن أعرف من بنى السد",
    ],
)
def test_one_question_is_one(text: str) -> None:
    parts = parts_of(text)
    assert parts.questions == (text,)
    assert parts.framing == ""


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("متى وأين انعقد الاجتماع؟", ("متى انعقد الاجتماع؟", "أين انعقد الاجتماع؟")),
        ("متى، وأين، وكيف وقع الحادث؟", ("متى وقع الحادث؟", "أين وقع الحادث؟", "كيف وقع الحادث؟")),
        ("أين ومتى عُقد المؤتمر", ("أين عُقد المؤتمر", "متى عُقد المؤتمر")),
        ("متى انعقد الاجتماع؟ ومن حضره؟ وأين؟", ("متى انعقد الاجتماع؟", "ومن حضره؟", "وأين؟")),
        ("متى انعقد الاجتماع؟\nمن حضره؟", ("متى انعقد الاجتماع؟", "من حضره؟")),
        ("When did it open? Who built it?", ("When did it open?", "Who built it?")),
    ],
)
def test_several_questions_are_asked_one_by_one(text: str, questions: tuple[str, ...]) -> None:
    assert parts_of(text).questions == questions


def test_from_where_is_one_question_word() -> None:
    assert parts_of("متى ومن أين انطلقت القافلة؟").questions[0] != "متى أين انطلقت القافلة؟"


def test_a_number_before_a_question_is_no_part_of_it() -> None:
    questions = parts_of("1. متى افتُتح؟\n2. من بناه؟\n3- كم كلفته؟").questions
    assert [question.lstrip("123.- ") for question in questions] == ["متى افتُتح؟", "من بناه؟", "كم كلفته؟"]
    assert not any(question[:1].isdigit() for question in questions)


@pytest.mark.parametrize(
    ("text", "questions", "framing"),
    [
        ("أعمل على تقرير عن مصنع الإسمنت. متى افتُتح؟", ("متى افتُتح؟",), "مصنع الإسمنت"),
        (
            "أكتب موضوعًا عن السد الجديد.\nمتى افتُتح؟ وكم كلفته؟",
            ("متى افتُتح؟", "وكم كلفته؟"),
            "السد الجديد",
        ),
        ("مرحبا. كم كلفة الجسر؟", ("كم كلفة الجسر؟",), "مرحبا."),
        ("I am writing a piece about the dam. When did it open?", ("When did it open?",), "the dam"),
    ],
)
def test_what_frames_a_question_is_told_from_it(text: str, questions: tuple[str, ...], framing: str) -> None:
    parts = parts_of(text)
    assert parts.questions == questions
    assert parts.framing == framing


@pytest.mark.parametrize("end", [".", "؟"])
def test_what_somebody_wants_to_know_is_the_question(end: str) -> None:
    parts = parts_of(f"أعمل على تقرير عن مصنع الإسمنت. أريد أن أعرف متى افتُتح{end}")
    assert len(parts.questions) == 1
    assert "متى افتُتح" in parts.questions[0]
    assert parts.framing == "مصنع الإسمنت"


def test_the_same_question_twice_is_one() -> None:
    assert parts_of("متى افتُتح الجسر؟ متى افتُتح الجسر؟").questions == ("متى افتُتح الجسر؟",)


def test_there_is_room_for_three() -> None:
    assert MOST_PARTS == 3


@given(st.text(max_size=120))
def test_any_message_has_a_question(text: str) -> None:
    assert_parts(text)


PIECES = [
    "متى",
    "وأين",
    "ومن",
    "كم",
    "؟",
    ".",
    "،",
    "\n",
    "الجسر",
    "افتُتح",
    "عن",
    "أريد أن أعرف",
    "السد",
    "1.",
    "«",
    "»",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join))
def test_any_arabic_message_has_a_question(text: str) -> None:
    assert_parts(text)


def assert_parts(text: str) -> None:
    parts = parts_of(text)
    assert parts.questions
    assert len(set(parts.questions)) == len(parts.questions)
    assert len(parts.questions) == 1 or all(parts.questions)
    assert all(char in text for question in parts.questions for char in question if not char.isspace())

"""Greetings and thanks get a short reply; a question between them is the question."""

from __future__ import annotations

import pytest

from bot.answering.courtesy import courtesy_in, without_courtesy
from bot.answering.pipeline import Question
from bot.build import Musnad
from prompts import say

ONLY = {
    "salam": ["السلام عليكم", "السلام عليكم ورحمة الله وبركاته!", "وعليكم السلام", "سلام", "Salam"],
    "greeting": ["مرحباااا", "أهلًا وسهلًا", "يعطيك العافية", "صباح الخير يا أخي", "هاي", "hi", "Hello there!", "عسلامة"],
    "wellbeing": ["كيف حالك؟", "شلونك", "ازيك عامل ايه", "واش راك", "What's up?"],
    "wish": ["كل عام وأنتم بخير", "رمضان كريم"],
    "thanks": [
        "شكرًا", "شكرا جزيلا يا مسند على الجواب", "تسلم إيدك", "يعيشك", "شكرا وبارك الله فيك",
        "thank you so much for your help",
    ],
    "noted": ["تمام", "ممتاز جدا", "OK"],
    "farewell": ["مع السلامة", "تصبحون على خير", "bye"],
}  # fmt: skip
BETWEEN = [
    ("السلام عليكم، متى انضمت سوريا إلى التحالف؟", "متى انضمت سوريا إلى التحالف؟"),
    ("السلام عليكم ورحمة الله وبركاته يا مسند متى انضمت سوريا", "متى انضمت سوريا"),
    ("السلام عليكم متى انضمت سوريا؟ شكرا", "متى انضمت سوريا؟"),
    ("مرحبا متى انضمت سوريا", "متى انضمت سوريا"),
    ("صباح الخير\nمتى انضمت سوريا؟\nوشكرا لكم", "متى انضمت سوريا؟"),
    ("كيف حالك؟ متى انضمت سوريا؟", "متى انضمت سوريا؟"),
    ("شكرا جزيلا على الجواب. ومتى انضمت سوريا؟", "ومتى انضمت سوريا؟"),
    ("متى انضمت سوريا لو سمحت", "متى انضمت سوريا"),
    ("Hi, when did Syria join?", "when did Syria join?"),
    ("Thanks! And when?", "And when?"),
]
ASKED = [
    "السلام في سوريا متى يتحقق؟",
    "سلام سوريا وإسرائيل متى يوقع؟",
    "كيف الحال في سوريا؟",
    "من شكر وزير الخارجية؟",
    "ماذا قال في كلمة شكر؟",
    "الشكر لمن وجهه الرئيس؟",
    "طيب وماذا عن العراق؟",
    "متى انضمت سوريا؟",
    "لا",
    "",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ONLY.items() for text in texts])
def test_a_message_of_nothing_but_courtesy(kind: str, text: str) -> None:
    assert courtesy_in(text) == kind


@pytest.mark.parametrize(("text", "asked"), BETWEEN)
def test_a_question_between_courtesies_is_the_question(text: str, asked: str) -> None:
    assert courtesy_in(text) is None
    assert without_courtesy(text) == asked


@pytest.mark.parametrize("text", ASKED)
def test_what_only_looks_like_courtesy_stays(text: str) -> None:
    assert courtesy_in(text) is None
    assert without_courtesy(text) == text


def test_it_is_replied_to_without_quotes_and_is_no_turn(samples: Musnad) -> None:
    key = "courtesy"
    samples.asker.ask(Question("متى انضمت سوريا إلى التحالف الدولي؟", key))
    thanks = samples.asker.ask(Question("شكرا!", key))
    assert (thanks.text, thanks.shown) == (say("courtesy_thanks", "ar"), ())
    follow = samples.asker.ask(Question("وما رقم عضويتها؟", key))
    assert "سوريا" in follow.standalone_question
    greeted = samples.asker.ask(Question("السلام عليكم، متى انضمت سوريا إلى التحالف الدولي؟", "greeted"))
    assert greeted.status == "answered"
    assert greeted.question.startswith("السلام عليكم"), "the message as it was written"

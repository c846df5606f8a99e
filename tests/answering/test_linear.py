"""Rules of the default judge that no model learns: who is to have spoken, and dimensions."""

from __future__ import annotations

import pytest

from bot.answering.judges.linear import DOUBTED, OPEN, Seen, _tells_all, strictly_open
from bot.answering.question import understand
from tests.answering.cases import article, found

TOLD = "قال وزير النقل سامر الديب إن الجسر سيُفتح في الربيع."


def seen(text: str, openness: tuple[float, ...] | None) -> Seen:
    from bot.answering.judges.reader.model import Reading

    candidate = found(article(text))[0]
    reading = Reading(0.0, (1.0,), (None,), openness) if openness is not None else None
    return Seen(candidate, {}, reading)


def test_what_somebody_said_is_told_by_a_sentence_that_names_it_all() -> None:
    asked = understand("ماذا قال وزير النقل عن الجسر؟")
    assert [asked.words[n].text for n in asked.speaker] == ["وزير", "النقل"]
    assert _tells_all(asked, seen(TOLD, (0.0, DOUBTED, 0.9)))
    assert not _tells_all(asked, seen("قال وزير النقل إن القطار تأخر.", (0.0, 0.0, 0.0)))


def test_it_is_not_where_the_reader_doubts_who_spoke() -> None:
    asked = understand("ماذا قال وزير النقل عن الجسر؟")
    about_him = "نفى المحافظ ما قال وزير النقل عن الجسر."
    assert not _tells_all(asked, seen(about_him, (DOUBTED + 0.1, DOUBTED + 0.1, 0.0)))
    assert not _tells_all(asked, seen(TOLD, None)), "nor where nothing was read"


def test_what_happened_is_told_and_other_questions_are_not() -> None:
    text = "اندلع حريق في المرفأ."
    assert _tells_all(understand("ماذا حدث في المرفأ؟"), seen(text, (0.0,)))
    assert not _tells_all(understand("متى اندلع حريق المرفأ؟"), seen(text, (0.0, 0.0, 0.0)))


@pytest.mark.parametrize(
    ("words", "openness", "told"),
    [("خمسين ألف", 0.0, True), ("خمسين ألف", OPEN, False), ("السوق", 0.0, False), (None, 0.0, False)],
)
def test_a_number_is_told_where_the_reader_answers_with_one_and_leaves_nothing_open(
    words: str | None, openness: float, told: bool
) -> None:
    from bot.answering.judges.reader.model import Reading

    text = "إن السوق تعمل ستة أيام في الأسبوع، وإن إيجار المتجر لن يزيد على خمسين ألف ليرة."
    asked = understand("كم إيجار المتجر في السوق؟")
    span = (text.index(words), text.index(words) + len(words), 0.3) if words else None
    reading = Reading(0.0, (1.0,), (span,), (openness,) * len(asked.words))
    assert _tells_all(asked, Seen(found(article(text))[0], {}, reading)) is told


@pytest.mark.parametrize(
    ("question", "text", "opened"),
    [
        ("كم يبلغ طول الجسر؟", "عرض الجسر أربعة أمتار.", True),
        ("كم يبلغ طول الجسر؟", "الجسر عرضه أربعة أمتار وطوله مئة متر.", False),
        ("كم يبلغ طول الجسر؟", "يمتد الجسر مسافة مئة متر.", False),
        ("كم يبلغ عرض الجسر؟", "عرض الجسر أربعة أمتار.", False),
    ],
)
def test_another_dimension_leaves_the_one_asked_for_open(question: str, text: str, opened: bool) -> None:
    assert ("طول" in strictly_open(understand(question), found(article(text))[0])) is opened

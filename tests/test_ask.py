"""The whole chain on the sample archive: the questions a newsroom asks, and those it must not be fooled by."""

from __future__ import annotations

import itertools

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.build import Musnad
from corpus.arabic import fold_text

_numbers = itertools.count()


def ask(musnad: Musnad, *questions: str, language: str = "ar") -> Answer:
    """The answer to the last of the questions, put one after another in a conversation of their own."""
    key = f"test:{next(_numbers)}"
    answers = [musnad.asker.ask(Question(text, key, language)) for text in questions]  # type: ignore[arg-type]
    return answers[-1]


def quoted(answer: Answer) -> str:
    return fold_text("\n".join(quote.text for quote in answer.quotes))


@pytest.mark.parametrize(
    ("question", "direct", "words"),
    [
        ("متى انضمت سوريا إلى التحالف الدولي؟", "11 تشرين الثاني/نوفمبر 2025", "أمس الثلاثاء"),
        ("ما رقم عضوية سوريا في التحالف؟", "90", "90"),
        ("من مثّل سوريا في اجتماع الرياض؟", "أسعد الشيباني، حسين السلامة", "حسين السلامة"),
        ("كم عدد مقاتلي داعش الباقين؟", "2500 مقاتل", "2500"),
        ("متى زار الشرع واشنطن؟", "10 تشرين الثاني/نوفمبر 2025", "العاشر من تشرين الثاني"),
        ("متى تأسس التحالف الدولي؟", "2014", "2014"),
        ("متى عُقد اجتماع الرياض؟", "شباط/فبراير 2026", "الرياض"),
        ("ماذا قال بيان الرياض عن قسد؟", "", "قوات سوريا الديمقراطية"),
        ("ماذا قال ترامب عن سوريا؟", "", "ترامب"),
        ("على ماذا ينص اتفاق آذار؟", "", "تدمج القوات المحلية"),
    ],
)
def test_a_question_is_answered_with_the_published_words(
    samples: Musnad, question: str, direct: str, words: str
) -> None:
    answer = ask(samples, question)
    assert answer.status == "answered"
    assert direct in answer.text
    assert fold_text(words) in quoted(answer)
    assert 1 <= len(answer.quotes) <= 3


@pytest.mark.parametrize(
    "question",
    [
        "متى انضمت تركيا إلى التحالف؟",
        "متى انضم العراق إلى التحالف؟",
        "When did Turkey join the coalition?",
        "كم عدد سكان سوريا؟",
        "من هو رئيس فرنسا؟",
        "من هو وزير الدفاع التركي؟",
        "ما أسعار النفط اليوم؟",
        "ما اسم عاصمة اليابان؟",
        "كم بلغت ميزانية التحالف؟",
        "من فاز بكأس العالم؟",
        "متى تقام الانتخابات الرئاسية في مصر؟",
    ],
)
def test_what_the_archive_does_not_hold_is_refused(samples: Musnad, question: str) -> None:
    answer = ask(samples, question)
    assert answer.status == "refused"
    assert answer.reason is not None
    assert answer.text
    assert not answer.quotes


def test_a_refusal_names_who_is_missing_and_offers_what_is_near(samples: Musnad) -> None:
    answer = ask(samples, "متى انضمت تركيا إلى التحالف؟")
    assert answer.reason == "subject_missing"
    assert "«تركيا»" in answer.text
    assert answer.related


@pytest.mark.parametrize(
    ("standard", "others"),
    [
        (
            "متى انضمت سوريا إلى التحالف الدولي؟",
            [
                "مَتَى انْضَمَّتْ سُورِيَا إِلَى التَّحَالُفِ الدَّوْلِيِّ؟",
                "متى انظمت سوريا الى التحالوف الدولي",
                "ايمتى انضمت سوريا عالتحالف الدولي؟",
                "When did Syria join the international coalition?",
            ],
        ),
        (
            "ماذا قال بيان الرياض عن قسد؟",
            ["شو قال بيان الرياض عن قسد؟", "What did the Riyadh statement say about the SDF?"],
        ),
        (
            "من مثّل سوريا في اجتماع الرياض؟",
            ["مين مثل سوريا باجتماع الرياض؟", "Who represented Syria in Riyadh?"],
        ),
        ("كم عدد مقاتلي داعش الباقين؟", ["قديش ضل مقاتلين لداعش؟", "How many ISIS fighters remain?"]),
    ],
)
def test_however_it_is_asked_the_evidence_is_the_same(
    samples: Musnad, standard: str, others: list[str]
) -> None:
    articles = {quote.article.id for quote in ask(samples, standard).quotes}
    for other in others:
        answer = ask(samples, other)
        assert answer.status == "answered", other
        assert any(_same_matter(quote.text, standard) for quote in answer.quotes), other
    assert articles


def _same_matter(text: str, standard: str) -> bool:
    """Whether a quote holds what answers the standard question: the archive says each in several articles."""
    marks = {
        "متى": ("الثلاثاء", "11 تشرين", "تشرين الثاني"),
        "ماذا": ("قسد", "قوات سوريا"),
        "من": ("الشيباني",),
        "كم": ("2500", "ألفان وخمس"),
    }
    return any(mark in text for mark in marks[standard.split()[0]])


def test_follow_ups_are_asked_of_what_was_spoken_of(samples: Musnad) -> None:
    number = ask(samples, "متى انضمت سوريا إلى التحالف الدولي؟", "وما رقم عضويتها؟")
    assert "90" in number.text
    assert "سوريا" in number.standalone_question
    iraq = ask(samples, "ماذا قال بيان الرياض عن قسد؟", "وعن العراق؟")
    assert iraq.standalone_question == "ماذا قال بيان الرياض عن العراق؟"
    assert fold_text("العراق") in quoted(iraq)
    who = ask(samples, "متى عُقد اجتماع الرياض؟", "ومن شارك فيه؟")
    assert fold_text("الشيباني") in quoted(who)


def test_a_new_topic_after_an_answer_stands_alone(samples: Musnad) -> None:
    answer = ask(samples, "متى انضمت سوريا إلى التحالف الدولي؟", "ما أسعار النفط اليوم؟")
    assert answer.standalone_question == "ما أسعار النفط اليوم؟"
    assert answer.status == "refused"


def test_a_forgotten_conversation_is_forgotten(samples: Musnad) -> None:
    key = f"test:{next(_numbers)}"
    samples.asker.ask(Question("متى انضمت سوريا إلى التحالف الدولي؟", key))
    assert samples.asker.last_answer(key) is not None
    samples.asker.new_conversation(key)
    assert samples.asker.last_answer(key) is None
    assert samples.asker.ask(Question("وما رقم عضويتها؟", key)).standalone_question == "وما رقم عضويتها؟"


def test_the_last_answer_comes_back_with_its_quotes(samples: Musnad) -> None:
    key = f"test:{next(_numbers)}"
    answer = samples.asker.ask(Question("متى انضمت سوريا إلى التحالف الدولي؟", key))
    last = samples.asker.last_answer(key)
    assert last is not None
    assert last.quotes == answer.quotes
    assert (last.text, last.status) == (answer.text, answer.status)


def test_every_quote_is_whole_sentences_of_its_article(samples: Musnad) -> None:
    from corpus.arabic import sentences

    answer = ask(samples, "من مثّل سوريا في اجتماع الرياض؟")
    for quote in answer.quotes:
        spans = sentences(quote.article.body)
        assert quote.start in {span.start for span in spans}
        assert quote.end in {span.end for span in spans}


def test_no_two_quotes_say_the_same(samples: Musnad) -> None:
    answer = ask(samples, "ما رقم عضوية سوريا في التحالف؟")
    texts = [set(fold_text(quote.text).split()) for quote in answer.quotes]
    for first, second in itertools.combinations(texts, 2):
        assert len(first & second) / min(len(first), len(second)) < 0.75


@pytest.mark.parametrize("question", ["", "؟", "متى؟", "😀", "?!", "   "])
def test_what_is_no_question_is_told_so(samples: Musnad, question: str) -> None:
    answer = ask(samples, question)
    assert (answer.status, answer.reason) == ("refused", "not_a_question")


@pytest.mark.parametrize(
    "question", ['"; DROP TABLE', "don't (C++) * ^ NEAR", "سوريا " * 2000, "\x00\ud800", "{x} %s"]
)
def test_odd_input_gets_an_answer_or_a_refusal(samples: Musnad, question: str) -> None:
    assert ask(samples, question).status in {"answered", "refused"}


def test_labels_follow_the_users_language(samples: Musnad) -> None:
    answer = ask(samples, "When did Turkey join the coalition?", language="en")
    assert answer.text.isascii() or "archive" in answer.text.lower()


def test_timings_are_told_by_stage(samples: Musnad) -> None:
    timings = ask(samples, "متى انضمت سوريا إلى التحالف الدولي؟").timings_ms
    assert {"understand", "encode", "dense", "lexical", "evidence", "total"} <= timings.keys()
    assert timings["total"] >= timings["encode"] > 0

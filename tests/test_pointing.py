"""Questions about quoted words: made to stand alone, and answered from where the words stand, or refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.build import Musnad
from bot.pointing import about, points_only
from bot.question import understand
from bot.spot import spot_of
from corpus.arabic import fold_text

STOPPED = "أوقفت قوى الأمن خمسة أشخاص في منطقة السفيرة الواقعة شرقي حلب للاشتباه في صلتهم بالتنظيم"
_numbers = itertools.count()


@pytest.mark.parametrize(
    ("question", "quoted", "alone"),
    [
        ("متى كان ذلك؟", "أوقفت قوى الأمن خمسة أشخاص", "متى كان ذلك: «أوقفت قوى الأمن خمسة أشخاص»؟"),
        ("وأين؟", "ألقت الشرطة القبض على الرجل، وصادرت سيارته", "أين: «ألقت الشرطة القبض على الرجل»؟"),
        ("وما رقم عضويتها؟", "انضمت سوريا رسميًّا إلى التحالف الدولي", "ما رقم عضوية سوريا (التحالف الدولي)؟"),
        ("ومن شارك فيه؟", "وعُقد الاجتماع على مستوى المديرين", "من شارك في الاجتماع؟"),
        ("وعن العراق؟", "ورحب البيان بسوريا عضوًا جديدًا", "ماذا ورد عن العراق؟"),
        ("When was that?", "أوقفت قوى الأمن خمسة أشخاص", "When was that: «أوقفت قوى الأمن خمسة أشخاص»?"),
        ("ما أسعار النفط اليوم؟", "أوقفت قوى الأمن خمسة أشخاص", "ما أسعار النفط اليوم؟"),
    ],
)
def test_a_question_about_quoted_words_stands_alone(question: str, quoted: str, alone: str) -> None:
    assert about(question, quoted)[0] == alone


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("متى كان ذلك؟", True),
        ("من قاله؟", True),
        ("وكم عددهم؟", True),
        ("ليش؟", True),
        ("Who said it?", True),
        ("متى أوقفتهم؟", True),
        ("متى تأسس التحالف؟", False),
        ("كم عدد المقاتلين؟", False),
        ("", False),
    ],
)
def test_what_only_points_is_told_from_what_asks_something_of_its_own(question: str, points: bool) -> None:
    assert points_only(understand(question), STOPPED) is points


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_make_a_question(question: str, quoted: str) -> None:
    assert all(isinstance(text, str) for text in about(question, quoted))


def ask(musnad: Musnad, about: str, question: str, follows: Answer | None = None) -> Answer:
    answer = musnad.asker.ask(Question(question, about=about, follows=follows))
    for quote in (*answer.quotes, *answer.related):
        assert quote.article.body[quote.start : quote.end] == quote.text
    return answer


@pytest.mark.parametrize(
    ("quoted", "question", "said", "shown"),
    [
        ("استقبل الرئيس الأمريكي دونالد ترامب", "متى كان ذلك؟", "10 تشرين الثاني/نوفمبر 2025", "أمس الإثنين"),
        ("أوقفت قوى الأمن خمسة أشخاص", "متى كان ذلك؟", "", "اليوم السبت"),
        ("أوقفت قوى الأمن خمسة أشخاص", "أين؟", "منطقة السفيرة", "السفيرة"),
        ("أوقفت قوى الأمن خمسة أشخاص", "وكم عددهم؟", "«خمسة أشخاص»", "خمسة أشخاص"),
        ("أوقفت قوى الأمن خمسة أشخاص", "ولماذا؟", "", "للاشتباه في صلتهم"),
        ("زمام مكافحة التنظيم", "من قاله؟", "الشيباني", "ووصف الشيباني"),
        ("أن لسوريا نصيبًا كبيرًا من تصوره", "من قاله؟", "ترامب", "وقال ترامب"),
        ("أيّدت رفع العقوبات", "ولماذا؟", "", "يترك فراغا"),
        ("وصل إلى الرياض، اليوم الأحد", "Who was it?", "", "أسعد الشيباني"),
        (
            "وصل إلى الرياض، اليوم الأحد، وزير الخارجية والمغتربين السوري",
            "من؟",
            "أسعد الشيباني، حسين السلامة",
            "",
        ),
        ("لتصبح العضو رقم 90 فيه", "من قال ذلك؟", "", "بحسب ما أعلنته السفارة"),
        ("هجمات متفرقة من وقت إلى آخر", "من قدّر ذلك؟", "", "وتقدر القيادة المركزية"),
        ("توم باراك", "من هو؟", "المبعوث الأمريكي توم باراك", "حوار المنامة"),
    ],
)
def test_what_points_is_answered_from_right_there(
    samples: Musnad, quoted: str, question: str, said: str, shown: str
) -> None:
    answer = ask(samples, quoted, question)
    assert (answer.status, answer.text) == ("answered", said)
    assert fold_text(shown) in fold_text("\n".join(quote.text for quote in answer.quotes))


def test_date_of_something_else_in_the_sentence_is_not_said_outright(samples: Musnad) -> None:
    answer = ask(samples, "شُطب اسم الشرع من قائمة «الإرهابيين العالميين المحددين»", "متى؟")
    assert answer.text == ""
    assert "زيارة العاشر من تشرين الثاني" in answer.quotes[0].text


@pytest.mark.parametrize(
    ("quoted", "question", "why"),
    [
        (
            "بنحو 2500 مقاتل",
            "متى كان ذلك؟",
            "تاريخًا لذلك",
        ),  # the year in the sentence before is another matter's
        ("وإن التأييد الدولي لها في اتساع", "ولماذا؟", "سببًا لذلك"),
        ("خضع قرابة أربعين في المئة من أراضي العراق للتنظيم", "متى كان ذلك؟", "تاريخًا لذلك"),
        ("ومثل هذا الخصم لا يُهزم ببيان.", "من قاله؟", "تحليلات مُسنَد"),
        ("ولم يُنشر نص الإعلان كاملًا", "هل هذا صحيح؟", "هذا المقطع وما حوله"),
        ("انضمام تركيا إلى التحالف قبل سنوات", "متى كان ذلك؟", "تركيا"),
        ("مخيما الهول وروج", "أين يقعان؟", "مكان ذلك"),
    ],
)
def test_what_neither_the_passage_nor_the_archive_says_is_refused(
    samples: Musnad, quoted: str, question: str, why: str
) -> None:
    answer = ask(samples, quoted, question)
    assert answer.status == "refused"
    assert why in answer.text
    assert not answer.quotes


def test_what_has_words_of_its_own_is_answered_from_the_article_first(samples: Musnad) -> None:
    answer = ask(samples, "ورحب البيان بسوريا عضوًا تسعين", "وعن العراق؟")
    assert {quote.article.source for quote in answer.quotes} == {"2026-02-10-riyadh-statement.txt"}


def test_words_are_looked_for_in_the_answer_they_were_quoted_from(samples: Musnad) -> None:
    first = samples.asker.ask(Question("من مثّل سوريا في اجتماع الرياض؟"))
    quote = first.quotes[0]
    name = "أسعد الشيباني"  # said in many articles
    assert name in quote.text
    spot = spot_of(name, first, samples.archive)
    assert spot is not None
    assert (spot.article.id, quote.start <= spot.start < quote.end) == (quote.article.id, True)
    # What stands around quotes in a message points at them too.
    marked = f"{quote.text[-30:]}\nالمصدر: \u2068{quote.article.publisher}\u2069 · 9 شباط"
    spot = spot_of(marked, first, samples.archive)
    assert spot is not None
    assert (spot.article.id, spot.end) == (quote.article.id, quote.end)
    assert spot_of(f"العنوان: {quote.article.title}", first, samples.archive) == quote


def test_quoting_words_of_the_answer_that_no_article_says_asks_about_the_answer(samples: Musnad) -> None:
    first = samples.asker.ask(Question("متى انضمت سوريا إلى التحالف الدولي؟"))
    answer = ask(samples, "11 تشرين الثاني/نوفمبر 2025", "وما رقم عضويتها؟", follows=first)
    assert "سوريا" in answer.standalone_question
    assert "90" in answer.text


def test_a_reply_follows_the_answer_it_is_to(samples: Musnad) -> None:
    key = f"pointing:{next(_numbers)}"
    first = samples.asker.ask(Question("متى انضمت سوريا إلى التحالف الدولي؟", key))
    samples.asker.ask(Question("ما اتفاق آذار؟", key))
    answer = samples.asker.ask(Question("وما رقم عضويتها؟", key, follows=first))
    assert "سوريا" in answer.standalone_question
    elsewhere = samples.asker.ask(Question("وما رقم عضويتها؟", f"{key}:other", follows=first))
    assert elsewhere.standalone_question == answer.standalone_question


def test_a_question_asked_again_takes_its_own_place(samples: Musnad) -> None:
    key = f"pointing:{next(_numbers)}"
    samples.asker.ask(Question("متى انضمت تركيا إلى التحالف؟", key, name="1"))
    samples.asker.ask(Question("ما اتفاق آذار؟", key, name="2"))
    samples.asker.ask(Question("متى انضمت سوريا إلى التحالف الدولي؟", key, name="1"))
    again = samples.asker.ask(Question("وما رقم عضويتها؟", key, name="2"))
    assert "سوريا" in again.standalone_question
    last = samples.asker.last_answer(key)
    assert last is not None
    assert last.question == "وما رقم عضويتها؟"

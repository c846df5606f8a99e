"""What a sentence holds belongs to what is asked: its own date, number, person, or nothing."""

from __future__ import annotations

import datetime

import pytest

from bot.firstline import speaks_of
from bot.held import held, named_together, only_reports
from bot.matching import view
from bot.mentions import Mention
from bot.question import understand

DAY = datetime.date(2026, 3, 12)


def found(question: str, text: str) -> str | None:
    asked = understand(question)
    own = [term.match(view(text)) for term in asked.terms]
    mention, _ = held(asked, text, own, DAY, frozenset())
    return text[mention.start : mention.end] if mention else None


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        (
            "كم نسبة المساحات التونسية المزروعة؟",
            "زُرعت 40 في المئة من المساحات التونسية وثلث المساحات الليبية",
            "40 في المئة",
        ),
        ("كم يكلّف الهدر سنويًّا؟", "يكلّف الهدر يوميًّا 300 ألف دينار أي نحو 100 مليون سنويًّا", "نحو 100 مليون"),
        ("كم عدد أعضاء النقابة؟", "اجتمع أعضاء النقابة يوم الاثنين 9 من شباط", None),
        ("كم عدد أعضاء النقابة؟", "اجتمع أعضاء النقابة للمرة الأولى", None),
        ("كم عدد أعضاء النقابة؟", "ثلاثون: هو ترتيب البلدة بين أعضاء النقابة", None),
        ("كم عدد أعضاء النقابة؟", "صارت البلدة عضوًا ثلاثين بين أعضاء النقابة", None),
        ("كم عدد أعضاء النقابة؟", "2014: بدأ أعضاء النقابة عملهم", None),
        ("كم عدد أعضاء النقابة؟", "صار أعضاء النقابة 2014 عضوًا", "2014 عضوًا"),
        ("كم عدد أعضاء النقابة؟", "لم يعد عدد أعضاء النقابة يقف عند ثلاثين", None),
        ("كم عدد أعضاء النقابة؟", "لم يحضر من أعضاء النقابة سوى ثلاثين", "ثلاثين"),
        ("كم عدد أعضاء النقابة؟", "بلغ أعضاء النقابة أكثر من ثلاثين عضوًا", "أكثر من ثلاثين عضوًا"),
        ("من هو وزير النقل؟", "قال وزير النقل سامي الحداد، بعد لقاء وزير الصحة نادر العلي", "سامي الحداد"),
        ("من هو وزير النقل؟", "قال وزير النقل السابق سامي الحداد إنه راض", None),
        ("من هو الرئيس؟", "قال رئيس الوزراء سامي الحداد إنه راض", None),
        (
            "متى دخلت البلدة النقابة؟",
            "تسع سنوات تفصل بين قيام النقابة في عام 2014 ودخول البلدة إليها في عام 2023",
            "2023",
        ),
        (
            "متى قامت النقابة؟",
            "تسع سنوات تفصل بين قيام النقابة في عام 2014 ودخول البلدة إليها في عام 2023",
            "2014",
        ),
        ("من هو وزير النقل التونسي؟", "قال وزير النقل المصري سامي الحداد إنه راض", None),
    ],
)
def test_what_is_held_is_what_is_asked_for(question: str, text: str, words: str | None) -> None:
    shown = found(question, text)
    assert words in (shown or "") if words else shown is None


def test_persons_in_one_breath_are_named_together_and_others_are_not() -> None:
    text = "بعد لقاء الرئيس كريم منصور وصل الوزير سامي الحداد، ورئيس البلدية نادر العلي إلى المعرض"
    asked = understand("من وصل إلى المعرض؟")
    start = text.index("سامي")
    group = named_together(asked, text, Mention(start, start + len("سامي الحداد"), 7, 9))
    assert [text[m.start : m.end] for m in group] == ["سامي الحداد", "نادر العلي"]


def test_who_announces_a_deed_has_not_done_it() -> None:
    text = "أعلن وزير النقل سامي الحداد توقيع العقد"
    person = Mention(text.index("سامي"), text.index(" توقيع"), 3, 5)
    assert only_reports(understand("من وقّع العقد؟"), text, person)
    assert not only_reports(understand("من أعلن توقيع العقد؟"), text, person)


def test_nothing_is_said_outright_from_a_sentence_without_what_tells_most() -> None:
    asked = understand("من أعلن إفلاس الشركة؟")
    assert speaks_of(asked, "أعلن المدير إفلاس الشركة", "")
    assert not speaks_of(asked, "أعلن المدير موعد المعرض", "")

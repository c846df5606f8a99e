"""The whole chain on the sample archive: the questions a newsroom asks, and those it must not be fooled by.

What must hold of every answer is seen of each. How good the answers are is counted over the sets below, for the judge
without a reader and for the one with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pytest

from bot.answer import Answer, Quote
from bot.answering.asker import Asker
from bot.answering.judges.linear import LinearJudge
from bot.answering.pipeline import PASSAGES, QUICK, Pipeline, Question
from bot.build import Musnad
from bot.conversation import Conversations
from bot.state import State
from corpus.arabic import fold_text, sentences
from prompts import Language
from tests.evals.readings import Known, remembering
from vectorstore.retriever import PassageRetriever

Kind = Literal["linear", "reader"]

# The least that is right, of each set; the most that is wrong. By judge.
FIRST_RIGHT: dict[Kind, int] = {"linear": 28, "reader": 31}
"""Of ANSWERED: the first quote, or the first of what is nearest, holds the answer."""
SHOWN_RIGHT: dict[Kind, int] = {"linear": 28, "reader": 32}
"""Of ANSWERED: one of those shown does."""
PRESENTED: dict[Kind, int] = {"linear": 12, "reader": 25}
"""Of ANSWERED: presented as an answer."""
PRECISION: dict[Kind, float] = {"linear": 0.8, "reader": 0.9}
"""Of all in ANSWERED and UNANSWERED that is presented as an answer: the share that holds it."""
UNANSWERED_PRESENTED: dict[Kind, int] = {"linear": 3, "reader": 2}
"""Of UNANSWERED: presented as an answer, at the most."""
LINES: dict[Kind, int] = {"linear": 0, "reader": 0}
"""Of ANSWERED: a first line, and the right one."""
SAME_MATTER: dict[Kind, int] = {"linear": 11, "reader": 17}
"""Of OTHERWISE: shows what answers the same question in standard Arabic."""
FOLLOWED: dict[Kind, int] = {"linear": 5, "reader": 7}
"""Of FOLLOW_UPS: shows what answers it."""
POINTED_RIGHT: dict[Kind, int] = {"linear": 11, "reader": 11}
"""Of POINTED: shows what answers it."""

ANSWERED: Sequence[tuple[str, str, tuple[str, ...]]] = [
    # question, what the first line says if there is one, what a right sentence holds (one of them)
    ("متى انضمت سوريا إلى التحالف الدولي؟", "11 تشرين الثاني/نوفمبر 2025", ("أمس الثلاثاء", "11 تشرين الثاني 2025")),
    ("ما رقم عضوية سوريا في التحالف؟", "90", ("90", "التسعين", "تسعون", "تسعين")),
    ("من مثّل سوريا في اجتماع الرياض؟", "أسعد الشيباني", ("حسين السلامة",)),
    ("كم عدد مقاتلي داعش الباقين؟", "2500", ("2500", "ألفان وخمسمئة")),
    ("متى زار الشرع واشنطن؟", "10 تشرين الثاني/نوفمبر 2025", ("أمس الإثنين", "العاشر من تشرين", "10 تشرين", "نوفمبر")),
    ("متى تأسس التحالف الدولي؟", "2014", ("2014",)),
    ("متى عُقد اجتماع الرياض؟", "9 شباط/فبراير 2026", ("الإثنين", "9 شباط", "التاسع من شباط")),
    ("ماذا قال بيان الرياض عن قسد؟", "", ("وشكر البيان «قوات سوريا", "واحدة تشكر «قوات")),
    ("ماذا قال ترامب عن سوريا؟", "", ("ترامب إنه يتمنى", "نصيبًا كبيرًا")),
    ("على ماذا ينص اتفاق آذار؟", "", ("تُدمج القوات المحلية", "بضم القوات المحلية", "بدمج القوات المحلية")),
    ("كم شخصًا أُوقف في السفيرة؟", "خمسة", ("خمسة",)),
    ("أين أوقفت قوى الأمن خمسة أشخاص؟", "السفيرة", ("منطقة السفيرة", "في السفيرة", "عملية السفيرة")),
    ("من وزير الإعلام السوري؟", "حمزة المصطفى", ("حمزة المصطفى",)),
    ("من وزير الخارجية السوري؟", "أسعد الشيباني", ("أسعد الشيباني",)),
    ("من المبعوث الأمريكي إلى سوريا؟", "توم باراك", ("توم باراك",)),
    ("ماذا صادرت قوى الأمن في عملية السفيرة؟", "", ("حزام ناسف",)),
    ("متى بدأت حملة وزارة الداخلية على خلايا داعش؟", "8 تشرين الثاني/نوفمبر 2025", ("اليوم السبت", "8 تشرين الثاني")),
    ("هل يتضمن إعلان التعاون شقًّا عسكريًّا؟", "", ("خالية", "لا يشتمل", "لا تتضمن", "غائب", "البنود العسكرية")),
    ("ما النسبة التي سيطر عليها التنظيم من أراضي العراق؟", "أربعين في المئة", ("أربعين في المئة", "أربعون في المئة")),
    ("متى رُفعت القيود عن السفارة السورية في واشنطن؟", "11 تشرين الثاني/نوفمبر 2025", ("الثلاثاء", "ورُفعت القيود")),
    ("من كتب تقرير المجلس الأطلسي عن القرارات الأمريكية؟", "ميريسا خورما وجورجيو كافييرو", ("ميريسا خورما",)),
    ("ما أولويات المرحلة المقبلة في البيان؟", "", ("أولويات المرحلة", "نقل المحتجزين", "عودة رعايا")),
    ("من نشر البيان الختامي لاجتماع الرياض؟", "", ("واس",)),
    ("متى نُشر البيان الختامي لاجتماع الرياض؟", "10 شباط/فبراير 2026", ("اليوم الثلاثاء", "10 شباط")),
    ("كيف وصف الشيباني الاجتماع؟", "", ("مثمر",)),
    ("على أي مستوى عُقد اجتماع الرياض؟", "", ("المديرين السياسيين",)),
    ("متى وصل الشيباني إلى الرياض؟", "8 شباط/فبراير 2026", ("اليوم الأحد", "أمس الأحد", "8 شباط 2026")),
    ("ما المدة بين قيام التحالف ودخول سوريا إليه؟", "إحدى عشرة سنة", ("إحدى عشرة",)),
    ("ما المسارات الممكنة بحسب الباحثين؟", "", ("ثلاثة مسارات",)),
    ("ماذا قال وزير الإعلام عن الإعلان؟", "",
     ("الوثيقة خالية", "إعلانًا للتعاون", "لا يشتمل", "لا تتضمن", "بأنه سياسي")),
    ("لماذا أيدت دول الخليج رفع العقوبات؟", "", ("يترك فراغًا", "ولهذا أيّدت")),
    ("ماذا طلب التحالف من الدول بشأن مواطنيها؟", "", ("باستعادة مواطنيها", "تستعيد الدول مواطنيها", "عودة رعايا")),
    ("أين عُقد اجتماع التحالف في شباط 2026؟", "الرياض", ("الرياض", "العاصمة السعودية")),
    ("من يقود التحالف الدولي؟", "الولايات المتحدة", ("الولايات المتحدة",)),
]  # fmt: skip

UNANSWERED = [
    # nothing of the kind is in the archive
    "كم عدد سكان سوريا؟",
    "من هو رئيس فرنسا؟",
    "من هو وزير الدفاع التركي؟",
    "ما أسعار النفط اليوم؟",
    "ما اسم عاصمة اليابان؟",
    "من فاز بكأس العالم؟",
    "متى تقام الانتخابات الرئاسية في مصر؟",
    # near misses: the same event or person, and the asked fact is not there
    "متى انضمت تركيا إلى التحالف؟",
    "متى انضم العراق إلى التحالف؟",
    "When did Turkey join the coalition?",
    "كم بلغت ميزانية التحالف؟",
    "كم عمر أسعد الشيباني؟",
    "من مثّل العراق في اجتماع الرياض؟",
    "متى استقال حمزة المصطفى؟",
    "كم محتجزًا نُقل من سوريا إلى العراق؟",
    "متى يكتمل دمج قسد؟",
    "كم قتيلًا سقط في عملية السفيرة؟",
    "ماذا قال وزير الدفاع السوري عن الإعلان؟",
    "متى زار ترامب دمشق؟",
    "ما نسبة ما سيطر عليه التنظيم من أراضي لبنان؟",
    "من هو السفير السوري في واشنطن؟",
    "كم شخصًا أُوقف في إدلب؟",
    "متى عُقد اجتماع التحالف في باريس؟",
    "ماذا قال الشرع عن قسد؟",
    "كم دولة حضرت اجتماع الرياض؟",
    "من وقّع الإعلان عن الجانب الأمريكي؟",
]

OTHERWISE: Sequence[tuple[str, tuple[str, ...]]] = [
    # otherwise asked, and what is shown holds one of these
    ("مَتَى انْضَمَّتْ سُورِيَا إِلَى التَّحَالُفِ الدَّوْلِيِّ؟", ("الثلاثاء", "11 تشرين")),
    ("متى انظمت سوريا الى التحالوف الدولي", ("الثلاثاء", "11 تشرين")),
    ("ايمتى انضمت سوريا عالتحالف الدولي؟", ("الثلاثاء", "11 تشرين")),
    ("امتى سوريا دخلت التحالف؟", ("الثلاثاء", "11 تشرين")),
    ("When did Syria join the international coalition?", ("الثلاثاء", "11 تشرين")),
    ("شو قال بيان الرياض عن قسد؟", ("قسد",)),
    ("What did the Riyadh statement say about the SDF?", ("قسد",)),
    ("مين مثل سوريا باجتماع الرياض؟", ("السلامة",)),
    ("Who represented Syria in Riyadh?", ("السلامة",)),
    ("قديش ضل مقاتلين لداعش؟", ("2500", "ألفان وخمسمئة")),
    ("كم مقاتل باقي لداعش", ("2500", "ألفان وخمسمئة")),
    ("How many ISIS fighters remain?", ("2500", "ألفان وخمسمئة")),
    ("قديش واحد توقف بالسفيرة؟", ("خمسة",)),
    ("وين انعقد اجتماع التحالف؟", ("الرياض", "العاصمة السعودية")),
    ("شو بيقول اتفاق آذار؟", ("القوات المحلية",)),
    ("مين وزير الاعلام السوري؟", ("المصطفى",)),
    ("Who is the Syrian foreign minister?", ("الشيباني",)),
    ("متي تاسس التحالف الدولي", ("2014",)),
    ("شنو گال ترامب عن سوريا؟", ("ترامب",)),
    ("وقتاش وصل الشيباني للرياض؟", ("الأحد", "8 شباط")),
]

FOLLOW_UPS: Sequence[tuple[str, str, tuple[str, ...]]] = [
    ("متى انضمت سوريا إلى التحالف الدولي؟", "وما رقم عضويتها؟", ("90", "التسعين", "تسعون", "تسعين")),
    ("ماذا قال بيان الرياض عن قسد؟", "وعن العراق؟", ("العراق",)),
    ("متى عُقد اجتماع الرياض؟", "ومن شارك فيه؟", ("الشيباني",)),
    ("من مثّل سوريا في اجتماع الرياض؟", "ومتى؟", ("الإثنين", "9 شباط")),
    ("كم شخصًا أُوقف في السفيرة؟", "ولماذا؟", ("للاشتباه",)),
    ("كم شخصًا أُوقف في السفيرة؟", "ومتى كان ذلك؟", ("اليوم السبت", "8 تشرين الثاني")),
    ("When was the Riyadh meeting?", "Who took part in it?", ("الشيباني",)),
    ("شو قال بيان الرياض عن قسد؟", "وشو قال عن العراق؟", ("العراق",)),
]

POINTED: Sequence[tuple[str, str, tuple[str, ...]]] = [
    # what somebody quoted, what is asked of it, what is shown holds one of these
    ("استقبل الرئيس الأمريكي دونالد ترامب", "متى كان ذلك؟", ("أمس الإثنين",)),
    ("أوقفت قوى الأمن خمسة أشخاص", "متى كان ذلك؟", ("اليوم السبت",)),
    ("أوقفت قوى الأمن خمسة أشخاص", "أين؟", ("السفيرة",)),
    ("أوقفت قوى الأمن خمسة أشخاص", "وكم عددهم؟", ("خمسة أشخاص",)),
    ("أوقفت قوى الأمن خمسة أشخاص", "ولماذا؟", ("للاشتباه في صلتهم",)),
    ("زمام مكافحة التنظيم", "من قاله؟", ("ووصف الشيباني",)),
    ("أن لسوريا نصيبًا كبيرًا من تصوره", "من قاله؟", ("وقال ترامب",)),
    ("أيّدت رفع العقوبات", "ولماذا؟", ("يترك فراغًا",)),
    ("وصل إلى الرياض، اليوم الأحد", "Who was it?", ("أسعد الشيباني",)),
    ("لتصبح العضو رقم 90 فيه", "من قال ذلك؟", ("السفارة",)),
    ("هجمات متفرقة من وقت إلى آخر", "من قدّر ذلك؟", ("القيادة المركزية",)),
    ("توم باراك", "من هو؟", ("المبعوث الأمريكي",)),
    ("ورحب البيان بسوريا عضوًا تسعين", "وعن العراق؟", ("العراق",)),
]

_numbers = itertools.count()


@dataclass(frozen=True)
class Desk:
    """The sample archive behind one of the judges."""

    kind: Kind
    asker: Asker

    def ask(self, *texts: str, language: Language = "ar", most: int = 3, quick: bool = False) -> Answer:
        """The answer to a question by itself, or to the last of several in a conversation of their own."""
        key = f"test:{next(_numbers)}" if len(texts) > 1 else None
        asked = [Question(text, key, language, most=most, quick=quick) for text in texts]
        return [verbatim(self.asker.ask(question)) for question in asked][-1]

    def about(self, quoted: str, text: str) -> Answer:
        return verbatim(self.asker.ask(Question(text, about=quoted)))


def verbatim(answer: Answer) -> Answer:
    """What holds of every answer."""
    for quote in (*answer.quotes, *answer.related):
        assert quote.article.body[quote.start : quote.end] == quote.text
        spans = sentences(quote.article.body)
        assert quote.start in {span.start for span in spans}
        assert quote.end in {span.end for span in spans}
    assert (answer.status == "answered") == bool(answer.quotes)
    assert (answer.status == "answered") == (answer.reason is None)
    assert answer.status == "answered" or answer.text
    assert len(answer.shown) <= 3
    return answer


_readings: Known = {}


@pytest.fixture(scope="module", params=["linear", "reader"])
def desk(
    request: pytest.FixtureRequest, samples: Musnad, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    kind: Kind = request.param
    if kind == "reader":
        from bot.answering.judges.reader.model import ReaderModel

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ReaderModel, "read", remembering(ReaderModel.read, _readings))
            yield Desk(kind, samples.asker)
        return
    state = State(tmp_path_factory.mktemp("ask") / "bot.sqlite")
    retriever = PassageRetriever(index=samples.index, k=PASSAGES)
    pipeline = Pipeline(samples.archive, retriever, LinearJudge(), policy=QUICK)
    yield Desk(kind, Asker(samples.archive, pipeline, Conversations(state)))
    state.close()


def holds(quotes: Sequence[Quote], parts: Sequence[str]) -> bool:
    return any(fold_text(part) in fold_text(quote.text) for quote in quotes for part in parts)


@pytest.fixture(scope="module")
def answered(desk: Desk) -> list[Answer]:
    return [desk.ask(question) for question, _, _ in ANSWERED]


@pytest.fixture(scope="module")
def unanswered(desk: Desk) -> list[Answer]:
    return [desk.ask(question) for question in UNANSWERED]


@pytest.fixture(scope="module")
def otherwise(desk: Desk) -> list[Answer]:
    return [desk.ask(question) for question, _ in OTHERWISE]


# --- how good ------------------------------------------------------------------------------------------------------


def told(rows: Sequence[object]) -> str:
    """What came out otherwise, for whoever reads a failure."""
    return "\n" + "\n".join(map(str, rows))


def test_the_right_sentence_comes_first(desk: Desk, answered: list[Answer]) -> None:
    missed = [
        a.question
        for a, (_, _, parts) in zip(answered, ANSWERED, strict=True)
        if not holds(a.shown[:1], parts)
    ]
    assert len(ANSWERED) - len(missed) >= FIRST_RIGHT[desk.kind], told(missed)


def test_the_right_sentence_is_among_those_shown(desk: Desk, answered: list[Answer]) -> None:
    missed = [
        a.question for a, (_, _, parts) in zip(answered, ANSWERED, strict=True) if not holds(a.shown, parts)
    ]
    assert len(ANSWERED) - len(missed) >= SHOWN_RIGHT[desk.kind], told(missed)


def test_what_the_archive_holds_is_presented_as_an_answer(desk: Desk, answered: list[Answer]) -> None:
    missed = [(answer.question, answer.open) for answer in answered if answer.status != "answered"]
    assert len(ANSWERED) - len(missed) >= PRESENTED[desk.kind], told(missed)


def test_what_it_does_not_hold_is_not(desk: Desk, unanswered: list[Answer]) -> None:
    wrong = [(answer.question, answer.quotes[0].text) for answer in unanswered if answer.status == "answered"]
    assert len(wrong) <= UNANSWERED_PRESENTED[desk.kind], told(wrong)


def test_of_what_is_presented_as_an_answer_most_is(
    desk: Desk, answered: list[Answer], unanswered: list[Answer]
) -> None:
    right = [holds(a.quotes, parts) for a, (_, _, parts) in zip(answered, ANSWERED, strict=True) if a.quotes]
    presented = len(right) + sum(answer.status == "answered" for answer in unanswered)
    assert sum(right) / max(presented, 1) >= PRECISION[desk.kind]


def test_no_first_line_says_what_is_not_so(
    desk: Desk, answered: list[Answer], unanswered: list[Answer]
) -> None:
    """A first line asserts a fact: not one may be wrong."""
    given = [(a, line) for a, (_, line, _) in zip(answered, ANSWERED, strict=True) if a.quotes and a.text]
    wrong = [
        (a.question, a.text) for a, line in given if not line or fold_text(line) not in fold_text(a.text)
    ]
    wrong += [(answer.question, answer.text) for answer in unanswered if answer.quotes and answer.text]
    assert not wrong, told(wrong)
    assert len(given) >= LINES[desk.kind]


def test_however_it_is_asked_the_matter_is_the_same(desk: Desk, otherwise: list[Answer]) -> None:
    missed = [
        a.question for a, (_, parts) in zip(otherwise, OTHERWISE, strict=True) if not holds(a.shown, parts)
    ]
    assert len(OTHERWISE) - len(missed) >= SAME_MATTER[desk.kind], told(missed)


def test_follow_ups_are_asked_of_what_was_spoken_of(desk: Desk) -> None:
    missed = [
        (first, then) for first, then, parts in FOLLOW_UPS if not holds(desk.ask(first, then).shown, parts)
    ]
    assert len(FOLLOW_UPS) - len(missed) >= FOLLOWED[desk.kind], told(missed)


def test_what_points_is_answered_from_right_there(desk: Desk) -> None:
    missed = [
        (quoted, text) for quoted, text, parts in POINTED if not holds(desk.about(quoted, text).shown, parts)
    ]
    assert len(POINTED) - len(missed) >= POINTED_RIGHT[desk.kind], told(missed)


# --- what always holds ---------------------------------------------------------------------------------------------


def test_questions_with_a_subject_of_their_own_are_put_alike_in_one_chat_and_alone(
    desk: Desk, answered: list[Answer], unanswered: list[Answer], otherwise: list[Answer]
) -> None:
    key = f"test:{next(_numbers)}"
    for alone in (*answered, *unanswered, *otherwise):
        question = alone.question
        together = desk.asker.ask(Question(question, key))
        assert together.standalone_question == alone.standalone_question, question
        assert (together.status, together.text) == (alone.status, alone.text), question
        assert (together.quotes, together.related) == (alone.quotes, alone.related), question


def test_a_refusal_says_something_and_shows_no_answer(desk: Desk, unanswered: list[Answer]) -> None:
    refused = [answer for answer in unanswered if answer.status == "refused"]
    for answer in refused:
        assert answer.reason in {"nearest", "no_evidence"}
        assert answer.quotes == ()
        assert (answer.reason == "nearest") == bool(answer.related)
        assert all(word in answer.question for word in answer.open)


def test_no_two_quotes_say_the_same(answered: list[Answer], unanswered: list[Answer]) -> None:
    for answer in (*answered, *unanswered):
        texts = [set(fold_text(quote.text).split()) for quote in answer.shown]
        for one, other in itertools.combinations(texts, 2):
            assert len(one & other) / min(len(one), len(other)) < 0.75, answer.question


def test_a_new_topic_after_an_answer_stands_alone(desk: Desk) -> None:
    for question in ("ما أسعار النفط اليوم؟", "وما أسعار النفط اليوم؟", "من فاز بكأس العالم؟"):
        answer = desk.ask("متى انضمت سوريا إلى التحالف الدولي؟", question)
        assert answer.standalone_question == question


def test_a_forgotten_conversation_is_forgotten(desk: Desk) -> None:
    key = f"test:{next(_numbers)}"
    desk.asker.ask(Question("متى انضمت سوريا إلى التحالف الدولي؟", key))
    assert desk.asker.last_answer(key) is not None
    desk.asker.new_conversation(key)
    assert desk.asker.last_answer(key) is None
    assert desk.asker.ask(Question("وما رقم عضويتها؟", key)).standalone_question == "وما رقم عضويتها؟"


def test_the_last_answer_comes_back_with_its_quotes(desk: Desk) -> None:
    key = f"test:{next(_numbers)}"
    answer = desk.asker.ask(Question("من مثّل سوريا في اجتماع الرياض؟", key))
    last = desk.asker.last_answer(key)
    assert last is not None
    assert (last.quotes, last.related) == (answer.quotes, answer.related)
    assert (last.text, last.status, last.reason, last.open) == (
        answer.text,
        answer.status,
        answer.reason,
        answer.open,
    )


@pytest.mark.parametrize("question", ["", "؟", "متى؟", "😀", "?!", "   "])
def test_what_is_no_question_is_told_so(desk: Desk, question: str) -> None:
    answer = desk.ask(question)
    assert (answer.status, answer.reason) == ("refused", "not_a_question")


ODD = [
    '"; DROP TABLE',
    "don't (C++) * ^ NEAR",
    "سوريا " * 2000,
    "\x00\ud800",
    "{x} %s",
    "كم؟ " * 40,
    "«»" * 30,
]


@pytest.mark.parametrize("question", ODD)
def test_odd_input_gets_an_answer_or_a_refusal(desk: Desk, question: str) -> None:
    assert desk.ask(question).status in {"answered", "refused"}
    assert desk.ask(question, quick=True).status in {"answered", "refused"}


def test_several_questions_of_one_message_each_have_their_heading(desk: Desk) -> None:
    answer = desk.ask("متى عُقد اجتماع الرياض؟ ومن مثّل سوريا فيه؟ وما أسعار النفط اليوم؟")
    for heading in ("متى عُقد اجتماع الرياض؟", "ومن مثّل سوريا فيه؟", "وما أسعار النفط اليوم؟"):
        assert heading in answer.text


def test_labels_follow_the_users_language(desk: Desk) -> None:
    answer = desk.ask("When did Turkey join the coalition?", language="en")
    assert answer.status == "answered" or "archive" in answer.text


def test_timings_are_told_by_stage(desk: Desk) -> None:
    timings = desk.ask("متى انضمت سوريا إلى التحالف الدولي؟").timings_ms
    assert {"understand", "encode", "dense", "lexical", "retrieve", "judge", "total"} <= timings.keys()
    assert timings["total"] >= timings["encode"] > 0


def test_the_same_question_has_the_same_answer(desk: Desk) -> None:
    one = desk.ask("كم عدد مقاتلي داعش الباقين؟")
    _readings.clear()
    other = desk.ask("كم عدد مقاتلي داعش الباقين؟")
    assert (one.text, one.quotes, one.related, one.open) == (
        other.text,
        other.quotes,
        other.related,
        other.open,
    )
    assert [quote.score for quote in one.shown] == [quote.score for quote in other.shown]

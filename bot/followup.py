"""Making a follow-up stand alone: «وما رقم عضويتها؟» after a question about Syria asks for Syria's.

Rules over words, no chat model. A question that names its own subject is a new topic and stays as it is; one that
leans on what was said (a pronoun, «وعن …», a bare question word, «ذلك الاجتماع») takes its subject from the last turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import lexicon
from bot.conversation import Turn
from bot.matching import Term, view
from bot.question import Asked, to_standard, understand
from bot.terms import OPENERS, content_words, peel
from bot.topic import antecedent_of, counterpart_of, span_of, topic_of, with_topic
from corpus.arabic import Word, fold_text, words


def standalone(question: str, turns: Sequence[Turn]) -> str:
    """The question as it would be asked without the conversation before it; as it is when it already stands alone."""
    question = " ".join(question.split())
    answered = [turn for turn in turns if turn.standalone]
    if not answered:
        return question
    last = answered[-1]
    asked = understand(question)
    if asked.english:
        return _english(question, asked, last)
    standard = to_standard(question)
    about = _what_about(standard, asked, answered)
    if about is not None:
        return about
    for rule in (_with_speaker, _bare, _with_pronoun, _leaning):
        found = rule(standard, asked, last)
        if found is not None:
            return found
    return question


# --- rules, each None when it does not apply -----------------------------------------------------------------------

_ABOUT = re.compile(
    r"^(?:طيب|حسنا|حسنًا|و|ف)?[\s،]*(?:و\s*)?(?:(?:ماذا|ما)\s+(?:الأمر\s+)?)?(?P<preposition>عن|بشأن|بخصوص|بالنسبة\s+(?:إلى|ل))\s*(?P<topic>[^؟?]+?)\s*[؟?]*$"
)
_AND = re.compile(r"^(?:و|طيب\s+و?|ثم\s+)(?P<topic>\S+(?:\s+\S+){0,3}?)\s*[؟?]+$")


def _what_about(question: str, asked: Asked, turns: Sequence[Turn]) -> str | None:
    """«وعن العراق؟», «ماذا عن العراق؟», «والعراق؟»: the last question, with this in the place of its like. What was
    said of one thing is asked of another, also when a question came in between that has nothing of its like."""
    last = turns[-1]
    topic = topic_asked(question, asked)
    if topic is None:
        return None
    found = _ABOUT.match(question)
    before = last.standalone.rstrip(" ؟?.")
    fresh, old = understand(topic), understand(before)
    replaced = counterpart_of(fresh.terms, old)
    spoken = found is not None and found["preposition"] in _OF
    if (
        spoken
        and not _OF_SOMETHING.search(before)
        and (replaced is None or not _alike(fresh.terms, replaced))
    ):
        of = next((t for t in reversed(turns[-3:-1]) if _OF_SOMETHING.search(t.standalone)), None)
        if of is not None:
            before = of.standalone.rstrip(" ؟?.")
    preposition = _OF_SOMETHING.search(before)
    if preposition:
        return f"{before[: preposition.start()]} {preposition[1]} {topic}؟"
    if spoken and old.kind == "said":
        return f"{before} عن {topic}؟"
    if replaced is None:
        return f"{before} {topic}؟"
    span = span_of(replaced, before)
    if span is None:
        return f"{before} {topic}؟"
    head = before[: span[0]]
    # «لسوريا» gives way to «للعراق».
    topic = "ل" + topic[2:] if re.search(r"(?:^|\s)و?ل$", head) and topic.startswith("ال") else topic
    return f"{head}{topic}{before[span[1] :]}؟"


def topic_asked(question: str, asked: Asked) -> str | None:
    """«العراق» of «وعن العراق؟»، «ماذا عن العراق؟» and «والعراق؟»; None for other questions."""
    found = _ABOUT.match(question)
    if found is None:
        found = _AND.match(question)
        if found is None or asked.kind != "what" or not asked.terms or not all(t.name for t in asked.terms):
            return None
    topic = found["topic"].strip()
    return topic if len(content_words(topic)) <= 4 else None


_OF = {"عن", "بشأن", "بخصوص"}
_OF_SOMETHING = re.compile(r"\s(عن|حول|بشأن|بخصوص)\s")


def _alike(fresh: Sequence[Term], old: Term) -> bool:
    """Whether one takes the place of the other: a country that of a country, not that of «اجتماع الرياض»."""
    cities = lexicon.capitals().values()
    return any(term.name and (term.text in cities) == (old.text in cities) for term in fresh)


def _bare(question: str, asked: Asked, last: Turn) -> str | None:
    """«ومتى؟»: the last question with this question word."""
    if content_words(question) or not words(question) or len(words(question)) > 3:
        return None
    opener = question.strip(" ؟?،").removeprefix("و")
    before = last.standalone.rstrip(" ؟?.")
    found = words(before)
    behind = 1 if found and found[0].text in OPENERS else 0
    # What «كم» counted was asked for: «متى أوقف في السفيرة», not «متى شخصًا أوقف».
    counted = ""
    if behind and peel(found[0].text) == fold_text("كم") and len(found) > 2:
        behind = 2
        while (
            behind < len(found) - 1
            and found[behind].text.endswith("ا")
            and not found[behind].text.startswith("ال")
        ):
            behind += 1
        # Of «كم جنديًّا تركيًّا» it still matters whose.
        counted = f" ({before[found[1].start : found[behind - 1].end]})" if behind > 2 else ""
    if len(found) <= behind:
        return None
    return f"{opener} {before[found[behind].start :]}{counted}؟"


_PRONOUN = re.compile(r"^(?P<stem>.{2,}?)(?P<pronoun>هما|ها|هم|هن|ه)$")
_PREPOSITIONS = {
    "في": "في", "عن": "عن", "من": "من", "الي": "إلى", "علي": "على", "مع": "مع", "بين": "بين", "لدي": "لدى",
    "عند": "عند",
    "قبل": "قبل", "بعد": "بعد", "ضد": "ضد", "حول": "حول", "نحو": "نحو", "خلال": "خلال", "ب": "بـ", "ل": "لـ",
}  # fmt: skip


def _with_pronoun(question: str, asked: Asked, last: Turn) -> str | None:
    """«عضويتها», «فيه»: the pronoun gives way to what it stands for, and the rest of the topic comes along."""
    leans = False
    for word in words(question):
        raw = question[word.start : word.end]
        leaning = _leaning_word(raw, word)
        if leaning is None:
            continue
        bare, pronoun = leaning
        antecedent = antecedent_of(pronoun, last, inside=bare == "في")
        if antecedent is None:
            leans = leans or bare in _PREPOSITIONS.values()
            continue
        antecedent = _event_of(antecedent, asked, last)
        text = f"{question[: word.start]}{bare} {antecedent}{question[word.end :]}".removeprefix("و").strip()
        # A country alone leaves open in what matter; a meeting or a statement does not.
        country = any(term.name for term in understand(antecedent).terms) and " " not in antecedent
        return with_topic(text, last) if country else text
    return with_topic(question.removeprefix("و"), last) if leans else None


_TEXT_NOUNS = frozenset(
    map(fold_text, ("بيان", "البيان", "تقرير", "التقرير", "تصريح", "كلمة", "خطاب", "بلاغ"))
)
_EVENTS = ("اجتماع", "مؤتمر", "قمة", "مباحثات", "لقاء", "جلسة", "ندوة")


def _event_of(antecedent: str, asked: Asked, last: Turn) -> str:
    """One takes part in a meeting, not in its statement: «من شارك فيه» after «بيان الرياض» asks for the meeting."""
    head, _, rest = antecedent.partition(" ")
    takes_part = lexicon.families().get(fold_text("شارك"), frozenset())
    if fold_text(head) not in _TEXT_NOUNS or not any(term.families & takes_part for term in asked.terms):
        return antecedent
    spoken = {word.text for text in (last.standalone, *last.quoted) for word in words(text)}
    event = next(
        (e for e in _EVENTS if {fold_text(e), "ال" + fold_text(e), "لل" + fold_text(e)} & spoken), _EVENTS[0]
    )
    names = [word for word in rest.split() if word not in {"الختامي", "المشترك", "الصحفي"}]
    return " ".join([event if names else "ال" + event, *names])


def _with_speaker(question: str, asked: Asked, last: Turn) -> str | None:
    """«وماذا قال؟» after an answer that names a person: what that person said."""
    if asked.kind != "said" or asked.speaker or asked.terms:
        return None
    if not last.direct or understand(last.standalone).kind != "who":
        return None
    return f"{question.rstrip(' ؟?').removeprefix('و')} {last.direct.split('،')[0]}؟"


_THIS = {fold_text(w) for w in ("هذا", "هذه", "ذلك", "تلك", "هؤلاء", "نفس", "المذكور", "المذكورة")}


def _leaning(question: str, asked: Asked, last: Turn) -> str | None:
    """«ومتى انعقد الاجتماع؟»: it goes on («و»، «هذا») with something of the last turn, but names no one."""
    found = words(question)
    goes_on = question.startswith("و") and len(found) > 0 and found[0].text[1:] in OPENERS
    points = any(word.text in _THIS for word in found)
    if not (goes_on or points) or any(term.name for term in asked.terms):
        return None
    # «من أعلن ذلك؟», «وأين هبطت؟»: nothing is named at all but what was done.
    content = [word for word in content_words(question) if word.text not in _THIS]
    if len(content) == 1 and not content[0].text.startswith("ال") and (not points or found[-1].text in _THIS):
        return with_topic(question.removeprefix("و") if goes_on else question, last)
    said = view(" ".join((last.standalone, *last.quoted)))
    if asked.terms and not any(term.match(said) >= 0.7 for term in asked.terms):
        return None
    return with_topic(question.removeprefix("و") if goes_on else question, last)


# --- English -------------------------------------------------------------------------------------------------------

_ENGLISH_LEANING = re.compile(r"\b(it|its|they|them|their|he|his|him|she|her|there|that|this)\b", re.I)
_ENGLISH_GOING_ON = re.compile(r"^and\s+(?=(?:who|when|where|why|how|what|which)\b)", re.I)
_ENGLISH_ABOUT = re.compile(
    r"^(?:and\s+)?(?:(?:what|how)\s+)?about\s+(?P<topic>.+?)[\s?]*$|^and\s+(?P<rest>[\w' -]{2,40}?)[\s?]*$",
    re.I,
)
_ENGLISH_OF_SOMETHING = re.compile(r"\s(?:about|on|regarding|concerning)\s", re.I)


def _english(question: str, asked: Asked, last: Turn) -> str:
    before = last.standalone.rstrip(" ؟?.")
    about = _ENGLISH_ABOUT.match(question)
    topic = (about["topic"] or about["rest"]) if about else None
    if topic and understand(topic).kind == "what":
        if about and about["topic"] and (of := _ENGLISH_OF_SOMETHING.search(before)):
            return f"{before[: of.end()]}{topic}?"
        replaced = counterpart_of(understand(topic).terms, understand(before))
        span = span_of(replaced, before) if replaced else None
        return f"{before[: span[0]]}{topic}{before[span[1] :]}?" if span else f"{before} {topic}?"
    own_names = any(term.name for term in asked.terms)
    goes_on = _ENGLISH_GOING_ON.match(question)
    if (goes_on or _ENGLISH_LEANING.search(question)) and not own_names:
        alone = question[goes_on.end() :] if goes_on else question
        alone = alone[:1].upper() + alone[1:]
        return f"{alone.rstrip(' ?')} ({topic_of(last)})?"
    return question


# --- words that lean ----------------------------------------------------------------------------------------------


def _leaning_word(raw: str, word: Word) -> tuple[str, str] | None:
    """A word with a pronoun written onto it: what is left, and the pronoun."""
    if not re.search(r"(هما|ها|هم|هن|ه)$", word.text) or raw.endswith("ة"):
        return None
    found = _PRONOUN.match(word.text)
    if found is None:
        return None
    stem, pronoun = found["stem"], found["pronoun"]
    if stem[:1] in {"و", "ف"} and stem[1:] in _PREPOSITIONS:
        stem = stem[1:]
    if stem in _PREPOSITIONS:
        return _PREPOSITIONS[stem], pronoun
    # What is defined by the article takes no pronoun; nor do the words of one's own that merely end in ه.
    if (
        stem.startswith("ال")
        or len(stem) < 3
        or word.text in _NO_PRONOUN
        or (pronoun == "ه" and not stem.endswith("ت") and len(stem) < 4)
    ):
        return None
    body = raw[: len(raw) - len(pronoun)] if raw.endswith(pronoun) else stem
    # «أعضائه» is of «أعضاء», «عضويتها» of «عضوية».
    if body.endswith("ائ") or body.endswith("اؤ"):
        return body[:-1] + "ء", pronoun
    return (body[:-1] + "ة" if body.endswith("ت") and len(body) > 3 else body), pronoun


_NO_PRONOUN = {fold_text(w) for w in ("هذه", "الله", "مياه", "وجه", "اتجاه", "تجاه", "انتباه", "شبه", "فقه")}

"""A question about words that somebody quoted: «متى كان ذلك؟» under a passage asks when what it says was.

Rules over words, as for follow-ups, whose rules are used where the question has something of its own to say.
"""

from __future__ import annotations

import re

from bot import lexicon
from bot.conversation import Turn
from bot.followup import standalone, topic_asked
from bot.matching import view, view_of
from bot.question import Asked, to_standard, understand
from bot.terms import content_words
from corpus.arabic import STOPWORDS, fold_text, words


def about(question: str, quoted: str, around: str = "") -> tuple[str, str]:
    """The question as it would be asked by somebody who sees no passage, with what the quoted words speak of: as it is
    shown, and as it is searched. ``around``: the text they were quoted from."""
    question = " ".join(question.split())
    clause = _clause(quoted)
    if not clause:
        return question, question
    asked = understand(question)
    if points_only(asked, around or quoted):
        mark = "?" if asked.english else "؟"
        shown = f"{question.rstrip(' ؟?.').removeprefix('و')}: «{clause.translate(_NO_MARKS)}»{mark}"
        arabic, english = _OPENERS.get(asked.kind, ("", ""))
        return shown, f"{english if understand(clause).english else arabic} {clause}؟".strip()
    if not asked.english and (topic := topic_asked(to_standard(question), asked)):
        alone = f"ماذا ورد عن {topic}؟"
        return alone, alone
    # As if a question had been asked of it: its first word is then read as the verb that it is in news.
    turn = Turn(clause, f"هل {_NISBA_ADVERB.sub('', _without_and(clause))}؟", "answered", (quoted,))
    alone = standalone(question, [turn])
    return alone, alone


_NO_MARKS = {ord(mark): None for mark in "«»"}
_OPENERS = {
    "when": ("متى", "When was it:"),
    "where": ("أين", "Where was it:"),
    "who": ("من", "Who was it:"),
    "number": ("كم", "How many:"),
    "why": ("لماذا", "Why was it:"),
}
_NISBA_ADVERB = re.compile("\\s[\\w\u064b-\u0652]*ي[\u064b\u0651]*\u064b[\u064b\u0651]*ا(?!\\w)")
"""«رسميًّا»: no noun for a pronoun to stand for."""


def points_only(asked: Asked, quoted: str = "") -> bool:
    """Whether a question says nothing of its own but what it asks for: «متى كان ذلك؟»، «من قاله؟»، «Where?»; or, of
    quoted words, nothing but a word of theirs: «متى وقّعته؟»."""
    if not words(asked.standard):
        return False
    own = [
        word
        for word in content_words(asked.standard)
        if word.text not in _POINTING and not (asked.english and word.text in _ENGLISH_POINTING)
    ]
    if len(own) != 1 or asked.kind not in {"when", "where", "who", "why"} or own[0].text.startswith("ال"):
        return not own
    seen, word = view(quoted), _PRONOUN.sub("", own[0].text)
    return any(
        view_of(form).forms & seen.forms or view_of(form).roots & seen.roots for form in (word, own[0].text)
    )


_PRONOUN = re.compile("(?<=...)(?:هما|ها|هم|هن|ه)$")


_POINTING = {
    fold_text(w)
    for w in (
        "قاله", "قالها", "قالهم", "قائله", "القائل", "ذكره", "ذكرها", "أعلنه", "أعلنها", "صرح", "عددهم", "عددها",
        "عدده", "كان", "كانت", "كانوا", "حدث", "حدثت", "حصل", "حصلت", "صار", "صارت", "وقع", "وقعت", "جرى", "جرت", "تم",
        "السبب", "سببه", "سببها", "تاريخه", "تاريخها", "موعده", "موعدها", "مكانه", "مكانها", "اسمه", "صاحب", "الكلام",
        "القول", "التصريح", "الخبر", "المقطع", "الأمر", "صحيح", "صحيحا", "دقيق", "مؤكد", "يقع", "تقع", "يقعان",
        "تقعان", "هالشي", "هالشيء", "هالكلام", "هالحكي", "بالضبط", "تحديدا", "هذا", "هذه", "ذلك", "تلك", "هؤلاء",
        "نفس", "المذكور", "المذكورة",
    )
}  # fmt: skip
"""Words that point at what was said or ask for something of it, and name nothing."""
_ENGLISH_POINTING = {"exactly", "happen", "happened", "reason", "said", "say", "true"}

_CLAUSE_WORDS = 12
_END = re.compile(r"[.؟?!؛;:\n]|،(?=\s)|,(?=\s)")


def _clause(quoted: str) -> str:
    """The first thing that quoted words say: up to a stop behind four words, and no more than twelve."""
    text = " ".join(quoted.split()).strip(' .،؛:؟?!«»"“”')
    for mark in _END.finditer(text):
        if len(text[: mark.start()].split()) >= 4:
            text = text[: mark.start()]
            break
    kept = text.split()[:_CLAUSE_WORDS]
    while len(kept) > 4 and fold_text(kept[-1]) in STOPWORDS:
        kept.pop()
    text = " ".join(kept)
    if text.count("«") != text.count("»"):
        text = text.replace("«", "").replace("»", "")
    return text


def _without_and(clause: str) -> str:
    """The clause without the و by which a sentence goes on: «وشكر البيان», but «وزير»."""
    folded = fold_text(clause.partition(" ")[0])
    verb = folded[1:] in lexicon.speech("verbs") or folded[1:] in lexicon.families()
    return clause[1:] if clause.startswith("و") and verb and folded not in lexicon.families() else clause

"""What a question asks for: its kind, its terms, and whose words it wants, in standard Arabic, dialect or English."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot import lexicon
from bot.matching import NAMED, Term, bare_forms, without_article
from bot.terms import SUPPORTING, peel, single_term, terms_of
from bot.transliteration import consonants, transliterated
from corpus.arabic import fold_text, stem, words

Kind = Literal["when", "number", "who", "where", "said", "whether", "why", "how", "what"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood."""

    text: str
    standard: str
    """With dialect words put into standard ones: what is searched."""
    kind: Kind
    terms: tuple[Term, ...]
    speaker: frozenset[str] = frozenset()
    """For ``said``: the texts of the terms that name who speaks."""
    english: bool = False

    @property
    def holds_office(self) -> bool:
        """Whether it asks who holds an office: «من هو وزير الدفاع»."""
        titles = lexicon.speech("titles") - {"عضو"}
        if self.kind != "who" or not self.terms:
            return False
        if self.english:
            return any(term.forms.keys() & titles for term in self.terms[:3])
        # «من هو وزير الدفاع», not «من التقى الوزير» nor «من أعلن العضوية».
        first = self.terms[0].text
        return bool({first, *bare_forms(first)} & titles)

    @property
    def expansions(self) -> tuple[str, ...]:
        """Further words for the lexical side of the search."""
        own = {word.text for word in words(self.standard)}
        found: dict[str, None] = {}
        for term in self.terms:
            for form, credit in term.forms.items():
                if credit >= NAMED and form not in own:
                    found[form] = None
            if not term.known:
                # The archive has no such word: what it may call it.
                for family in term.families:
                    found.update(dict.fromkeys(lexicon.family_words()[family]))
        return tuple(found)


_MOST_TERMS = 40
"""A question of more words than this is a text: what lies beyond is not looked for."""


def understand(text: str) -> Asked:
    """Read a question: nothing of the archive is looked at yet (``weigh`` does that)."""
    text = " ".join(text.split())
    english = _is_english(text)
    standard = text if english else to_standard(text)
    folded = [word.text for word in words(standard)]
    kind = _english_kind(folded) if english else _kind(folded)
    terms = tuple({term.text: term for term in terms_of(standard, english)}.values())[:_MOST_TERMS]
    speaker = _speaker(folded, terms, english) if kind == "said" else frozenset[str]()
    return Asked(text, standard, kind, terms, speaker, english)


_SUPPORTING_WEIGHT = 0.5


def weigh(
    asked: Asked,
    frequency: Callable[[Sequence[str]], Mapping[str, int]],
    size: int,
    correct: Callable[[str], str | None] = lambda word: None,
) -> Asked:
    """The question with its terms weighed by the archive: ``frequency`` counts the passages a word or stem is in, of
    ``size`` in all; ``correct`` names the archive's spelling of a word it does not know."""

    forms = sorted(
        {form for term in asked.terms for form in term.forms}
        | {p for t in asked.terms for ph in t.phrases for p in ph}
    )
    counts = frequency(forms) if forms else {}
    weighed = []
    for term in asked.terms:
        count = max(
            [counts.get(form, 0) for form, credit in term.forms.items() if credit >= NAMED]
            + [min(counts.get(part, 0) for part in phrase) for phrase in term.phrases],
            default=0,
        )
        known = count > 0
        if not known and term.families:
            relatives = [word for family in term.families for word in lexicon.family_words()[family]]
            count = max(frequency(relatives).values(), default=0)
        elif not known and not term.name:
            spelling = correct(term.text)
            if spelling:
                fresh = single_term(spelling)
                term = replace(
                    fresh,
                    text=term.text,
                    forms={**term.forms, **{f: c * NAMED for f, c in fresh.forms.items()}},
                )
                count = max(frequency(list(fresh.forms)).values(), default=0)
                known = count > 0
        # Robertson and Spärck Jones's weight, kept positive as in Lucene.
        weight = math.log(1 + (size - count + 0.5) / (count + 0.5))
        if term.text in SUPPORTING:
            weight = min(weight, _SUPPORTING_WEIGHT)
        weighed.append(replace(term, weight=max(weight, 0.1), known=known))
    return replace(asked, terms=tuple(weighed))


_MARKS = re.compile("[\u0640\u064b-\u065f\u0670]")  # tatweel and the vowel signs


def to_standard(text: str) -> str:
    """The question with dialect words and clitics replaced by standard ones; everything else untouched."""
    dialect = lexicon.dialect()
    # The embedding knows words better without their marks, as news is written.
    text = _MARKS.sub("", text)
    parts: list[str] = []
    at = 0
    found = words(text)
    for index, word in enumerate(found):
        standard = dialect.words.get(word.text)
        # «شو قال» is «ماذا قال», «شو اسم» is «ما اسم».
        if standard == "ما" and index + 1 < len(found) and _is_verb(found[index + 1].text):
            standard = "ماذا"
        if standard is None:
            for prefix, meaning in dialect.prefixes.items():
                if word.text == prefix:
                    standard = meaning
                    break
                if (
                    prefix.endswith("ال")
                    and word.text.startswith(prefix)
                    and len(word.text) > len(prefix) + 2
                ):
                    standard = meaning + word.text[len(prefix) :]
                    break
        if standard is not None:
            parts += [text[at : word.start], standard]
            at = word.end
    return " ".join("".join([*parts, text[at:]]).split())


def _is_verb(word: str) -> bool:
    """Whether a word behind a question word is surely a verb: one of speech, of happening, or «…وا»."""
    standard = fold_text(lexicon.dialect().words.get(word, word))
    return (
        standard in lexicon.speech("verbs")
        or standard in SUPPORTING
        or standard in {fold_text(w) for w in ("حدث", "حصل", "فعل", "عمل", "يقول", "تقول", "يريد", "تريد")}
        or (len(standard) > 3 and standard.endswith("وا"))
    )


def name_words(asked: Asked, texts: Iterable[str]) -> Asked:
    """An English question whose unknown words were found, by their consonants, among the Arabic words of the best
    passages: «Shaibani» then matches «الشيباني»."""
    unknown = [
        t for t in asked.terms if t.text.isascii() and len(t.forms) == 1 and len(transliterated(t.text)) >= 2
    ]
    if not unknown:
        return asked
    by_sound: dict[str, set[str]] = {}
    for text in texts:
        for word in words(text):
            if not word.text.isascii():
                by_sound.setdefault(consonants(word.text), set()).add(word.text)
    fresh = {}
    for term in unknown:
        same = by_sound.get(transliterated(term.text), set())
        if same:
            forms = {**term.forms, **{form: NAMED for form in same}, **{stem(form): NAMED for form in same}}
            fresh[term.text] = replace(term, forms=forms, known=True)
    return replace(asked, terms=tuple(fresh.get(term.text, term) for term in asked.terms)) if fresh else asked


# --- kinds -----------------------------------------------------------------------------------------------------

_TIME_NOUNS = {fold_text(w) for w in ("تاريخ", "يوم", "عام", "سنة", "شهر", "وقت", "موعد", "ساعة")}
COUNT_NOUNS = {
    fold_text(w)
    for w in ("عدد", "رقم", "نسبة", "مقدار", "حجم", "عمر", "ترتيب", "مساحة", "طول", "قيمة", "سعر")
}
_PLACE_NOUNS = {
    fold_text(w) for w in ("مدينة", "بلد", "دولة", "مكان", "منطقة", "عاصمة", "قارة", "محافظة", "موقع")
}
_SPEECH_ASKED = {
    fold_text(w)
    for w in (
        "قال", "قالت", "قالوا", "يقول", "تقول", "ذكر", "ذكرت", "أعلن", "أعلنت", "صرح", "صرحت", "جاء", "ورد", "تضمن",
        "تضمنت", "موقف", "رأي", "تصريح", "تصريحات", "نص", "أكد", "أكدت", "أوضح", "أوضحت", "كتب", "علق", "تعليق", "رد",
        "وصف", "طالب", "دعا", "أضاف", "أشار", "بيان", "البيان",
    )
}  # fmt: skip


def _kind(folded: list[str]) -> Kind:
    asked = [peel(word) for word in folded]
    head = asked[:6]
    pairs = list(zip(head, [*asked[1:], ""], strict=False))
    for index, (word, following) in enumerate(pairs):
        if word == fold_text("متى"):
            return "when"
        if word in {fold_text("كم"), fold_text("بكم")}:
            return "when" if following in {fold_text("الساعة")} else "number"
        if word == fold_text("أين"):
            return "where"
        if word == fold_text("لماذا") or (word == "لم" and index == 0):
            return "why"
        if word == fold_text("كيف"):
            return "how"
        if word == fold_text("هل"):
            return "whether"
        if word in {fold_text("أي"), fold_text("اي")}:
            bare = without_article(following)
            if bare in _TIME_NOUNS:
                return "when"
            if bare in _PLACE_NOUNS:
                return "where"
        if word in {"ما", "ماذا", "عما", "مما", "عن"} and index <= 2:
            rest = [without_article(w) for w in asked[index + 1 : index + 4]]
            first = next((w for w in rest if w not in {"هو", "هي", "هم"}), "")
            if first in _TIME_NOUNS - {fold_text("يوم")}:
                return "when"
            if first in COUNT_NOUNS:
                return "number"
            if first == "سبب" or first == "اسباب":
                return "why"
            if first == "اسم":
                return "who"
            if first in _PLACE_NOUNS:
                return "where"
            if _SPEECH_ASKED & {
                asked[i] for i in range(index + 1, min(index + 4, len(asked)))
            } or _SPEECH_ASKED & set(rest):
                return "said"
        if word == "من" and index == 0:
            return "where" if following == fold_text("أين") else "who"
    if asked and without_article(asked[0]) in COUNT_NOUNS:
        return "number"
    if asked and without_article(asked[0]) in _TIME_NOUNS - {fold_text("يوم")}:
        return "when"
    return "what"


def _english_kind(folded: list[str]) -> Kind:
    text = " ".join(folded)
    for pattern, kind in _ENGLISH_KINDS:
        if re.search(pattern, text):
            return kind
    return "what"


_SAYING = (
    r"(?:say|said|says|state|stated|declare|declared|announce|announced|call|write|wrote|written|tweeted)"
)
_ENGLISH_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"^(?:and |so )*when\b|\b(?:what|which) (?:date|day|year|month|time)\b", "when"),
    (r"\bhow (?:many|much|old|long|far)\b|\b(?:what|member(?:ship)?) number\b|\bnumber of\b", "number"),
    (r"\bwhat (?:percentage|share)\b", "number"),
    (r"^(?:and |so )*who(?:m|se)?\b|\bwhat is the name\b", "who"),
    (r"^(?:and |so )*where\b|\b(?:what|which) (?:city|country|place)\b", "where"),
    (rf"\bwhat (?:did|does|has|have|was|is)\b.*\b{_SAYING}\b", "said"),
    (r"^(?:and |so )*why\b", "why"),
    (r"^(?:and |so )*how\b", "how"),
    (r"^(?:and |so )*(?:is|are|was|were|does|do|did|has|have|had|will|can)\b", "whether"),
)


def _speaker(folded: list[str], terms: tuple[Term, ...], english: bool) -> frozenset[str]:
    """The terms between the word of speech and «عن / حول / بشأن / on / about»: who is to have spoken."""
    until = len(folded)
    for index, word in enumerate(folded):
        if index > 1 and word in {
            "عن",
            "حول",
            "بشان",
            "بخصوص",
            "تجاه",
            "ان",
            "علي",
            "في",
            "امام",
            "خلال",
            "on",
            "about",
            "regarding",
            "of",
        }:
            until = index
            break
    before = set(folded[:until]) | {" ".join(folded[i : i + n]) for n in (2, 3, 4) for i in range(until)}
    before |= {bare for word in folded[:until] for bare in bare_forms(word)}
    return frozenset(term.text for term in terms if term.text in before)


def _is_english(text: str) -> bool:
    latin = sum(1 for c in text if c.isascii() and c.isalpha())
    arabic = sum(1 for c in text if "\u0600" <= c <= "\u06ff")
    return latin > arabic

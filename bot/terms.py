"""What a question speaks of: its terms, each in every form under which a sentence may name it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot import lexicon
from bot.matching import NAMED, SAME, Term, bare_forms, root
from bot.names import country_forms, known_name, known_names, name_term, nationality
from corpus.arabic import STOPWORDS, Word, fold_text, stem, variants, words


def terms_of(text: str, english: bool) -> Iterable[Term]:
    found = words(text)
    if english:
        yield from _english_terms([word.text for word in found])
        return
    folded = [word.text for word in found]
    index = 0
    while index < len(folded):
        length, term = known_name(folded, index)
        if term is not None:
            yield term
            index += length
            continue
        word = folded[index]
        index += 1
        # «من مثّل سوريا»: behind a question word stands a verb, also one that is written as a particle is.
        if index == 2 and peel(folded[0]) in OPENERS and word in lexicon.families() and word not in _SHAPE:
            yield single_term(word)
            continue
        if (
            word in STOPWORDS
            or word in _SHAPE
            or peel(word) in _SHAPE
            or peel(word) in STOPWORDS
            or len(word) < 2
        ):
            continue
        if word.isascii() and word.isalpha():
            yield from _english_terms([word])
        else:
            yield single_term(word)


def single_term(word: str) -> Term:
    """A term of one Arabic word."""
    forms: dict[str, float] = {word: SAME}
    for variant in variants(word):
        forms.setdefault(variant, SAME)
    for form in list(forms):
        forms.setdefault(stem(form), SAME)
    equals = lexicon.equals()
    for bare in (word, *bare_forms(word)):
        for other in equals.get(bare, ()):
            forms.setdefault(other, NAMED)
            forms.setdefault(stem(other), NAMED)
    # «شقًّا» is «شق»: the ا of an indefinite object is no letter of the word.
    if len(word) >= 3 and word.endswith("ا") and not word.startswith("ال"):
        forms.setdefault(word[:-1], NAMED)
    families = lexicon.families()
    own = families.get(word, frozenset()) | families.get(stem(word), frozenset())
    for bare in bare_forms(word):
        own |= families.get(bare, frozenset())
    country = nationality(word)
    if country:
        for form, credit in country_forms(country).items():
            forms.setdefault(form, credit)
    return Term(word, forms, families=own, root="" if own else root(word), name=bool(country))


def _english_terms(folded: list[str]) -> Iterable[Term]:
    """Terms of English words: their Arabic by the lexicon, names by their consonants (see ``transliterated``)."""
    english, aliases = lexicon.english(), lexicon.aliases()
    index = 0
    while index < len(folded):
        for length in (3, 2, 1):
            key = " ".join(folded[index : index + length])
            if len(key.split()) < length:
                continue
            if key in aliases and (length > 1 or key not in {"is", "un"}):
                names = [name for name in aliases[key] if not name.isascii()]
                term = name_term(names[0])
                yield replace(term, text=key, forms={**term.forms, key: SAME})
                break
            if key in english and not (length == 1 and key in _ENGLISH_SHAPE):
                arabic = english[key]
                if arabic[0] in known_names():
                    yield replace(name_term(arabic[0]), text=key)
                    break
                forms = {key: SAME}
                families: frozenset[int] = frozenset()
                for word in arabic:
                    single = single_term(word)
                    families |= single.families
                    for form in single.forms:
                        forms.setdefault(form, NAMED)
                yield Term(key, forms, families=families, root="" if families else root(arabic[0]))
                break
        else:
            length = 1
            word = folded[index]
            if word not in _ENGLISH_SHAPE and len(word) > 1:
                yield Term(word, {word: SAME})
        index += length


def peel(word: str) -> str:
    """A question word without the و or ف before it."""
    return word[1:] if len(word) > 2 and word[0] in "وف" and word[1:] in OPENERS else word


OPENERS = {
    fold_text(w)
    for w in (
        "متى",
        "كم",
        "من",
        "أين",
        "ما",
        "ماذا",
        "هل",
        "لماذا",
        "كيف",
        "أي",
        "لأي",
        "بأي",
        "بكم",
        "لم",
        "عن",
    )
}


def content_words(text: str) -> list[Word]:
    """The words of a text that say something: without stopwords and the words that shape a question."""
    return [
        w
        for w in words(text)
        if w.text not in STOPWORDS and w.text not in _SHAPE and peel(w.text) not in STOPWORDS
    ]


# Verbs that say of an event only that it was: what is asked about is the noun behind them.
SUPPORTING = frozenset(
    fold_text(w)
    for w in (
        "عقد", "عقدت", "انعقد", "انعقدت", "ينعقد", "يعقد", "جرت", "حصل", "حصلت", "صار", "صارت", "بدأ", "بدأت", "حدثت",
        "وقعت", "صدر", "صدرت", "أقيم", "أقيمت", "held", "happen", "happened", "took", "take", "place",
    )
)  # fmt: skip

# Words that shape a question rather than name what it is about, beyond the stopwords.
_SHAPE = {
    fold_text(w)
    for w in (
        "متى", "كم", "أين", "ماذا", "هل", "لماذا", "كيف", "أي", "تاريخ", "عدد", "اسم", "أسماء", "سبب", "أسباب", "يوم",
        "عام", "سنة", "قال", "قالت", "قالوا", "يقول", "تقول", "ذكر", "ذكرت", "جاء", "ورد", "الآن", "أيضا", "بخصوص",
        "يوجد", "توجد", "حدث", "جرى", "تم", "يتم", "بشأن", "حول", "عن", "أخبرني", "أريد", "معنى", "يعني", "تتحدث",
        "حدثني",
    )
}  # fmt: skip
_ENGLISH_SHAPE_WORDS = """
    a about after against al all am an el and any are as at be been before being between by did do does during for from
    had has have he her his how i in into is it its led less many me more most much my name not of on or our over
    own please said say says she so some tell than that the their them then there these they this those to told
    tweet tweeted under was we were what when where which who whom whose why will with write written wrote year
    date day you your
"""
_ENGLISH_SHAPE = frozenset(_ENGLISH_SHAPE_WORDS.split())

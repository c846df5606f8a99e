"""What a question asks for: its kind, its terms, and whose words it wants, in standard Arabic, dialect or English.

A ``Term`` is one thing the question speaks of, with every form under which a sentence may name it. Matching is
graded: the word itself or its stem counts fully, a word of the same family or a nationality less.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Literal

from bot import lexicon
from corpus.arabic import STOPWORDS, Word, fold_text, stem, variants, words

Kind = Literal["when", "number", "who", "where", "said", "whether", "why", "how", "what"]

SAME, NAMED, RELATED = 1.0, 0.85, 0.7  # a term's own word; another name or a nationality; the same family or root


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a question speaks of."""

    text: str
    """Folded, as the question says it."""
    forms: Mapping[str, float]
    """Folded words and stems that name it, with how well."""
    phrases: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """Names of several words, as stems."""
    families: frozenset[int] = frozenset()
    root: str = ""
    name: bool = False
    """A proper name: a sentence that does not speak of it cannot answer."""
    weight: float = 1.0
    """How much it tells sentences apart: its inverse document frequency in the archive."""
    known: bool = True
    """Whether the archive has any of its forms."""

    def match(self, view: View) -> float:
        """0 … 1: how well the words of ``view`` name this term."""
        best = 0.0
        for form in self.forms.keys() & view.forms:
            best = max(best, self.forms[form])
        for phrase, credit in self.phrases.items():
            if credit > best and _contains(view.stems, phrase):
                best = credit
        if best < RELATED and not self.name:
            if self.families & view.families or (self.root and self.root in view.roots):
                best = RELATED
        return best


@dataclass(frozen=True, slots=True)
class View:
    """The words of a stretch of text, ready to be matched."""

    stems: tuple[str, ...]
    forms: frozenset[str]
    families: frozenset[int]
    roots: frozenset[str]

    def __or__(self, other: View) -> View:
        return View(
            (*self.stems, "", *other.stems),
            self.forms | other.forms,
            self.families | other.families,
            self.roots | other.roots,
        )


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
    def expansions(self) -> tuple[str, ...]:
        """Further words for the lexical side of the search."""
        own = {word.text for word in words(self.standard)}
        found: dict[str, None] = {}
        for term in self.terms:
            for form, credit in term.forms.items():
                if credit >= NAMED and form not in own:
                    found[form] = None
        return tuple(found)


@lru_cache(maxsize=4096)
def view(text: str) -> View:
    """The words of ``text`` for matching. Cached: the same sentences come up question after question."""
    found = words(text)
    families = lexicon.families()
    forms: set[str] = set()
    in_families: set[int] = set()
    for word in found:
        forms.add(word.text)
        forms.add(word.stem)
        in_families |= families.get(word.text, frozenset())
        for bare in _bare(word.text):
            in_families |= families.get(bare, frozenset())
    return View(
        tuple(word.stem for word in found),
        frozenset(forms),
        frozenset(in_families),
        frozenset(filter(None, (root(word.text) for word in found))),
    )


def understand(text: str) -> Asked:
    """Read a question: nothing of the archive is looked at yet (``weigh`` does that)."""
    text = " ".join(text.split())
    english = _is_english(text)
    standard = text if english else to_standard(text)
    folded = [word.text for word in words(standard)]
    kind = _english_kind(folded) if english else _kind(folded)
    terms = tuple(_terms(standard, english))
    speaker = _speaker(folded, terms, english) if kind == "said" else frozenset[str]()
    return Asked(text, standard, kind, terms, speaker, english)


def weigh(
    asked: Asked,
    frequency: Callable[[Sequence[str]], Mapping[str, int]],
    size: int,
    correct: Callable[[str], str | None] = lambda word: None,
) -> Asked:
    """The question with its terms weighed by the archive: ``frequency`` counts the passages a word or stem is in, of
    ``size`` in all; ``correct`` names the archive's spelling of a word it does not know."""
    import math

    forms = sorted({form for term in asked.terms for form in term.forms} | {p for t in asked.terms for ph in t.phrases for p in ph})
    counts = frequency(forms) if forms else {}
    weighed = []
    for term in asked.terms:
        count = max(
            [counts.get(form, 0) for form, credit in term.forms.items() if credit >= NAMED]
            + [min(counts.get(part, 0) for part in phrase) for phrase in term.phrases],
            default=0,
        )
        if count == 0 and not term.name:
            spelling = correct(term.text)
            if spelling:
                fresh = _term(spelling)
                term = replace(
                    fresh, text=term.text, forms={**term.forms, **{f: c * NAMED for f, c in fresh.forms.items()}}
                )
                count = max(frequency(list(fresh.forms)).values(), default=0)
        # Robertson and Spärck Jones's weight, kept positive as in Lucene.
        weight = math.log(1 + (size - count + 0.5) / (count + 0.5))
        weighed.append(replace(term, weight=max(weight, 0.1), known=count > 0))
    return replace(asked, terms=tuple(weighed))


def to_standard(text: str) -> str:
    """The question with dialect words and clitics replaced by standard ones; everything else untouched."""
    dialect = lexicon.dialect()
    parts: list[str] = []
    at = 0
    for word in words(text):
        standard = dialect.words.get(word.text)
        if standard is None:
            for prefix, meaning in dialect.prefixes.items():
                if word.text == prefix:
                    standard = meaning
                    break
                if prefix.endswith("ال") and word.text.startswith(prefix) and len(word.text) > len(prefix) + 2:
                    standard = meaning + word.text[len(prefix) :]
                    break
        if standard is not None:
            parts += [text[at : word.start], standard]
            at = word.end
    return " ".join("".join([*parts, text[at:]]).split())


# --- kinds -----------------------------------------------------------------------------------------------------

_TIME_NOUNS = {fold_text(w) for w in ("تاريخ", "يوم", "عام", "سنة", "شهر", "وقت", "موعد", "ساعة")}
_COUNT_NOUNS = {fold_text(w) for w in ("عدد", "رقم", "نسبة", "مقدار", "حجم", "عمر", "ترتيب", "مساحة", "طول", "قيمة", "سعر")}
_PLACE_NOUNS = {fold_text(w) for w in ("مدينة", "بلد", "دولة", "مكان", "منطقة", "عاصمة", "قارة", "محافظة", "موقع")}
_SPEECH_ASKED = {
    fold_text(w)
    for w in (
        "قال", "قالت", "قالوا", "يقول", "تقول", "ذكر", "ذكرت", "أعلن", "أعلنت", "صرح", "صرحت", "جاء", "ورد", "تضمن",
        "تضمنت", "موقف", "رأي", "تصريح", "تصريحات", "نص", "أكد", "أكدت", "أوضح", "أوضحت", "كتب", "علق", "تعليق", "رد",
        "وصف", "طالب", "دعا", "أضاف", "أشار", "بيان", "البيان",
    )
}  # fmt: skip


def _peel(word: str) -> str:
    """A question word without the و or ف before it."""
    return word[1:] if len(word) > 2 and word[0] in "وف" and word[1:] in _OPENERS else word


_OPENERS = {fold_text(w) for w in ("متى", "كم", "من", "أين", "ما", "ماذا", "هل", "لماذا", "كيف", "أي", "بكم", "لم", "عن")}


def _kind(folded: list[str]) -> Kind:
    asked = [_peel(word) for word in folded]
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
            bare = _without_article(following)
            if bare in _TIME_NOUNS:
                return "when"
            if bare in _PLACE_NOUNS:
                return "where"
        if word in {"ما", "ماذا", "عما", "مما", "عن"} and index <= 2:
            rest = [_without_article(w) for w in asked[index + 1 : index + 4]]
            first = next((w for w in rest if w not in {"هو", "هي", "هم"}), "")
            if first in _TIME_NOUNS - {fold_text("يوم")}:
                return "when"
            if first in _COUNT_NOUNS:
                return "number"
            if first == "سبب" or first == "اسباب":
                return "why"
            if first == "اسم":
                return "who"
            if first in _PLACE_NOUNS:
                return "where"
            if _SPEECH_ASKED & {asked[i] for i in range(index + 1, min(index + 4, len(asked)))} or _SPEECH_ASKED & set(rest):
                return "said"
        if word == "من" and index == 0:
            return "where" if following == fold_text("أين") else "who"
    if asked and _without_article(asked[0]) in _COUNT_NOUNS:
        return "number"
    if asked and _without_article(asked[0]) in _TIME_NOUNS - {fold_text("يوم")}:
        return "when"
    return "what"


def _english_kind(folded: list[str]) -> Kind:
    text = " ".join(folded)
    for pattern, kind in _ENGLISH_KINDS:
        if re.search(pattern, text):
            return kind
    return "what"


_ENGLISH_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"^(?:and |so )*when\b|\b(?:what|which) (?:date|day|year|month|time)\b", "when"),
    (r"\bhow (?:many|much|old|long|far)\b|\bwhat (?:number|percentage|share)\b|\bnumber of\b|\b(?:member(?:ship)? )number\b", "number"),
    (r"^(?:and |so )*who(?:m|se)?\b|\bwhat is the name\b", "who"),
    (r"^(?:and |so )*where\b|\b(?:what|which) (?:city|country|place)\b", "where"),
    (r"\bwhat (?:did|does|has|have|was|is)\b.*\b(?:say|said|says|state|stated|declare|declared|announce|announced|call)\b", "said"),
    (r"^(?:and |so )*why\b", "why"),
    (r"^(?:and |so )*how\b", "how"),
    (r"^(?:and |so )*(?:is|are|was|were|does|do|did|has|have|had|will|can)\b", "whether"),
)


# --- terms -----------------------------------------------------------------------------------------------------

# Words that shape a question rather than name what it is about, beyond the stopwords.
_SHAPE = {
    fold_text(w)
    for w in (
        "متى", "كم", "أين", "ماذا", "هل", "لماذا", "كيف", "أي", "تاريخ", "عدد", "اسم", "أسماء", "سبب", "أسباب", "يوم", "عام",
        "سنة", "قال", "قالت", "قالوا", "يقول", "تقول", "ذكر", "ذكرت", "جاء", "ورد", "الآن", "أيضا", "بخصوص", "يوجد",
        "توجد", "حدث", "جرى", "تم", "يتم", "بشأن", "حول", "عن", "أخبرني", "أريد", "معنى", "يعني", "تتحدث", "حدثني",
    )
}  # fmt: skip
_ENGLISH_SHAPE = set(
    "when who where what which why how many much did does do is are was were the a an of in on to for by with from and or"
    " against between among during led after before over under more less own about it its this that these those has have had be been being there say said says tell told me at as their his her"
    " they he she we you i please name date day year into than then so not any some all most".split()
)


def _terms(text: str, english: bool) -> Iterable[Term]:
    found = words(text)
    if english:
        yield from _english_terms([word.text for word in found])
        return
    folded = [word.text for word in found]
    index = 0
    while index < len(folded):
        length, term = _known_name(folded, index)
        if term is not None:
            yield term
            index += length
            continue
        word = folded[index]
        index += 1
        # «من مثّل سوريا»: behind a question word stands a verb, also one that is written as a particle is.
        if index == 2 and _peel(folded[0]) in _OPENERS and word in lexicon.families():
            yield _term(word)
            continue
        if word in STOPWORDS or word in _SHAPE or _peel(word) in _SHAPE or _peel(word) in STOPWORDS or len(word) < 2:
            continue
        if word.isascii() and word.isalpha():
            yield from _english_terms([word])
        else:
            yield _term(word)


def _term(word: str) -> Term:
    """A term of one Arabic word."""
    forms: dict[str, float] = {word: SAME}
    for variant in variants(word):
        forms.setdefault(variant, SAME)
    for form in list(forms):
        forms.setdefault(stem(form), SAME)
    families = lexicon.families()
    own = families.get(word, frozenset())
    for bare in _bare(word):
        own |= families.get(bare, frozenset())
    country = nationality(word)
    if country:
        for form, credit in _country_forms(country).items():
            forms.setdefault(form, credit)
    return Term(word, forms, families=own, root=root(word), name=bool(country))


def _known_name(folded: list[str], index: int) -> tuple[int, Term | None]:
    """A name of one or more words of the lexicon that begins at ``index``, longest first."""
    for length in range(min(4, len(folded) - index), 0, -1):
        for first in (folded[index], *_bare(folded[index])):
            key = " ".join([first, *folded[index + 1 : index + length]])
            names = _names()
            if key in names and (length > 1 or key not in STOPWORDS):
                return length, _name_term(key)
    return 0, None


@cache
def _names() -> frozenset[str]:
    return lexicon.places() | frozenset(name for name in lexicon.aliases() if not name.isascii())


@lru_cache(maxsize=1024)
def _name_term(name: str) -> Term:
    forms: dict[str, float] = {}
    phrases: dict[tuple[str, ...], float] = {}
    for other, credit in ((name, SAME), *((alias, SAME) for alias in lexicon.aliases().get(name, ()))):
        parts = [stem(part) for part in other.split()]
        if len(parts) > 1:
            phrases.setdefault(tuple(parts), credit)
            continue
        forms.setdefault(other, credit)
        forms.setdefault("ال" + other if not other.startswith("ال") and not other.isascii() else other, credit)
        for variant in variants(other):
            forms.setdefault(variant, credit)
        if other in lexicon.places():
            for form, less in _country_forms(other).items():
                forms.setdefault(form, less)
    return Term(name, forms, phrases=phrases, name=True)


@lru_cache(maxsize=1024)
def _country_forms(place: str) -> dict[str, float]:
    """Forms that name a place or who and what comes from it: سوريا، سورية، السوري، السورية، السوريون."""
    forms = {place: SAME}
    for variant in variants(place):
        forms.setdefault(variant, SAME)
    base = _base(place)
    if len(base) >= 3:
        for ending in ("ي", "يه", "يين", "يون", "يا"):
            forms.setdefault(base + ending, NAMED)
            forms.setdefault("ال" + base + ending, NAMED)
        if len(base) >= 4 or place.endswith("يا") or place.endswith("يه"):
            forms.setdefault(base, NAMED)  # light10's stem of the nationality
    return forms


def _base(place: str) -> str:
    bare = _without_article(place)
    for ending in ("يا", "يه", "ا", "ه"):
        if bare.endswith(ending) and len(bare) - len(ending) >= 3:
            return bare[: -len(ending)]
    return bare


@cache
def _nationalities() -> dict[str, str]:
    found: dict[str, str] = {}
    for place in sorted(lexicon.places()):
        if " " in place or len(_base(place)) < 3:
            continue
        for ending in ("ي", "يه", "يين", "يون"):
            found.setdefault(_base(place) + ending, place)
    return found


def nationality(word: str) -> str | None:
    """The country that «السوري» or «تركية» speaks of."""
    for form in (word, *_bare(word)):
        place = _nationalities().get(_without_article(form))
        if place:
            return place
    return None


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
                term = _name_term(names[0])
                yield replace(term, text=key, forms={**term.forms, key: SAME})
                break
            if key in english and not (length == 1 and key in _ENGLISH_SHAPE):
                arabic = english[key]
                if arabic[0] in _names():
                    yield replace(_name_term(arabic[0]), text=key)
                    break
                forms = {key: SAME}
                families: frozenset[int] = frozenset()
                for word in arabic:
                    single = _term(word)
                    families |= single.families
                    for form in single.forms:
                        forms.setdefault(form, NAMED)
                yield Term(key, forms, families=families, root=root(arabic[0]))
                break
        else:
            length = 1
            word = folded[index]
            if word not in _ENGLISH_SHAPE and len(word) > 1:
                yield Term(word, {word: SAME})
        index += length


def _speaker(folded: list[str], terms: tuple[Term, ...], english: bool) -> frozenset[str]:
    """The terms between the word of speech and «عن / حول / بشأن / on / about»: who is to have spoken."""
    until = len(folded)
    for index, word in enumerate(folded):
        if index > 1 and word in {"عن", "حول", "بشان", "بخصوص", "تجاه", "ان", "on", "about", "regarding", "of"}:
            until = index
            break
    before = set(folded[:until]) | {" ".join(folded[i : i + n]) for n in (2, 3, 4) for i in range(until)}
    before |= {bare for word in folded[:until] for bare in _bare(word)}
    return frozenset(term.text for term in terms if term.text in before)


# --- words -----------------------------------------------------------------------------------------------------

_PROCLITICS = ("وال", "فال", "بال", "كال", "لل", "ال", "و", "ف", "ب", "ل", "ك")


@lru_cache(maxsize=16384)
def _bare(word: str) -> tuple[str, ...]:
    """The word without what may be written onto its front."""
    found = []
    for clitic in _PROCLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= 3:
            rest = word[len(clitic) :]
            found.append(rest)
            if clitic in {"وال", "فال", "بال", "كال", "لل"}:
                found.append("ال" + rest)
    return tuple(dict.fromkeys(found))


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


_PREFIXES = ("وال", "فال", "بال", "كال", "لل", "ال", "وي", "وت", "في", "سي", "ست", "لي", "لت")
_SUFFIXES = ("تهما", "هما", "تها", "تهم", "ونه", "وها", "وه", "وا", "ون", "ين", "ان", "ات", "تم", "نا", "ها", "هم", "ته", "يه", "ت", "ه", "ي", "ا")


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """The consonants that words of one root share, roughly: انضمت، انضمام، ينضم → «نضم». "" when fewer than three.

    Not a dictionary root: affixes and weak letters are dropped and doubled letters written once. Two words that share
    it are taken for related, never for the same.
    """
    if not word or word.isascii() or " " in word:
        return ""
    rest = word
    for prefix in _PREFIXES:
        if rest.startswith(prefix) and len(rest) - len(prefix) >= 3:
            rest = rest[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if rest.endswith(suffix) and len(rest) - len(suffix) >= 3:
            rest = rest[: -len(suffix)]
            break
    # «مقاتل» is one who fights, «قتل» to kill: the م of an agent stays.
    agent = len(rest) == 5 and rest[0] == "م" and rest[2] == "ا" and not word.endswith("ه")
    if len(rest) >= 4 and rest[0] in "يتامن" and not agent and not (rest[0] == "م" and len(rest) == 4 and rest[2] not in "اوي"):
        inner = rest[1:]
        if len([c for c in inner if c not in "اوي"]) >= 3:
            rest = inner
    consonants: list[str] = []
    for index, letter in enumerate(rest):
        if letter in "اوي" and not (index == 0 and letter == "و"):
            continue
        if not consonants or consonants[-1] != letter:
            consonants.append(letter)
    return "".join(consonants) if len(consonants) >= 3 else ""


def _contains(stems: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    length = len(phrase)
    first = phrase[0]
    return any(stems[i] == first and stems[i : i + length] == phrase for i in range(len(stems) - length + 1))


def _is_english(text: str) -> bool:
    latin = sum(1 for c in text if c.isascii() and c.isalpha())
    arabic = sum(1 for c in text if "\u0600" <= c <= "\u06ff")
    return latin > arabic


# --- names across scripts --------------------------------------------------------------------------------------

_LATIN_SOUNDS = (("sh", "ش"), ("kh", "خ"), ("gh", "غ"), ("th", "ث"), ("dh", "ذ"), ("ch", "ش"), ("ph", "ف"), ("ck", "ك"))
_LATIN_LETTERS = {
    "b": "ب", "c": "ك", "d": "د", "f": "ف", "g": "غ", "h": "ه", "j": "ج", "k": "ك", "l": "ل", "m": "م", "n": "ن", "p": "ب",
    "q": "ق", "r": "ر", "s": "س", "t": "ت", "v": "ف", "x": "كس", "z": "ز",
}  # fmt: skip
# Arabic letters that Latin spelling does not tell apart.
_ALIKE = str.maketrans({"ص": "س", "ض": "د", "ط": "ت", "ظ": "ز", "ذ": "ز", "ح": "ه", "ق": "ك", "ث": "ت", "ع": None,
                        "ا": None, "و": None, "ي": None, "ه": None, "ج": "غ"})  # fmt: skip


def transliterated(latin: str) -> str:
    """The consonants a Latin spelling of a name shares with its Arabic one: Shaibani → «شبن»."""
    rest = re.sub(r"^(?:al|el|ash|as|an|ar|at)-", "", latin.lower())
    for sound, letter in _LATIN_SOUNDS:
        rest = rest.replace(sound, letter)
    letters = "".join(_LATIN_LETTERS.get(c, c if not c.isascii() else "") for c in rest)
    return _once(letters.translate(_ALIKE))


def consonants(arabic: str) -> str:
    """The same of a folded Arabic word: الشيباني → «شبن»."""
    return _once(_without_article(arabic).translate(_ALIKE))


def _once(text: str) -> str:
    return re.sub(r"(.)\1+", r"\1", text)


def name_words(asked: Asked, texts: Iterable[str]) -> Asked:
    """An English question whose unknown words were found, by their consonants, among the Arabic words of the best
    passages: «Shaibani» then matches «الشيباني»."""
    unknown = [t for t in asked.terms if t.text.isascii() and len(t.forms) == 1 and len(transliterated(t.text)) >= 2]
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


def content_words(text: str) -> list[Word]:
    """The words of a text that say something: without stopwords and the words that shape a question."""
    return [w for w in words(text) if w.text not in STOPWORDS and w.text not in _SHAPE and _peel(w.text) not in STOPWORDS]

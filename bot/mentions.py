"""What a sentence names that a question can ask for: numbers, people, places, attributed speech.

Each mention is a span of the text it was found in, so that what is shown of it is the published words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot import lexicon
from bot.names import nationality
from corpus.arabic import STOPWORDS, Word, fold_text, stem


@dataclass(frozen=True, slots=True)
class Mention:
    """``text[start:end]``, from the word numbered ``first`` up to, not including, the word numbered ``last``."""

    start: int
    end: int
    first: int
    last: int


def numbers(text: str, found: Sequence[Word], dates: Collection[tuple[int, int]] = ()) -> list[Mention]:
    """Numbers in digits or words that are not part of a date, with the word counted where it follows."""
    values = lexicon.numbers()
    mentions = []
    index = 0
    while index < len(found):
        teens = found[index].text in _TEENS and index + 1 < len(found) and found[index + 1].text in _TEN
        if (
            not (teens or _is_number(found[index].text, values))
            or _inside(found[index], dates)
            or _is_mark(text, found[index])
            or (index and found[index].text in _HUNDRED and found[index - 1].text == "في")
        ):
            index += 1
            continue
        first = index
        while (
            index + 1 < len(found)
            and _is_number(found[index + 1].text, values)
            and _joined(text, found, index)
        ):
            index += 1
        index += 1
        mentions.append(Mention(found[first].start, found[index - 1].end, first, index))
    return mentions


def counted(text: str, found: Sequence[Word], number: Mention) -> Mention:
    """The number with what makes it readable: «نحو 2500 مقاتل»، «العضو رقم 90»، «40 في المئة»."""
    first, last = number.first, number.last
    ordinal = any(found[i].text in lexicon.ordinals() for i in range(first, last))
    reach = 2 if not ordinal else 1
    while first > 0 and reach and _joined(text, found, first - 1):
        before = found[first - 1].text
        if before in _APPROXIMATE or before in _NUMBERED or (ordinal and before not in STOPWORDS):
            first -= 1
            reach -= 1
            # «العضو رقم 90»: the noun before «رقم» says of what.
            if before in _NUMBERED and first > 0 and _joined(text, found, first - 1):
                if found[first - 1].text not in STOPWORDS:
                    first -= 1
                break
        else:
            break
    percent = text[found[last - 1].end :].lstrip()[:1] in {"%", "٪"}
    end = found[last - 1].end
    if percent:
        end += len(text[end:]) - len(text[end:].lstrip()) + 1
    elif (not ordinal and first == number.first) or _approximate(found, first, number.first):
        follow = [w.text for w in found[last : last + 2]]
        if follow[:1] == ["في"] and follow[1:2] and follow[1] in _HUNDRED:
            last += 2
        elif last < len(found) and _joined(text, found, last - 1) and found[last].text not in STOPWORDS:
            last += 1
        end = found[last - 1].end
    return Mention(found[first].start, end, first, last)


def people(text: str, found: Sequence[Word], known: Collection[str] = ()) -> list[Mention]:
    """Persons by the way news names them: a title, perhaps an office, then the name; or a name in ``known`` (folded
    family names seen elsewhere with a title)."""
    titles, offices = lexicon.speech("titles"), lexicon.speech("offices")
    mentions: list[Mention] = []
    index = 0
    while index < len(found):
        word = found[index].text
        if _unprefixed(word, titles) is not None:
            at = index + 1
            while at < len(found) and _joined(text, found, at - 1):
                # «زعيم كوريا الشمالية» is named by no name.
                if (place := _place_at(found, at)) > at + 1:
                    at = place
                elif _is_office(found[at].text, offices, titles):
                    at += 1
                else:
                    break
            # «وزير الخارجية السوري، أسعد …»: a comma may set the name off from a title in full.
            set_off = (
                at > index + 1
                and at < len(found)
                and text[found[at - 1].end : found[at].start].strip() in {"،", ","}
            )
            last = _name_end(text, found, at) if set_off or _joined(text, found, at - 1) else at
            if last - at >= 2 or (last - at == 1 and found[at].text in known):
                mentions.append(Mention(found[at].start, found[last - 1].end, at, last))
                index = last
                continue
        elif word in known:
            first = index
            # «إزالة الشرع» is nobody: a first name counts where it was met with a title too.
            if first and _joined(text, found, first - 1) and f"{found[first - 1].text} {word}" in known:
                first -= 1
            mentions.append(Mention(found[first].start, found[index].end, first, index + 1))
        index += 1
    return mentions


def family_names(found: Sequence[Word], persons: Sequence[Mention]) -> set[str]:
    """The last names of persons mentioned, folded, by which later sentences call them, alone and behind the first."""
    full = [p for p in persons if p.last - p.first >= 2]
    return {found[p.last - 1].text for p in full} | {
        f"{found[p.first].text} {found[p.last - 1].text}" for p in full
    }


def office(found: Sequence[Word], person: Mention) -> range:
    """Numbers of the words before a name that say what the person is: «وزير الخارجية السوري»."""
    titles, offices = lexicon.speech("titles"), lexicon.speech("offices")
    first = person.first
    while first and person.first - first < 7:
        word = found[first - 1].text
        title = _unprefixed(word, titles) is not None
        if not (title or _is_office(word, offices, titles)):
            break
        first -= 1
        if title and word[0] in "ولب" and word not in titles:
            break
    return range(first, person.first)


def together(found: Sequence[Word], first: Mention, second: Mention) -> bool:
    """Whether two persons are named side by side: «الوزير أسعد …، ورئيس الجهاز حسين …»."""
    between = range(first.last, second.first)
    return (
        bool(between) and found[between[0]].text.startswith("و") and office(found, second).start <= between[0]
    )


def places(found: Sequence[Word], *, towns: bool = False) -> list[Mention]:
    """Names of countries, cities and regions of the lexicon; with ``towns`` the smaller ones too."""
    known = _places_by_first(towns)
    mentions = []
    index = 0
    while index < len(found):
        length = 0
        for name in known.get(_place_key(found[index].text), ()):
            if len(name) > length and all(
                index + i < len(found) and found[index + i].text == part for i, part in enumerate(name) if i
            ):
                length = len(name)
        if length:
            mentions.append(Mention(found[index].start, found[index + length - 1].end, index, index + length))
        index += length or 1
    return mentions


def locations(text: str, found: Sequence[Word]) -> list[Mention]:
    """Places that something is said to be in: «في العاصمة السعودية الرياض», «بدمشق». The span is all that «في»
    introduces up to the last place."""
    named = places(found, towns=True)
    spots: list[Mention] = []
    for place in named:
        first = place.first
        if found[first].text[:1] == "ب" and found[first].text[1:] in lexicon.places():
            spots.append(place)
            continue
        reach = first
        while reach and _joined(text, found, reach - 1) and _of_place(found[reach - 1].text):
            reach -= 1
        if reach and found[reach - 1].text in _IN and _joined(text, found, reach - 1):
            if spots and spots[-1].first == reach:
                spots.pop()
            spots.append(Mention(found[reach].start, place.end, reach, place.last))
    taken = {i for spot in spots for i in range(spot.first, spot.last)}
    spots += [spot for spot in _sites(text, found) if not taken & set(range(spot.first, spot.last))]
    return sorted(spots, key=lambda spot: spot.first)


def _sites(text: str, found: Sequence[Word]) -> list[Mention]:
    """Places that no lexicon knows, by the noun before their name: «في منطقة الزهور»، «بملعب المدينة»."""
    spots = []
    for index, word in enumerate(found):
        kind = word.text[1:] if word.text[:1] == "ب" else word.text
        inside = word.text[:1] == "ب" or (index and found[index - 1].text in _IN)
        if kind not in _SITES or not inside or kind.startswith("ال"):
            continue
        last = index + 1
        while (
            last < len(found)
            and last - index < 4
            and _joined(text, found, last - 1)
            and (
                found[last].text.startswith("ال") or (last == index + 1 and found[last].text not in STOPWORDS)
            )
        ):
            last += 1
        if last > index + 1:
            spots.append(Mention(word.start, found[last - 1].end, index, last))
    return spots


_IN = {"في", "داخل", "وفي"}
_PLACE_WORDS = frozenset(
    fold_text(w)
    for w in (
        "العاصمة", "مدينة", "محافظة", "منطقة", "ريف", "بلدة", "قرية", "ولاية", "إقليم", "شمال", "جنوب", "شرق", "غرب",
        "وسط", "شرقي", "غربي", "شمالي", "جنوبي", "دولة", "مملكة", "المملكة", "مخيم", "جمهورية",
    )
)  # fmt: skip


_SITES = frozenset(
    fold_text(w)
    for w in (
        "منطقة", "مدينة", "محافظة", "ولاية", "معتمدية", "بلدة", "قرية", "ضاحية", "حي", "جهة", "إقليم", "جزيرة", "ميناء",
        "مطار", "ملعب", "مستشفى", "مقر", "فندق", "نزل", "قصر", "سجن", "مخيم", "معبر", "قاعدة", "شارع", "ساحة", "جامعة",
        "محطة", "ريف", "ضواحي", "شمال", "جنوب", "شرق", "غرب", "شمالي", "جنوبي", "شرقي", "غربي",
    )
)  # fmt: skip


def _of_place(word: str) -> bool:
    return word in _PLACE_WORDS or nationality(word) is not None or word in lexicon.places()


def speech(text: str, found: Sequence[Word]) -> list[int]:
    """Numbers of the words that attribute speech: «قال»، «وفقًا للبيان»."""
    verbs, nouns = _speech_forms()
    return [
        index
        for index, word in enumerate(found)
        if word.text in verbs or (word.text[0] in "وف" and word.text[1:] in verbs) or word.stem in nouns
    ]


# -----------------------------------------------------------------------------------------------------------------

_APPROXIMATE = {"نحو", "حوالي", "قرابه", "زهاء", "اكثر", "من", "اقل", "يقارب", "قرابت"} - {"من"}
_HUNDRED = {"الميه", "المايه"}  # «في المئة» says percent
_NUMBERED = {"رقم", "الرقم"}
_DIGITS = re.compile(r"\d[\d.,]*%?")


def _is_number(word: str, values: dict[str, float]) -> bool:
    if _DIGITS.fullmatch(word):
        return True
    if word in values:
        return True
    return word[:1] in {"و", "ب", "ل"} and word[1:] in values and len(word) > 4


_TEENS = {fold_text(w) for w in ("أحد", "إحدى", "اثنا", "اثنتا", "اثني", "اثنتي")}
_TEN = {"عشر", "عشره"}


def _inside(word: Word, dates: Collection[tuple[int, int]]) -> bool:
    return any(start <= word.start < end for start, end in dates)


def _is_mark(text: str, word: Word) -> bool:
    """A footnote mark [1] or a list number «1.» counts nothing."""
    if not _DIGITS.fullmatch(word.text):
        return False
    before, after = text[: word.start].rstrip(" "), text[word.end : word.end + 1]
    return (before.endswith(("[", "(")) and after in {"]", ")"}) or (
        (not before or before.endswith("\n")) and after in {".", ")", "-"}
    )


def _joined(text: str, found: Sequence[Word], index: int) -> bool:
    """Whether only blanks stand between the word and the next: no comma, no full stop, no quotation mark."""
    return index + 1 < len(found) and not text[found[index].end : found[index + 1].start].strip()


def _approximate(found: Sequence[Word], first: int, number: int) -> bool:
    return first < number and all(found[i].text in _APPROXIMATE for i in range(first, number))


def _unprefixed(word: str, among: Collection[str]) -> str | None:
    for start in ("", "و", "ف", "ل", "ب", "ك", "لل", "ول", "وب"):
        rest = word[len(start) :]
        if word.startswith(start) and (rest in among or (start in {"لل"} and "ال" + rest in among)):
            return rest
    return None


@lru_cache(maxsize=8192)
def _nationality(word: str) -> bool:
    return nationality(word) is not None or word in lexicon.places()


def _is_office(word: str, offices: Collection[str], titles: Collection[str]) -> bool:
    return (
        word in offices
        or ("ال" + word in offices and word != "سامي")  # «المفوض السامي», but «سامي» is a first name
        or (word.startswith("و") and word[1:] in offices)
        or _unprefixed(word, titles) is not None
        or _nationality(word)
    )


_PARTICLES = frozenset(
    map(fold_text, ("بن", "ابن", "بنت", "ولد", "آل", "فون", "دير", "فان", "دي", "دو", "دا"))
)


def _plain_name(word: str, offices: Collection[str], titles: Collection[str]) -> bool:
    """Whether a word can be part of a name: not a function word, a verb of speech, a title, an office or a number."""
    verbs, _ = _speech_forms()
    return not (
        word in STOPWORDS
        or word in verbs
        or (word[0] in "وف" and word[1:] in verbs)
        or word in lexicon.numbers()
        or _is_office(word, offices, titles)
        or len(word) < 3
        or word.isascii()
        or any(c.isdigit() for c in word)
    )


def _name_end(text: str, found: Sequence[Word], first: int) -> int:
    """The number of the word after a name of up to three words that begins at ``first``."""
    offices, titles = lexicon.speech("offices"), lexicon.speech("titles")
    at = first
    while at < len(found) and at - first < 3:
        word = found[at].text
        # «شكري بن حسن»: what a particle leads to belongs to the name.
        if at > first and word in _PARTICLES and _joined(text, found, at - 1) and _joined(text, found, at):
            at += 1
            while at + 1 < len(found) and found[at].text in _PARTICLES and _joined(text, found, at):
                at += 1
            return at + 1 if found[at].text not in STOPWORDS else at
        if not _plain_name(word, offices, titles) or _place_at(found, at) > at + 1:
            break
        # A first name takes neither the article nor a clitic written onto it, and no verb's ي or ت with ون behind.
        if at == first and (
            word.startswith(("ال", "بال", "لل", "وال", "كال", "فال"))
            or (stem(word) != word and word.startswith("و"))
        ):
            break
        if at == first and word[0] in "يت" and word.endswith(("ون", "وا")):
            break
        if at > first + 1 and not word.startswith("ال"):
            break
        if at > first and found[at - 1].text.startswith("ال") and at - first >= 2:
            break
        if at > first and not _joined(text, found, at - 1):
            break
        at += 1
    return at


@lru_cache(maxsize=1)
def _speech_forms() -> tuple[frozenset[str], frozenset[str]]:
    return lexicon.speech("verbs"), frozenset(map(stem, lexicon.speech("nouns")))


def _place_at(found: Sequence[Word], index: int) -> int:
    """The number of the word behind the place that begins at ``index``; ``index`` when none does."""
    last = index
    for name in _places_by_first(False).get(_place_key(found[index].text), ()):
        parts = [word.text for word in found[index + 1 : index + len(name)]]
        if tuple(parts) == name[1:]:
            last = max(last, index + len(name))
    return last


@lru_cache(maxsize=2)
def _places_by_first(towns: bool) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for name in lexicon.places() | (lexicon.towns() if towns else frozenset()):
        parts = tuple(name.split())
        found.setdefault(_place_key(parts[0]), []).append(parts)
    return {key: tuple(names) for key, names in found.items()}


def _place_key(word: str) -> str:
    for start in ("وال", "بال", "لل", "ال"):
        if word.startswith(start) and len(word) - len(start) >= 3:
            return word[len(start) :]
    if word[:1] in {"و", "ب", "ل", "ف"} and word[1:] in lexicon.places():
        return _place_key(word[1:])
    return word

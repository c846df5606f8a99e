"""Places that a sentence names, and those that it says something is in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot import lexicon
from bot.mentions.span import Mention, joined
from bot.names import nationality
from corpus.arabic import STOPWORDS, Word, fold_text

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
        while reach and joined(text, found, reach - 1) and _of_place(found[reach - 1].text):
            reach -= 1
        if reach and found[reach - 1].text in _IN and joined(text, found, reach - 1):
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
            and joined(text, found, last - 1)
            and (
                found[last].text.startswith("ال") or (last == index + 1 and found[last].text not in STOPWORDS)
            )
        ):
            last += 1
        if last > index + 1:
            spots.append(Mention(word.start, found[last - 1].end, index, last))
    return spots


def _of_place(word: str) -> bool:
    return word in _PLACE_WORDS or nationality(word) is not None or word in lexicon.places()


def place_at(found: Sequence[Word], index: int) -> int:
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

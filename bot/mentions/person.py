"""Persons as news names them, and the offices before their names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from bot import lexicon
from bot.mentions.attribution import speech_forms
from bot.mentions.location import place_at
from bot.mentions.span import Mention, joined, unprefixed
from bot.names import nationality
from corpus.arabic import STOPWORDS, Word, fold_text, stem

_PARTICLES = frozenset(
    map(fold_text, ("بن", "ابن", "بنت", "ولد", "آل", "فون", "دير", "فان", "دي", "دو", "دا"))
)


def people(text: str, found: Sequence[Word], known: Collection[str] = ()) -> list[Mention]:
    """Persons by the way news names them: a title, perhaps an office, then the name; or a name in ``known`` (folded
    family names seen elsewhere with a title)."""
    titles, offices = lexicon.speech("titles"), lexicon.speech("offices")
    mentions: list[Mention] = []
    index = 0
    while index < len(found):
        word = found[index].text
        if unprefixed(word, titles) is not None:
            at = index + 1
            while at < len(found) and joined(text, found, at - 1):
                # «زعيم كوريا الشمالية» is named by no name.
                if (place := place_at(found, at)) > at + 1:
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
            last = _name_end(text, found, at) if set_off or joined(text, found, at - 1) else at
            if last - at >= 2 or (last - at == 1 and found[at].text in known):
                mentions.append(Mention(found[at].start, found[last - 1].end, at, last))
                index = last
                continue
        elif word in known:
            first = index
            # «إزالة الشرع» is nobody: a first name counts where it was met with a title too.
            if first and joined(text, found, first - 1) and f"{found[first - 1].text} {word}" in known:
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
        title = unprefixed(word, titles) is not None
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


@lru_cache(maxsize=8192)
def _nationality(word: str) -> bool:
    return nationality(word) is not None or word in lexicon.places()


def _is_office(word: str, offices: Collection[str], titles: Collection[str]) -> bool:
    return (
        word in offices
        or ("ال" + word in offices and word != "سامي")  # «المفوض السامي», but «سامي» is a first name
        or (word.startswith("و") and word[1:] in offices)
        or unprefixed(word, titles) is not None
        or _nationality(word)
    )


def _plain_name(word: str, offices: Collection[str], titles: Collection[str]) -> bool:
    """Whether a word can be part of a name: not a function word, a verb of speech, a title, an office or a number."""
    verbs, _ = speech_forms()
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
        if at > first and word in _PARTICLES and joined(text, found, at - 1) and joined(text, found, at):
            at += 1
            while at + 1 < len(found) and found[at].text in _PARTICLES and joined(text, found, at):
                at += 1
            return at + 1 if found[at].text not in STOPWORDS else at
        if not _plain_name(word, offices, titles) or place_at(found, at) > at + 1:
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
        if at > first and not joined(text, found, at - 1):
            break
        at += 1
    return at

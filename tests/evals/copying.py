"""Copies of an article as outlets make them, and articles that are like one and no copy: for `tests.evals.copies`.

Each maker takes an article's headline and paragraphs and returns others, by mechanism and from the archive's own words;
None where the article does not lend itself to it.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.arabic import fold_text, sentences, stopwords, words

_LEAST = 30  # words of a cut
_FIGURE = r"(?<![\d/.,،:-])\d{1,3}(?![\d/.,،:-])"  # no part of a year, a date or a longer number
AGENCIES = ("وات", "سانا", "رويترز", "الأناضول", "فرانس برس", "واس")
_PLACES = ("تونس", "دمشق", "القاهرة", "بيروت", "الرباط")


@dataclass(frozen=True, slots=True)
class Text:
    """A headline and paragraphs, and the agency that they are credited to."""

    title: str
    paragraphs: tuple[str, ...]
    agency: str | None = None

    @property
    def size(self) -> int:
        return len(" ".join(self.paragraphs).split())


@dataclass(frozen=True, slots=True)
class World:
    """What makers draw from: chance, other articles, and in how many articles each folded word is."""

    draw: random.Random
    others: Sequence[Text]
    counts: Counter[str]

    def is_rare(self, word: str) -> bool:
        return len(word) > 3 and word.isalpha() and word not in stopwords() and self.counts[word] <= 40

    def rare_word(self) -> str:
        while True:
            text = self.draw.choice(self.others)
            found = [word for word in text.paragraphs[0].split() if self.is_rare(fold_text(word))]
            if found:
                return self.draw.choice(found)


Maker = Callable[[Text, World], Text | None]


# --- copies ----------------------------------------------------------------------------------------------


def exact(text: Text, world: World) -> Text | None:
    """The same text."""
    return text


def head(text: Text, world: World) -> Text | None:
    """Its first sentences, 30 to 70 of 100 of its words."""
    return _cut(text, world, "head")


def tail(text: Text, world: World) -> Text | None:
    """Its last sentences."""
    return _cut(text, world, "tail")


def middle(text: Text, world: World) -> Text | None:
    """Sentences from its middle."""
    return _cut(text, world, "middle")


def reheaded(text: Text, world: World) -> Text | None:
    """Another headline, a dateline and an agency's signing line."""
    agency = world.draw.choice(AGENCIES)
    first, *rest = text.paragraphs
    line = f"{world.draw.choice(_PLACES)} - ({agency}) - {first}"
    signed = world.draw.choice((f"المصدر: {agency}", f"نقلا عن {agency}", f"({agency})"))
    return Text(_other_title(text, world), (line, *rest, signed), agency)


def new_lead(text: Text, world: World) -> Text | None:
    """The lead replaced by the headline reworded from the article's own words; the headline by the old lead's begin."""
    found = _sentences(text)
    if len(found) < 3 or sum(len(each.split()) for each in found[1:]) < _LEAST:
        return None
    title, lead = text.title.split(), found[0].split()
    world.draw.shuffle(title)
    return Text(" ".join(lead[:9]), (" ".join([*title, *lead[len(lead) // 2 :]]), " ".join(found[1:])))


def reordered(text: Text, world: World) -> Text | None:
    """Its sentences in another order, in one paragraph."""
    found = _sentences(text)
    if len(found) < 3:
        return None
    world.draw.shuffle(found)
    return Text(_other_title(text, world), (" ".join(found),))


def respelt(text: Text, world: World) -> Text | None:
    """Other spellings: hamza, ta marbuta, marks, Arabic-Indic digits, thousands apart, small numbers in words."""
    table = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    hamza = str.maketrans("أإآى", "ااا" + "ي")

    def spelt(part: str) -> str:
        part = re.sub(r"(?<![\d.,])(\d{1,3})(\d{3})(?![\d.,])", _thousands, part)
        part = re.sub(r"(?<![\d.,/:-])([3-9])(?![\d.,/:-])(?= [^\W\d])", _in_words, part)
        part = re.sub(r"(\w{4,})ة\b", lambda found: found[1] + world.draw.choice("ةه"), part)
        part = re.sub(r"\bال(\w)", lambda found: "ال" + found[1] + world.draw.choice(("", "\u064e")), part)
        return part.translate(table).translate(hamza)

    return Text(spelt(text.title), tuple(map(spelt, text.paragraphs)))


def merged(text: Text, world: World) -> Text | None:
    """The whole text with paragraphs of another article below."""
    other = world.draw.choice(world.others)
    return Text(_other_title(text, world), (*text.paragraphs, *other.paragraphs[:2]))


def merged_cut(text: Text, world: World) -> Text | None:
    """Its first sentences with a paragraph of another article below."""
    cut = _cut(text, world, "head", 0.6, 0.85)
    other = _sentences(world.draw.choice(world.others))[0]
    return cut and Text(_other_title(text, world), (*cut.paragraphs, other))


def reworded(text: Text, world: World) -> Text | None:
    """One word in eight left out, doubled by a connective or replaced by a frequent word; figures and names stay."""
    common = [word for word, _ in world.counts.most_common(400) if word.isalpha() and len(word) > 2]

    def changed(part: str) -> str:
        result: list[str] = []
        for word in part.split():
            chance = world.draw.random()
            if chance > 0.125 or any(map(str.isdigit, word)) or world.is_rare(fold_text(word)):
                result.append(word)
            elif chance > 0.08:
                result.append(world.draw.choice(common))
            elif chance > 0.04:
                result += [word, world.draw.choice(common)]
        return " ".join(result)

    return Text(_other_title(text, world), tuple(map(changed, text.paragraphs)))


def wire(text: Text, world: World) -> Text | None:
    """A short agency copy with all at once: cut, another headline and lead, spelling, an agency's lines."""
    made: Text | None = text
    for make in (_long_head, new_lead, respelt, reheaded):
        made = made and make(made, world)
    return made


def _long_head(text: Text, world: World) -> Text | None:
    return _cut(text, world, "head", 0.6, 0.9)


def _cut(text: Text, world: World, where: str, least: float = 0.3, most: float = 0.7) -> Text | None:
    found = _sentences(text)
    sizes = [len(each.split()) for each in found]
    fits = []
    for start in range(len(found)):
        for end in range(start + 1, len(found) + 1):
            place = "head" if start == 0 else "tail" if end == len(found) else "middle"
            size = sum(sizes[start:end])
            if place == where and size >= _LEAST and least <= size / sum(sizes) <= most:
                fits.append((start, end))
    if not fits:
        return None
    start, end = world.draw.choice(fits)
    half = (start + end + 1) // 2
    parts = (" ".join(found[start:half]), " ".join(found[half:end]))
    return Text(_other_title(text, world), tuple(part for part in parts if part))


# --- no copies -------------------------------------------------------------------------------------------


def other_figures(text: Text, world: World) -> Text | None:
    """The template of another day: every figure is another one, and the weekdays are."""
    if len(re.findall(r"\d+", " ".join(text.paragraphs))) < 3:
        return None
    days = ("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت")
    shift = world.draw.randint(1, 6)

    def filled(part: str) -> str:
        part = re.sub(r"\d+", lambda found: _another(found[0], world), part)
        return re.sub("|".join(days), lambda found: days[(days.index(found[0]) + shift) % 7], part)

    return Text(filled(text.title), tuple(map(filled, text.paragraphs)))


def few_figures(text: Text, world: World) -> Text | None:
    """A daily toll: its first two figures, not years, are others, and all else is the same."""
    seen = 0

    def filled(found: re.Match[str]) -> str:
        nonlocal seen
        if seen == 2:
            return found[0]
        seen += 1
        return _another(found[0], world)

    made = tuple(re.sub(_FIGURE, filled, part) for part in text.paragraphs)
    return Text(text.title, made) if seen == 2 else None


def other_names(text: Text, world: World) -> Text | None:
    """The template of another match or appointment: the rare words of a short text are others throughout."""
    every = words(" ".join((text.title, *text.paragraphs)))
    rare = list(dict.fromkeys(word.text for word in every if world.is_rare(word.text)))
    if text.size > 90 or len(rare) < 4:
        return None
    drawn = world.draw.sample(rare, min(len(rare), max(4, len(every) // 10)))
    new = {word: world.rare_word() for word in drawn}

    def filled(part: str) -> str:
        return re.sub(r"[^\W\d_]+", lambda found: new.get(fold_text(found[0]), found[0]), part)

    return Text(filled(text.title), tuple(map(filled, text.paragraphs)))


def update(text: Text, world: World) -> Text | None:
    """The same story a day on: other figures in the lead, a sentence of a like report behind it, most of the rest."""
    found = _sentences(text)
    lead = re.sub(_FIGURE, lambda figure: _another(figure[0], world), found[0])
    if len(found) < 4 or lead == found[0]:
        return None
    kept = found[1:]
    del kept[world.draw.randrange(len(kept))]
    return Text(text.title, (f"{lead} {_like(text, world)[0]}", " ".join(kept)))


def new_development(text: Text, world: World) -> Text | None:
    """A report of what followed: the lead of a like report with figures, a third to two thirds of the rest below."""
    found = _sentences(text)
    leads = [each for each in _like(text, world) if re.search(r"\d", each) and len(each.split()) > 14]
    if len(found) < 4 or not leads:
        return None
    kept = found[2:] if world.draw.random() < 0.5 else found[1:-1]
    share = sum(len(each.split()) for each in kept) / text.size
    if not 0.3 < share < 0.7:
        return None
    return Text(" ".join(leads[0].split()[:9]), (leads[0], " ".join(kept)))


def _like(text: Text, world: World) -> list[str]:
    """Return the first sentences of the articles that share most rare words with this one, the likest first."""
    own = {word.text for word in words(" ".join(text.paragraphs)) if world.is_rare(word.text)}
    some = world.draw.sample(world.others, 300)
    common = {
        each: len(own & {fold_text(word) for word in " ".join(each.paragraphs).split()}) for each in some
    }
    return [_sentences(each)[0] for each in sorted(some, key=lambda each: -common[each])[:20]]


COPIES: dict[str, Maker] = {
    "exact": exact,
    "head": head,
    "tail": tail,
    "middle": middle,
    "re-headed": reheaded,
    "new lead": new_lead,
    "reordered": reordered,
    "respelt": respelt,
    "merged": merged,
    "cut and merged": merged_cut,
    "reworded": reworded,
    "wire, all at once": wire,
}
OTHERS: dict[str, Maker] = {
    "all figures": other_figures,
    "two figures": few_figures,
    "names": other_names,
    "update": update,
    "new development": new_development,
}


def _sentences(text: Text) -> list[str]:
    return [part[span.start : span.end] for part in text.paragraphs for span in sentences(part)]


def _other_title(text: Text, world: World) -> str:
    """Return a headline made of the article's own words: the second half of the old one, and words of the lead."""
    title, lead = text.title.split(), text.paragraphs[0].split()
    return " ".join([*title[len(title) // 2 :], "و", *lead[3:8]])


def _another(figure: str, world: World) -> str:
    least = 10 ** (len(figure) - 1) if len(figure) > 1 else 1
    while True:
        new = str(world.draw.randint(least, 10 ** len(figure) - 1))
        if new != figure:
            return new


def _thousands(found: re.Match[str]) -> str:
    whole = found[0]
    return whole if len(whole) == 4 and whole[:2] in {"19", "20"} else f"{found[1]},{found[2]}"


def _in_words(found: re.Match[str]) -> str:
    return dict(zip("3456789", ["ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة"], strict=True))[
        found[1]
    ]

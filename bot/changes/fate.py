"""The fate of a quote: whether its words still stand after its article changed, and which stand in their place.

Two versions are compared by their words as search folds them, and by the signs that carry a meaning: blanks, vowel
signs, forms of alef, kinds of digits and of quotation marks, commas and full stops touch no quote. A quote stands when
its words stand in a row, and its sentence has gained no words around them: a denial in front of a sentence changes it
as much as one inside. Where sentences were only merged, split or moved, the quote stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from bot.answer import Quote
from bot.changes.versions import JOINED, NEAR, Text, is_alike, likeness
from bot.quotes import cut
from corpus.article import Article

Kind = Literal["stands", "reworded", "dropped", "removed"]
"""Whether the quote's words stand, were changed or were taken out of the article, or the article is gone."""

_BLOCK = 3
"""Fewest words in a row that prove that they stood in the older version too: fewer may meet by chance."""
_ABOVE_TO = 600
"""Most characters shown of a text that was put over an article."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a quote."""

    kind: Kind
    now: Quote | None = None
    """The same words, or those that stand in their place, in the newer version; None when there are none."""
    above: Quote | None = None
    """Text that is new over the article: a correction or retraction may stand there, whatever it is called."""


def fate_of(quote: Quote, current: Sequence[Article], others: Sequence[Article] = ()) -> Fate:
    """Return the fate of a quote, given the ``current`` articles of its source.

    ``others``: articles of other sources in which its words may stand, since a file may get another name.
    """
    old = Text.of(quote.article)
    own = old.within(quote.start, quote.end)
    same_part = [article for article in current if article.part == quote.article.part]
    by_part = [*same_part, *(article for article in current if article not in same_part)]
    texts = [Text.of(article) for article in by_part]
    for text in [*texts, *map(Text.of, others)]:
        if (found := _standing(old, own, text)) is not None:
            return Fate("stands", text.cut(found), _above(old, text, whole=True))
    if not texts:
        return Fate("removed")
    above = _above(old, texts[0])
    for text in texts:
        if (found := _in_place_of(old, own, text)) is not None:
            return Fate("reworded", text.cut(found), above)
    return Fate("dropped", None, above) if same_part else Fate("removed")


# Words that stand


def _standing(old: Text, own: range, new: Text) -> range | None:
    """Return the place nearest to the old one where the words stand, with nothing new around them."""
    places = [
        place
        for place in _places(old.of_range(own), new)
        if _known_before(old, own, new, place) and _known_behind(old, own, new, place)
    ]
    return min(places, key=lambda place: abs(place.start - own.start), default=None)


def _places(wanted: Sequence[str], new: Text) -> list[range]:
    if not wanted:
        return []
    rest = tuple(wanted[1:])
    return [
        range(at, at + len(wanted))
        for at, word in enumerate(new.words)
        if _same(word, wanted[0]) and new.words[at + 1 : at + len(wanted)] == rest
    ]


def _known_before(old: Text, own: range, new: Text, place: range) -> bool:
    """Return whether what the sentence has before the words stood right before them in the older version too."""
    before = new.words[new.around(place).start : place.start]
    known = old.words[max(own.start - len(before), 0) : own.start]
    return before == known or (
        len(before) == len(known) and _same(before[0], known[0]) and before[1:] == known[1:]
    )


def _known_behind(old: Text, own: range, new: Text, place: range) -> bool:
    behind = new.words[place.stop : new.around(place).stop]
    known = old.words[own.stop : own.stop + len(behind)]
    return len(behind) == len(known) and (
        not behind or (_same(behind[0], known[0]) and behind[1:] == known[1:])
    )


def _same(one: str, other: str) -> bool:
    """Return whether two words are the same, but for what joins one of them to the sentence before."""
    return one == other or any(one == mark + other or other == mark + one for mark in JOINED)


# Words in their place


def _in_place_of(old: Text, own: range, new: Text) -> range | None:
    """Return the words of the newer version that say otherwise what the quote's sentences said.

    Whole sentences, without those that stand elsewhere in the older version already: a sentence that resembles the
    quote's and was always there has not taken its place.
    """
    wanted = old.around(own)
    held = [each for each in old.sentences if wanted.start <= each.start < wanted.stop]
    elsewhere = {old.of_range(each) for each in old.sentences if each not in held}
    stood = _stood_elsewhere(old, wanted, new)
    most = len(held) + 2
    best: tuple[float, int, range] | None = None
    for first, begin in enumerate(new.sentences):
        for end in new.sentences[first : first + most]:
            if new.of_range(begin) in elsewhere or new.of_range(end) in elsewhere:
                continue
            run = _trimmed(range(begin.start, end.stop), stood)
            if not run:
                continue
            score = likeness(old.of_range(wanted), new.of_range(run))
            if best is None or (score, -len(run)) > best[:2]:
                best = (score, -len(run), run)
    return best[2] if best is not None and best[0] >= NEAR else None


def _stood_elsewhere(old: Text, wanted: range, new: Text) -> set[int]:
    """Return the words of the newer version that stood in the older one outside the sentences ``wanted``."""
    matcher = SequenceMatcher(None, old.words, new.words, autojunk=False)
    return {
        block.b + n
        for block in matcher.get_matching_blocks()
        if block.size >= _BLOCK
        for n in range(block.size)
        if block.a + n not in wanted
    }


def _trimmed(run: range, stood: set[int]) -> range:
    """Return a run without the words at its edges that belonged to other sentences before these were merged."""
    start, stop = run.start, run.stop
    while start < stop and start in stood:
        start += 1
    while stop > start and stop - 1 in stood:
        stop -= 1
    return range(start, stop)


# Text over the article


def _above(old: Text, new: Text, *, whole: bool = False) -> Quote | None:
    """Return the sentences at the head of the newer version that are in no way in the older one.

    Where nothing is left of the older one, these are the first of the newer. ``whole``: only where the older one's own
    first sentence follows them, so that they were put over it and nothing was taken out.
    """
    count = 0
    for each in new.sentences:
        known = [known for known in old.sentences if is_alike(old.of_range(known), new.of_range(each))]
        if known:
            if whole and known[0] != old.sentences[0]:
                return None
            break
        count += 1
    if not count:
        return None
    start, end = new.bounds[0].start, new.bounds[0].end
    for span in new.bounds[:count]:
        if span.end - start > _ABOVE_TO:
            break
        end = span.end
    return cut(new.article, start, end)

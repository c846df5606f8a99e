"""Differences between two versions of an article, sentence by sentence, as slices of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.answer import Quote
from bot.changes.versions import Text, is_alike, likeness
from corpus.article import Article


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence that was changed, added (``was`` is None) or taken out (``now`` is None)."""

    was: Quote | None
    now: Quote | None


def differences(before: Article, after: Article) -> list[Difference]:
    """Return what differs, in the order of the newer version; sentences that were only moved are left out."""
    old, new = Text.of(before), Text.of(after)
    olds, news = ([text.of_range(each) for each in text.sentences] for text in (old, new))
    found = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        held = [n for n in range(i, i_end) if olds[n] not in news]
        there = [n for n in range(j, j_end) if news[n] not in olds]
        for was, now in _paired(olds, news, held, there):
            found.append(
                Difference(
                    None if was is None else old.cut(old.sentences[was]),
                    None if now is None else new.cut(new.sentences[now]),
                )
            )
    return found


def _paired(
    olds: Sequence[Sequence[str]], news: Sequence[Sequence[str]], held: Sequence[int], there: Sequence[int]
) -> Iterator[tuple[int | None, int | None]]:
    """Pair each new sentence with the old one that it is most like; what has no like stands alone."""
    left = list(held)
    for now in there:
        alike = [was for was in left if is_alike(olds[was], news[now])]
        if not alike:
            yield None, now
            continue
        was = max(alike, key=lambda each: likeness(olds[each], news[now]))
        for gone in [
            each for each in left if each < was and not any(is_alike(olds[each], news[n]) for n in there)
        ]:
            left.remove(gone)
            yield gone, None
        left.remove(was)
        yield was, now
    for was in left:
        yield was, None

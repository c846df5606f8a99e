"""What changed in the archive, with both versions of each article and the quotes that were touched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.changes.differences import Difference, differences
from bot.changes.given import GivenQuotes
from bot.changes.touched import touched_by
from bot.permalink import find_quote
from corpus.article import Article

if TYPE_CHECKING:
    from bot.state import State
    from corpus.store import Archive, Change


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """A change of one article."""

    change: Change
    before: Article | None
    """None where the source got a further article, or one came back."""
    after: Article | None
    """None where the article was removed."""
    differences: tuple[Difference, ...]
    quotes: tuple[str, ...]
    """The ids of quotes that were given in answers and are touched by it."""
    chats: int
    """How many chats were given any of them."""


def history(
    archive: Archive, state: State, since: str = "", sources: Collection[str] | None = None
) -> Iterator[ArticleChange]:
    """Yield the changes from a day on (``YYYY-MM-DD``), of all sources or of some, the newest first."""
    given = GivenQuotes(state)
    for change in archive.changes.since(since, sources):
        held = archive.articles_by_id({*change.before, *change.after})
        before = [held[id] for id in change.before if id in held]
        after = [held[id] for id in change.after if id in held]
        for old, new in _paired(before, after):
            yield _article_change(change, old, new, archive, state, given, after)


def _paired(
    before: Sequence[Article], after: Sequence[Article]
) -> Iterator[tuple[Article | None, Article | None]]:
    """Pair the versions of each article of a source; those that stayed as they were are left out."""
    left = {article.part: article for article in after if article.id not in {old.id for old in before}}
    for old in before:
        yield old, left.pop(old.part, None)
    for new in left.values():
        # A part that stayed is among those of afterwards, and is older than the change.
        if not before or all(new.version == 1 for _ in before):
            yield None, new


def _article_change(
    change: Change,
    old: Article | None,
    new: Article | None,
    archive: Archive,
    state: State,
    given: GivenQuotes,
    after: Sequence[Article],
) -> ArticleChange:
    differing = tuple(differences(old, new)) if old is not None and new is not None else ()
    quotes, chats = [], set()
    if old is not None and change.kind in ("changed", "removed"):
        versions = [each.id for each in archive.versions_of(change.source) if each.part == old.part]
        touched: dict[str, bool] = {}
        for each in given.of_articles(versions):
            if each.quote not in touched:
                quote = find_quote(each.quote, state, archive)
                found = quote and touched_by(quote, after, [old])
                touched[each.quote] = bool(found)
                quotes += [each.quote] if found else []
            if touched[each.quote]:
                chats.add(each.chat)
    return ArticleChange(change, old, new, differing, tuple(quotes), len(chats))

"""Conversion of a question to an FTS5 query: an OR of quoted content words and stems.

Raw text never reaches MATCH.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.arabic import Word, stopwords, variants, words


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """Terms to look for: folded words as written and stems, each once, in the order of the question."""

    words: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()

    def telling(self, frequency: Mapping[str, int], size: int) -> LexicalQuery:
        """Return the query without terms in more than half of ``size`` passages, if anything is left.

        BM25 gives such terms no weight: a passage that has no other word of the question would be found by chance.
        """

        def rare(terms: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(term for term in terms if frequency[term] * 2 <= size)

        left = LexicalQuery(rare(self.words), rare(self.stems))
        return left if left.words or left.stems else self

    def match(self) -> str:
        """Return the FTS5 expression over columns ``words`` and ``stems``, for ``Archive.match``; "" for nothing."""
        columns = (("words", self.words), ("stems", self.stems))
        return " OR ".join(
            f"{name} : ({' OR '.join(map(_quoted, terms))})" for name, terms in columns if terms
        )


def query(question: str, expansions: Sequence[str] = ()) -> LexicalQuery:
    """Return the query for a question and its ``expansions`` (translations, corrected spellings).

    It holds the content words of both, and other spellings of the question's words.
    """
    found = content(question)
    others = [other for word in found for other in variants(word.text)]
    for text in expansions:
        found += [word for word in words(text) if word.text not in stopwords()]
    return LexicalQuery(_once([*(word.text for word in found), *others]), _once(word.stem for word in found))


def content(question: str) -> list[Word]:
    """Return the content words of a question.

    Returns all words of a question made of stopwords alone («من هو؟»): finding by weak words is better than
    not looking.
    """
    found = words(question)
    return [word for word in found if word.text not in stopwords()] or found


def _once(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms))


def _quoted(term: str) -> str:
    """Return a term as an FTS5 string, with its quotes doubled."""
    return '"' + term.replace('"', '""') + '"'

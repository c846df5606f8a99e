"""Articles, the sentences found in them and judges that say what they are told: no model is needed for these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.answering.candidates import Candidate, candidates
from bot.answering.judges import Judged
from bot.answering.question import Query
from corpus.arabic.sentences import sentences
from corpus.article import Article, Chunk, Span
from corpus.parse import parse
from vectorstore.hit import Hit


def article(
    text: str,
    *,
    title: str = "خبر",
    publisher: str = "وكالة الاختبار",
    published: str = "2026-02-09",
    source: str = "a.txt",
) -> Article:
    """An article as it is read from its file; ``published`` is ISO 8601."""
    (read,) = parse(f"{title}\nالناشر: {publisher}\nالتاريخ: {published}\n\n{text}\n", source)
    assert read.title == title
    assert read.published.date == published
    return read


def hit(of: Article, cosine: float = 0.8, step: float = 0.01) -> Hit:
    """The whole article as a passage that was found, each sentence a little less like the question."""
    spans = tuple(sentences(of.body))
    chunk = Chunk(of.id, spans[0].start, spans[-1].end, spans)
    return Hit(chunk, of, cosine, cosine, 1.0, 6.0, tuple(cosine - step * n for n in range(len(spans))))


def found(*articles: Article) -> list[Candidate]:
    """The sentences of all articles, the first article's first."""
    return candidates([hit(each, 0.8 - 0.05 * n) for n, each in enumerate(articles)])


def sentence(of: Article, part: str) -> Candidate:
    """The sentence that has this part."""
    (candidate,) = [each for each in found(of) if part in each.text]
    return candidate


def judged(
    candidate: Candidate,
    probability: float = 0.9,
    *,
    rank: float = 3.0,
    open: Sequence[str] = (),
    words: str = "",
    certain: float = 0.95,
) -> Judged:
    """A judgement; ``words``: the part of the sentence that answers, ``certain``: how sure the
    judge is of it."""
    span = None
    if words:
        start = candidate.article.body.index(words, candidate.span.start, candidate.span.end)
        span = Span(start, start + len(words))
    return Judged(candidate, rank, probability, tuple(open), span, certain if words else 0.0)


@dataclass
class Scripted:
    """A judge that says how likely a sentence is by a part of it: 0.02 where none of the parts is in it."""

    script: Mapping[str, float] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)
    """The questions it was given, as they were searched."""
    recipe: str = "scripted"

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        self.asked.append(query.text)
        made = []
        for number, each in enumerate(candidates):
            likely = max((p for part, p in self.script.items() if part in each.text), default=0.02)
            made.append(Judged(each, 10 * likely - number / 100, likely, () if likely >= 0.5 else self.open))
        return sorted(made, key=lambda one: -one.rank)

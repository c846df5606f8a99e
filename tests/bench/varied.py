"""``python -m tests.bench.varied ARCHIVE OUT --size N``: more articles than there are, varied from real ones.

The first articles of OUT are those of ARCHIVE, shuffled; the others are made of them, round after round:

- A variant is the first half of one article and the second half of another of the same outlet. In each round each
  half is taken once, so that every word occurs in a round as often as in ARCHIVE.
- Its rare words, names and figures mostly, are exchanged: one that is in at most ``COMMON`` of the articles for another
  of the same standing, by a draw that holds for the whole variant. Those of the same standing begin alike («ال» or
  «وال» or neither, or are figures) and are neighbours in the order of the number of their articles.

So the order of words by frequency, the share of articles that hold a word, and the repetition of a name within its
article stay what they are, and no variant is a near duplicate of another; ``--check`` measures all three. What does not
stay is the growth of the vocabulary: a real archive of ten times the size has new names, and this one the same names
ten times as often. Finding words in it is harder than in a real one, not easier.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from statistics import quantiles

from tests.bench.archives import read_articles

Record = dict[str, str]

COMMON = 0.01
"""The share of the articles above which a word stays: a word of the language, or what all the news is of."""

_SEED = 11
_BAND = 40  # words of one standing
_FEW = 8  # articles
_WORD = re.compile(r"[\w\u0640\u064b-\u0652\u0670]+")
_PIECE = re.compile(r"[^\n]*?(?:[.!؟](?=\s)|\n|$)[\s]*")
_BEGINNINGS = re.compile("[وفبلك]?ال|لل|[وفبلك]")


def varied(articles: Sequence[Record]) -> Iterator[Record]:
    """Yield the articles, shuffled, then variants of them without end, always the same."""
    draw = random.Random(_SEED)
    order = list(articles)
    draw.shuffle(order)
    yield from order
    standing = _standings(order)
    outlets = defaultdict(list)
    for article in order:
        outlets[article.get("publisher")].append(article)
    for round_ in count(1):
        partner: dict[str, Record] = {}
        for same in outlets.values():
            shift = draw.randrange(1, len(same)) if len(same) > 1 else 0
            partner.update((each["id"], same[(at + shift) % len(same)]) for at, each in enumerate(same))
        for article in order:
            yield _variant(article, partner[article["id"]], round_, standing)


def _variant(article: Record, other: Record, round_: int, standing: Mapping[str, Standing]) -> Record:
    name = f"{article['id']}-{round_}"
    draw = random.Random(f"{_SEED} {name}")
    shifts: dict[int, int] = {}

    def exchange(found: re.Match[str]) -> str:
        known = standing.get(found[0])
        if known is None:
            return found[0]
        # A rotation of its band, so that two words of the article never become one.
        shift = shifts.setdefault(known.band, draw.randrange(1, max(2, len(known.words))))
        return known.words[(known.at + shift) % len(known.words)]

    own, theirs = _pieces(article["text"]), _pieces(other["text"])
    text = "".join(own[: (len(own) + 1) // 2]).rstrip() + "\n" + "".join(theirs[(len(theirs) + 1) // 2 :])
    return {
        **article,
        "id": name,
        "url": f"{article['url']}?v={round_}",
        "title": _WORD.sub(exchange, article["title"]),
        "text": _WORD.sub(exchange, text).strip(),
    }


def _pieces(text: str) -> list[str]:
    """Return the sentences of a text, as far as a point and a line's end tell them, with what is between them."""
    return [piece for piece in _PIECE.findall(text) if piece]


@dataclass(frozen=True, slots=True)
class Standing:
    """A rare word's place among those that it may be exchanged for."""

    band: int
    words: Sequence[str]
    at: int


def _standings(articles: Sequence[Record]) -> dict[str, Standing]:
    """Return the standing of every word that is in few enough of the articles to be exchanged."""
    held = _counts(articles)
    kinds: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word in sorted(held, key=lambda word: (held[word], word)):
        if held[word] <= COMMON * len(articles):
            # Of the rarest there are so many that those in equally many articles are enough.
            kinds[_kind(word), held[word] if held[word] < _FEW else 0].append(word)
    found: dict[str, Standing] = {}
    number = count()
    for (_, few), words in kinds.items():
        size = len(words) if few else _BAND
        for start in range(0, len(words), size):
            band, words_of_it = next(number), words[start : start + size]
            found.update((word, Standing(band, words_of_it, at)) for at, word in enumerate(words_of_it))
    return found


def _kind(word: str) -> str:
    """Return what words have in common that can take each other's place in a sentence, roughly."""
    if word[0].isdigit():
        return f"figure of {len(word)}"
    if word.isascii():
        return "latin"
    beginning = _BEGINNINGS.match(word)
    return beginning[0] if beginning else ""


def _counts(articles: Iterable[Record]) -> Counter[str]:
    """Return the number of articles that hold each word."""
    return Counter(
        word for article in articles for word in {*_WORD.findall(f"{article['title']} {article['text']}")}
    )


# --- check ------------------------------------------------------------------------------------------------

_RANKS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000)
_PASSAGE = 60  # words, about what a passage of the archive has
_SHINGLE = 3  # words


def check(path: Path, real: int) -> str:
    """Return how the variants in a file of articles compare with the ``real`` ones at its beginning."""
    records = [json.loads(line) for line in path.open(encoding="utf-8")]
    first, others = records[:real], records[real:]
    lines = [f"{len(first)} articles, {len(others)} variants"]
    words = [Counter(word for each in part for word in _words(each)) for part in (first, others)]
    totals = [sum(each.values()) for each in words]
    lines.append(f"words an article: {totals[0] / len(first):.1f}, {totals[1] / len(others):.1f}")
    ranked = [sorted(each.values(), reverse=True) for each in words]
    for rank in _RANKS:
        if rank <= min(map(len, ranked)):
            shares = [of[rank - 1] / total for of, total in zip(ranked, totals, strict=True)]
            lines.append(
                f"rank {rank:>6}: {shares[0]:.2e}, {shares[1]:.2e}  ({shares[1] / shares[0] - 1:+.1%})"
            )
    (before, size), (after, others_size) = map(_held, (first, others))
    for low, high in ((0.0003, 0.001), (0.001, 0.003), (0.003, 0.01), (0.01, 0.03), (0.03, 0.1), (0.1, 1.0)):
        band = [word for word, held in before.items() if low <= held / size < high]
        if len(band) > 1:
            ratios = [after[word] / before[word] * size / others_size for word in band]
            mean = sum(after[word] for word in band) / sum(before[word] for word in band) * size / others_size
            cuts = quantiles(ratios, n=20)
            lines.append(
                f"words in {low:.2%} to {high:.2%} of passages ({len(band)}): their share changed by {mean - 1:+.1%}"
                f" in all, by {cuts[0] - 1:+.1%} to {cuts[-1] - 1:+.1%} (5th, 95th)"
            )
    lines.append(
        f"most alike of variants and what they share a half with: {max(_likenesses(records, real)):.2f}"
    )
    return "\n".join(lines)


def _held(articles: Iterable[Record]) -> tuple[Counter[str], int]:
    """Return the number of passages with each word, and of all."""
    held: Counter[str] = Counter()
    size = 0
    for article in articles:
        words = _words(article)
        for start in range(0, len(words), _PASSAGE):
            held.update({*words[start : start + _PASSAGE]})
            size += 1
    return held, size


def _words(article: Record) -> list[str]:
    return _WORD.findall(f"{article['title']} {article['text']}")


def _likenesses(records: Sequence[Record], real: int) -> Iterator[float]:
    """Yield the Jaccard likeness of each of some articles to each of its variants, and of these to each other."""
    for at in range(0, real, max(1, real // 300)):
        family = [_shingles(each) for each in records[at::real]]
        for here, shingles in enumerate(family):
            for other in family[:here]:
                yield len(shingles & other) / max(1, len(shingles | other))


def _shingles(article: Record) -> set[tuple[str, ...]]:
    words = _words(article)
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.varied", description=__doc__)
    parser.add_argument("archive", type=Path, help="articles as JSON lines (.jsonl, .jsonl.xz)")
    parser.add_argument("out", type=Path, help="file to write, as JSON lines")
    parser.add_argument("--size", type=int, default=100_000, help="number of articles (default: 100,000)")
    parser.add_argument("--check", action="store_true", help="compare the variants with the real ones")
    options = parser.parse_args()
    articles = list(read_articles(options.archive))
    with options.out.open("w", encoding="utf-8") as out:
        for article in islice(varied(articles), options.size):
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    if options.check:
        print(check(options.out, min(len(articles), options.size)))


if __name__ == "__main__":
    main()

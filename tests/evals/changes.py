"""Measure the fate of quotes in real articles that were altered mechanically, and in the pairs of versions.

    python -m tests.evals.changes ARCHIVE.jsonl.xz [--half seen|unseen] [--articles 400] [--show]

Of each article a sentence is the quote, and each alteration makes a newer version with a known fate. Half of the
articles (by their ids' hashes) was seen while the mechanism was made.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import random
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.changes.fate import fate_of
from bot.quotes import cut
from corpus.arabic import sentences
from corpus.article import Article
from tests.changes import test_fate

Altered = tuple[str, str, str | None] | None
"""A newer body, the quote's fate and its wording then (None: not judged); None where the alteration does not apply."""


def figure(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    found = list(re.finditer(r"\d+", quote))
    if not found:
        return None
    at = chance.choice(found)
    new = quote[: at.start()] + str(int(at[0]) + chance.randint(1, 9)) + quote[at.end() :]
    return body.replace(quote, new, 1), "reworded", new


def word(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    held = quote.split()
    place = chance.randrange(1, len(held) - 1)
    taken = [each for each in other.split() if len(each) > 3 and each.isalpha() and each not in body]
    if not taken:
        return None
    new = " ".join([*held[:place], chance.choice(taken), *held[place + 1 :]])
    return body.replace(quote, new, 1), "reworded", new


def negation(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    held = quote.split()
    place = chance.randrange(1, len(held) - 1)
    new = " ".join([*held[:place], "لم", *held[place:]])
    return body.replace(quote, new, 1), "reworded", new


def denied(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    new = "نفت مصادر رسمية أن يكون " + quote
    return body.replace(quote, new, 1), "reworded", new


def half_rewritten(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    held, theirs = quote.split(), other.split()
    if len(held) < 8 or len(theirs) < 4:
        return None
    place = chance.randrange(len(held) // 2)
    many = len(held) // 3
    new = " ".join([*held[:place], *theirs[:many], *held[place + many :]])
    return body.replace(quote, new, 1), "reworded", None


def removed(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    return body.replace(quote, "", 1), "dropped", None


def in_its_place(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    return body.replace(quote, other, 1), "dropped", None


def moved(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    return body.replace(quote, "", 1).rstrip() + "\n\n" + quote, "stands", quote


def merged(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    at = body.index(quote)
    if not re.match(r"\. ", body[at + len(quote) - 1 :]):
        return None
    end = at + len(quote)
    joined = "، " if body[end + 1] == "و" else "، و"
    return body[: end - 1] + joined + body[end + 1 :], "stands", None


def split(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    if "، " not in quote:
        return None
    return body.replace(quote, quote.replace("، ", ". ", 1), 1), "stands", None


def appended(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    return body + "\n\n" + other, "stands", quote


def above(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    return other + "\n\n" + body, "stands", quote


def vowels(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    new = re.sub(r"(?<=\w)(?=\s)", "\u064e", quote)
    return body.replace(quote, new, 1), "stands", None


def typography(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    new = quote.replace(" ", "\u00a0").replace("أ", "ا").replace("ة", "ه").replace('"', "”")
    return body.replace(quote, new, 1), "stands", None


def neighbour(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    others = [body[span.start : span.end] for span in sentences(body)]
    others = [each for each in others if each != quote and body.count(each) == 1 and len(each.split()) > 5]
    if not others:
        return None
    theirs = chance.choice(others)
    if quote in theirs or theirs in quote:
        return None
    return body.replace(theirs, other, 1), "stands", quote


def another(body: str, quote: str, chance: random.Random, other: str) -> Altered:
    return " ".join([other, other]), "dropped", None


ALTERATIONS: tuple[Callable[[str, str, random.Random, str], Altered], ...] = (
    figure, word, negation, denied, half_rewritten, removed, in_its_place, moved, merged, split, appended, above,
    vowels, typography, neighbour, another,
)  # fmt: skip


def bodies(path: Path, half: str, most: int) -> Iterator[tuple[str, str]]:
    """Yield the ids and texts of articles of one half, spread over the archive."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, text in enumerate(lines):
            if number % 7:
                continue
            row = json.loads(text)
            seen = hashlib.sha256(row["id"].encode()).digest()[0] % 2 == 0
            if most and seen == (half == "seen") and len(row["text"].split()) > 60:
                most -= 1
                yield row["id"], row["text"]


def measure(path: Path, half: str, most: int, show: bool) -> None:
    right, count, rung = Counter[str](), Counter[str](), Counter[str]()
    other = "وافتتح المركز الثقافي معرضا للخط العربي شارك فيه طلاب المدارس الفنية."
    for id, body in bodies(path, half, most):
        chance = random.Random(id)
        held = [body[span.start : span.end] for span in sentences(body)]
        held = [each for each in held if len(each.split()) > 6 and body.count(each) == 1]
        if not held:
            continue
        quote = chance.choice(held)
        old = Article(source=id, title="", body=body, current=False)
        start = body.index(quote)
        for alter in ALTERATIONS:
            altered = alter(body, quote, chance, other)
            if altered is None:
                continue
            newer, wanted, now = altered
            fate = fate_of(
                cut(old, start, start + len(quote)), [Article(source=id, title="", body=newer, version=2)]
            )
            name = alter.__name__
            count[name] += 1
            good = fate.kind == wanted and (
                now is None or (fate.now is not None and fate.now.text == now.strip())
            )
            right[name] += good
            rung[name] += fate.above is not None
            if show and not good:
                print(
                    f"-- {name}: {fate.kind} for {wanted}\n   {quote}\n   {fate.now and fate.now.text}\n   {now}"
                )
    for name in count:
        print(f"{name:15} {right[name]:4} of {count[name]:4}   text above: {rung[name]}")
    print(f"{'all':15} {right.total():4} of {count.total():4}")


def pairs(half: str) -> None:
    texts = tomllib.loads((Path(test_fate.__file__).parent / "pairs.toml").read_text("utf-8"))["texts"]
    cases = [case for case in test_fate.CASES if texts[case["text"]]["half"] == half]
    good = 0
    for case in cases:
        try:
            test_fate.test_what_became_of_a_quote(case)
            good += 1
        except AssertionError as error:
            print(f"-- {case['name']} ({case['text']}): {str(error).splitlines()[0]}")
    print(f"pairs of our own writing, {half}: {good} of {len(cases)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--half", choices=("seen", "unseen"), default="seen")
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    measure(given.archive, given.half, given.articles, given.show)
    pairs(given.half)

"""How well copies of articles are told from articles that are only like one.

    .venv/bin/python -m tests.evals.copies ARCHIVE.jsonl[.xz] [--half 0|1] [--articles 240] [--beside 2000] [--wrong]

Real articles of an archive (objects with ``id``, ``title``, ``published`` and ``text``, one a line) are copied in the
ways of `tests.evals.copying`, and made into articles that are like one and no copy. Half 0 is for choosing thresholds,
half 1 is set aside: no article is in both. They stand in one archive with other real articles, so that what is found
wrongly among those counts too. Real articles that are like one another and tell something else are added: those of one
headline but for figures and days («طقس اليوم …») that are days apart, and those that share many words and no run of
twelve. Given are recall for each kind of copy, the share of each kind of other article that was taken for one, the
precision of all that was found among the made articles, and both for groups (B-cubed: Bagga and Baldwin 1998).
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from itertools import combinations
from pathlib import Path

from corpus.arabic import fold_text, words
from corpus.article import Article, Chunk
from corpus.chunk import chunks
from corpus.copies.signatures import signature
from corpus.parse import ParseError, parse
from corpus.provenance import given as from_outlet
from corpus.store import Archive
from tests.evals.copying import COPIES, OTHERS, Text, World

_EACH = 3  # copies of each original
_RUN = 12  # words in a row that two reports of one event do not share
_PAIRS = 60  # of each kind of real pair


@dataclass(frozen=True, slots=True)
class Real:
    """An article of the archive."""

    id: str
    text: Text
    day: str


@dataclass(slots=True)
class Set:
    """Articles to be stored in this order, and which are copies of which."""

    files: list[tuple[str, Text, str, str]] = field(default_factory=list)
    """Name, text, day, outlet."""
    copies: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, original, copy."""
    others: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, and two articles that are no copies."""


def make(real: list[Real], half: int, count: int, beside: int) -> Set:
    """Return the set of one half."""
    draw = random.Random(half)
    mine = [each for each in real if blake2b(each.id.encode()).digest()[0] % 2 == half]
    draw.shuffle(mine)
    counts = Counter(
        word for each in mine for word in {word.text for word in words(" ".join(each.text.paragraphs))}
    )
    world = World(draw, [each.text for each in mine[-1500:]], counts)
    made = Set()
    bases = [each for each in mine[:-1500] if each.text.size >= 45]
    for number, each in enumerate(bases[: 2 * count]):
        is_original = number < count
        made.files.append((each.id, each.text, each.day, "الأصل"))
        makers = COPIES if is_original else OTHERS
        possible = [(kind, text) for kind, maker in makers.items() if (text := maker(each.text, world))]
        for kind, text in draw.sample(possible, min(_EACH if is_original else 2, len(possible))):
            name = f"{each.id}.{kind}"
            later = (date.fromisoformat(each.day) + timedelta(draw.randint(0, 1))).isoformat()
            made.files.append((name, text, later, text.agency or f"منقول {draw.randint(1, 9)}"))
            (made.copies if is_original else made.others).append((kind, each.id, name))
    rest = bases[2 * count :][:beside]
    held = {each.id for each in rest}
    for kind, pairs in (("real template", _templates(rest)), ("real event", _events(rest))):
        for one, other in draw.sample(pairs, min(_PAIRS, len(pairs))):
            made.others.append((kind, one.id, other.id))
    made.files += [(each.id, each.text, each.day, "الأصل") for each in rest]
    assert len(held) == len(rest)
    return made


def _templates(real: Iterable[Real]) -> list[tuple[Real, Real]]:
    """Return pairs of one headline but for figures and days, published at least three days apart."""
    titled: dict[str, list[Real]] = defaultdict(list)
    days = "الأحد|الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت"
    for each in real:
        titled[" ".join(re.sub(rf"\d+|{days}|اليوم", " ", each.text.title).split())].append(each)
    return [
        (one, other)
        for group in titled.values()
        for one, other in combinations(group, 2)
        if abs((date.fromisoformat(one.day) - date.fromisoformat(other.day)).days) >= 3
        and not _share_run(one.text, other.text, 40)
    ]


def _events(real: list[Real]) -> list[tuple[Real, Real]]:
    """Return pairs within a day of each other that have most of their rarer words in common, and no long run."""
    stems = {
        each.id: {word.stem for word in words(" ".join(each.text.paragraphs)) if len(word.stem) > 2}
        for each in real
    }
    holders: dict[str, list[Real]] = defaultdict(list)
    for each in real:
        for stem in stems[each.id]:
            holders[stem].append(each)
    weight = {stem: math.log(len(real) / len(found)) for stem, found in holders.items()}
    shared: dict[tuple[str, str], float] = defaultdict(float)
    for stem, found in holders.items():
        if len(found) <= 60:
            for first, second in combinations(found, 2):
                shared[first.id, second.id] += weight[stem]
    by_id = {each.id: each for each in real}
    result = []
    for (a, b), common in sorted(shared.items(), key=lambda pair: -pair[1])[:4000]:
        least = min(sum(weight[stem] for stem in stems[id]) for id in (a, b))
        first, second = by_id[a], by_id[b]
        apart = abs((date.fromisoformat(first.day) - date.fromisoformat(second.day)).days)
        if common > 0.3 * least and apart <= 1 and not _share_run(first.text, second.text, _RUN):
            result.append((first, second))
    return result


def _share_run(one: Text, other: Text, size: int) -> bool:
    def runs(text: Text) -> set[tuple[str, ...]]:
        found = [word.text for word in words(" ".join(text.paragraphs))]
        return {tuple(found[at : at + size]) for at in range(len(found) - size + 1)}

    return not runs(one).isdisjoint(runs(other))


def store(archive: Archive, made: Set) -> dict[str, str]:
    """Store the set and return the id of each article by its name in the set."""
    ids: dict[str, str] = {}
    for name, text, day, outlet in made.files:
        page = "\n\n".join([text.title, f"التاريخ: {day}", *text.paragraphs])
        try:
            articles = [from_outlet(each, outlet) for each in parse(page, name)]
        except ParseError:
            continue
        archive.add_file(name, name, page, articles, _chunk)
        ids[name] = articles[0].id
    return ids


def _chunk(article: Article) -> list[Chunk]:
    return chunks(article, lambda texts: [len(text.split()) for text in texts])


def measure(archive: Archive, made: Set, ids: dict[str, str], wrong: bool) -> None:
    """Print recall, false finds and precision."""
    names = {id: name for name, id in ids.items()}
    found: set[frozenset[str]] = set()
    originals: dict[str, str | None] = {}
    for id, name in names.items():
        for group in archive.copies_of([id]):
            found |= {
                frozenset((name, names[other])) for other in group.articles if other != id and other in names
            }
            originals[name] = names.get(group.original or "")
    truth = {frozenset(pair): kind for kind, *pair in made.copies}
    for kind in COPIES:
        pairs = [
            (one, other) for each, one, other in made.copies if each == kind and {one, other} <= ids.keys()
        ]
        hits = [pair for pair in pairs if frozenset(pair) in found]
        right = sum(originals.get(copy) == original for original, copy in hits)
        none = sum(originals.get(copy) is None for original, copy in hits)
        told = f"original {right}, none {none}, other {len(hits) - right - none}"
        print(f"  copy   {kind:20} recall {_of(len(hits), len(pairs))}  {told}")
        if wrong:
            for one, other in pairs:
                if frozenset((one, other)) not in found:
                    _show(archive, "MISSED", kind, ids[one], ids[other])
    for kind in (*OTHERS, "real template", "real event"):
        pairs = [
            (one, other) for each, one, other in made.others if each == kind and {one, other} <= ids.keys()
        ]
        hits = [pair for pair in pairs if frozenset(pair) in found]
        print(f"  other  {kind:20} taken for a copy {_of(len(hits), len(pairs))}")
        if wrong:
            for one, other in hits:
                _show(archive, "WRONG", kind, ids[one], ids[other])
    of = {copy: original for _, original, copy in made.copies} | {o: o for _, o, _ in made.copies}
    of |= {name: name for _, *pair in made.others for name in pair}
    inside = [pair for pair in found if pair <= of.keys()]
    good = sum(len({of[name] for name in pair}) == 1 for pair in inside)
    print(f"  pairs among made articles: precision {_of(good, len(inside))}")
    print(f"  recall of original and copy over all kinds {_of(sum(p in found for p in truth), len(truth))}")
    near: dict[str, set[str]] = defaultdict(set)
    for pair in found:
        for name in pair:
            near[name] |= pair
    truths: dict[str, set[str]] = defaultdict(set)
    for name, original in of.items():
        if name in ids:
            truths[original].add(name)
    chosen = [name for name in of if name in ids]
    precision = recall = 0.0
    for name in chosen:
        mine, want = near[name] & of.keys() | {name}, truths[of[name]]
        precision += len(mine & want) / len(mine) / len(chosen)
        recall += len(mine & want) / len(want) / len(chosen)
    print(f"  groups (B-cubed): precision {precision:.3f}, recall {recall:.3f}")
    outside = [pair for pair in found if not pair & of.keys()]
    print(f"  pairs found among the {len(ids) - len(chosen)} articles beside: {len(outside)}")


def _show(archive: Archive, what: str, kind: str, *ids: str) -> None:
    one, other = map(archive.article, ids)
    keys = set(signature(one)) & set(signature(other))
    print(f"    {what} {kind}: {len(keys)} keys in common")
    for id in ids:
        article = archive.article(id)
        print("      ", article.title, "|", " ".join(article.body.split())[:600])


def _of(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part} of {whole})" if whole else "- (none)"


def read(path: Path) -> Iterator[Real]:
    """Yield the articles of an archive that have a headline, a date and a text, each text once."""
    data = path.read_bytes()
    lines = (lzma.decompress(data) if path.suffix == ".xz" else data).decode().splitlines()
    seen: set[str] = set()
    for each in map(json.loads, lines):
        paragraphs = tuple(" ".join(part.split()) for part in each["text"].splitlines() if part.strip())
        told = fold_text(" ".join(paragraphs))
        day = re.sub(r"^(\d\d)/(\d\d)/(\d{4}).*", r"\3-\2-\1", each["published"])[:10]
        if each["title"].strip() and re.match(r"\d{4}-\d\d-\d\d", day) and paragraphs and told not in seen:
            seen.add(told)
            yield Real(each["id"], Text(" ".join(each["title"].split()), paragraphs), day)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--half", type=int, choices=(0, 1), default=0)
    arguments.add_argument("--articles", type=int, default=240)
    arguments.add_argument("--beside", type=int, default=2000)
    arguments.add_argument(
        "--wrong", action="store_true", help="show what was missed and what was found wrongly"
    )
    given = arguments.parse_args()
    made = make(list(read(given.archive)), given.half, given.articles, given.beside)
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder) / "archive.sqlite") as archive:
        ids = store(archive, made)
        print(f"half {given.half}: {len(ids)} articles, {len(made.copies)} copies, {len(made.others)} others")
        measure(archive, made, ids, given.wrong)


if __name__ == "__main__":
    main()

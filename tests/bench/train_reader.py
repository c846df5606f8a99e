"""Trains the reader (``bot/answering/judges/reader/``) and measures it.

    python -m tests.bench.train_reader train --data DIR --model DIR --work DIR [--examples N] [--minutes M]
    python -m tests.bench.train_reader train ... --news FILES --start TRAINING [--rate 0.4]
    python -m tests.bench.train_reader eval --data DIR --model DIR [--weights FILE] [--share 0.25] [--news FILES]

``--data`` holds ``train/`` (``pquad-fa``, ``squad-it``, ``dialects``: SQuAD JSON, ``lists``: JSON lines; all xz),
``eval/arcd-train.json`` and ``archive/ant-news.jsonl.xz``; ``--model`` is the embedded model as
``vectorstore.embedded.convert`` writes it. Training goes on from ``--work`` where it was stopped and writes the
weights in 8 bits there. Which examples are drawn depends on the seed alone. ``--start`` begins with the weights of
another ``training.pt``; with ``--news`` more than half of what is drawn is of those files.

What is trained on (the weights carry these licences' attribution):
    PQuAD (CC BY-SA 4.0)               Persian; a quarter unanswerable, written by people
    SQuAD-it (CC BY-SA 4.0)            Italian, machine-translated
    MultiChoice2ExtractiveQA (CC BY-SA 4.0)  over Belebele: the same questions in six varieties of Arabic and in
                                       English; passages of even number
    ARCD, training part (MIT)          Arabic; articles of even number, but passages shared with the others
    NoMIRACL (Apache-2.0)              eight languages; which passages answer, judged by people
    ANT corpus (Apache-2.0)            Arabic news: headlines put to their own and to like articles
    news questions of our own (tests/evals/news-train-*.jsonl)  on articles of the ANT corpus, a third of them near
                                       misses: the event or the person is there, what is asked is not; articles by
                                       their ids, an eighth of them measured on only

Beside these as they are, examples are made of answerable questions: put to another passage of the article or to one
that shares its words; to the passage without its answering sentence; with a word, number or year exchanged for a
like one, or a year added: that word is left open, the others are not.
"""

from __future__ import annotations

import argparse
import bisect
import json
import lzma
import math
import os
import queue
import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from bot.answering.judges.reader import weights
from bot.answering.judges.reader.model import WEIGHTS, ReaderModel, Reading
from bot.answering.judges.reader.network import Embeddings, Reader, Shape, embedded_layers
from bot.answering.judges.reader.tokens import Batch, Tokenising, Tokens, collate
from corpus.article import Article, Block, Span
from corpus.chunk import chunks
from corpus.sentences import sentences
from vectorstore.loading import bfloat16_pays

SEED = 7
LANGUAGES = ("ar", "fa", "it", "en")
DIALECTS = ("standard", "levantine", "egyptian", "moroccan", "iraqi", "gulf", "english")
MEASURED = ("standard", "levantine", "moroccan", "egyptian")
LONGEST = 700  # characters of a passage that is trained on; longer ones are cut around the answer
COMMON = 80  # words of a language, the most frequent in its questions, that never count as left open
BATCH = 16  # draws per step
TOKENS = 640  # of a share that one thread works on at a time
RATE, HEADS_RATE, FALL = (
    2e-4,
    6e-4,
    0.93,
)  # of the last layer and of the heads; a layer below learns FALL as fast
WARMUP = 0.05
CUTS = ((160, 200), (110, 150), (200, 250))  # tokens aimed at and at most; the first as musnad cuts
HELD = 0.12  # of the articles that news questions are on

_WORD = re.compile(r"\w+(?:[-'’\u200c]\w+)*")
_MARKS = re.compile("[\u064b-\u0652\u0670\u0640\u200c]")
_FOLDS = str.maketrans("أإآىةيكۀئؤ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "ااايهیکهیو01234567890123456789")
_PREFIXES = ("وال", "بال", "كال", "فال", "ال", "لل")


@dataclass(frozen=True, slots=True)
class Passage:
    headline: str
    text: str
    language: str
    article: str
    sentences: tuple[Span, ...]
    stems: frozenset[str]
    """Of the words of headline and text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what is known of it: ``answers`` in ``passage``, none when it is unanswerable there."""

    question: str
    language: str
    passage: Passage
    answers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class NewsQuestion:
    """A question of our own on a news article; none of ``answers`` when it is a near miss."""

    question: str
    article: str
    answers: tuple[str, ...]
    """Words of the article, one of which a sentence that answers holds."""
    missing: tuple[int, ...]
    """For each word of the question whether the article leaves it open."""

    def found(self, text: str) -> tuple[Span, ...]:
        """Where the answers stand in a text, as whole words, with other particles before them if need be."""
        for pattern in (r"(?<!\w){}(?!\w)", r"(?<!\w)\w{{0,3}}{}(?!\w)"):
            spans = {
                Span(*match.span())
                for answer in self.answers
                for match in re.finditer(pattern.format(re.escape(answer)), text)
            }
            if spans:
                break
        return tuple(sorted(spans))


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    words: tuple[Span, ...]
    passage: Passage
    answers: tuple[Span, ...] = ()
    somewhere: bool = False
    """It is answered, but where is not known."""
    opened: tuple[int, ...] = ()
    """For each word 1 left open, 0 not, -1 not known; none for an unknown question."""
    weak: bool = False
    """At least one of the words that are not known is left open."""


@dataclass
class Data:
    train: dict[str, list[Asked]] = field(default_factory=dict)
    headlines: list[tuple[str, Passage]] = field(default_factory=list)
    unanswered: list[tuple[str, str, list[Passage]]] = field(default_factory=list)
    answered: list[tuple[str, str, list[Passage]]] = field(default_factory=list)
    dev: dict[str, list[Asked]] = field(default_factory=dict)
    news: list[NewsQuestion] = field(default_factory=list)
    news_dev: list[NewsQuestion] = field(default_factory=list)
    cuts: dict[str, tuple[tuple[Passage, ...], ...]] = field(default_factory=dict)
    """The passages of each article that news questions are on, cut in each of the ways of ``CUTS``."""


def stem(word: str) -> str:
    """A word as it is compared: folded, without the article, its first letters; digits whole."""
    folded = _MARKS.sub("", word.lower()).translate(_FOLDS)
    for prefix in _PREFIXES:
        if folded.startswith(prefix.translate(_FOLDS)) and len(folded) > len(prefix) + 2:
            folded = folded[len(prefix) :]
            break
    return folded if any(map(str.isdigit, folded)) else folded[:5] if len(folded) > 5 else folded[:4]


def words_of(text: str) -> tuple[Span, ...]:
    return tuple(Span(*found.span()) for found in _WORD.finditer(text))


def make_passage(headline: str, text: str, language: str, article: str) -> Passage:
    stems = frozenset(stem(found.group()) for found in _WORD.finditer(f"{headline} {text}"))
    return Passage(headline, text, language, article, tuple(sentences(text)), stems)


def read_json(file: Path) -> Any:
    with (
        lzma.open(file, "rt", encoding="utf-8")
        if file.suffix == ".xz"
        else file.open(encoding="utf-8") as text
    ):
        return json.load(text)


def entries(data: Any, language: str, of_passages: str = "", name: str = "") -> Iterator[list[Asked]]:
    """The questions of each entry of a SQuAD object; ``of_passages`` is the language of its passages."""
    for number, entry in enumerate(data["data"]):
        found = []
        for paragraph in entry["paragraphs"]:
            title = " ".join(entry.get("title", "").replace("_", " ").split())
            passage = make_passage(title, paragraph["context"], of_passages or language, f"{name}{number}")
            for asked in paragraph["qas"]:
                answers = {
                    Span(answer["answer_start"], answer["answer_start"] + len(answer["text"].strip()))
                    for answer in asked["answers"]
                    if answer["text"].strip()
                }
                question = re.sub(r"^\s*-\s*|\s+ال\s*$", "", asked["question"]).strip()
                found.append(Asked(question, language, passage, tuple(sorted(answers))))
        yield found


def load(folder: Path, leave_out: Iterable[str] = ()) -> Data:
    """All data. ``leave_out``: ids of news articles that others measure on."""
    data = Data()
    persian = list(entries(read_json(folder / "train/pquad-fa.json.xz"), "fa", name="fa"))
    held = [asked for number, entry in enumerate(persian) if number % 20 == 1 for asked in entry]
    kept = [asked for number, entry in enumerate(persian) if number % 20 != 1 for asked in entry]
    data.dev["fa"] = held
    data.train["fa"] = [asked for asked in kept if asked.answers]
    data.train["fa-none"] = [asked for asked in kept if not asked.answers]
    italian = entries(read_json(folder / "train/squad-it.json.xz"), "it", name="it")
    data.train["it"] = [asked for entry in italian for asked in entry if asked.answers]
    arabic = list(entries(read_json(folder / "eval/arcd-train.json"), "ar", name="arcd"))
    data.dev["arcd"] = [asked for number, entry in enumerate(arabic) if number % 2 for asked in entry]
    seen = {run for asked in data.dev["arcd"] for run in _runs(asked.passage.text)}
    data.train["arcd"] = [
        asked
        for number, entry in enumerate(arabic)
        if not number % 2
        for asked in entry
        if seen.isdisjoint(_runs(asked.passage.text))
    ]
    varieties = read_json(folder / "train/dialects.json.xz")
    data.train["dialects"] = []
    order = {
        paragraph["context"]: i for i, paragraph in enumerate(varieties["standard"]["data"][0]["paragraphs"])
    }
    for variety in DIALECTS:
        language = "en" if variety == "english" else "ar"
        for entry in entries(varieties[variety], language, "ar", name="dialects"):
            entry = [replace(a, passage=replace(a.passage, headline="")) for a in entry]
            data.train["dialects"] += [a for a in entry if order[a.passage.text] % 2 == 0 and a.answers]
            data.dev[variety] = [a for a in entry if order[a.passage.text] % 2 and a.answers]
    with lzma.open(folder / "train/lists.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            passages = []
            for text in row["passages"]:
                title, _, rest = text.partition(": ")
                passages.append(make_passage(title, rest, row["language"], row["id"]))
            (data.answered if row["answered"] else data.unanswered).append(
                (row["question"], row["language"], passages)
            )
    data.headlines = list(_news(folder / "archive/ant-news.jsonl.xz", frozenset(leave_out)))
    return data


def add_news(data: Data, files: Sequence[Path], archive: Path, tokenising: Tokenising) -> None:
    """Reads the news questions; those on held-out articles are measured on only."""

    def count(texts: Sequence[str]) -> list[int]:
        return [len(encoded.ids) for encoded in tokenising.encode(texts)]

    wanted: dict[str, list[NewsQuestion]] = defaultdict(list)
    for row in _rows(files):
        name = row.get("article") or row["id"]
        if "text" in row:  # a brief of our own with its questions
            data.cuts[name] = _cut(name, row["headline"], row["text"], count)
        for asked in row.get("questions", (row,)):
            missing = opened_words(asked["question"], asked.get("missing", ()))
            if asked["answerable"] == bool(asked["answers"]) == (not any(missing)):
                answers = tuple(filter(None, map(str.strip, asked["answers"])))
                wanted[name].append(NewsQuestion(asked["question"], name, answers, missing))
            else:
                print(f"{row['id']} contradicts itself, left out")
    with lzma.open(archive, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["id"] in wanted:
                data.cuts[row["id"]] = _cut(row["id"], row["title"], row["text"], count)
    for name, questions in wanted.items():
        if name not in data.cuts:
            print(f"{name} is not in the archive, left out")
            continue
        whole = data.cuts[name][0]
        fit = [q for q in questions if not q.answers or any(q.found(passage.text) for passage in whole)]
        held = random.Random(f"{SEED}-{name}").random() < HELD
        (data.news_dev if held else data.news).extend(fit)
        if len(fit) < len(questions):
            print(
                f"{name}: the answers to {len(questions) - len(fit)} questions are not in its text, left out"
            )
    measured = {asked.article for asked in data.news_dev}
    data.headlines = [
        (title, passage) for title, passage in data.headlines if passage.article not in measured
    ]


def _rows(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def opened_words(question: str, missing: Iterable[str]) -> tuple[int, ...]:
    """For each word of the question whether it is one of those named, as written or at least by its stem."""
    words = words_of(question)
    opened = [0] * len(words)
    for text in missing:
        at = question.find(text)
        place = Span(at, at + len(text))
        stems = {stem(word) for word in _WORD.findall(text)}
        for i, word in enumerate(words):
            if _overlap(word, place) if at >= 0 else stem(question[word.start : word.end]) in stems:
                opened[i] = 1
    return tuple(opened)


def _cut(
    name: str, title: str, text: str, count: Callable[[Sequence[str]], list[int]]
) -> tuple[tuple[Passage, ...], ...]:
    headline = " ".join(title.split())
    blocks = tuple(Block(*found.span(), "paragraph") for found in re.finditer(r"\S.*", text))
    article = Article(name, headline, text, blocks=blocks)
    ways = []
    for target, limit in CUTS:
        passages = []
        for chunk in chunks(article, count, target=target, limit=limit):
            made = make_passage(headline, text[chunk.start : chunk.end], "ar", name)
            inside = tuple(Span(s.start - chunk.start, s.end - chunk.start) for s in chunk.sentences)
            passages.append(replace(made, sentences=inside))
        ways.append(tuple(passages))
    return tuple(ways)


def _runs(text: str) -> set[tuple[str, ...]]:
    """All runs of 8 words."""
    words = _WORD.findall(text)
    return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}


def _news(file: Path, leave_out: frozenset[str]) -> Iterator[tuple[str, Passage]]:
    """Headlines with the beginning of their articles, every article once."""
    seen: set[str] = set()
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            title, text = " ".join(row["title"].split()), row["text"].strip()[:3000]
            if row["id"] in leave_out or title in seen or len(words_of(title)) < 5 or len(text) < 300:
                continue
            seen.add(title)
            spans = sentences(text)
            end = max((span.end for span in spans if span.end <= LONGEST), default=spans[0].end)
            if end <= 1.5 * LONGEST:
                yield title, make_passage("", text[:end], "ar", row["id"])


class Exchange:
    """Words to put in another's place: the like of it, by the embedded model's word vectors."""

    def __init__(self, data: Data, tokenising: Tokenising, vectors: Tensor) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for source in data.train.values():
            for asked in source:
                counts[asked.language].update(_WORD.findall(asked.question))
        for title, _ in data.headlines[:4000]:
            counts["ar"].update(_WORD.findall(title))
        for question in data.news:
            counts["ar"].update(_WORD.findall(question.question))
        self.common = {
            language: frozenset(stem(word) for word, _ in counter.most_common(COMMON))
            for language, counter in counts.items()
        }
        self.articles: dict[str, list[str]] = defaultdict(list)
        for source in data.train.values():
            for asked in source:
                self.articles[asked.passage.article] += [
                    word
                    for word in _WORD.findall(asked.question)
                    if self.content(word, asked.language) and not any(map(str.isdigit, word))
                ]
        self.words: dict[str, list[str]] = {}
        self.rows: dict[str, dict[str, int]] = {}
        self.vectors: dict[str, NDArray[np.float32]] = {}
        for language, counter in counts.items():
            words = sorted(word for word in counter if self.content(word, language) and not word.isdigit())
            table = np.stack(
                [
                    vectors[encoding.ids or [3]].float().mean(0).numpy()
                    for encoding in tokenising.tokenizer.encode_batch(words, add_special_tokens=False)
                ]
            )
            table -= table.mean(0)
            table /= np.linalg.norm(table, axis=1, keepdims=True)
            self.words[language], self.vectors[language] = words, table
            self.rows[language] = {word: row for row, word in enumerate(words)}

    def content(self, word: str, language: str) -> bool:
        return len(word) > 1 and stem(word) not in self.common.get(language, frozenset())

    def other(self, word: str, language: str, passage: Passage, rng: random.Random) -> str | None:
        """A word like ``word`` that the passage does not hold."""
        if digits := re.search(r"\d+", word):
            return other_number(word, digits, passage, rng)
        row = self.rows.get(language, {}).get(word)
        if row is None:
            return None
        near = self.articles.get(passage.article, [])
        if near and rng.random() < 0.4:
            candidates = rng.sample(near, min(12, len(near)))
            known = [other for other in candidates if other in self.rows[language]]
            table = self.vectors[language]
            candidates = sorted(
                known, key=lambda other: -float(table[self.rows[language][other]] @ table[row])
            )[:4]
        else:
            likeness = self.vectors[language] @ self.vectors[language][row]
            best = np.argpartition(-likeness, 12)[:12]
            candidates = [self.words[language][i] for i in best]
        rng.shuffle(candidates)
        mine = stem(word)
        for other in candidates:
            theirs = stem(other)
            if theirs[:3] != mine[:3] and theirs not in passage.stems and not _alike(word, other):
                return other
        return None


def _alike(one: str, other: str) -> bool:
    """Whether the words share most of their letters, as a plural and its singular do."""
    a, b = Counter(stem(one)), Counter(stem(other))
    return sum((a & b).values()) >= 0.7 * min(sum(a.values()), sum(b.values()))


def other_number(word: str, digits: re.Match[str], passage: Passage, rng: random.Random) -> str | None:
    value, width = int(digits.group()), len(digits.group())
    zero = next((z for z in "٠۰" if z <= digits.group()[0] <= chr(ord(z) + 9)), "0")
    for _ in range(8):
        if width == 4:
            new = value + rng.choice([-1, 1]) * rng.choice([1, 1, 2, 3, 4, 5, 7, 10, 12, 20])
        else:
            new = max(1, value + rng.choice([-1, 1]) * rng.randint(1, max(3, value // 2)))
        text = str(new).translate({ord("0") + i: chr(ord(zero) + i) for i in range(10)})
        if new != value and stem(text) not in passage.stems:
            return word[: digits.start()] + text + word[digits.end() :]
    return None


class Alike:
    """Passages that share a question's rare words, by language."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages = list({id(passage): passage for passage in passages}.values())
        self.holding: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, passage in enumerate(self.passages):
            for word in passage.stems:
                self.holding[passage.language, word].append(number)

    def best(self, question: str, language: str, count: int, but: Callable[[Passage], bool]) -> list[Passage]:
        scores: dict[int, float] = defaultdict(float)
        for word in {stem(found) for found in _WORD.findall(question)}:
            rows = self.holding.get((language, word), ())
            if 0 < len(rows) < 600:
                for row in rows:
                    rarity = math.log(len(self.passages) / len(rows))
                    scores[row] += rarity / (1 + len(self.passages[row].stems) / 100)
        found = []
        for row in sorted(scores, key=scores.__getitem__, reverse=True)[: count * 6]:
            if not but(self.passages[row]):
                found.append(self.passages[row])
                if len(found) == count:
                    break
        return found


_ADDED = {
    "ar": ("سنة {}", "عام {}", "في عام {}", "خلال {}"),
    "fa": ("در سال {}", "سال {}"),
    "it": ("nel {}", "durante il {}"),
    "en": ("in {}", "during {}"),
}


class Draw:
    """Draws examples: the ``index``-th is the same whenever it is drawn."""

    MIX = (
        ("fa", 0.31),
        ("fa-none", 0.12),
        ("it", 0.06),
        ("arcd", 0.13),
        ("dialects", 0.16),
        ("headlines", 0.11),
        ("unanswered", 0.09),
        ("answered", 0.02),
    )
    WITH_NEWS = (
        ("news", 0.72),
        ("fa", 0.07),
        ("fa-none", 0.03),
        ("arcd", 0.07),
        ("dialects", 0.06),
        ("headlines", 0.02),
        ("unanswered", 0.02),
        ("answered", 0.01),
    )

    def __init__(self, data: Data, exchange: Exchange) -> None:
        self.data, self.exchange = data, exchange
        self.alike = Alike(
            [asked.passage for source in data.train.values() for asked in source]
            + [passage for _, passage in data.headlines]
        )
        self.articles: dict[str, list[Passage]] = defaultdict(list)
        for passage in self.alike.passages:
            self.articles[passage.article].append(passage)
        self.holders: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for source in data.train.values():
            for asked in source:
                self.holders[asked.question, asked.passage.text] += asked.answers
        self.mix = self.WITH_NEWS if data.news else self.MIX
        self.shares = list(np.cumsum([share for _, share in self.mix]))
        self.answerable = [question for question in data.news if question.answers]
        self.near = [question for question in data.news if not question.answers]
        if data.news:
            others = [replace(passage, headline=title) for title, passage in data.headlines]
            others += [passage for q in data.news for passage in data.cuts[q.article][0]]
            self.others = Alike(others)

    def __call__(self, index: int) -> list[Example]:
        """One example, or several of which at least one is answered (``somewhere``)."""
        rng = random.Random(f"{SEED}-{index}")
        while True:
            name = self.mix[min(bisect.bisect(self.shares, rng.random()), len(self.mix) - 1)][0]
            if name == "news":
                made = self.news(rng)
                if made:
                    return [made]
                continue
            found = self._draw(name, rng)
            if found:
                return [headlined(example, rng) for example in found]

    def _draw(self, name: str, rng: random.Random) -> list[Example]:
        if name == "headlines":
            title, passage = rng.choice(self.data.headlines)
            found = self.headline(title, passage, rng)
            return [found] if found else []
        if name == "unanswered":
            question, language, passages = rng.choice(self.data.unanswered)
            return [self.unknown(question, language, crop(rng.choice(passages), rng), rng)]
        if name == "answered":
            question, _, passages = rng.choice(self.data.answered)
            group = rng.sample(passages, len(passages))[:4]
            return [Example(question, words_of(question), crop(p, rng), somewhere=True) for p in group]
        asked = rng.choice(self.data.train[name])
        if not asked.answers:
            passage = crop(asked.passage, rng)
            return [self.unknown(asked.question, asked.language, drop_headline(passage, rng), rng)]
        made = self.variant(asked, rng)
        return [made] if made else []

    def news(self, rng: random.Random) -> Example | None:
        chance = rng.random()
        near = self.near and chance >= 0.63
        asked = rng.choice(self.near if near else self.answerable)
        passages = rng.choice(self.data.cuts[asked.article])
        if near and chance < 0.96:
            return self.near_miss(asked, passages, rng)
        holding = [passage for passage in passages if asked.found(passage.text)]
        if chance < 0.47:
            if not holding:
                return None
            passage = nearest(asked.question, holding)
            return Example(
                asked.question,
                words_of(asked.question),
                passage,
                asked.found(passage.text),
                opened=asked.missing,
            )
        if chance < 0.55:
            if not holding:
                return None
            passage = nearest(asked.question, holding)
            made = swap(asked.question, "ar", passage, self.exchange, rng)
            return Example(made[0], made[1], passage, opened=made[2]) if made else None
        if chance < 0.61:
            # The headline may well speak of what another passage answers: which words are open is not known.
            rest = [passage for passage in passages if passage not in holding]
            return Example(asked.question, words_of(asked.question), rng.choice(rest)) if rest else None

        def unfit(passage: Passage) -> bool:
            return passage.article == asked.article or bool(asked.found(passage.text))

        found = self.others.best(asked.question, "ar", 5, unfit)
        return self.unknown(asked.question, "ar", rng.choice(found), rng) if found else None

    def near_miss(
        self, asked: NewsQuestion, passages: Sequence[Passage], rng: random.Random
    ) -> Example | None:
        """Of the passage that speaks of most of the question all is known; of another what it does not say is not."""
        if not passages:
            return None
        best = nearest(asked.question, passages)
        passage = best if rng.random() < 0.5 else rng.choice(passages)
        words = words_of(asked.question)
        opened = tuple(
            value
            if value or passage is best or stem(asked.question[word.start : word.end]) in passage.stems
            else -1
            for word, value in zip(words, asked.missing, strict=True)
        )
        return Example(asked.question, words, passage, opened=opened)

    def variant(self, asked: Asked, rng: random.Random) -> Example | None:
        chance = rng.random()
        if chance < 0.56:
            return self.positive(asked, rng)
        if chance < 0.78:
            return self.swapped(asked, rng)
        if chance < 0.83:
            return self.added(asked, rng)
        if chance < 0.92:
            return self.elsewhere(asked, rng)
        return self.removed(asked, rng)

    def positive(self, asked: Asked, rng: random.Random) -> Example | None:
        passage, answers = crop_around(asked.passage, asked.answers, rng)
        if not answers:
            return None
        words = words_of(asked.question)
        return Example(asked.question, words, drop_headline(passage, rng), answers, opened=(0,) * len(words))

    def swapped(self, asked: Asked, rng: random.Random) -> Example | None:
        found = swap(asked.question, asked.language, asked.passage, self.exchange, rng)
        if found is None:
            return None
        question, words, opened = found
        passage, _ = crop_around(asked.passage, asked.answers, rng)
        return Example(question, words, drop_headline(passage, rng), opened=opened)

    def added(self, asked: Asked, rng: random.Random) -> Example | None:
        if asked.language not in _ADDED:
            return None
        year = str(rng.randint(1900, 2022) if rng.random() < 0.5 else rng.randint(2005, 2022))
        if rng.random() < 0.4 and any("۰" <= c <= "۹" for c in asked.passage.text):
            year = year.translate({ord("0") + i: chr(ord("۰") + i) for i in range(10)})
        if stem(year) in asked.passage.stems:
            return None
        question, mark = re.subn(r"\s*[؟?]\s*$", "", asked.question)
        question += " " + rng.choice(_ADDED[asked.language]).format(year) + ("؟" if mark else "")
        words = words_of(question)
        opened = tuple(int(question[w.start : w.end] == year) for w in words)
        passage, _ = crop_around(asked.passage, asked.answers, rng)
        return Example(question, words, drop_headline(passage, rng), opened=opened)

    def elsewhere(self, asked: Asked, rng: random.Random) -> Example | None:
        """The question put to another passage: of the same article, or one that shares its words."""
        answers = {
            stem(asked.passage.text[span.start : span.end].split()[0])
            for span in asked.answers
            if asked.passage.text[span.start : span.end].split()
        }

        def unfit(passage: Passage) -> bool:
            return passage.text == asked.passage.text or bool(answers & passage.stems)

        found = [p for p in self.articles[asked.passage.article] if not unfit(p)]
        if asked.passage.article.startswith("dialects") or not found or rng.random() < 0.6:
            language = asked.passage.language
            found = self.alike.best(asked.question, language, 4, unfit) or found
        if not found:
            return None
        passage = crop(rng.choice(found), rng)
        return self.unknown(asked.question, asked.language, drop_headline(passage, rng), rng)

    def removed(self, asked: Asked, rng: random.Random) -> Example | None:
        """The passage without the sentences that hold the answer, or the answer's words."""
        texts = [asked.passage.text[span.start : span.end] for span in asked.answers]
        kept = [
            asked.passage.text[span.start : span.end]
            for span in asked.passage.sentences
            if not any(_overlap(span, answer) for answer in asked.answers)
            and not any(text in asked.passage.text[span.start : span.end] for text in texts)
        ]
        if not kept:
            return None
        passage = make_passage(asked.passage.headline, " ".join(kept), asked.passage.language, "")
        return self.unknown(asked.question, asked.language, drop_headline(crop(passage, rng), rng), rng)

    def headline(self, title: str, passage: Passage, rng: random.Random) -> Example | None:
        """A headline as a question: its article says it somewhere; with a word exchanged, nobody does."""
        if rng.random() < 0.3:
            title = f"هل {title}؟"
        chance = rng.random()
        words = words_of(title)
        if chance < 0.4:
            opened = tuple(0 if stem(title[word.start : word.end]) in passage.stems else -1 for word in words)
            if opened.count(0) < 0.5 * len(words):
                return None
            return Example(title, words, passage, somewhere=True, opened=opened)
        if chance < 0.75:
            found = swap(title, "ar", passage, self.exchange, rng)
            if found is None:
                return None
            question, words, opened = found
            known = tuple(
                value if value == 1 or stem(question[w.start : w.end]) in passage.stems else -1
                for w, value in zip(words, opened, strict=True)
            )
            return Example(question, words, passage, opened=known)
        others = self.alike.best(title, "ar", 3, lambda other: other.article == passage.article)
        # One that holds most of the headline's words may well say the same.
        own = [stem(title[word.start : word.end]) for word in words]
        others = [p for p in others if sum(word in p.stems for word in own) < 0.6 * len(own)]
        return self.unknown(title, "ar", rng.choice(others), rng) if others else None

    def unknown(self, question: str, language: str, passage: Passage, rng: random.Random) -> Example:
        """Not answered; some word that matters is left open, which is not known."""
        words = words_of(question)
        matters = tuple(
            -1 if self.exchange.content(question[w.start : w.end], language) else -2 for w in words
        )
        return Example(question, words, passage, opened=matters, weak=True)


def nearest(question: str, passages: Sequence[Passage]) -> Passage:
    """The passage that holds most words of the question."""
    stems = {stem(word) for word in _WORD.findall(question)}
    return max(passages, key=lambda passage: len(stems & passage.stems))


def swap(
    question: str, language: str, passage: Passage, exchange: Exchange, rng: random.Random
) -> tuple[str, tuple[Span, ...], tuple[int, ...]] | None:
    """The question with one content word exchanged: its words, and which of them is now left open."""
    words = words_of(question)
    fit = [w for w in words if exchange.content(question[w.start : w.end], language)]
    rng.shuffle(fit)
    fit.sort(key=lambda w: not any(map(str.isdigit, question[w.start : w.end])) and rng.random() < 0.5)
    for word in fit:
        other = exchange.other(question[word.start : word.end], language, passage, rng)
        if other is not None:
            made = question[: word.start] + other + question[word.end :]
            new = Span(word.start, word.start + len(other))
            now = words_of(made)
            return made, now, tuple(int(_overlap(span, new)) for span in now)
    return None


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def headlined(example: Example, rng: random.Random) -> Example:
    """Now and then the first sentence stands as the headline, as in news, where it does not hold the answer."""
    passage = example.passage
    if example.somewhere or len(passage.sentences) < 3 or rng.random() > 0.2:
        return example
    first, second = passage.sentences[:2]
    if any(answer.start < second.start for answer in example.answers):
        return example
    by = second.start
    inside = tuple(Span(span.start - by, span.end - by) for span in passage.sentences[1:])
    made = replace(
        passage, headline=passage.text[first.start : first.end], text=passage.text[by:], sentences=inside
    )
    answers = tuple(Span(answer.start - by, answer.end - by) for answer in example.answers)
    return replace(example, passage=made, answers=answers)


def drop_headline(passage: Passage, rng: random.Random) -> Passage:
    return replace(passage, headline="") if rng.random() < 0.25 else passage


def crop(passage: Passage, rng: random.Random) -> Passage:
    return crop_around(passage, (), rng)[0]


def crop_around(
    passage: Passage, answers: Sequence[Span], rng: random.Random
) -> tuple[Passage, tuple[Span, ...]]:
    """The passage, or where it is long a run of its sentences around one of the answers."""
    if len(passage.text) <= LONGEST or not passage.sentences:
        return passage, tuple(answers)
    spans = passage.sentences
    aim = rng.choice(answers) if answers else rng.choice(spans)
    at = next((i for i, span in enumerate(spans) if _overlap(span, aim)), 0)
    first = last = at
    while True:
        grown = [(a, b) for a, b in ((first - 1, last), (first, last + 1)) if a >= 0 and b < len(spans)]
        grown = [(a, b) for a, b in grown if spans[b].end - spans[a].start <= LONGEST]
        if not grown:
            break
        first, last = rng.choice(grown)
    start, end = spans[first].start, spans[last].end
    kept = tuple(Span(a.start - start, a.end - start) for a in answers if start <= a.start and a.end <= end)
    inside = tuple(Span(s.start - start, s.end - start) for s in spans[first : last + 1])
    return replace(passage, text=passage.text[start:end], sentences=inside), kept


def tokens_of(tokenising: Tokenising, example: Example) -> Tokens:
    passage = example.passage
    question, headline, text = tokenising.encode([example.question, passage.headline, passage.text])
    return tokenising.join((question, example.words), headline, (text, passage.sentences))


@dataclass(frozen=True, slots=True)
class Share:
    """What one thread works on: examples with their tokens, in groups of which one is answered."""

    examples: list[Example]
    tokens: list[Tokens]
    groups: list[int]


def shares(drawn: Sequence[list[Example]], tokenising: Tokenising) -> list[Share]:
    """Draws of about the same length together, longest first."""
    units = [(group, [tokens_of(tokenising, example) for example in group]) for group in drawn]
    units.sort(key=lambda unit: -max(len(tokens.ids) for tokens in unit[1]))
    found: list[Share] = []
    longest = 0
    for number, (group, tokens) in enumerate(units):
        if not found or (len(found[-1].tokens) + len(tokens)) * longest > TOKENS:
            found.append(Share([], [], []))
            longest = max(len(row.ids) for row in tokens)
        found[-1].examples.extend(group)
        found[-1].tokens.extend(tokens)
        found[-1].groups.extend([number] * len(group))
    return found


def loss_of(
    reader: Reader, embeddings: Embeddings, share: Share, device: str
) -> tuple[Tensor, dict[str, float]]:
    """The sum of the losses over the share's draws, and its parts."""
    batch = collate(share.tokens)
    batch = Batch(*(part.to(device) for part in (batch.ids, batch.sides, batch.sentences, batch.words)))
    count = max(1, *(len(example.passage.sentences) for example in share.examples))
    words = max(1, *(len(example.words) for example in share.examples))
    output = reader(embeddings(batch.ids), batch, count, words)
    logits = torch.cat([output.null[:, None], output.sentences], 1).log_softmax(-1)
    parts: dict[str, list[Tensor]] = defaultdict(list)
    nothing: dict[int, list[Tensor]] = defaultdict(list)
    for row, example in enumerate(share.examples):
        if example.somewhere:
            nothing[share.groups[row]].append(logits[row, 0])
        elif not example.answers:
            parts["passage"].append(-logits[row, 0])
        else:
            tokens = share.tokens[row]
            starts, ends, holding = targets(tokens, example)
            if holding:
                parts["passage"].append(-logits[row, [1 + i for i in holding]].logsumexp(0))
                inside = batch.sentences[row].ge(0)
                for scores, at in ((output.starts[row], starts), (output.ends[row], ends)):
                    chosen = scores.masked_fill(~inside, -1e4).log_softmax(-1)
                    parts["span"].append(-chosen[at].logsumexp(0))
        if example.opened:
            seen = {number for number in share.tokens[row].words if number >= 0}
            judged = [i for i, value in enumerate(example.opened) if value >= 0 and i in seen]
            if judged:
                gold = torch.tensor([float(example.opened[i]) for i in judged], device=device)
                each = F.binary_cross_entropy_with_logits(output.words[row, judged], gold, reduction="none")
                # One word left open counts as much as three that are not.
                parts["open"].append((each * (1 + 2 * gold)).sum() / (len(judged) + 2 * gold.sum()))
            if example.weak:
                unknown = [i for i, value in enumerate(example.opened) if value == -1 and i in seen]
                if unknown:
                    closed = F.logsigmoid(-output.words[row, unknown]).sum()
                    parts["weak"].append(-torch.log(-torch.expm1(closed.clamp_max(-1e-5))))
    for group in nothing.values():
        parts["passage"].append(-torch.log(-torch.expm1(torch.stack(group).sum().clamp_max(-1e-5))))
    share_of = {"passage": 1.0, "span": 0.25, "open": 1.0, "weak": 0.15}
    total = sum(
        (share_of[name] * torch.stack(values).sum() for name, values in parts.items()), torch.zeros(())
    )
    return total, {name: float(torch.stack(values).detach().mean()) for name, values in parts.items()}


def targets(tokens: Tokens, example: Example) -> tuple[list[int], list[int], list[int]]:
    """The tokens at which answers start and end, and the sentences that hold answers."""
    starts, ends, holding = set(), set(), set()
    for answer in example.answers:
        inside = [
            i
            for i, (start, end) in enumerate(tokens.places)
            if start < answer.end and end > answer.start and start < end
        ]
        if inside and tokens.sentences[inside[0]] >= 0:
            starts.add(inside[0])
            ends.add(inside[-1])
            holding.add(tokens.sentences[inside[0]])
    return sorted(starts), sorted(ends), sorted(holding)


def step_gradients(
    reader: Reader,
    embeddings: Embeddings,
    work: Sequence[Share],
    parameters: Sequence[Tensor],
    sums: list[list[Tensor]],
    device: str,
) -> tuple[list[Tensor], dict[str, list[float]]]:
    """The gradients summed over the shares, in the first of ``sums``, float32: one for each thread.

    Threads take shares as they come. Several that work on shares of their own are not held up by each other on a
    busy machine, as threads within one multiplication are.
    """
    waiting: queue.SimpleQueue[Share] = queue.SimpleQueue()
    for share in work:
        waiting.put(share)
    for mine in sums:
        torch._foreach_zero_(mine)
    logged: dict[str, list[float]] = defaultdict(list)
    errors: list[BaseException] = []

    def run(mine: list[Tensor]) -> None:
        try:
            while True:
                try:
                    share = waiting.get_nowait()
                except queue.Empty:
                    return
                loss, parts = loss_of(reader, embeddings, share, device)
                gradients = torch.autograd.grad(loss, list(parameters), allow_unused=True)
                pairs = [(a, g) for a, g in zip(mine, gradients, strict=True) if g is not None]
                torch._foreach_add_([a for a, _ in pairs], [g for _, g in pairs])
                for name, value in parts.items():
                    logged[name].append(value)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            errors.append(error)

    others = [threading.Thread(target=run, args=(mine,)) for mine in sums[1:]]
    for other in others:
        other.start()
    run(sums[0])
    for other in others:
        other.join()
    if errors:
        raise errors[0]
    for mine in sums[1:]:
        torch._foreach_add_(sums[0], mine)
    return sums[0], logged


class Training:
    """The network, its float32 weights and AdamW's state; written to and read from one file."""

    def __init__(
        self,
        folder: Path,
        work: Path,
        device: str,
        threads: int,
        start: Path | None = None,
        rate: float = 1.0,
    ) -> None:
        torch.manual_seed(SEED)
        self.shape = Shape.of(folder)
        self.embeddings = Embeddings(folder, self.shape)
        reader = Reader(self.shape)
        reader.load_state_dict(embedded_layers(folder, self.shape), strict=False)
        torch.nn.init.zeros_(reader.side.weight)
        self.reader = reader.to(device).train()
        if device != "cpu":
            for name in ("words", "places", "gain", "bias"):
                setattr(self.embeddings, name, getattr(self.embeddings, name).to(device))
        self.names = [name for name, _ in self.reader.named_parameters()]
        self.master = [p.detach().clone().float() for p in self.reader.parameters()]
        self.sums = [[torch.zeros_like(p) for p in self.master] for _ in range(threads)]
        groups = [
            {
                "params": [p],
                "lr": rate * self._rate(name),
                "full": rate * self._rate(name),
                "weight_decay": 0.01 * (p.ndim > 1),
            }
            for name, p in zip(self.names, self.master, strict=True)
        ]
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6, fused=True)
        if device != "cpu" or bfloat16_pays():
            self.reader.layers.to(torch.bfloat16)
        self.parameters: list[Tensor] = list(self.reader.parameters())
        self.steps, self.seconds = 0, 0.0
        self.file = work / "training.pt"
        if self.file.is_file():
            state = torch.load(self.file, map_location=device, weights_only=True)
            torch._foreach_copy_(self.master, state["master"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.steps, self.seconds = state["steps"], state["seconds"]
            self._publish()
        elif start:
            state = torch.load(start, map_location=device, weights_only=True)
            torch._foreach_copy_(self.master, state["master"])
            self._publish()

    def _rate(self, name: str) -> float:
        if not name.startswith("layers."):
            return HEADS_RATE
        return RATE * FALL ** (self.shape.layers - 1 - int(name.split(".")[1]))

    def _publish(self) -> None:
        with torch.no_grad():
            torch._foreach_copy_(self.parameters, self.master)

    def update(self, gradients: list[Tensor], scale: float, slowdown: float) -> float:
        """One step over ``scale * gradients``, clipped to length 1; the length before."""
        length = float(torch.stack(torch._foreach_norm(gradients)).norm()) * scale
        if not math.isfinite(length):
            return length
        torch._foreach_mul_(gradients, scale * min(1.0, 1.0 / (length + 1e-6)))
        for master, gradient in zip(self.master, gradients, strict=True):
            master.grad = gradient
        for group in self.optimiser.param_groups:
            group["lr"] = group["full"] * slowdown
        self.optimiser.step()
        self.steps += 1
        self._publish()
        return length

    def float_reader(self) -> Reader:
        """A copy in float32 on the CPU."""
        copy = Reader(self.shape)
        values = {n: p.detach().float().cpu() for n, p in zip(self.names, self.master, strict=True)}
        copy.load_state_dict(values)
        return copy

    def save(self) -> None:
        part = self.file.with_suffix(".part")
        state = {"master": self.master, "optimiser": self.optimiser.state_dict()}
        torch.save({**state, "steps": self.steps, "seconds": self.seconds}, part)
        os.replace(part, self.file)
        weights.save(self.float_reader(), self.file.with_name("reader.safetensors"))


def train(arguments: argparse.Namespace) -> None:
    threads = arguments.threads if arguments.device == "cpu" else 1
    torch.set_num_threads(1)
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    log = (work / "log.txt").open("a", encoding="utf-8")

    def say(text: str) -> None:
        line = f"{time.strftime('%H:%M:%S')} {text}"
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    training = Training(arguments.model, work, arguments.device, threads, arguments.start, arguments.rate)
    tokenising = Tokenising(arguments.model)
    data = load(arguments.data, left_out(arguments.leave_out))
    add_news(data, arguments.news, arguments.data / "archive/ant-news.jsonl.xz", tokenising)
    exchange = Exchange(data, tokenising, training.embeddings.words.cpu())
    draw = Draw(data, exchange)
    say(
        "examples "
        + " ".join(f"{name}={len(source)}" for name, source in data.train.items())
        + f" headlines={len(data.headlines)} unanswered={len(data.unanswered)} answered={len(data.answered)}"
        + f" news={len(draw.answerable)}+{len(draw.near)} held={len(data.news_dev)}"
    )
    say(f"begins at step {training.steps}, {training.seconds / 60:.1f} minutes worked before")
    measured = saved = training.seconds
    losses: dict[str, list[float]] = defaultdict(list)
    tokens = 0
    begun = time.monotonic() - training.seconds
    since = training.seconds
    pending: queue.Queue[list[Share]] = queue.Queue(4)

    def prepare(step: int) -> None:
        while True:
            drawn = [draw(index) for index in range(step * BATCH, (step + 1) * BATCH)]
            pending.put(shares(drawn, tokenising))
            step += 1

    threading.Thread(target=prepare, args=(training.steps,), daemon=True).start()
    while True:
        done = training.steps * BATCH / arguments.examples
        if arguments.minutes:
            done = max(done, training.seconds / 60 / arguments.minutes)
        if done >= 1:
            break
        slowdown = min(1.0, done / WARMUP + 0.02) * max(0.03, (1 - done) / (1 - WARMUP))
        parts = pending.get()
        gradients, logged = step_gradients(
            training.reader, training.embeddings, parts, training.parameters, training.sums, arguments.device
        )
        length = training.update(gradients, 1 / BATCH, slowdown)
        tokens += sum(len(row.ids) for share in parts for row in share.tokens)
        for name, values in logged.items():
            losses[name] += values
        losses["gradient"].append(length)
        training.seconds = time.monotonic() - begun
        if training.steps % 20 == 0:
            means = " ".join(f"{name} {np.mean(values):.3f}" for name, values in sorted(losses.items()))
            speed = (training.seconds - since) / tokens * 256 * 1000
            say(f"step {training.steps} done {done:.3f} {means} | {speed:.0f} ms for 256 tokens")
            losses.clear()
            tokens, since = 0, training.seconds
        if training.seconds - saved > 60 * arguments.save_minutes:
            training.save()
            saved = training.seconds
        if training.seconds - measured > 60 * arguments.measure_minutes:
            model = ReaderModel(
                tokenising, training.embeddings, _bfloat16(training.float_reader()), "training", threads
            )
            say(f"step {training.steps} measures {json.dumps(measures(model, data, exchange, 0.25))}")
            training.seconds = time.monotonic() - begun
            measured = since = training.seconds
    training.save()
    say(f"trained, {training.steps} steps, {training.seconds / 60:.1f} minutes")


def _bfloat16(reader: Reader) -> Reader:
    if bfloat16_pays():
        reader.layers.to(torch.bfloat16)
    return reader.eval()


def left_out(files: Sequence[Path]) -> set[str]:
    """The ids named in these files, in whatever JSON: every string of it."""

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from strings(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from strings(inner)

    return {text for file in files for text in strings(read_json(file)) if len(text) < 100}


def auroc(high: Sequence[float], low: Sequence[float]) -> float:
    """How often one of ``high`` is above one of ``low``."""
    ranks = np.argsort(np.argsort([*low, *high])) + 1.0
    above = ranks[len(low) :].sum() - len(high) * (len(high) + 1) / 2
    return float(above / max(1, len(high) * len(low)))


def best_odds(reading: Reading) -> float:
    return max(reading.sentences, default=-1e9) - reading.null


def measures(model: ReaderModel, data: Data, exchange: Exchange, share: float) -> dict[str, float]:
    """How the reader does on the held-out parts, or on a fixed ``share`` of each."""

    def some(asked: Iterable[Asked]) -> list[Asked]:
        pool = list(asked)
        return random.Random(SEED).sample(pool, math.ceil(share * len(pool)))

    read = _Read(model)
    found = _on_news(read, data)
    if not share:
        return {name: round(value, 3) for name, value in found.items()}
    arcd = some(asked for asked in data.dev["arcd"] if asked.answers)
    answerable = some(asked for asked in data.dev["fa"] if asked.answers)
    unanswerable = some(asked for asked in data.dev["fa"] if not asked.answers)
    found |= _by_article(read, arcd, data.dev["arcd"])
    found |= _by_variety(read, {variety: some(data.dev[variety]) for variety in MEASURED}, data)
    found |= _answerable(read, answerable, unanswerable)
    for name, source in (("arcd", arcd), ("pquad", answerable)):
        found |= {f"{name} {what}": value for what, value in _exchanged(read, source[:200], exchange).items()}
    return {name: round(value, 3) for name, value in found.items()}


def _on_news(read: _Read, data: Data) -> dict[str, float]:
    """Each held-out news question put to all passages of its article."""
    high: list[float] = []
    low: list[float] = []
    right: list[bool] = []
    top: list[bool] = []
    opened: list[float] = []
    closed: list[float] = []
    answered: list[float] = []
    for asked in data.news_dev:
        passages = data.cuts[asked.article][0]
        readings = read(asked.question, passages)
        best = max(range(len(passages)), key=lambda i: best_odds(readings[i]))
        passage, reading = passages[best], readings[best]
        if asked.answers:
            high.append(best_odds(reading))
            sentence = passage.sentences[int(np.argmax(reading.sentences))]
            right.append(any(_overlap(sentence, answer) for answer in asked.found(passage.text)))
            answered += reading.open
        else:
            low.append(best_odds(reading))
            top.append(bool(asked.missing[int(np.argmax(reading.open))]))
            for probability, value in zip(reading.open, asked.missing, strict=True):
                (opened if value else closed).append(probability)
    if not high or not low:
        return {}
    return {
        "news answerable": len(high),
        "news near misses": len(low),
        "news answerable/near miss": auroc(high, low),
        "news answerable above 0": float(np.mean([odds > 0 for odds in high])),
        "news near misses above 0": float(np.mean([odds > 0 for odds in low])),
        "news sentence right": float(np.mean(right)),
        "news most open is missing": float(np.mean(top)),
        "news missing/other words": auroc(opened, closed),
        "news missing/words of answerable": auroc(opened, answered),
        "news missing words open": float(np.mean([value > 0.5 for value in opened])),
        "news words of answerable open": float(np.mean([value > 0.5 for value in answered])),
    }


def _by_article(read: _Read, questions: Sequence[Asked], all_of_them: Sequence[Asked]) -> dict[str, float]:
    """Each question put to all passages of its article, and to those without its own."""
    articles: dict[str, dict[str, Passage]] = defaultdict(dict)
    for asked in all_of_them:
        articles[asked.passage.article].setdefault(asked.passage.text, asked.passage)
    first: list[bool] = []
    within: list[bool] = []
    spans: list[float] = []
    held: list[float] = []
    without: list[float] = []
    for asked in questions:
        passages = list(articles[asked.passage.article].values())
        readings = read(asked.question, passages)
        first.append(_first_right(asked, passages, readings))
        own = next(i for i, passage in enumerate(passages) if passage.text == asked.passage.text)
        right, overlap = _within(asked, readings[own])
        within.append(right)
        if overlap is not None:
            spans.append(overlap)
        odds = [best_odds(reading) for reading in readings]
        if len(odds) > 1:
            held.append(max(odds))
            without.append(max(odds[:own] + odds[own + 1 :]))
    return {
        "arcd first": float(np.mean(first)),
        "arcd within passage": float(np.mean(within)),
        "arcd span F1": float(np.mean(spans)),
        "arcd answered/neighbours": auroc(held, without),
        "arcd odds above 0": float(np.mean([odds > 0 for odds in held])),
        "arcd neighbours above 0": float(np.mean([odds > 0 for odds in without])),
    }


def _by_variety(read: _Read, questions: dict[str, list[Asked]], data: Data) -> dict[str, float]:
    """Each question put to its passage and the three held-out ones that share most of its words' rarity."""
    alike = Alike(asked.passage for asked in data.dev["standard"])
    beside = {
        asked.passage.text: alike.best(asked.question, "ar", 3, partial(_is, asked.passage.text))
        for asked in data.dev["standard"]
    }
    found = {}
    for variety, source in questions.items():
        first: list[bool] = []
        within: list[bool] = []
        for asked in source:
            passages = [asked.passage, *beside.get(asked.passage.text, [])]
            readings = read(asked.question, passages)
            first.append(_first_right(asked, passages, readings))
            within.append(_within(asked, readings[0])[0])
        found[f"{variety} first"] = float(np.mean(first))
        found[f"{variety} within passage"] = float(np.mean(within))
    return found


def _is(text: str, passage: Passage) -> bool:
    return passage.text == text


def _answerable(read: _Read, answerable: Sequence[Asked], unanswerable: Sequence[Asked]) -> dict[str, float]:
    readings = [read(asked.question, [asked.passage])[0] for asked in answerable]
    high = [best_odds(reading) for reading in readings]
    low = [best_odds(read(asked.question, [asked.passage])[0]) for asked in unanswerable]
    within = [_within(asked, reading)[0] for asked, reading in zip(answerable, readings, strict=True)]
    return {
        "pquad answerable/unanswerable": auroc(high, low),
        "pquad within passage": float(np.mean(within)),
        "pquad answerable above 0": float(np.mean([odds > 0 for odds in high])),
        "pquad unanswerable above 0": float(np.mean([odds > 0 for odds in low])),
    }


def _exchanged(read: _Read, questions: Sequence[Asked], exchange: Exchange) -> dict[str, float]:
    """Questions as they are, and with a word exchanged."""
    before: list[float] = []
    after: list[float] = []
    opened: list[float] = []
    closed: list[float] = []
    top: list[bool] = []
    rng = random.Random(SEED)
    for asked in questions:
        made = swap(asked.question, asked.language, asked.passage, exchange, rng)
        if made is None:
            continue
        question, _, gold = made
        before.append(best_odds(read(asked.question, [asked.passage])[0]))
        reading = read(question, [asked.passage])[0]
        after.append(best_odds(reading))
        for probability, value in zip(reading.open, gold, strict=True):
            (opened if value else closed).append(probability)
        top.append(bool(gold[int(np.argmax(reading.open))]))
    return {
        "right/exchanged": auroc(before, after),
        "open words": auroc(opened, closed),
        "most open is the exchanged": float(np.mean(top)),
    }


class _Read:
    def __init__(self, model: ReaderModel) -> None:
        self.model = model

    def __call__(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        return self.model.read(question, words_of(question), [_given(passage) for passage in passages])


def _given(passage: Passage) -> tuple[str, str, tuple[Span, ...]]:
    return passage.headline, passage.text, passage.sentences


def _first_right(asked: Asked, passages: Sequence[Passage], readings: Sequence[Reading]) -> bool:
    """Whether the sentence with the best odds of all holds the answer, or its very words."""
    ranked = [
        (logit - reading.null, passage, span)
        for passage, reading in zip(passages, readings, strict=True)
        for span, logit in zip(passage.sentences, reading.sentences, strict=True)
    ]
    _, passage, span = max(ranked, key=lambda row: row[0])
    if passage.text == asked.passage.text:
        return any(_overlap(span, answer) for answer in asked.answers)
    return any(
        asked.passage.text[a.start : a.end] in passage.text[span.start : span.end] for a in asked.answers
    )


def _within(asked: Asked, reading: Reading) -> tuple[bool, float | None]:
    """Whether the best sentence of the passage holds the answer, and then the F1 of its span's words."""
    best = int(np.argmax(reading.sentences))
    span = asked.passage.sentences[best]
    right = [answer for answer in asked.answers if _overlap(span, answer)]
    place = reading.spans[best]
    if not right or place is None:
        return False, None
    mine = Counter(map(stem, _WORD.findall(asked.passage.text[place[0] : place[1]])))
    scores = []
    for answer in right:
        theirs = Counter(map(stem, _WORD.findall(asked.passage.text[answer.start : answer.end])))
        both = sum((mine & theirs).values())
        scores.append(2 * both / max(1, sum(mine.values()) + sum(theirs.values())))
    return True, max(scores)


def evaluate(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    data = load(arguments.data, left_out(arguments.leave_out))
    tokenising = Tokenising(arguments.model)
    add_news(data, arguments.news, arguments.data / "archive/ant-news.jsonl.xz", tokenising)
    exchange = Exchange(data, tokenising, Embeddings(arguments.model, Shape.of(arguments.model)).words)
    begun = time.monotonic()
    model = ReaderModel.load(arguments.model, file=arguments.weights, threads=arguments.threads)
    print(f"{model.recipe}, read in {time.monotonic() - begun:.2f} s")
    for name, value in measures(model, data, exchange, arguments.share).items():
        print(f"{value:6.3f}  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    for name, function in (("train", train), ("eval", evaluate)):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        command.add_argument("--data", type=Path, required=True)
        command.add_argument("--model", type=Path, required=True)
        command.add_argument("--leave-out", type=Path, nargs="*", default=[])
        command.add_argument("--news", type=Path, nargs="*", default=[])
        command.add_argument("--threads", type=int, default=os.cpu_count() or 1)
        if name == "train":
            command.add_argument("--work", type=Path, required=True)
            command.add_argument("--examples", type=int, default=60_000)
            command.add_argument("--minutes", type=float, default=0.0)
            command.add_argument("--save-minutes", type=float, default=5.0)
            command.add_argument("--measure-minutes", type=float, default=10.0)
            command.add_argument("--device", default="cpu")
            command.add_argument("--start", type=Path)
            command.add_argument("--rate", type=float, default=1.0)
        else:
            command.add_argument("--weights", type=Path, default=WEIGHTS)
            command.add_argument("--share", type=float, default=1.0)
    arguments = parser.parse_args()
    arguments.function(arguments)


if __name__ == "__main__":
    main()

"""Training and held-out data of the reader, read from its files."""

from __future__ import annotations

import json
import lzma
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.answering.judges.reader.tokens import Tokenising
from corpus.arabic.sentences import sentences
from corpus.article import Article, Block, Span
from corpus.chunk import chunks

SEED = 7
DIALECTS = ("standard", "levantine", "egyptian", "moroccan", "iraqi", "gulf", "english")
LONGEST = 700  # characters of a passage that is trained on; longer ones are cut around the answer
CUTS = ((160, 200), (110, 150), (200, 250))  # tokens aimed at and at most; the first as musnad cuts
HELD = 0.12  # of the articles that news questions are on

WORD = re.compile(r"\w+(?:[-'’\u200c]\w+)*")
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
    """Stems of the words of headline and text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its ``answers`` in ``passage``; there are none when it is unanswerable there."""

    question: str
    language: str
    passage: Passage
    answers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class NewsQuestion:
    """A question of our own on a news article; a near miss has no ``answers``."""

    question: str
    article: str
    answers: tuple[str, ...]
    """Words of the article; a sentence that answers holds one of them."""
    missing: tuple[int, ...]
    """For each word of the question, 1 when the article leaves it open, else 0."""

    def found(self, text: str) -> tuple[Span, ...]:
        """Return the answers' spans in a text, as whole words, with other particles before them if need be."""
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
    """Whether it is answered at an unknown place."""
    opened: tuple[int, ...] = ()
    """For each word, 1 left open, 0 not, -1 unknown, -2 a common word; empty for an unknown question."""
    weak: bool = False
    """Whether at least one of the unknown words is left open."""


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
    """Passages of each article with news questions, cut in each of the ways of ``CUTS``."""


def stem(word: str) -> str:
    """Return a word's form for comparison: folded, without the article, its first letters; digits whole."""
    folded = _MARKS.sub("", word.lower()).translate(_FOLDS)
    for prefix in _PREFIXES:
        if folded.startswith(prefix.translate(_FOLDS)) and len(folded) > len(prefix) + 2:
            folded = folded[len(prefix) :]
            break
    return folded if any(map(str.isdigit, folded)) else folded[:5] if len(folded) > 5 else folded[:4]


def words_of(text: str) -> tuple[Span, ...]:
    return tuple(Span(*found.span()) for found in WORD.finditer(text))


def make_passage(headline: str, text: str, language: str, article: str) -> Passage:
    stems = frozenset(stem(found.group()) for found in WORD.finditer(f"{headline} {text}"))
    return Passage(headline, text, language, article, tuple(sentences(text)), stems)


def read_json(file: Path) -> Any:
    with (
        lzma.open(file, "rt", encoding="utf-8")
        if file.suffix == ".xz"
        else file.open(encoding="utf-8") as text
    ):
        return json.load(text)


def entries(data: Any, language: str, of_passages: str = "", name: str = "") -> Iterator[list[Asked]]:
    """Yield the questions of each entry of a SQuAD object; ``of_passages`` is the language of its passages."""
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
    """Load all data. ``leave_out`` holds ids of news articles that other measurements use."""
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
    """Add the news questions to the data; those on held-out articles are only measured on."""

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
    """Return for each word of the question 1 when it is in ``missing``, as written or by its stem, else 0."""
    words = words_of(question)
    opened = [0] * len(words)
    for text in missing:
        at = question.find(text)
        place = Span(at, at + len(text))
        stems = {stem(word) for word in WORD.findall(text)}
        for i, word in enumerate(words):
            if overlaps(word, place) if at >= 0 else stem(question[word.start : word.end]) in stems:
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
    """Return all runs of 8 words."""
    words = WORD.findall(text)
    return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}


def _news(file: Path, leave_out: frozenset[str]) -> Iterator[tuple[str, Passage]]:
    """Yield headlines with the beginning of their articles, every article once."""
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


def left_out(files: Sequence[Path]) -> set[str]:
    """Return the ids in these JSON files: every string in them of fewer than 100 characters."""

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


def overlaps(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end

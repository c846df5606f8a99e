"""Questions on news articles chosen at random, put to the whole program: `python -m tests.evals.news`.

    python -m tests.evals.news ant-news.jsonl.xz fit|held [--musnad PROGRAM] [--wrong] [--one-chat]

The questions (``news-fit.jsonl``, ``news-held.jsonl``) are our own writing, written before any answer was seen, on 400
articles each of the ANT corpus (antcorpus/antcorpus.data, Apache-2.0), which are cited by id and not copied. A sentence
is right when it is in one of the articles named and holds one of the few words named. 25 of 100 are near misses: the
event or the person is there, what is asked is not. ``fit`` may be fitted on, ``held`` only measured on.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import lzma
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.arabic import fold_text
from corpus.article import Precision
from corpus.dates import format_date

HALVES = ("fit", "held")
TRAIN = "train"
"""Further questions of the same kind, on other articles, that the reader and the judge are trained on."""
STATES = "states"
"""Questions on briefs of our own (``states-train-*.jsonl``), also for training.

The briefs' sentences deny, doubt, condition, plan or call off their subject, or give another's figure.
"""
PLAIN = "plain"
"""Questions on texts of our own (``plain-train-*.jsonl``), to train the reader on.

Many name no text of their own, so the linear judge is not fitted on them. The texts are in the manner of guides
and popular science. Most questions are worded once in standard Arabic and once in a dialect.
"""
_DRAWN = 400
_SEEDS = {"fit": 20261130, "held": 77001}
_SHORTEST = 350  # characters of an article that is drawn


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the set."""

    id: str
    question: str
    kind: str
    articles: tuple[str, ...]
    answers: tuple[str, ...]
    """Folded words; a sentence that answers holds one of them. Empty for a near miss."""
    line: str | None
    missing: tuple[str, ...]
    """For a near miss: folded words of the question that the archive leaves open."""

    @property
    def answerable(self) -> bool:
        return bool(self.answers)

    def right(self, source: str, text: str) -> bool:
        """Return whether a sentence of the article in the file ``source`` answers."""
        folded = _plain(text)
        return Path(source).stem in self.articles and any(answer in folded for answer in self.answers)


def read(half: str) -> list[Item]:
    """Return the questions of a half, or those to train on."""
    rows = _asked_of_briefs(half) if half in {STATES, PLAIN} else _rows(half)
    return [
        Item(
            row["id"],
            row["question"],
            row.get("kind") or row.get("variety", ""),
            (row["article"], *row.get("also", ())),
            tuple(map(_plain, row["answers"])),
            row.get("line"),
            tuple(map(_plain, row.get("missing", ()))),
        )
        for row in rows
    ]


def _rows(half: str) -> Iterator[dict[str, Any]]:
    name = f"{half}-train" if half in {STATES, PLAIN} else f"news-{half}"
    for file in sorted(Path(__file__).parent.glob(f"{name}*.jsonl")):
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def _asked_of_briefs(half: str) -> Iterator[dict[str, Any]]:
    for brief in _rows(half):
        for number, asked in enumerate(brief["questions"]):
            yield {"id": f"{brief['id']}-{number}", "article": brief["id"], **asked}


def is_held_out(article: str) -> bool:
    """Return whether the reader is only measured, not trained, on the questions on an article of TRAIN.

    About one in eight articles is held out, so that the linear judge can be fitted on their questions.
    """
    return random.Random(f"7-{article}").random() < 0.12


def draw(archive: Path, half: str) -> list[dict[str, Any]]:
    """Return the articles of a half, or those that the questions to train on name.

    A half has 400 articles drawn at random, for ``held`` from those that ``fit`` did not draw.
    """
    if half in {STATES, PLAIN}:
        return [
            {
                **row,
                "title": row["headline"] or "نص للقراءة",
                "publisher": "موجز الاختبار",
                "url": "",
                "published": row["published"] or "2025-01-01",
            }
            for row in _rows(half)
        ]
    with lzma.open(archive, "rt", encoding="utf-8") as lines:
        rows = sorted(map(json.loads, lines), key=lambda row: str(row["id"]))
    if half == TRAIN:
        named = {article for item in read(TRAIN) for article in item.articles}
        return [row for row in rows if row["id"] in named]
    distinct = {str(row["text"]): row for row in reversed(rows)}
    pool = sorted(
        (r for r in distinct.values() if len(r["text"]) >= _SHORTEST), key=lambda row: str(row["id"])
    )
    first = random.Random(_SEEDS["fit"]).sample(pool, _DRAWN)
    if half == "fit":
        return first
    taken = {row["id"] for row in first}
    return random.Random(_SEEDS["held"]).sample([r for r in pool if r["id"] not in taken], _DRAWN)


def write(rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write the articles as files that musnad reads: headline, outlet, date and link above the text."""
    for row in rows:
        head = [row["title"], f"الناشر: {row['publisher']}", f"التاريخ: {_day(row['published'])}"]
        link = [f"الرابط: {row['url']}"] if row["url"] else []
        text = "\n".join([*head, *link, "", row["text"]])
        (folder / f"{row['id']}.txt").write_text(text, encoding="utf-8")


def _day(published: str) -> str:
    if "/" in published:
        day, month, year = published[:10].split("/")
        return f"{year}-{month}-{day}"
    return published[:10]


def ask(musnad: str, data: Path, items: Sequence[Item], chat: str | None = None) -> list[dict[str, Any]]:
    """Return the program's answers, with each question in its own conversation or all in ``chat``."""
    lines = "".join(
        json.dumps({"question": item.question, "conversation": chat or item.id}, ensure_ascii=False) + "\n"
        for item in items
    )
    done = subprocess.run(
        [musnad, "--data", str(data), "ask", "--jsonl"],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(items):
        raise SystemExit(f"{musnad} answered {len(answers)} of {len(items)} questions: {done.stderr[-500:]}")
    return answers


def measure(items: Sequence[Item], answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Count right sentences, presented answers, near misses and direct lines, as in the issue's table."""
    counts = dict.fromkeys(
        ("first_right", "three_right", "presented", "presented_right", "near_misses_presented", "near_misses_nearest",
         "near_misses_named", "answerable_nearest", "lines", "lines_right"), 0,
    )  # fmt: skip
    for item, answer in zip(items, answers, strict=True):
        answered, nearest = answer["status"] == "answered", answer.get("reason") == "nearest"
        rights = [
            item.right(q["article"]["source"], q["text"]) for q in (answer["quotes"] or answer["related"])[:3]
        ]
        counts["presented"] += answered
        counts["presented_right"] += answered and any(rights)
        if answered and not any(answer["answer"].startswith(q["text"][:40]) for q in answer["quotes"]):
            counts["lines"] += 1
            counts["lines_right"] += line_right(item, answer["answer"])
        if item.answerable:
            counts["first_right"] += any(rights[:1])
            counts["three_right"] += any(rights)
            counts["answerable_nearest"] += nearest
        else:
            counts["near_misses_presented"] += answered
            counts["near_misses_nearest"] += nearest
            named = {part for word in answer.get("open", ()) for part in _plain(word).split()}
            counts["near_misses_named"] += nearest and any(
                part in named or part.removeprefix("ال") in named for m in item.missing for part in m.split()
            )
    answerable = sum(item.answerable for item in items)
    return {"answerable": answerable, "near_misses": len(items) - answerable, **counts}


def line_right(item: Item, said: str) -> bool:
    """Return whether a first line gives the expected answer."""
    if not item.line:
        return False
    line, text = item.line, _plain(said)
    if (
        line[:4].isdigit()
        and len(line) in {4, 7, 10}
        and line.count("-") == len(line) // 4 - (len(line) == 4) * 1
    ):
        precision: Precision = "year" if len(line) == 4 else "month" if len(line) == 7 else "day"
        whole = f"{line}-01-01"[:10] if precision != "day" else line
        return any(_plain(format_date(whole, precision, of)) in text for of in ("ar", "en"))
    wanted = _plain(line)
    return wanted in text or text.strip(" «».") in wanted or all(part in text for part in wanted.split())


def _plain(text: str) -> str:
    return " ".join(fold_text(text).split())


def _shown(answer: Mapping[str, Any]) -> list[Any]:
    quotes = [(q["article"]["source"], q["start"]) for q in (*answer["quotes"], *answer["related"])]
    return [answer["status"], answer["answer"], answer["standalone_question"], quotes]


def indexed(musnad: str, archive: Path, half: str, folder: Path) -> Path:
    """Ingest the half's articles into a new data directory and return it."""
    (folder / "articles").mkdir()
    write(draw(archive, half), folder / "articles")
    subprocess.run([musnad, "--data", str(folder / "data"), "ingest", str(folder / "articles")], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    return folder / "data"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, help="ant-news.jsonl.xz")
    parser.add_argument("half", choices=HALVES)
    parser.add_argument("--musnad", default=os.environ.get("MUSNAD", ".venv/bin/musnad"), help="the program")
    parser.add_argument("--data", type=Path, help="a data directory that holds the half's articles already")
    parser.add_argument("--wrong", action="store_true", help="also print each question that came out wrong")
    parser.add_argument(
        "--one-chat", action="store_true", help="also put all into one conversation, and count what differs"
    )
    options = parser.parse_args()
    items = read(options.half)
    with contextlib.ExitStack() as stack:
        data = options.data
        if data is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="musnad-news-"))
            data = indexed(options.musnad, options.archive, options.half, Path(folder))
        answers = ask(options.musnad, data, items)
        if options.one_chat:
            together = ask(options.musnad, data, items, chat="one")
            other = sum(_shown(a) != _shown(b) for a, b in zip(answers, together, strict=True))
            print(f"in one conversation {other} of {len(items)} are answered otherwise", file=sys.stderr)
    if options.wrong:
        for item, answer in zip(items, answers, strict=True):
            shown = answer["quotes"] or answer["related"]
            right = [item.right(q["article"]["source"], q["text"]) for q in shown]
            if item.answerable and answer["status"] == "answered" and right[:1] == [True]:
                continue
            print(
                f"{item.id} {item.question} [{answer['status']} {answer['reason']}] {answer['answer']!r}",
                file=sys.stderr,
            )
            print(f"   right {right}, open {answer.get('open')}, missing {item.missing}", file=sys.stderr)
    print(json.dumps(measure(items, answers), indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

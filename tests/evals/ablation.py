"""What each rule of the answering core is worth: `python -m tests.evals.ablation ant-news.jsonl.xz dialects.json.xz`.

Every rule that the models do not learn is taken out by itself, and the questions are put again: the fitting half of the
news questions, the hostile sentences that may be looked at, and the questions of ``dialects.json.xz`` that nothing was
fitted on (odd paragraphs; standard, Levantine and Moroccan wording of the same questions on the same standard
passages). One row a rule, the whole first. What the reader read once it is not asked to read again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import lzma
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.answering import lines, select
from bot.answering.judges import linear
from bot.answering.judges.reader.model import ReaderModel
from bot.answering.pipeline import Pipeline, Question
from bot.answering.question import query, reading
from bot.answering.spelling import Spelling
from bot.build import Musnad, build
from bot.render.json import render_answer
from bot.settings import Settings
from corpus.arabic import fold_text
from tests.evals import hostile, news
from tests.evals.readings import remembering

VARIETIES = ("standard", "levantine", "moroccan")

RULES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "nothing": contextlib.nullcontext,
    "dialect words (dialect.toml)": lambda: patch.object(
        reading, "standard_of", lambda found, index: found[index].text
    ),
    "the archive's spelling of unknown words": lambda: patch.object(
        Spelling, "correct", lambda self, word: None
    ),
    "words of one root are related": lambda: patch.object(query, "RELATED", 0.0),
    "a named day, number or speaker must be there": lambda: patch.object(
        linear, "strictly_open", lambda query, each: ()
    ),
    "a sentence that opens with a denial gives no fact": lambda: patch.object(
        linear, "_denies", lambda query, each: False
    ),
    "what was said or happened is told by what names it all": lambda: patch.object(
        linear, "_tells_all", lambda query, each: False
    ),
    "another dimension is not the one asked for": lambda: patch.object(
        linear, "_measures_another", lambda counted, text: False
    ),
    "a named outlet is a filter": lambda: patch.object(Pipeline, "_named_outlet", lambda self, query: None),
    "the latest figure or office first": lambda: patch.object(
        select, "_newest_first", lambda query, sure, judged, policy: list(sure)
    ),
    "no line from what is denied, doubted, planned …": lambda: patch.object(
        lines, "states", lambda *of: True
    ),
    "a figure must count what is asked": lambda: patch.object(lines, "_is_counted", lambda *of: True),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, help="ant-news.jsonl.xz")
    parser.add_argument(
        "dialects", type=Path, nargs="?", help="dialects.json.xz; without it, news and hostile alone"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="musnad-ablation-") as folder, contextlib.ExitStack() as stack:
        stack.enter_context(patch.object(ReaderModel, "read", remembering(ReaderModel.read)))
        asked, items = _news(Path(folder), options.archive, stack)
        against = _hostile(Path(folder), asked, stack)
        varieties = VARIETIES if options.dialects else ()
        sets = {name: _dialect(Path(folder), options.dialects, name, asked, stack) for name in varieties}
        for rule, without in RULES.items():
            with without():
                answers = [_ask(asked, item.question) for item in items]
                row: dict[str, Any] = {"without": rule, "news": news.measure(items, answers)}
                row["hostile"] = _wrong(against)
                for name, (musnad, questions) in sets.items():
                    row[name] = _measure(musnad, questions)
            print(json.dumps(row, ensure_ascii=False), flush=True)
    return 0


def _ask(musnad: Musnad, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(render_answer(musnad.asker.ask(Question(text)), musnad.archive))
    return answer


def _news(folder: Path, archive: Path, stack: contextlib.ExitStack) -> tuple[Musnad, list[news.Item]]:
    (folder / "news").mkdir()
    news.write(news.draw(archive, "fit"), folder / "news")
    musnad = stack.enter_context(build(Settings(data=folder / "news-data")))
    musnad.ingest([folder / "news"])
    return musnad, news.read("fit")


def _hostile(folder: Path, other: Musnad, stack: contextlib.ExitStack) -> Musnad:
    (folder / "hostile").mkdir()
    for brief in hostile.BRIEFS.values():
        (folder / "hostile" / f"{brief.id}.txt").write_text(brief.file, encoding="utf-8")
    musnad = stack.enter_context(build(Settings(data=folder / "hostile-data"), embedder=other.embedder))
    musnad.ingest([folder / "hostile"])
    return musnad


def _wrong(musnad: Musnad) -> dict[str, int]:
    """Count false first lines, first quotes that are older or another's, and due lines that are given."""
    counts = dict.fromkeys(("cases", "wrong_lines", "wrong_quotes", "due", "given"), 0)
    for case in hostile.of("fit"):
        answer = musnad.asker.ask(Question(case.question))
        wrong, line = bool(hostile.wrong_line(case, answer)), hostile.first_line(answer)
        counts["cases"] += 1
        counts["wrong_lines"] += wrong
        counts["wrong_quotes"] += bool(hostile.wrong_quote(case, answer))
        counts["due"] += case.expect == "line"
        counts["given"] += case.expect == "line" and not wrong and hostile.says(line, case.right)
    return counts


def _dialect(
    folder: Path, file: Path, name: str, other: Musnad, stack: contextlib.ExitStack
) -> tuple[Musnad, list[tuple[str, str, Sequence[str]]]]:
    """Return an archive of the passages, and each question with its passage's file and the folded answers."""
    with lzma.open(file, "rt", encoding="utf-8") as text:
        paragraphs = [p for entry in json.load(text)[name]["data"] for p in entry["paragraphs"]]
    at = folder / name
    at.mkdir()
    for number, paragraph in enumerate(paragraphs):
        (at / f"{number}.txt").write_text(f"مقطع {number}\n\n{paragraph['context']}\n", encoding="utf-8")
    musnad = stack.enter_context(build(Settings(data=folder / f"{name}-data"), embedder=other.embedder))
    musnad.ingest([at])
    return musnad, list(_questions(paragraphs))


def _questions(paragraphs: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, Sequence[str]]]:
    for number, paragraph in enumerate(paragraphs):
        for asked in paragraph["qas"] if number % 2 else ():
            yield (
                asked["question"],
                f"{number}.txt",
                [fold_text(answer["text"]) for answer in asked["answers"]],
            )


def _measure(musnad: Musnad, questions: Sequence[tuple[str, str, Sequence[str]]]) -> dict[str, int]:
    counts = dict.fromkeys(("questions", "first_right", "answered", "answered_right"), 0)
    for text, source, answers in questions:
        answer = _ask(musnad, text)
        shown = answer["quotes"] or answer["related"]
        rights = [
            quote["article"]["source"] == source and any(a in fold_text(quote["text"]) for a in answers)
            for quote in shown
        ]
        answered = answer["status"] == "answered"
        counts["questions"] += 1
        counts["first_right"] += any(rights[:1])
        counts["answered"] += answered
        counts["answered_right"] += answered and any(rights)
    return counts


if __name__ == "__main__":
    raise SystemExit(main())

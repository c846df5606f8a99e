"""The first line against sentences that deny, doubt, condition, plan or cancel, and against figures of something else.

The cases stand in ``tests/evals/hostile.toml``; those of the held half are counted, never printed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.build import build
from bot.settings import Settings
from corpus.arabic import fold_text
from corpus.dates import format_date

if TYPE_CHECKING:
    from vectorstore.embed import Embedder

CASES = Path(__file__).parent / "evals" / "hostile.toml"
LEAST_RIGHT: Mapping[str, int] = {"fit": 2, "held": 1}
"""How many of the first lines that are due are given, at the least, and right."""
HALVES = tuple(LEAST_RIGHT)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_PREFIX = "(?:[وف]?(?:[بكل]?ال|لل|[بكل])?)"


@dataclass(frozen=True, slots=True)
class Brief:
    """A text of the archive."""

    id: str
    half: str
    title: str
    publisher: str
    published: str
    text: str

    @property
    def file(self) -> str:
        head = f"{self.title}\nالناشر: {self.publisher}\nالتاريخ: {self.published}\n"
        return f"{head}\n{self.text}\n"


@dataclass(frozen=True, slots=True)
class Case:
    """A question to one brief, and what its first line must not say."""

    brief: str
    half: str
    kind: str
    question: str
    never: tuple[str, ...]
    right: str
    expect: str
    open_word: str = ""
    before: str = ""
    """The older brief, which must not come first."""
    not_quoted: str = ""
    """Words of another speaker, which must not stand in the first quote."""


def _read() -> tuple[dict[str, Brief], list[Case]]:
    found: dict[str, list[dict[str, Any]]] = tomllib.loads(CASES.read_text(encoding="utf-8"))
    briefs = {brief["id"]: Brief(**brief) for brief in found["brief"]}
    return briefs, [Case(**{**case, "never": tuple(case["never"])}) for case in found["case"]]


BRIEFS, ALL = _read()


def of(half: str) -> list[Case]:
    return [case for case in ALL if case.half == half]


def says(line: str, words: str) -> bool:
    """Whether a line says a day (as in ISO 8601, however the line writes it), a number or words."""
    if _ISO.fullmatch(words):
        day, _, rest = format_date(words, "day", "ar").partition(" ")
        months, _, year = rest.rpartition(" ")
        written = [words, *(f"{day} {month} {year}" for month in (months, *months.split("/")))]
        return any(
            re.search(rf"(?<!\d){re.escape(fold_text(form))}(?!\d)", fold_text(line)) for form in written
        )
    folded = re.escape(fold_text(words))
    if words[0].isdigit():
        return re.search(rf"(?<!\d)(?<!\d[.,٫٬]){folded}(?!\d|[.,٫٬]\d)", fold_text(line)) is not None
    return re.search(rf"(?<!\w){_PREFIX}{folded}(?!\w)", fold_text(line)) is not None


def first_line(answer: Answer) -> str:
    """What is said outright; a refusal says nothing outright."""
    return answer.text if answer.status == "answered" else ""


def wrong_line(case: Case, answer: Answer) -> str:
    """What is wrong with a first line, or ""."""
    line = first_line(answer)
    if said := [words for words in case.never if says(line, words)]:
        return f"«{line}» says {', '.join(said)}"
    return f"«{line}» where none may be" if line and case.expect != "line" else ""


def wrong_quote(case: Case, answer: Answer) -> str:
    """What is wrong with the first quote, where a case says something of it, or ""."""
    if answer.status != "answered" or not answer.quotes:
        return ""
    quote = answer.quotes[0]
    if case.before and quote.article.title == BRIEFS[case.before].title:
        return "the older brief comes first"
    return "another's words come first" if case.not_quoted and case.not_quoted in quote.text else ""


def told(half: str, wrong: Mapping[Case, str]) -> str:
    """What went wrong: kind by kind, and, of the half that may be looked at, case by case."""
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(Counter(case.kind for case in wrong).items()))
    shown = [f"{case.kind}: {case.question} {why}" for case, why in wrong.items()] if half == "fit" else []
    return "\n".join([f"{len(wrong)} of {len(of(half))}: {kinds}", *shown])


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[dict[Case, Answer]]:
    """Every case's answer, from one archive of all the briefs."""
    folder = tmp_path_factory.mktemp("hostile")
    for brief in BRIEFS.values():
        (folder / f"{brief.id}.txt").write_text(brief.file, encoding="utf-8")
    with build(Settings(data=tmp_path_factory.mktemp("hostile-data")), embedder=embedder) as musnad:
        musnad.ingest([folder])
        assert musnad.archive.count_articles() == len(BRIEFS)
        yield {case: musnad.asker.ask(Question(case.question)) for case in ALL}


@pytest.mark.parametrize("half", HALVES)
def test_no_first_line_says_what_its_sentence_does_not(half: str, answers: Mapping[Case, Answer]) -> None:
    wrong = {case: why for case in of(half) if (why := wrong_line(case, answers[case]))}
    if wrong:
        pytest.fail(told(half, wrong), pytrace=False)


@pytest.mark.parametrize("half", HALVES)
def test_newer_comes_before_older_and_nobody_speaks_for_another(
    half: str, answers: Mapping[Case, Answer]
) -> None:
    wrong = {case: why for case in of(half) if (why := wrong_quote(case, answers[case]))}
    if wrong:
        pytest.fail(told(half, wrong), pytrace=False)


@pytest.mark.parametrize("half", HALVES)
def test_first_lines_that_are_due_are_given(half: str, answers: Mapping[Case, Answer]) -> None:
    due = [case for case in of(half) if case.expect == "line"]
    missed = {
        case: f"«{first_line(answers[case])}» for {case.right}"
        for case in due
        if not says(first_line(answers[case]), case.right) or wrong_line(case, answers[case])
    }
    if len(due) - len(missed) < LEAST_RIGHT[half]:
        pytest.fail(told(half, missed), pytrace=False)


def test_the_halves_are_alike_and_share_no_brief() -> None:
    assert len({brief.title for brief in BRIEFS.values()}) == len(BRIEFS)
    assert all(BRIEFS[case.brief].half == case.half for case in ALL)
    kinds = {half: Counter(case.kind.partition("-")[0] for case in of(half)) for half in HALVES}
    assert kinds["fit"].keys() == kinds["held"].keys()
    for half in HALVES:
        assert len(of(half)) >= 60
        assert min(kinds[half].values()) >= 3
        expected = Counter(case.expect for case in of(half))
        assert expected["line"] >= len(of(half)) / 4
        assert expected.keys() == {"line", "no_line", "open"}


@pytest.mark.parametrize(
    ("line", "words", "said"),
    [
        ("14 شباط/فبراير 2026", "2026-02-14", True),
        ("4 شباط 2026", "2026-02-14", False),
        ("14 فبراير 2026", "2026-02-04", False),
        ("14 فبراير 2026", "2026-02-14", True),
        ("14 كانون الثاني/يناير 2026", "2026-01-14", True),
        ("1300 طن", "130", False),
        ("3.4 أطنان", "3.4", True),
        ("3.4 أطنان", "4", False),
        ("لأربعمئة متفرج", "أربعمئة", True),
        ("ثمانية وعشرين", "ثمان", False),
        ("السِّدرة", "السدرة", True),
        ("", "14", False),
    ],
)
def test_what_a_line_says(line: str, words: str, said: bool) -> None:
    assert says(line, words) is said

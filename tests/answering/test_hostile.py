"""The first line against sentences that deny, doubt, condition, plan or cancel, and against figures of something else.

The cases (``tests/evals/hostile.py``) of the held half are counted, never printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.build import build
from bot.settings import Settings
from tests.evals.hostile import ALL, BRIEFS, HALVES, Case, of, says, told, wrong_line, wrong_quote

if TYPE_CHECKING:
    from vectorstore.embed import Embedder

MOST_WRONG_QUOTES: Mapping[str, int] = {"fit": 2, "held": 2}
"""How many first quotes are the older or another's, at the most: docs/evaluation.md says what is known of them."""


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
    assert not wrong, told(half, wrong)


@pytest.mark.parametrize("half", HALVES)
def test_newer_comes_before_older_and_nobody_speaks_for_another(
    half: str, answers: Mapping[Case, Answer]
) -> None:
    wrong = {case: why for case in of(half) if (why := wrong_quote(case, answers[case]))}
    assert len(wrong) <= MOST_WRONG_QUOTES[half], told(half, wrong)


@pytest.mark.parametrize(("half", "least"), [("fit", 8), ("held", 4)])
def test_lines_that_are_due_are_given(half: str, least: int, answers: Mapping[Case, Answer]) -> None:
    """Few are, but a judge that never dares one would pass the tests above."""
    given = [
        case
        for case in of(half)
        if case.expect == "line" and case.right and says(answers[case].text, case.right)
    ]
    assert len([case for case in given if answers[case].status == "answered"]) >= least


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

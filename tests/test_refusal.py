"""What tells whether the archive holds an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_evaluate import FACTS, squad
from tests.test_index import WordEmbedder, four, opened, put
from vectorstore.embed import Embedder
from vectorstore.evaluate import EvaluationError
from vectorstore.refusal import Signs, coverage, signs, trials


def test_with_its_article_gone_a_question_fits_worse(embedder: Embedder) -> None:
    found = list(trials(squad(), embedder))
    assert [trial.question for trial in found] == [
        question for _, asked in FACTS.values() for question in asked
    ]
    for trial in found:
        assert trial.kept.coverage > trial.without_paragraph.coverage
        assert trial.kept.cosine > trial.without_paragraph.cosine
        assert trial.kept.bm25 > trial.without_paragraph.bm25
        # Each title has one paragraph here, so nothing else goes with it.
        assert trial.without_entry == trial.without_paragraph


def test_all_paragraphs_of_an_entry_go_together(embedder: Embedder) -> None:
    one = squad()
    entry, *others = one["data"]
    second = {"context": "يربط الجسر المعلق ضفتي النهر، وطوله معروف للسكان.", "qas": []}
    one["data"] = [{**entry, "paragraphs": [*entry["paragraphs"], second]}, *others]
    trial = next(trials(one, embedder))
    assert trial.without_paragraph.coverage > trial.without_entry.coverage


def test_coverage_is_the_share_of_rare_words(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *four())
        index.sync()

        def covered(question: str) -> float:
            return coverage(question, index.search("الجسر المعلق", 1)[0], archive)

        assert covered("أين الجسر المعلق؟") == pytest.approx(1.0)
        assert covered("أين المتحف؟") == 0.0
        assert 0.0 < covered("هل سرق لصوص الجسر؟") < 0.5
        assert covered("؟") == 0.0


def test_nothing_found_has_no_signs(tmp_path: Path) -> None:
    with opened(tmp_path, WordEmbedder()) as (archive, index):
        assert signs("الجسر", index.find("الجسر"), archive) == Signs()


def test_a_file_without_questions() -> None:
    with pytest.raises(EvaluationError, match="no question"):
        next(trials({"data": []}, WordEmbedder()))

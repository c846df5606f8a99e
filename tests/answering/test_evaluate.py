"""Measuring retrieval on questions whose paragraph is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vectorstore.embed import Embedder
from vectorstore.evaluate import EvaluationError, evaluate, measures, read_pool, read_squad

FACTS = {
    "الجسر": (
        "افتتحت البلدية الجسر المعلق فوق النهر يوم السبت، ويبلغ طوله أربعمئة متر. "
        "وحضر الافتتاح عدد كبير من السكان.",
        ["كم يبلغ طول الجسر المعلق؟", "متى افتتح الجسر؟"],
    ),
    "المكتبة": (
        "تضم المكتبة العامة في المدينة ثلاثين ألف كتاب، وتفتح أبوابها للأطفال مجانا كل يوم خميس.",
        ["كم كتابا في المكتبة العامة؟", "متى تفتح المكتبة للأطفال مجانا؟"],
    ),
    "القمح": (
        "ارتفع إنتاج القمح هذا العام بسبب الأمطار الغزيرة، "
        "وتوقعت وزارة الزراعة محصولا يكفي البلاد حتى الصيف المقبل.",
        ["لماذا ارتفع إنتاج القمح؟"],
    ),
    "المتحف": (
        "سرق لصوص تمثالا صغيرا من المتحف الوطني ليلا. واستعادته الشرطة بعد يومين قرب الحدود.",
        ["أين وجدت الشرطة التمثال المسروق؟"],
    ),
}


def squad(facts: dict[str, tuple[str, list[str]]] = FACTS) -> dict[str, Any]:
    return {
        "version": "1.1",
        "data": [
            {
                "title": title,
                "paragraphs": [{"context": text, "qas": [{"question": question} for question in questions]}],
            }
            for title, (text, questions) in facts.items()
        ],
    }


def test_the_right_paragraphs_are_found(embedder: Embedder) -> None:
    found = evaluate(squad(), embedder)
    assert list(found) == ["questions", "passages", "dense", "lexical", "fused", "seconds"]
    assert (found["questions"], found["passages"]) == (6, 4)
    assert found["fused"] == {"ndcg@10": 1.0, "r@1": 1.0, "r@5": 1.0, "mrr@10": 1.0}
    assert found["lexical"]["r@5"] == 1.0
    assert found["dense"]["r@5"] == 1.0
    assert found["seconds"] > 0
    json.dumps(found)


def test_a_paragraph_of_several_passages_stands_at_its_best_one(embedder: Embedder) -> None:
    # The answer stands at the end of a long paragraph, and each of its passages is a candidate of its own.
    filler = " ".join(
        f"وتحدث التقرير رقم {number} عن الطقس والرياح في القرى البعيدة." for number in range(40)
    )
    text, questions = FACTS["الجسر"]
    found = evaluate(squad({**FACTS, "الجسر": (f"{filler} {text}", questions)}), embedder)
    assert found["passages"] == 4
    assert found["fused"]["r@1"] == 1.0


def test_a_paragraph_that_stands_there_twice_is_one(embedder: Embedder) -> None:
    twice = squad()
    twice["data"].append(twice["data"][0])
    pool = read_pool(twice)
    assert (len(pool.paragraphs), len(pool.questions)) == (4, 8)
    assert evaluate(twice, embedder)["fused"]["r@1"] == 1.0


def test_the_measures() -> None:
    assert measures([1, 1, 1]) == {"ndcg@10": 1.0, "r@1": 1.0, "r@5": 1.0, "mrr@10": 1.0}
    # 1/log2(3) = .6309, 1/log2(11) = .2891; the eleventh place and the one not found count nothing.
    assert measures([2, 10, 11, None]) == {"ndcg@10": 0.23, "r@1": 0.0, "r@5": 0.25, "mrr@10": 0.15}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[]", '"data" list'),
        ("{}", 'no list "data"'),
        ('{"data": []}', "no question"),
        ('{"data": [{"title": "x"}]}', 'entry 1 has no list "paragraphs"'),
        ('{"data": [{"paragraphs": [{"context": " ", "qas": []}]}]}', 'entry 1 has a "context"'),
        ('{"data": [{"paragraphs": [{"context": "x", "qas": [{"q": 1}]}]}]}', 'entry 1 has a "question"'),
        ('{"data": [7]}', "entry 1"),
    ],
)
def test_a_bad_file_is_named_by_what_is_wrong_with_it(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "questions.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=said):
        read_pool(read_squad(file))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_squad(tmp_path / "missing.json")
    file = tmp_path / "latin.json"
    file.write_bytes('{"data": "été"}'.encode("latin-1"))
    with pytest.raises(EvaluationError, match="not UTF-8"):
        read_squad(file)

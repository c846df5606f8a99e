"""Articles varied from real ones keep what a measure depends on, and are no duplicates."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

from tests.bench.sizes_chart import chart
from tests.bench.varied import Record, varied

COMMON = ["في", "من", "على", "قال", "إن"]
LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمن"


def articles(count: int) -> list[Record]:
    draw = random.Random(1)
    rare = [f"{a}و{b}ا{c}" for a in LETTERS for b in LETTERS for c in LETTERS[:4]]

    def sentence() -> str:
        return " ".join(draw.choice(COMMON if draw.random() < 0.5 else rare) for _ in range(12)) + "."

    return [
        {
            "id": f"a{number}",
            "url": f"http://example/{number}",
            "publisher": "صحيفة",
            "title": " ".join(draw.sample(rare, 4)),
            "text": "\n".join(sentence() for _ in range(8)),
        }
        for number in range(count)
    ]


def words(found: list[Record]) -> Counter[str]:
    return Counter(word for each in found for word in each["text"].replace(".", " ").split())


def test_the_first_are_the_real_ones_and_all_have_names_of_their_own() -> None:
    real = articles(60)
    found = list(islice(varied(real), 300))
    assert sorted(found[:60], key=lambda each: each["id"]) == sorted(real, key=lambda each: each["id"])
    assert len({each["id"] for each in found}) == len({each["url"] for each in found}) == 300
    assert found == list(islice(varied(real), 300))


def test_a_round_has_as_many_words_as_the_real_ones_and_the_common_ones_as_often() -> None:
    found = list(islice(varied(articles(60)), 120))
    real, variants = words(found[:60]), words(found[60:])
    assert real.total() == variants.total()
    assert {word: real[word] for word in COMMON} == {word: variants[word] for word in COMMON}


def test_variants_have_few_runs_of_words_in_common() -> None:
    found = list(islice(varied(articles(200)), 600))
    for at in range(0, 200, 20):
        family = [each["text"].split() for each in found[at::200]]
        runs = [{tuple(text[n : n + 3]) for n in range(len(text) - 2)} for text in family]
        for one, other in ((0, 1), (0, 2), (1, 2)):
            assert len(runs[one] & runs[other]) < 0.4 * len(runs[one] | runs[other])


def test_a_chart_is_drawn_of_what_was_measured() -> None:
    asked = {
        "parts_p95_ms": {"retrieve": 20.0, "lexical": 3.0, "dense": 2.0},
        "parts_p50_ms": {"judge": 80.0},
    }
    results = [
        {
            "bench": "ask",
            "articles": size,
            "p50_ms": 90.0,
            "p95_ms": 150.0,
            "disk_mib": 3.0,
            "resident_mib": 900,
        }
        | asked
        for size in (5, 1000, 100_000)
    ]
    results.append(
        {"bench": "ingest", "articles": 5, "passages": 9, "seconds": 1.0, "bare_s": 0.9, "peak_mib": 800}
    )
    drawn = chart(results)
    assert drawn.count("<polyline") == 11
    assert "100,000" in drawn

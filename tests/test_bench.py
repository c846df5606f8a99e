"""Tests of the bench's measurements."""

from __future__ import annotations

import pytest

from bot.build import Musnad
from tests.bench.__main__ import _run, measure_latency


@pytest.mark.slow
def test_a_commands_memory_is_its_own_and_not_that_of_whoever_started_it() -> None:
    held = bytearray(b"\1") * (600 << 20)
    seconds, peak = _run(["--version"])
    assert held
    assert seconds > 0
    assert 5 < peak < 400


def test_an_answer_its_judging_and_one_while_somebody_types_are_timed(samples: Musnad) -> None:
    found = measure_latency(
        samples, ["متى انضمت سوريا إلى التحالف الدولي؟", "ما رقم عضوية سوريا في التحالف؟"]
    )
    assert found.questions == 6
    assert 0 < found.encode_p50 <= found.encode_p95
    assert 0 < found.judge_p50 < found.p50 <= found.p95
    assert 0 < found.quick_p50 <= found.quick_p95
    assert 0 < found.encode_share < 1


def test_every_rule_that_the_ablation_takes_out_is_there() -> None:
    from tests.evals.ablation import RULES

    for rule in RULES.values():
        with rule():  # which fails where the name it replaces is gone
            pass
    assert len(RULES) > 10


def test_the_bench_of_stems_replaces_what_stems() -> None:
    from bot.answering.matching import forms_of
    from tests.bench.libraries.stems import replaced

    ours = forms_of("والاجتماعات")
    with replaced(stem=lambda word: "جذع", root=str):
        assert forms_of("والاجتماعات") != ours
    assert forms_of("والاجتماعات") == ours

"""When an answer says how fresh the archive is: tests/answering/freshness.toml, and what it says."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.answer import Answer, Intake
from bot.answering.freshness import matters
from bot.answering.question import understand

TODAY = datetime.date(2026, 3, 10)
CASES = tomllib.loads((Path(__file__).parent / "freshness.toml").read_text(encoding="utf-8"))
INTAKES = {
    "live": Intake("سانا", "2026-03-10T09:00:00+00:00", "2026-03-10"),
    "ended": Intake("سانا", "2026-02-12T15:00:00+00:00", "2026-02-12"),
    "silent": Intake(
        "سانا", "2026-03-08T15:00:00+00:00", "2026-03-08", "silent", "2026-03-08T15:00:00+00:00"
    ),
}


def _matters(case: dict[str, Any]) -> bool:
    query = understand(case["question"], TODAY)
    status = case.get("status", "answered")
    answer = Answer(
        case["question"],
        query.text,
        "answered" if status == "answered" else "refused",
        "",
        reason={"answered": None, "nearest": "nearest", "refused": "no_evidence"}[status],
    )
    return matters(query, answer, [INTAKES[case["archive"]]], TODAY)


@pytest.mark.parametrize("case", CASES["fit"], ids=lambda case: case["question"])
def test_it_is_said_when_it_matters(case: dict[str, Any]) -> None:
    assert _matters(case) == case["matters"]

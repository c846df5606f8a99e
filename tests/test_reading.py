"""The exam in reading: each of its cases can be passed and can be failed, and its files are what they are called."""

from __future__ import annotations

import email
import io
import zipfile
from collections import Counter
from email import policy
from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]

from tests.evals.reading.build import build
from tests.evals.reading.cases import HALVES, Case, every_case
from tests.evals.reading.check import ReadArticle, Seen, faults, reference
from tests.evals.reading.taking import take

CASES = every_case()
_NAMED = [pytest.param(case, id=case.id) for case in CASES]


@pytest.mark.parametrize("case", _NAMED)
def test_a_right_reading_passes_and_a_wrong_one_fails(case: Case) -> None:
    right = case.rights[0]
    assert faults(case, reference(case)) == []
    wrong = ReadArticle(
        title="?",
        published="1999-01-01",
        publisher=next(iter(right.never_publisher), right.claim or "?"),
        site=next(iter(right.never_site), ""),
        url="https://wrong.example/",
        body=f"? {' '.join(right.lacks)}",
        source_line=f"{right.claim} · 1999",
    )
    for seen in (Seen(), Seen((wrong,)), Seen(raised="ValueError")):
        assert faults(case, seen)


def test_both_halves_have_cases_of_every_kind() -> None:
    counted = Counter((case.kind, case.half) for case in CASES)
    assert all(counted[kind, half] >= 3 for kind, _ in counted for half in HALVES)
    assert len(CASES) >= 110


@pytest.mark.parametrize("case", [each for each in _NAMED if each.values[0].build])  # type: ignore[union-attr]
def test_a_built_file_is_of_its_kind(case: Case) -> None:
    for name, text in case.files.items():
        data = build(case, name, text)
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                for part in parts.namelist():
                    if part.endswith((".xml", ".rels", ".opf", ".xhtml")):
                        etree.fromstring(parts.read(part))
        elif case.build == "mhtml":
            page = email.message_from_bytes(data, policy=policy.default).get_body(("html",))
            assert page is not None
            assert "</html>" in page.get_content()
        else:
            assert len(data) > 100


def test_a_case_is_taken_in_by_itself(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.id == "text-paragraphs-by-line")
    assert faults(case, take(case, tmp_path)) == []

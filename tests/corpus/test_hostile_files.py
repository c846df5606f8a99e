"""The memory that files made to cost much may take, program and worker together, without the embedding model."""

from __future__ import annotations

import sys

import pytest

from corpus.decode import Reason
from tests.bench.hostile_files import FILES, MEGABYTE, measure

MOST = 400 * MEGABYTE
"""The worker's 320 MB, and what a program holds that ingests without a model."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measured in /proc")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("news-19.txt", Reason.TOO_LARGE),
        ("lines.txt", Reason.TOO_LARGE),
        ("old-code-page.txt", Reason.TOO_MUCH_MEMORY),
        ("one-letter-most.txt", "passages"),
        ("runs.docx", Reason.TOO_MUCH_MEMORY),
        ("deep.docx", Reason.DAMAGED),
        ("letters.rtf", Reason.TOO_LARGE),
        ("paragraphs.odt", Reason.TOO_LARGE),
        ("elements.html", Reason.TOO_MUCH_MEMORY),
        ("empty.pdf", Reason.TOO_MUCH_MEMORY),
    ],
)
def test_a_hostile_file_stays_within_memory(name: str, said: str) -> None:
    cost = measure(name)
    assert said in cost.said
    assert cost.memory < MOST
    assert cost.seconds < 120


def test_every_hostile_file_has_a_kind_that_is_read() -> None:
    assert {name.rpartition(".")[2] for name in FILES} == {"txt", "docx", "odt", "rtf", "html", "pdf"}

"""Small pages are read as a reader sees them: the right lines, the right headline, nothing else."""

from __future__ import annotations

import pytest

from tests.bench.pages import wrong
from tests.corpus.pages import SAMPLES, Sample


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_page_is_read_as_it_is_seen(sample: Sample) -> None:
    assert not wrong(sample)

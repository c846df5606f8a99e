"""Rows of a matrix in a file: the ones that the file's own library gives, at the cost of those asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from vectorstore.models.rows import Rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    matrix = torch.arange(700, dtype=torch.float16).reshape(100, 7)
    found = tmp_path / "weights.safetensors"
    save_file({"before": torch.ones(3), "words": matrix, "words.bias": torch.ones(4).half()}, found)
    return found


def test_rows_are_those_of_the_matrix(path: Path) -> None:
    rows = Rows(path, "words")
    ids = torch.tensor([[0, 99, 3], [3, 3, 50]])
    found = rows.of(ids)
    assert found.dtype == torch.float32
    assert torch.equal(found, rows.all().float()[ids])
    assert torch.equal(rows.all().flatten(), torch.arange(700, dtype=torch.float16))
    assert (rows.count, rows.width) == (100, 7)


@pytest.mark.parametrize("number", [-1, 100])
def test_a_row_that_is_not_there_is_an_error(path: Path, number: int) -> None:
    with pytest.raises(IndexError):
        Rows(path, "words").of(torch.tensor([[1, number]]))


@pytest.mark.parametrize("name", ["before", "words.bias", "none"])
def test_other_matrices_are_refused(path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Rows(path, name)


def test_the_file_stays_readable_after_it_was_replaced(path: Path) -> None:
    rows = Rows(path, "words")
    path.unlink()
    path.write_bytes(b"")
    assert np.array_equal(rows.of(torch.tensor([1])).numpy(), np.arange(7, 14, dtype=np.float32)[None])

"""Rows of a matrix in a file of weights, read when they are needed.

Of the embedded model's 130,070 words a question needs a thousand. Mapped into memory, the file's 100 MB come piece by
piece with them and stay; read one by one from the system's cache, they take a thousandth of what is computed with them.
"""

from __future__ import annotations

import json
import os
import weakref
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


class Rows:
    """The rows of the float16 matrix ``name`` in the safetensors file ``path``. Safe to share between threads.

    Raises OSError when the file cannot be read and ValueError when it holds no such matrix. The format is described in
    the documentation of safetensors: the length of a header, 8 bytes, the header in JSON, then the matrices.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        length = int.from_bytes(os.pread(self._file, 8, 0), "little")
        known = json.loads(os.pread(self._file, length, 8)).get(name, {})
        if known.get("dtype") != "F16" or len(known["shape"]) != 2:
            raise ValueError(f"{path} holds no float16 matrix {name}")
        self.count, self.width = known["shape"]
        self._start = 8 + length + known["data_offsets"][0]

    def of(self, ids: Tensor) -> Tensor:
        """Return the rows with these numbers in float32, ``(*ids.shape, width)``."""
        numbers, places = np.unique(ids.numpy(), return_inverse=True)
        if numbers[0] < 0 or numbers[-1] >= self.count:
            raise IndexError(f"no row {numbers[0]} or {numbers[-1]} among {self.count}")
        size = self.width * 2
        read = b"".join([os.pread(self._file, size, self._start + at * size) for at in numbers.tolist()])
        rows = np.frombuffer(read, "<f2").reshape(len(numbers), self.width).astype(np.float32)
        return torch.from_numpy(rows[places.reshape(ids.shape)])

    def all(self) -> Tensor:
        """Return the whole matrix in float16."""
        read = os.pread(self._file, self.count * self.width * 2, self._start)
        return torch.from_numpy(np.frombuffer(read, "<f2").reshape(self.count, self.width).copy())

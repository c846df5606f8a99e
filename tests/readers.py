"""What needs the reader's weights, which are made by hours of training: skipped as long as they are not there."""

from __future__ import annotations

from importlib.resources import files

import pytest

needs_reader = pytest.mark.skipif(
    not (files("bot.answering.judges") / "reader.safetensors").is_file(),
    reason="the weights are not here yet",
)

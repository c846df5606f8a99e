"""The bench measures what it says it does."""

from __future__ import annotations

from tests.bench.__main__ import _run


def test_a_commands_memory_is_its_own_and_not_that_of_whoever_started_it() -> None:
    held = bytearray(b"\1") * (600 << 20)
    seconds, peak = _run(["--version"])
    assert held
    assert seconds > 0
    assert 5 < peak < 400

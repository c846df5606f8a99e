"""Progress of long work on standard error: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prompts import Language, counted, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BETWEEN = 10.0
"""Seconds between two plain lines for a stage that takes long."""


@contextmanager
def showing(language: Language) -> Iterator[Stages]:
    """Yield the stages of long work, shown until the end of the block."""
    if not sys.stderr.isatty():
        yield _Lines(language)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(TextColumn):
        """So many a second, over the last moments."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.0f}/s" if task.speed else "", style="dim")

    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(""),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bars(language, progress)


@contextmanager
def waiting(name: str, language: Language) -> Iterator[None]:
    """Show a spinner with the message ``name`` when standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(say(name, language)):
        yield


class Stages(ABC):
    """Callback that receives a stage, the number done and the total; the stage ``load`` has nothing to count."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language

    @abstractmethod
    def __call__(self, stage: str, done: int, total: int) -> None: ...

    def of(self, stage: str) -> Stage:
        """Return the callback for one stage."""
        return Stage(self, stage)


class Stage:
    """Callback for one stage that receives the number done and the total."""

    def __init__(self, stages: Stages, name: str) -> None:
        self._stages = stages
        self._name = name

    def __call__(self, done: int, total: int) -> None:
        self._stages(self._name, done, total)


class _Lines(Stages):
    """Plain lines: one when a stage ends, and before that at most one every ``SECONDS_BETWEEN`` seconds."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self._last = time.monotonic()
        self._began: dict[str, tuple[float, int]] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        began, first = self._began.setdefault(stage, (time.monotonic(), done))
        if done < total and time.monotonic() - self._last < SECONDS_BETWEEN:
            return
        self._last = time.monotonic()
        named = say(f"cli_stage_{stage}", self._language)
        rate = (done - first) / max(self._last - began, 0.001)
        line = f"{named}: {done}/{total}"
        if done < total and rate > 0:
            left = round((total - done) / rate)
            unit, count = ("count_minutes", round(left / 60)) if left >= 90 else ("count_seconds", left)
            counts = {"done": done, "total": total, "rate": f"{rate:.3g}"}
            line = say(
                "cli_progress",
                self._language,
                stage=named,
                left=counted(unit, count, self._language),
                **counts,
            )
        print(line, file=sys.stderr, flush=True)


class _Bars(Stages):
    """One bar per stage; a spinner before the first one, while the model loads."""

    def __init__(self, language: Language, progress: Progress) -> None:
        super().__init__(language)
        self._progress = progress
        self._tasks: dict[str, TaskID] = {"load": progress.add_task(say("cli_loading", language), total=None)}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if "load" in self._tasks:
            self._progress.remove_task(self._tasks.pop("load"))
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(
                say(f"cli_stage_{stage}", self._language), total=total
            )
        self._progress.update(self._tasks[stage], completed=done, total=total)

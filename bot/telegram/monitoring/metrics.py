"""Counts and timings in Prometheus' format; one registry per bot.

Labels are a few fixed words, never anything about users, chats, questions or articles; of followed sources, at most a
hundred addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from telegram import Update

from bot.version import version

if TYPE_CHECKING:
    from bot.answer import Answer
    from bot.telegram.intake.rawupdates import Json
    from bot.telegram.monitoring.sources import Source
    from prompts import Language

Where = Literal["private", "group", "inline", "guest"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_KINDS = frozenset(str(kind) for kind in Update.ALL_TYPES)
_TROUBLES = frozenset({"429", "migrated", "timeout", "network", "BadRequest", "Forbidden", "InvalidToken"})


@dataclass(frozen=True, slots=True)
class Gauges:
    """Values that are read for each ``/metrics`` request; None where unknown."""

    inbox: Mapping[str, int]
    """Updates by state: waiting, running, dead."""
    workers: int
    """Questions in work or waiting."""
    last_success: float | None
    """Time of the last contact with Telegram (``time.time()``)."""
    reconnects: int
    """Connections to Telegram that were given up because nothing came."""
    passages: int | None
    vectors: int | None
    model_loaded: bool | None
    spent: int | None
    """Questions put to the chat model today (UTC)."""
    daily: int
    """Daily limit on those questions; 0 for no limit."""
    healthy: bool
    sources: Sequence[Source] = ()
    """The sources that are followed, as far as they are named."""
    standings: Mapping[str, int] = field(default_factory=dict)
    """How many sources stand how; empty where nothing is followed."""


class Metrics:
    """The counters of one bot. Every method may be called from any thread."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which says when it began to be counted
        self.registry = CollectorRegistry()
        self._gauges = _Read()
        self.registry.register(self._gauges)
        ProcessCollector(registry=self.registry)
        Info("musnad_build", "The musnad that runs", registry=self.registry).info({"version": version()})
        self._questions = self._counter("questions", "Questions asked", "where", "language")
        self._answers = self._counter("answers", "Answers and refusals", "status", "mode")
        self._refusals = self._counter("refusals", "Refusals", "reason")
        self._busy = self._counter("busy", "Questions that were not taken because too many waited")
        self._verified = self._counter(
            "quotes_verified", "Quotes looked at before sending that the archive holds to the letter"
        )
        self._blocked = self._counter(
            "quotes_blocked", "Quotes taken out before sending because the archive does not hold them"
        )
        self._stages = self._histogram("answer_stage_seconds", "Time an answer took, by stage", "stage")
        self._delivery = self._histogram("delivery_seconds", "Time until an answer stood in its chat")
        self._errors = self._counter("telegram_errors", "Errors that Telegram or the way there gave", "kind")
        self._waits = self._counter("telegram_waits", "Times a chat was asked to wait (429)")
        self._updates = self._counter("updates", "Updates taken in", "kind")
        self._duplicates = self._counter("updates_duplicate", "Updates that came again and were dropped")

    def question(self, where: Where, language: Language) -> None:
        self._questions.labels(where, language).inc()

    def busy(self) -> None:
        self._busy.inc()

    def answer(self, answer: Answer) -> None:
        """Count a found answer by its kind, and record how long each stage took."""
        self._answers.labels(answer.status, answer.mode).inc()
        if answer.status == "refused":
            self._refusals.labels(answer.reason or "no_evidence").inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def quotes(self, found: Answer, verified: Answer) -> None:
        """Count the quotes that an answer kept and lost in the last check against the archive."""
        standing = len(verified.quotes) + len(verified.related)
        self._verified.inc(standing)
        self._blocked.inc(max(len(found.quotes) + len(found.related) - standing, 0))

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """Time the sending of an answer."""
        with self._delivery.time():
            yield

    def trouble(self, kind: str) -> None:
        """Count an error that ``Delivery`` met."""
        self._errors.labels(kind if kind in _TROUBLES else "other").inc()
        if kind == "429":
            self._waits.inc()

    def updates(self, updates: Sequence[Json], new: int) -> None:
        """Count updates that were committed, of which ``new`` were new."""
        for update in updates:
            self._updates.labels(next((key for key in update if key in _KINDS), "other")).inc()
        self._duplicates.inc(len(updates) - new)

    def read(self, gauges: Gauges) -> None:
        """Set the gauges that the registry reports from now on."""
        self._gauges.latest = gauges

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"musnad_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(f"musnad_{name}", what, labels, buckets=_SECONDS, registry=self.registry)


class _Read(Collector):
    """Collector of the gauges as last read."""

    def __init__(self) -> None:
        self.latest: Gauges | None = None

    def collect(self) -> Iterable[Metric]:
        if self.latest is None:
            return
        inbox = GaugeMetricFamily("musnad_inbox_updates", "Updates in the inbox", labels=["state"])
        for state, count in self.latest.inbox.items():
            inbox.add_metric([state], count)
        yield inbox
        yield CounterMetricFamily(
            "musnad_telegram_reconnects",
            "Connections to Telegram given up because nothing came",
            self.latest.reconnects,
        )
        found: dict[tuple[str, str], float | None] = {
            ("musnad_workers_questions", "Questions in work or waiting for it"): self.latest.workers,
            (
                "musnad_telegram_last_success_timestamp_seconds",
                "When Telegram was last heard of",
            ): self.latest.last_success,
            ("musnad_archive_passages", "Passages in the archive"): self.latest.passages,
            ("musnad_index_vectors", "Passages in the index"): self.latest.vectors,
            ("musnad_model_loaded", "Whether the embedding model is loaded"): self.latest.model_loaded,
            ("musnad_llm_questions_today", "Questions put to the chat model today (UTC)"): self.latest.spent,
            ("musnad_llm_questions_daily_limit", "How many a day may have"): self.latest.daily or None,
            ("musnad_healthy", "Whether /healthz says ok"): self.latest.healthy,
        }
        for (name, what), value in found.items():
            if value is not None:
                yield GaugeMetricFamily(name, what, value)
        if self.latest.standings:
            yield from _of_sources(self.latest)


def _of_sources(gauges: Gauges) -> Iterator[Metric]:
    """Yield how many sources stand how, and of each named one what came of looking at it."""
    standings = GaugeMetricFamily("musnad_sources", "Sources that are followed", labels=["standing"])
    for standing, count in gauges.standings.items():
        standings.add_metric([standing], count)
    yield standings
    success = GaugeMetricFamily(
        "musnad_source_last_success_timestamp_seconds", "When it could last be read", labels=["source"]
    )
    new = GaugeMetricFamily(
        "musnad_source_last_new_timestamp_seconds", "When its last new item came", labels=["source"]
    )
    failures = GaugeMetricFamily("musnad_source_failures", "Failures in a row", labels=["source"])
    trouble = GaugeMetricFamily(
        "musnad_source_troubled", "Whether it is silent or failing longer than its habit", labels=["source"]
    )
    for each in gauges.sources:
        for family, at in ((success, each.followed.succeeded), (new, each.followed.newest)):
            if at is not None:
                family.add_metric([each.name], at.timestamp())
        failures.add_metric([each.name], each.followed.failures)
        trouble.add_metric([each.name], each.standing in ("silent", "failing"))
    yield from (success, new, failures, trouble)

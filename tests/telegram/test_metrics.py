"""What /metrics counts of what people do with the bot, as Prometheus reads it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import replace

import aiohttp
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.answer import Answer, Quote
from bot.answering.pipeline import Question
from bot.build import Musnad
from bot.telegram.monitoring import health as telegram_health
from bot.telegram.monitoring.metrics import Metrics
from corpus.article import Article
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, QUICK, answered, quote, refusal, running, scripted, slowly
from vectorstore.index import IndexState

ASKED = "متى افتتحت المكتبة؟"
WORDS = "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."
ANSWER = replace(answered("الأحد", quote(LIBRARY, WORDS)), timings_ms={"dense": 12.0, "total": 30.0})
GONE = Article(source="gone.txt", title="خبر سُحب", body="نص لم يعد في الأرشيف.")


@pytest.fixture(autouse=True)
def _looks_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_health, "_FRESH", 0.0)


class Scrape:
    """One answer of /metrics."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: list[Metric] = list(text_string_to_metric_families(text))

    def __call__(self, name: str, **labels: str) -> float | None:
        """The value of a series, None when there is none."""
        for family in self.families:
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None


async def scrape(address: str) -> Scrape:
    async with aiohttp.ClientSession() as web, web.get(f"http://{address}/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        return Scrape(await response.text())


async def shows(address: str, happened: Callable[[Scrape], bool]) -> Scrape:
    """The first answer of which something holds."""
    async with asyncio.timeout(10):
        while True:
            found = await scrape(address)
            if happened(found):
                return found
            await asyncio.sleep(0.02)


async def test_a_conversation_is_counted(api: BotApi, layla: User, address: str) -> None:
    core = scripted({ASKED: ANSWER, "وبعدها؟": refusal("وبعدها؟")})
    core.holding = IndexState(12, 11, agree=False, writing=True)
    huda = api.world.user(502, "Huda", "en")
    async with running(api, core, allowed_users={501, 502}, listen=address):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        api.world.say(huda, "وبعدها؟")
        await api.replies(huda)
        found = await shows(address, lambda found: found("musnad_delivery_seconds_count") == 2)
        found = await shows(address, lambda found: found("musnad_inbox_updates", state="running") == 0)
    assert found("musnad_questions_total", where="private", language="ar") == 1
    assert found("musnad_questions_total", where="private", language="en") == 1
    assert found("musnad_answers_total", status="answered", mode="extractive") == 1
    assert found("musnad_refusals_total", reason="no_evidence") == 1
    assert found("musnad_quotes_verified_total") == 1
    assert found("musnad_quotes_blocked_total") == 0
    assert found("musnad_answer_stage_seconds_sum", stage="dense") == pytest.approx(0.012)
    assert found("musnad_answer_stage_seconds_bucket", stage="total", le="0.05") == 1
    assert found("musnad_answer_stage_seconds_bucket", stage="total", le="0.025") == 0
    assert found("musnad_updates_total", kind="message") == 2
    assert found("musnad_archive_passages") == 12
    assert found("musnad_index_vectors") == 11
    assert found("musnad_model_loaded") == 1
    assert found("musnad_healthy") == 1
    assert (found("process_resident_memory_bytes") or 0) > 10e6
    since = found("musnad_telegram_last_success_timestamp_seconds")
    assert since is not None
    assert since > 1.7e9


async def test_a_quote_that_no_longer_stands_is_counted_as_blocked(
    api: BotApi, layla: User, address: str
) -> None:
    gone = Quote(GONE, 0, len(GONE.body), GONE.body)
    core = scripted({ASKED: replace(ANSWER, quotes=(*ANSWER.quotes, gone))})
    async with running(api, core, allowed_users={501}, listen=address):
        api.world.say(layla, ASKED)
        (message,) = await api.replies(layla)
        found = await scrape(address)
    assert GONE.body not in message["text"]
    assert found("musnad_quotes_verified_total") == 1
    assert found("musnad_quotes_blocked_total") == 1


async def test_groups_are_counted_apart(api: BotApi, layla: User, address: str) -> None:
    group = api.world.group("غرفة الأخبار")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}, listen=address):
        api.world.say(layla, f"/ask {ASKED}", group)
        await api.replies(group)
        found = await scrape(address)
    assert found("musnad_questions_total", where="group", language="ar") == 1


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
async def test_telegrams_errors_are_counted_by_kind(api: BotApi, layla: User, address: str) -> None:
    api.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    api.gateway("sendMessage")
    async with running(api, scripted({ASKED: ANSWER}), QUICK, allowed_users={501}, listen=address):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        found = await scrape(address)
    assert found("musnad_telegram_errors_total", kind="429") == 1
    assert found("musnad_telegram_waits_total") == 1
    assert found("musnad_telegram_errors_total", kind="network") == 1


async def test_what_waits_is_shown_while_it_waits(
    api: BotApi, layla: User, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.monitoring.health._FRESH", 0.0)
    core = scripted({ASKED: slowly(ANSWER, 0.6), "ثان": slowly(ANSWER, 0.1)})
    async with running(api, core, allowed_users={501}, listen=address):
        api.world.say(layla, ASKED)
        api.world.say(layla, "ثان")
        await shows(
            address,
            lambda found: (
                found("musnad_workers_questions") == found("musnad_inbox_updates", state="running") == 2
            ),
        )
        await api.replies(layla, 2)
        found = await shows(address, lambda found: found("musnad_workers_questions") == 0)
        assert found("musnad_inbox_updates", state="running") == 0


async def test_what_was_set_aside_is_shown(api: BotApi, address: str) -> None:
    async with running(api, scripted({}), allowed_users={501}, listen=address):
        api.world.push("message", {"message_id": 1, "chat": 7, "date": "gestern"})
        found = await shows(address, lambda found: found("musnad_inbox_updates", state="dead") == 1)
        assert found("musnad_inbox_updates", state="waiting") == 0


async def test_questions_that_are_too_many_are_counted(api: BotApi, address: str) -> None:
    people = [api.world.user(600 + number, f"سائل {number}") for number in range(3)]
    others_told = threading.Event()

    def slow(question: Question) -> Answer:
        others_told.wait(5)
        return ANSWER

    core = scripted({ASKED: slow})
    async with running(api, core, public=True, queue=1, listen=address):
        for person in people:
            api.world.say(person, ASKED)
        await api.wait_for(lambda: len(api.world.sent) == 2)
        others_told.set()
        found = await scrape(address)
    assert found("musnad_busy_total") == 2
    assert len(core.asker.asked) == 1


async def test_updates_that_come_again_are_counted(api: BotApi, address: str) -> None:
    url, headers = f"http://{address}/telegram", {"X-Telegram-Bot-Api-Secret-Token": "secret"}
    async with (
        running(api, scripted({}), webhook=url, webhook_secret="secret", listen=address),
        aiohttp.ClientSession(headers=headers) as web,
    ):
        for number in (7, 8, 7):
            async with web.post(url, json={"update_id": number, "poll": {}}) as response:
                assert response.status == 200
        found = await scrape(address)
    assert found("musnad_updates_duplicate_total") == 1
    assert found("musnad_updates_total", kind="poll") == 3


async def test_nothing_of_people_or_their_words_is_a_label(api: BotApi, layla: User, address: str) -> None:
    core = scripted({ASKED: ANSWER})
    async with running(api, core, allowed_users={501}, listen=address):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        found = await scrape(address)
    words = {
        value for family in found.families for sample in family.samples for value in sample.labels.values()
    }
    assert not [word for word in words if re.search(r"[^\x20-\x7e]|501|library", word)]


async def test_two_bots_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.question("inline", "ar")
    assert (
        first.registry.get_sample_value("musnad_questions_total", {"where": "inline", "language": "ar"}) == 1
    )
    assert (
        second.registry.get_sample_value("musnad_questions_total", {"where": "inline", "language": "ar"})
        is None
    )


def test_what_it_does_not_know_gets_no_series_of_its_own() -> None:
    metrics = Metrics()
    for number in range(20):
        metrics.trouble(f"kind {number}")
        metrics.updates([{"update_id": 1, f"made_up_{number}": {}}], 1)
    assert metrics.registry.get_sample_value("musnad_telegram_errors_total", {"kind": "other"}) == 20
    assert metrics.registry.get_sample_value("musnad_updates_total", {"kind": "other"}) == 20


async def test_names_follow_prometheus_conventions(api: BotApi, address: str) -> None:
    async with running(api, scripted({}), allowed_users={501}, listen=address):
        found = await scrape(address)
    own = [family for family in found.families if family.name.startswith("musnad_")]
    assert len(own) >= 15
    for family in own:
        assert family.documentation.strip()
        assert re.fullmatch(r"musnad_[a-z_]+", family.name)
        assert {sample.name for sample in family.samples if family.type == "counter"} <= {
            f"{family.name}_total"
        }
        assert family.type != "histogram" or family.name.endswith("_seconds")


async def test_the_real_thing_agrees_with_itself(
    api: BotApi, layla: User, samples: Musnad, address: str
) -> None:
    async with running(api, samples, allowed_users={501}, listen=address):
        api.world.say(layla, "متى انضمت سوريا إلى التحالف الدولي؟")
        await api.replies(layla, seconds=60)
        found = await scrape(address)
    passages = found("musnad_archive_passages")
    assert passages == found("musnad_index_vectors") == samples.archive.size()
    stages = {s.labels["stage"] for f in found.families for s in f.samples if "stage" in s.labels}
    assert {"understand", "encode", "dense", "lexical", "judge", "total"} <= stages
    assert found("musnad_answer_stage_seconds_count", stage="total") == 1

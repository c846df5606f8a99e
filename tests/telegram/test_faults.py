"""What networks, servers and people do to the bot, and what somebody who asked notices of it."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.telegram.access.gate import Gate
from bot.telegram.answers.renderer import AnswerRenderer
from bot.telegram.answers.store import StoredAnswer
from bot.telegram.outgoing.delivery import Part
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, QUICK, answered, quote, running, scripted, slowly
from tests.botapi.world import Chat, Json
from vectorstore.errors import IndexUnreachableError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")]
# The library's own, at its own error.

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
OWNER = 500


@pytest.fixture
def omar(api: BotApi) -> User:
    return api.world.user(502, "عمر")


@pytest.fixture
def owner(api: BotApi) -> User:
    owner = api.world.user(OWNER, "صاحب البوت")
    api.world.chats[OWNER].started = True
    return owner


def firsts(api: BotApi, chat: User | Chat) -> list[str]:
    """The first line of each of the bot's messages in a chat."""
    return [message["text"].splitlines()[0] for message in api.world.in_chat(chat)]


def labels(message: Json) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


# Telegram asks for patience


async def test_one_chat_waits_as_long_as_it_is_told_and_the_others_do_not(
    api: BotApi, layla: User, omar: User
) -> None:
    api.fail("sendMessage", 429, "Too Many Requests: retry after 2", retry_after=2, chat=layla)
    async with running(api, scripted({ASKED: ANSWER}), public=True):
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(api.faulted))
        api.world.say(omar, ASKED)
        await api.replies(omar)
        assert firsts(api, layla) == []
        await api.replies(layla)
    assert firsts(api, layla) == firsts(api, omar) == ["الأحد"]
    assert [method for method, _, given in api.faulted] == ["sendMessage"]


async def test_many_questions_of_a_chat_that_has_to_wait_hold_up_nobody(
    api: BotApi, layla: User, omar: User
) -> None:
    api.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1, chat=layla)
    async with running(api, scripted({ASKED: ANSWER}), public=True, rate_user="0"):
        for _ in range(20):
            api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(api.faulted))
        api.world.say(omar, ASKED)
        await api.replies(omar, seconds=0.9)
        await api.replies(layla, 20, seconds=10)
    assert firsts(api, layla) == ["الأحد"] * 20


async def test_chats_that_have_to_wait_leave_the_room_to_the_others(api: BotApi, layla: User) -> None:
    waiting = [api.world.user(9000 + n, "قارئ") for n in range(4)]
    for user in waiting:
        api.fail("sendMessage", 429, "Too Many Requests: retry after 2", retry_after=2, chat=user)
    async with running(api, scripted({ASKED: ANSWER}), public=True, queue=4):
        for user in waiting:
            api.world.say(user, ASKED)
        await api.wait_for(lambda: len(api.faulted) == 4)
        api.world.say(layla, ASKED)
        await api.replies(layla, seconds=1.5)
        assert firsts(api, layla) == ["الأحد"], "nothing is worked on: nobody is too many"
        assert not any(firsts(api, user) for user in waiting)
        for user in waiting:
            await api.replies(user)


# The bot itself


async def test_answer_that_was_found_is_not_looked_for_again_when_sending_it_failed(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, failures = (
        AnswerRenderer.parts,
        [RuntimeError("as if killed between finding the answer and sending it")],
    )

    def once_failing(self: AnswerRenderer, stored: StoredAnswer) -> list[Part]:
        if failures:
            raise failures.pop()
        return parts(self, stored)

    monkeypatch.setattr(AnswerRenderer, "parts", once_failing)
    async with running(api, scripted({ASKED: ANSWER}), public=True) as core:
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert failures == []
    assert firsts(api, layla) == ["الأحد"]
    assert len(core.asker.asked) == 1


# The server and the network


@pytest.mark.parametrize("code", [413, 429])
async def test_page_of_a_gateway_that_refuses_is_tried_again_and_not_logged(
    api: BotApi, layla: User, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    api.gateway("sendMessage", code, times=3)
    async with running(api, scripted({ASKED: ANSWER}), public=True):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert firsts(api, layla) == ["الأحد"]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert any(str(code) in line for line in ours)
    assert not any("nginx" in line for line in ours)


@pytest.mark.parametrize(
    "fault", ["drop_reply", "lose", "hang", "garble", "gateway", "gateway after it arrived", "error"]
)
async def test_answer_whose_reply_is_lost_is_not_sent_again_but_offered(
    api: BotApi, layla: User, fault: str
) -> None:
    if fault == "hang":
        api.hang("sendMessage", 3)
    elif fault == "error":
        api.fail("sendMessage", 500, "Internal Server Error")
    elif fault.startswith("gateway"):
        api.gateway("sendMessage", 502, carried_out=fault != "gateway")
    else:
        getattr(api, fault)("sendMessage")
    arrived = 0 if fault in ("lose", "gateway", "error") else 1
    backoff = replace(QUICK, answer=0.5)
    async with running(api, scripted({ASKED: ANSWER}), backoff, public=True):
        api.world.say(layla, ASKED)
        *_, line = await api.replies(layla, arrived + 1)
        assert firsts(api, layla)[:-1] == ["الأحد"] * arrived
        assert line["text"].startswith("لم يصلني تأكيد")
        assert labels(line) == ["أرسل الجواب مرة أخرى"]
        api.world.press(layla, line, "أرسل الجواب مرة أخرى")
        await api.replies(layla, arrived + 2)
    assert firsts(api, layla)[-1] == "الأحد"
    assert len(api.world.in_chat(layla)) == arrived + 2


async def test_a_reply_that_never_ends_holds_up_its_chat_only_for_so_long(api: BotApi, layla: User) -> None:
    api.drip("sendMessage", 60)
    async with running(api, scripted({ASKED: ANSWER}), replace(QUICK, answer=0.3), public=True):
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(api.faulted))
        api.world.say(layla, "/help")
        first, *others = await api.replies(layla, 3)
    assert first["text"].startswith("الأحد")
    assert [each for each in others if "لم يصلني تأكيد" in each["text"]]
    assert [each for each in others if "/sources" in each["text"]]


async def test_a_server_that_is_only_slow_loses_no_reply(api: BotApi, layla: User) -> None:
    api.drip("sendMessage", 0.6)
    async with running(api, scripted({ASKED: ANSWER}), replace(QUICK, answer=0.3), public=True):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        api.world.say(layla, "/help")
        await api.replies(layla, 2)
    assert len(api.world.in_chat(layla)) == 2, "nobody is told that the answer may be lost"


async def test_the_offer_itself_arrives_though_its_reply_is_lost_too(api: BotApi, layla: User) -> None:
    api.drop_reply("sendMessage")
    api.lose("sendMessage", times=3)
    async with running(api, scripted({ASKED: ANSWER}), public=True):
        api.world.say(layla, ASKED)
        await api.replies(layla, 2)
    assert firsts(api, layla)[0] == "الأحد"
    assert len(api.world.in_chat(layla)) == 2


async def test_other_lines_whose_reply_is_lost_are_not_sent_again(api: BotApi, layla: User) -> None:
    api.drop_reply("sendMessage")
    async with running(api, scripted({ASKED: ANSWER}), public=True):
        api.world.say(layla, "/help")
        api.world.say(layla, ASKED)
        await api.replies(layla, 2)
    help_, answer = firsts(api, layla)
    assert answer == "الأحد"
    assert help_ != answer


@pytest.mark.parametrize("carried_out", [False, True])
async def test_what_tells_the_owners_is_sent_until_its_reply_comes(api: BotApi, carried_out: bool) -> None:
    """A request for access that no owner hears of would wait for ever; told twice at worst."""
    owner, stranger = api.world.user(601, "المحرر"), api.world.user(666, "غريب")
    api.world.chats[owner.id].started = True
    api.gateway("sendMessage", 502, carried_out=carried_out, chat=owner)
    async with running(api, scripted({}), owners={601}):
        api.world.say(stranger, ASKED)
        told = await api.replies(owner, 1 + carried_out)
    assert all("غريب" in message["text"] for message in told)
    assert len(told) == 1 + carried_out


async def test_network_that_is_down_for_long_costs_no_question_and_repeats_none(
    api: BotApi, layla: User, omar: User, caplog: pytest.LogCaptureFixture
) -> None:
    core = scripted({ASKED: slowly(ANSWER, 0.3), "سؤال عمر": ANSWER})
    async with running(api, core, public=True):
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(core.asker.asked) or not api.world.updates)
        await api.go_down()
        # Meanwhile people write, and every request of the bot fails: some dozens of them.
        api.world.say(omar, "سؤال عمر")
        api.world.say(layla, "/help")
        await asyncio.sleep(1.5)
        await api.come_up()
        await api.replies(omar)
        await api.replies(layla, 2)
    assert sorted(firsts(api, layla))[-1] == "كيف تسأل"
    assert "الأحد" in firsts(api, layla)
    assert firsts(api, omar) == ["الأحد"]
    assert len(core.asker.asked) == 2
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert len([line for line in lines if "again" in line]) < 12, "an hour is not a thousand lines"
    assert any("updates come again" in line for line in lines)


async def test_server_that_closes_every_connection_of_a_poll_is_polled_on(api: BotApi, layla: User) -> None:
    api.lose("getUpdates", times=10)
    async with running(api, scripted({ASKED: ANSWER}), public=True):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert len(api.faulted) == 10
    assert firsts(api, layla) == ["الأحد"]


# Chats that change


async def test_who_blocked_the_bot_is_left_alone_and_nobody_else_notices(
    api: BotApi, layla: User, omar: User, owner: User
) -> None:
    async with running(api, scripted({ASKED: ANSWER}), public=True, owners={OWNER}):
        api.world.chats[layla.id].blocked = True
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: api.count["sendmessage"] == 1)
        api.world.say(omar, ASKED)
        await api.replies(omar)
        await asyncio.sleep(0.2)
    assert api.count["sendmessage"] == 2
    assert api.world.in_chat(owner) == []


async def test_group_that_does_not_let_it_write_is_left_alone(api: BotApi, layla: User, owner: User) -> None:
    group = api.world.group("غرفة")
    async with running(api, scripted({ASKED: ANSWER}), public=True, owners={OWNER}):
        api.fail("sendMessage", 400, "Bad Request: not enough rights to send text messages to the chat")
        api.world.say(layla, f"/ask {ASKED}", group)
        await api.wait_for(lambda: bool(api.faulted))
        await asyncio.sleep(0.2)
    assert len(api.faulted) == 1
    assert api.count["sendmessage"] == 0
    assert api.world.in_chat(owner) == []


async def test_group_that_becomes_a_supergroup_while_the_answer_is_sought_gets_it_there(
    api: BotApi, layla: User
) -> None:
    group = api.world.group("غرفة", basic=True)
    core = scripted({ASKED: slowly(ANSWER, 0.5)})
    async with running(api, core, allowed_chats={group.id}):
        api.world.say(layla, f"/ask {ASKED}", group)
        await api.wait_for(lambda: bool(core.asker.asked) or not api.world.updates)
        new = api.world.migrate(group)
        await api.replies(new)
    assert "الأحد" in firsts(api, new)
    assert len(core.asker.asked) == 1


async def test_question_deleted_before_its_answer_gets_it_without_a_reply(api: BotApi, layla: User) -> None:
    group = api.world.group("غرفة")
    core = scripted({ASKED: slowly(ANSWER, 0.4)})
    async with running(api, core, allowed_chats={group.id}):
        asked = api.world.say(layla, f"/ask {ASKED}", group)
        await api.settled()
        api.world.delete(asked)
        [message] = await api.replies(group)
    assert message["text"].startswith("الأحد")
    assert "reply_to_message" not in message


async def test_topic_deleted_before_its_answer_gets_it_in_the_group(api: BotApi, layla: User) -> None:
    group = api.world.group("غرفة", forum=True)
    topic = api.world.topic(group, "أخبار")
    async with running(api, scripted({ASKED: slowly(ANSWER, 0.4)}), allowed_chats={group.id}):
        api.world.say(layla, f"/ask {ASKED}", group, thread=topic)
        await api.settled()
        del group.topics[topic]
        [message] = await api.replies(group)
    assert message["text"].startswith("الأحد")


async def test_button_of_a_message_deleted_meanwhile_harms_nothing(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), public=True):
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
        pressed = api.world.press(layla, message, "👎")
        api.world.delete(message)
        await api.answer_to(pressed)
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert firsts(api, layla) == ["الأحد"]


# Updates that cannot be worked on


async def test_unreadable_update_is_set_aside_and_reported_to_every_owner_once(
    api: BotApi, layla: User, owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    other = api.world.user(499, "صاحبة البوت")
    api.world.chats[499].started = True
    core = scripted({ASKED: ANSWER})
    for start in range(2):
        async with running(api, core, public=True, owners={OWNER, 499}):
            if not start:
                chat = {"id": 501, "type": "private"}
                api.world.chats[501].started = True
                api.world.push("message", {"message_id": 1, "chat": chat, "date": "أمس", "text": "كلام خاص"})
                [line] = await api.replies(layla)
                assert "لم أستطع قراءة" in line["text"]
            api.world.say(layla, ASKED)
            await api.replies(layla, start + 2)
            for told in (owner, other):
                [line] = await api.replies(told)
                assert re.search(r"جانب", line["text"])
    assert "كلام خاص" not in caplog.text
    assert [len(api.world.in_chat(told)) for told in (owner, other)] == [1, 1]
    assert len([record for record in caplog.records if "was set aside" in record.message]) == 1


async def test_handler_that_fails_every_time_is_told_of_once_and_not_tried_for_ever(
    api: BotApi, layla: User, owner: User
) -> None:
    core = scripted({"عطب": RuntimeError("disk on fire"), ASKED: ANSWER})
    async with running(api, core, public=True, owners={OWNER}):
        api.world.say(layla, "عطب")
        await api.replies(layla)
        [report] = await api.replies(owner)
        api.world.say(layla, ASKED)
        await api.replies(layla, 2)
    async with running(api, core, public=True, owners={OWNER}):
        api.world.say(layla, ASKED)
        await api.replies(layla, 3)
    assert [question.text for question in core.asker.asked] == ["عطب"] * 3 + [ASKED] * 2
    assert firsts(api, layla)[1:] == ["الأحد"] * 2
    assert "أعد إرسال السؤال" in firsts(api, layla)[0]
    assert "RuntimeError" in report["text"]
    assert "عطب" not in report["text"]
    assert "disk on fire" not in report["text"]


async def test_fault_that_passes_is_not_noticed(api: BotApi, layla: User) -> None:
    failures = [RuntimeError("busy"), RuntimeError("busy")]

    def sometimes(question: object) -> object:
        if failures:
            raise failures.pop()
        return ANSWER

    async with running(api, scripted({ASKED: sometimes}), public=True):  # type: ignore[dict-item]
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert firsts(api, layla) == ["الأحد"]


async def test_what_telegram_will_not_take_is_not_sent_for_ever(
    api: BotApi, layla: User, owner: User
) -> None:
    api.fail("sendMessage", 400, "Bad Request: can't parse entities: unsupported start tag", chat=layla)
    async with running(api, scripted({ASKED: ANSWER}), public=True, owners={OWNER}):
        api.world.say(layla, ASKED)
        [line] = await api.replies(layla)
        await api.replies(owner)
    assert "أعد إرسال السؤال" in line["text"]
    assert len(api.faulted) == 1


async def test_owners_are_not_told_of_the_same_fault_again_and_again(
    api: BotApi, layla: User, owner: User
) -> None:
    core = scripted({"عطب": RuntimeError("index broken")})
    async with running(api, core, public=True, owners={OWNER}):
        for _ in range(3):
            api.world.say(layla, "عطب")
        await api.replies(layla, 3)
        await api.replies(owner)
        await asyncio.sleep(0.1)
    assert len(api.world.in_chat(owner)) == 1


async def test_gate_that_fails_is_shut(api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Gate, update: object) -> bool:
        raise RuntimeError("the register cannot be read")

    monkeypatch.setattr(Gate, "admits", broken)
    core = scripted({ASKED: ANSWER})
    async with running(api, core, public=True):
        api.world.say(layla, ASKED)
        await api.settled()
        await asyncio.sleep(0.3)
    assert core.asker.asked == []
    assert api.world.in_chat(layla) == []


# Strangers


async def test_strangers_who_write_in_thousands_do_not_hold_up_who_may_ask(api: BotApi, layla: User) -> None:
    strangers = [api.world.user(10_000 + number, "غريب") for number in range(200)]
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        for number in range(2000):
            api.world.say(strangers[number % 200], "مرحبا")
        api.world.say(layla, ASKED)
        await api.replies(layla, seconds=5)
        assert firsts(api, layla) == ["الأحد"]
    told = len(api.world.sent) - 1
    assert 0 < told <= 60


# Told to stop


async def test_what_waits_at_a_stop_is_answered_by_the_next_start_in_order(api: BotApi, layla: User) -> None:
    texts = [f"سؤال {number}" for number in range(12)]
    replies = {text: slowly(answered(f"جواب {text}"), 0.05) for text in texts}
    core = scripted(replies)
    for text in texts:
        api.world.say(layla, text)
    while (answered_already := len(api.world.in_chat(layla))) < len(texts):
        async with running(api, core, public=True, rate_user="0"):
            await api.replies(layla, answered_already + 1)
    assert [question.text for question in core.asker.asked] == texts
    assert len(api.world.in_chat(layla)) == len(texts)
    assert core.state.rows("select 1 from inbox where failures or deaths or state = 'dead'") == []


# The index's server


class Away:
    """Does not answer the first times it is asked."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, question: Question) -> Answer:
        if self.left:
            self.left -= 1
            raise IndexUnreachableError(
                "the Chroma server at http://chroma:8000 does not answer (ConnectError)"
            )
        return ANSWER


async def test_a_question_waits_until_the_server_of_the_index_is_back(
    api: BotApi, layla: User, omar: User, owner: User
) -> None:
    core = scripted({ASKED: Away(12)})
    async with running(api, core, public=True, owners={OWNER}):
        api.world.say(layla, ASKED)
        api.world.say(omar, ASKED)
        await api.replies(layla, 2)
        await api.replies(omar, 2)
        [report] = await api.replies(owner)
    for user in (layla, omar):
        waiting, answer = firsts(api, user)
        assert "سؤالك محفوظ" in waiting
        assert answer == "الأحد"
    assert "لا يُجاب عن الأسئلة الآن" in report["text"]
    assert "لا يُجاب عن الأسئلة الآن" in report["text"]


async def test_a_question_that_waits_for_the_index_is_answered_by_the_next_start(
    api: BotApi, layla: User
) -> None:
    away = Away(10_000)
    core = scripted({ASKED: away})
    async with running(api, core, public=True):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    away.left = 0
    async with running(api, core, public=True):
        await api.replies(layla, 2)
    assert firsts(api, layla)[-1] == "الأحد"


async def test_a_long_outage_of_the_index_holds_up_no_command_and_few_ask_it_in_vain(
    api: BotApi, layla: User, omar: User
) -> None:
    away = True

    def reply(question: Question) -> Answer:
        if not away:
            return ANSWER
        time.sleep(0.3)  # in truth it is half a minute
        raise IndexUnreachableError("the Chroma server at http://chroma:8000 does not answer (ConnectError)")

    people = [api.world.user(9000 + number, "سائل") for number in range(140)]
    core = scripted({ASKED: reply})
    async with running(api, core, replace(QUICK, put_off=(0.2, 0.4)), public=True, queue=1000):
        for person in people:
            api.world.say(person, ASKED)
        await api.wait_for(lambda: all(api.world.in_chat(person) for person in people), seconds=20)
        api.world.say(omar, "/help")
        await api.replies(omar, seconds=1)
        api.world.say(layla, ASKED)
        await api.replies(layla, seconds=1)
        assert len(core.asker.asked) < 60
        away = False
        await api.replies(layla, 2, seconds=10)
        await api.wait_for(lambda: all(len(api.world.in_chat(person)) == 2 for person in people), seconds=20)
    assert firsts(api, people[0])[1:] == firsts(api, layla)[1:] == ["الأحد"]


async def test_no_question_that_was_kept_is_turned_away_since_others_are_at_work(
    api: BotApi, layla: User, omar: User
) -> None:
    go = threading.Event()

    def reply(question: Question) -> Answer:
        assert go.wait(10)
        return ANSWER

    away = Away(10_000)
    core = scripted({ASKED: away, "سؤال قصير": ANSWER, "سؤال عمر": reply})
    async with running(api, core, replace(QUICK, put_off=(1.0, 1.0)), public=True, queue=1):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        api.world.say(omar, "سؤال قصير")
        await api.replies(omar)
        api.world.say(omar, "سؤال عمر")
        await api.wait_for(lambda: core.asker.asked[-1].text == "سؤال عمر" or not api.world.updates)
        away.left = 0
        await api.replies(layla, 2)
        go.set()
        await api.replies(omar, 2)
    assert [*firsts(api, layla)[1:], *firsts(api, omar)] == ["الأحد"] * 3


async def test_no_question_that_was_kept_comes_too_soon_for_the_next_start(api: BotApi, layla: User) -> None:
    away = Away(10_000)
    core = scripted({ASKED: away})
    api.world.advance(-3600)
    async with running(api, core, public=True, rate_user="2/600"):
        for _ in range(3):
            for _ in range(2):
                api.world.say(layla, ASKED)
            api.world.advance(600)
        await api.replies(layla, 6)
    away.left = 0
    async with running(api, core, public=True, rate_user="2/600"):
        await api.replies(layla, 12)
    kept, answers = firsts(api, layla)[:6], firsts(api, layla)[6:]
    assert all("سؤالك محفوظ" in line for line in kept)
    assert answers == ["الأحد"] * 6


async def test_nothing_waits_for_the_index_longer_than_a_day(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.features.deadletters._WAITS", timedelta(0))
    async with running(api, scripted({ASKED: Away(10_000)}), public=True):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    [line] = firsts(api, layla)
    assert "أعد إرسال السؤال" in line

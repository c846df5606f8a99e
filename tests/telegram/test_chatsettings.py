"""/settings: who may change what holds in a chat, how, and that it holds."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.telegram.access.admins import Admins
from bot.telegram.chats import settings as chatsettings
from bot.telegram.chats.settings import QUIET_HOURS, Chats, ChatSettings
from bot.telegram.chats.zones import COMMON, find_zone, zone_name
from bot.telegram.outgoing.retries import Retries
from prompts import say
from tests.botapi import BotApi, Chat, User
from tests.botapi.chats import Json
from tests.botapi.running import LIBRARY, QUICK, answered, quote, running, scripted, worked

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد 8 شباط/فبراير 2026", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))


def unmarked(text: str) -> str:
    """The text without isolates."""
    return re.sub("[\u2068\u2069]", "", text)


@pytest.fixture
def layla(api: BotApi, group: Chat) -> User:
    """An administrator of the group."""
    layla = api.world.user(501, "ليلى")
    api.world.join(group, layla, "administrator")
    return layla


@pytest.fixture
def omar(api: BotApi, group: Chat) -> User:
    """A member."""
    omar = api.world.user(504, "عمر")
    api.world.join(group, omar)
    return omar


@pytest.fixture
def group(api: BotApi) -> Chat:
    return api.world.group("غرفة الأخبار")


def labels(message: Json) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


async def pressed(api: BotApi, user: User, message: Json, *names: str) -> Json:
    """The menu after some of its buttons were pressed, one after the other."""
    for name in names:
        edits = len(api.world.edits)
        query = api.world.press(user, message, name)
        await api.answer_to(query)
        await api.wait_for(lambda: len(api.world.edits) > edits)  # noqa: B023
    return api.world.chats[message["chat"]["id"]].messages[message["message_id"]]


async def test_an_administrator_sets_the_language_and_the_bot_speaks_it(
    api: BotApi, layla: User, omar: User, group: Chat
) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        api.world.say(layla, "/settings", group)
        [menu] = await api.replies(group)
        assert "لغة كل سائل" in menu["text"]
        menu = await pressed(api, layla, menu, "اللغة", "الإنجليزية")
        assert menu["text"].startswith("Settings of this group")
        assert "✓ English" in labels(menu)
        api.world.say(omar, f"/ask {ASKED}", group)
        await api.replies(group, 2)
        api.world.say(omar, "/help", group)
        help = (await api.replies(group, 3))[2]
    assert core.asker.asked[0].language == "en"
    assert help["text"].startswith("How to ask")


async def test_a_choice_holds_after_a_restart_and_old_buttons_still_work(
    api: BotApi, layla: User, group: Chat
) -> None:
    core = scripted({})
    async with running(api, core, allowed_chats={group.id}):
        api.world.say(layla, "/settings", group)
        [menu] = await api.replies(group)
        menu = await pressed(api, layla, menu, "عدد الاقتباسات", "2")
    async with running(api, core, allowed_chats={group.id}):
        menu = await pressed(api, layla, menu, "رجوع", "متى أجيب")
        assert "2 على الأكثر" in menu["text"]
        menu = await pressed(api, layla, menu, "الأوامر وذكر اسمي فقط", "رجوع", "تم")
    assert "reply_markup" not in menu
    assert "أستجيب لما يلي: الأوامر وذكر اسمي فقط" in menu["text"]
    assert Chats(core.state).of(group.id) == ChatSettings(quotes=2, replies=False)


async def test_others_get_a_line_or_a_toast_and_change_nothing(
    api: BotApi, layla: User, omar: User, group: Chat
) -> None:
    core = scripted({})
    async with running(api, core, allowed_chats={group.id}):
        api.world.say(omar, "/settings", group)
        [line] = await api.replies(group)
        api.world.say(layla, "/settings", group)
        _, menu = await api.replies(group, 2)
        toast = await api.answer_to(api.world.press(omar, menu, "عدد الاقتباسات"))
        forged = await api.answer_to(api.world.forge(omar, menu, "set:language:en"))
        await worked(api, core)
    refusal = say("telegram_settings_admins_only", "ar")
    assert line["text"] == toast["text"] == forged["text"] == refusal
    assert api.world.edits == []
    assert core.state.rows("select * from chats") == []


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
@pytest.mark.slow
async def test_that_telegram_asks_to_wait_before_it_says_who_is_an_administrator_costs_no_command(
    api: BotApi, layla: User, group: Chat
) -> None:
    wait = "Too Many Requests: retry after 1"
    api.fail("getChatMember", 429, wait, retry_after=1, times=3)
    async with running(api, scripted({}), allowed_chats={group.id}):
        began = time.monotonic()
        api.world.say(layla, "/settings", group)
        [menu] = await api.replies(group)
    assert labels(menu)
    assert time.monotonic() - began >= 3, "as long as it asked for"


async def test_who_was_an_administrator_may_no_longer_after_a_minute(
    api: BotApi, layla: User, group: Chat
) -> None:
    from telegram import Update
    from telegram.ext import ExtBot

    clock = [1000.0]
    async with ExtBot(api.token, base_url=f"{api.url}/bot") as bot:
        admins = Admins(bot, Retries(QUICK.sends), lambda: clock[0])
        api.world.say(layla, "/settings", group)
        message = Update.de_json(api.world.updates[-1], bot).message
        assert message is not None
        assert await admins.wrote(message)
        api.world.join(group, layla, "member")
        clock[0] += 59
        assert await admins.wrote(message)
        clock[0] += 2
        assert not await admins.wrote(message)
    assert api.count["getchatmember"] == 2, "Telegram is asked at most once a minute"


async def test_an_anonymous_administrator_is_one_and_a_channel_is_not(
    api: BotApi, layla: User, group: Chat
) -> None:
    api.world.join(group, layla, "administrator", anonymous=True)
    channel = api.world.channel("قناة")
    api.world.link(channel, group)
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        api.world.say(None, "/settings", group)
        [menu] = await api.replies(group)
        await pressed(api, layla, menu, "عدد الاقتباسات", "1")
        api.world.say(None, "/settings", group, as_channel=channel)
        _, line = await api.replies(group, 2)
    assert line["text"] == say("telegram_settings_admins_only", "ar")
    assert Chats(core.state).of(group.id).quotes == 1


async def test_in_private_everyone_sets_what_holds_for_themself_and_in_groups_that_say_nothing_else(
    api: BotApi, omar: User, group: Chat
) -> None:
    core = scripted({})
    async with running(api, core, allowed_users={504}, allowed_chats={group.id}):
        api.world.say(omar, "/settings")
        [menu] = await api.replies(omar)
        assert "متى أجيب" not in labels(menu), "in private everything is a question"
        menu = await pressed(api, omar, menu, "اللغة", "الإنجليزية")
        assert menu["text"].startswith("Settings of our chat")
        api.world.say(omar, "/help", group)
        [help] = await api.replies(group)
    assert help["text"].startswith("How to ask")


async def test_where_only_commands_and_mentions_count_replies_are_talk(
    api: BotApi, layla: User, omar: User
) -> None:
    group = api.world.group("غرفة", privacy=False)
    core = scripted({ASKED: ANSWER})
    Chats(core.state).change(group.id, replies=False)
    async with running(api, core, allowed_chats={group.id}):
        api.world.say(omar, f"@musnad_test_bot {ASKED}", group)
        [answer] = await api.replies(group)
        api.world.say(layla, "شكرًا، هذا مفيد", group, reply_to=answer)
        api.world.say(omar, f"/ask {ASKED}", group)
        await api.replies(group, 2)
        await worked(api, core)
    assert [question.text for question in core.asker.asked] == [ASKED, ASKED]
    assert len(api.world.in_chat(group)) == 2


@pytest.mark.parametrize(
    ("hour", "zone", "silent"),
    [(20, "damascus", True), (4, "damascus", False), (18, "damascus", False), (20, "nouakchott", False)],
)
async def test_in_quiet_hours_answers_come_without_a_sound(
    api: BotApi, omar: User, group: Chat, hour: int, zone: str, silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 20:00 UTC is 23:00 in Damascus and 20:00 in Nouakchott.
    monkeypatch.setattr(chatsettings, "now", lambda: datetime(2026, 3, 1, hour, 0, tzinfo=UTC))
    core = scripted({ASKED: ANSWER})
    Chats(core.state).change(group.id, quiet=(22, 7), zone=COMMON[zone])
    async with running(api, core, allowed_chats={group.id}):
        api.world.say(omar, f"/ask {ASKED}", group)
        await api.replies(group)
    [sent] = [given for method, given in api.calls if method == "sendMessage"]
    assert bool(sent.get("disable_notification")) is silent


async def test_quiet_hours_are_set_with_a_time_zone_and_the_clock_there_is_shown(
    api: BotApi, layla: User, group: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chatsettings, "now", lambda: datetime(2026, 3, 1, 12, 5, tzinfo=UTC))
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        api.world.say(layla, "/settings", group)
        [menu] = await api.replies(group)
        menu = await pressed(api, layla, menu, "ساعات الهدوء", "من 22:00 إلى 7:00")
        assert "من 22:00 إلى 7:00 بتوقيت دمشق، والساعة هناك الآن 15:05" in menu["text"]
        menu = await pressed(api, layla, menu, "التوقيت: دمشق", "القاهرة")
        assert "بتوقيت القاهرة، والساعة هناك الآن 14:05" in menu["text"]
        assert "من 22:00 إلى 7:00 ✓" in labels(menu), "back among the hours"
    assert Chats(core.state).of(group.id) == ChatSettings(quiet=(22, 7), zone="Africa/Cairo")


async def test_pressing_the_same_again_changes_nothing_and_is_answered(
    api: BotApi, layla: User, group: Chat
) -> None:
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        api.world.say(layla, "/settings", group)
        [menu] = await api.replies(group)
        menu = await pressed(api, layla, menu, "عدد الاقتباسات", "3")
        toast = await api.answer_to(api.world.press(layla, menu, "3 ✓"))
        await worked(api, core)
        assert api.world.chats[group.id].messages[menu["message_id"]]["text"] == menu["text"]
    assert toast["text"] == say("telegram_settings_saved", "ar")


@pytest.mark.parametrize(
    "data",
    [
        "set:",
        "set:x",
        "set:language:fr",
        "set:quotes:6",
        "set:quotes:٣",
        "set:quiet:1-2",
        "set:zone:x",
        "set:replies:1",
    ],
)
async def test_data_that_no_button_has_changes_nothing(
    api: BotApi, layla: User, group: Chat, data: str
) -> None:
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        api.world.say(layla, "/settings", group)
        [menu] = await api.replies(group)
        await api.answer_to(api.world.forge(layla, menu, data))
        await worked(api, core)
    assert core.state.rows("select * from chats") == []


async def test_the_menu_stays_in_its_topic(api: BotApi, layla: User) -> None:
    forum = api.world.group("منتدى", forum=True)
    api.world.join(forum, layla, "creator")
    topic = api.world.topic(forum, "أخبار")
    async with running(api, scripted({}), allowed_chats={forum.id}):
        api.world.say(layla, "/settings", forum, thread=topic)
        [menu] = await api.replies(forum)
    assert menu["message_thread_id"] == topic


# The record


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"language": "fr", "quotes": 9, "quiet": [1, 2], "zone": "Mars"}',
        '{"quotes": {}, "quiet": 5}',
    ],
)
def test_a_record_that_is_not_understood_counts_as_not_set(text: str) -> None:
    core = scripted({})
    with core.state.writing() as db:
        db.execute('insert into chats (chat, "values") values (-5, ?)', [text])
    assert Chats(core.state).of(-5) == ChatSettings()


def test_a_record_says_its_version_and_is_read_back_whole() -> None:
    core = scripted({})
    Chats(core.state).change(-5, language="en", quotes=1)
    Chats(core.state).change(-5, quiet=(23, 6), zone="Africa/Casablanca", replies=False)
    assert Chats(core.state).of(-5) == ChatSettings("en", 1, False, (23, 6), "Africa/Casablanca")
    row = core.state.row('select "values" from chats')
    assert row is not None
    assert json.loads(row["values"])["version"] == 1


@pytest.mark.parametrize("hours", QUIET_HOURS)
def test_quiet_hours_begin_and_end_on_the_hour(hours: tuple[int, int]) -> None:
    settings = ChatSettings(quiet=hours, zone="Asia/Damascus")
    quiet = {
        hour for hour in range(24)
        if settings.is_quiet(datetime(2026, 1, 5, hour, 59, tzinfo=ZoneInfo("Asia/Damascus")))
    }  # fmt: skip
    start, end = hours
    assert quiet == {hour % 24 for hour in range(start, end + 24 * (end < start))}


@pytest.mark.parametrize("zone", COMMON)
def test_every_zone_is_known_and_named_in_both_languages(zone: str) -> None:
    offset = datetime(2026, 1, 5, tzinfo=ZoneInfo(COMMON[zone])).utcoffset()
    assert offset is not None
    assert 0 <= offset.total_seconds() <= 4 * 3600
    assert say(f"telegram_zone_{zone}", "ar") != say(f"telegram_zone_{zone}", "en")


def test_a_capital_stored_by_its_key_is_still_read() -> None:
    core = scripted({})
    with core.state.writing() as db:
        db.execute('insert into chats (chat, "values") values (-5, ?)', ['{"version": 1, "zone": "cairo"}'])
    assert Chats(core.state).of(-5) == ChatSettings(zone="Africa/Cairo")


# Any time zone


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("برلين", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("نيويورك", "America/New_York"),
        ("دمشق", "Asia/Damascus"),
        ("Jerusalem", "Asia/Hebron"),
        ("UTC", "UTC"),
        ("UTC+3", "Etc/GMT-3"),
        ("gmt -5", "Etc/GMT+5"),
        ("+03:00", "Etc/GMT-3"),
        ("UTC+99", None),
        ("Mars", None),
        ("../etc/passwd", None),
        ("", None),
    ],
)
def test_a_time_zone_is_found_by_its_name_its_city_or_its_offset(typed: str, zone: str | None) -> None:
    assert find_zone(typed) == zone


def test_a_time_zone_is_named_by_its_city() -> None:
    assert zone_name("Asia/Damascus", "ar") == "دمشق"
    assert zone_name("Europe/Berlin", "ar") == "برلين (Europe/Berlin)"
    assert zone_name("America/New_York", "en") == "New York (America/New_York)"
    assert zone_name("Etc/GMT-3", "ar") == "Etc/GMT-3"


async def test_an_administrator_types_a_time_zone_in_reply_to_the_page_or_behind_the_command(
    api: BotApi, layla: User, omar: User, group: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chatsettings, "now", lambda: datetime(2026, 1, 5, 12, 5, tzinfo=UTC))
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        api.world.say(layla, "/settings", group)
        [menu] = await api.replies(group)
        menu = await pressed(api, layla, menu, "ساعات الهدوء", "من 22:00 إلى 7:00", "التوقيت: دمشق")
        assert "رُدّ على هذه الرسالة" in menu["text"]
        api.world.say(layla, "برلين", group, reply_to=menu)
        _, berlin = await api.replies(group, 2)
        assert "برلين (Europe/Berlin)، والساعة هناك الآن 13:05" in unmarked(berlin["text"])
        api.world.say(omar, "طوكيو", group, reply_to=menu)
        await api.replies(group, 3)
        api.world.say(layla, "المريخ", group, reply_to=menu)
        *_, refused, unknown = await api.replies(group, 4)
        assert refused["text"] == say("telegram_settings_admins_only", "ar")
        assert "لا أعرف توقيتًا" in unknown["text"]
        assert Chats(core.state).of(group.id).zone == "Europe/Berlin"
        api.world.say(layla, "/settings Asia/Tokyo", group)
        *_, tokyo = await api.replies(group, 5)
        assert "21:05" in tokyo["text"]
        api.world.say(layla, "/settings", group)
        *_, menu = await api.replies(group, 6)
    assert "بتوقيت طوكيو (Asia/Tokyo)" in unmarked(menu["text"])
    assert Chats(core.state).of(group.id) == ChatSettings(quiet=(22, 7), zone="Asia/Tokyo")
    assert core.asker.asked == []


# Topics


async def test_settings_of_a_topic_come_before_those_of_its_forum(
    api: BotApi, layla: User, omar: User
) -> None:
    forum = api.world.group("منتدى", forum=True)
    api.world.join(forum, layla, "creator")
    api.world.join(forum, omar)
    news, sport = api.world.topic(forum, "أخبار"), api.world.topic(forum, "رياضة")
    core = scripted({ASKED: ANSWER})
    async with running(api, core, allowed_chats={forum.id}):
        api.world.say(layla, "/settings", forum, thread=news)
        [menu] = await api.replies(forum)
        assert menu["text"].startswith("إعدادات هذا الموضوع")
        assert "كإعدادات المجموعة" not in labels(menu), "nothing to undo"
        menu = await pressed(api, layla, menu, "اللغة", "الإنجليزية", "Back")
        assert "This topic has settings of its own" in menu["text"]
        for number, thread in enumerate((news, sport, None), 2):
            api.world.say(omar, "/help", forum, thread=thread)
            await api.replies(forum, number)
        texts = [message["text"] for message in api.world.in_chat(forum)][1:]
        assert [text.startswith("How to ask") for text in texts] == [True, False, False]
    async with running(api, core, allowed_chats={forum.id}):
        chats = Chats(core.state)
        assert chats.of(forum.id, news).language == "en"
        assert chats.of(forum.id) == chats.of(forum.id, sport) == ChatSettings()
        menu = await pressed(api, layla, menu, "As in the group")
        assert menu["text"].startswith("إعدادات هذا الموضوع")
        assert "كإعدادات المجموعة" not in labels(menu)
    assert Chats(core.state).of(forum.id, news) == ChatSettings()


def test_what_a_topic_does_not_set_follows_its_forum_also_later() -> None:
    core = scripted({})
    chats = Chats(core.state)
    chats.change(-5, 7, language=None, quotes=1)
    chats.change(-5, language="en", quiet=(22, 7))
    assert chats.of(-5, 7) == ChatSettings(None, 1, True, (22, 7))
    assert chats.of(-5, 8) == chats.of(-5) == ChatSettings("en", None, True, (22, 7))
    assert not chats.has_own(-5, 8)

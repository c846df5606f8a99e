"""What in a message is a question: captions, and text without links, labels, mentions and emoji."""

from __future__ import annotations

import pytest

from bot.telegram.features import conversation
from prompts import say
from tests.botapi import BotApi, Chat, User
from tests.botapi.running import LIBRARY, answered, quote, running, scripted, worked

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد 8 شباط/فبراير 2026", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
MEDIA = ["photo", "voice", "video", "animation", "audio"]


@pytest.fixture
def group(api: BotApi) -> Chat:
    return api.world.group("غرفة الأخبار")


# Captions


@pytest.mark.parametrize("kind", MEDIA)
async def test_the_caption_of_a_file_is_a_question(api: BotApi, layla: User, kind: str) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        api.world.send_media(layla, kind, ASKED)
        [message] = await api.replies(layla)
    assert message["text"].startswith("الأحد")
    assert [question.text for question in core.asker.asked] == [ASKED]


async def test_the_caption_of_a_document_is_a_question_of_who_owns_nothing(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        api.world.send_file(layla, "a.txt", b"x", "text/plain", ASKED)
        [message] = await api.replies(layla)
    assert message["text"].startswith("الأحد")


async def test_in_groups_a_caption_asks_by_command_reply_or_mention(
    api: BotApi, layla: User, group: Chat
) -> None:
    group.privacy = False
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        api.world.send_media(layla, "photo", f"/ask {ASKED}", group)
        [first] = await api.replies(group)
        api.world.send_media(layla, "voice", ASKED, group, reply_to=first)
        await api.replies(group, 2)
        api.world.send_media(layla, "video", f"@musnad_test_bot {ASKED}", group)
        await api.replies(group, 3)
        api.world.send_media(layla, "photo", ASKED, group)
        api.world.send_media(layla, "photo", f"/help {ASKED}", group)
        await worked(api, core)
    assert [question.text for question in core.asker.asked] == [ASKED] * 3
    assert len(api.world.in_chat(group)) == 3


async def test_what_has_no_words_is_said_once_for_an_album(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "_ALBUM", 0.05)
    async with running(api, scripted({}), allowed_users={501}) as core:
        for _ in range(4):
            api.world.send_media(layla, "photo", album="1")
        api.world.send_media(layla, "voice")
        await api.replies(layla, 2)
        await worked(api, core)
    assert [message["text"] for message in api.world.in_chat(layla)] == [say("telegram_text_only", "ar")] * 2


@pytest.mark.parametrize("captioned", [0, 3])
async def test_an_album_is_asked_by_its_caption_once(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch, captioned: int
) -> None:
    monkeypatch.setattr(conversation, "_ALBUM", 0.3)
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        for number in range(4):
            caption = ASKED if number in (captioned, 2) else None
            api.world.send_media(layla, "photo", caption, album="1")
        await api.replies(layla)
        await worked(api, core)
    assert [question.text for question in core.asker.asked] == [ASKED]
    assert len(api.world.in_chat(layla)) == 1


async def test_an_edited_caption_is_answered_anew(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        photo = api.world.send_media(layla, "photo", "متى أغلقت؟")
        await api.replies(layla)
        api.world.edit(layla, photo, ASKED)
        await api.wait_for(lambda: api.world.in_chat(layla)[0]["text"].startswith("الأحد"))
    assert len(api.world.in_chat(layla)) == 1


# Words


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (f"{ASKED} https://news.example/1?a=2", ASKED),
        (f"https://news.example/1\n{ASKED}", ASKED),
        (f"{ASKED} #مكتبات", ASKED),
        (f"{ASKED}\n#مكتبات #أخبار_عاجلة", ASKED),
        (f"{ASKED} 🙏🏼👨‍👩‍👧 ❤️ 1️⃣", ASKED),
        (f"{ASKED} @some_channel", ASKED),
        (f"{ASKED} mail@news.example +9631234567", ASKED),
        ("متى افتتحت #مكتبة_السهل؟", "متى افتتحت مكتبة السهل؟"),
        ("#المكتبة متى افتتحت؟", "المكتبة متى افتتحت؟"),
        ("من هو رئيس #سوريا", "من هو رئيس سوريا"),
        ("ماذا قال وزير الثقافة عن #المكتبة", "ماذا قال وزير الثقافة عن المكتبة"),
        ("متى افتتحت المكتبة العامة #أخبار", "متى افتتحت المكتبة العامة"),
        ("متى افتتحت المكتبة #أخبار #سهل", "متى افتتحت المكتبة"),
        ("When did the library open? #news", "When did the library open?"),
        ("ما نسبة 5% في 2024؟", "ما نسبة 5% في 2024؟"),
        ("ماذا عن C++ و«النص»؟", "ماذا عن C++ و«النص»؟"),
    ],
)
async def test_links_labels_and_emoji_are_no_words_of_a_question(
    api: BotApi, layla: User, text: str, asked: str
) -> None:
    async with running(api, scripted({}), allowed_users={501}) as core:
        api.world.say(layla, text)
        await api.replies(layla)
    assert [question.text for question in core.asker.asked] == [asked]


async def test_the_text_of_a_link_stays_and_a_custom_emoji_does_not(api: BotApi, layla: User) -> None:
    text = "😀 متى افتتحت المكتبة 😎؟"
    entities = [
        {"type": "text_link", "offset": 14, "length": 7, "url": "https://sahl.example"},
        {"type": "custom_emoji", "offset": 22, "length": 2, "custom_emoji_id": "1"},
    ]
    async with running(api, scripted({}), allowed_users={501}) as core:
        api.world.share(layla, {"text": text, "entities": entities})
        await api.replies(layla)
    assert [question.text for question in core.asker.asked] == ["متى افتتحت المكتبة؟"]


@pytest.mark.parametrize(
    "text", ["https://news.example/1", "👍", "#سوريا #أخبار", "@some_channel", "؟؟", "😀 😀\n#سهل"]
)
async def test_a_message_without_words_gets_a_line_on_what_to_send(
    api: BotApi, layla: User, text: str
) -> None:
    async with running(api, scripted({}), allowed_users={501}) as core:
        api.world.say(layla, text)
        [message] = await api.replies(layla)
    assert message["text"] == say("telegram_no_words", "ar")
    assert core.asker.asked == []


async def test_in_groups_a_reply_without_words_is_no_question(api: BotApi, layla: User, group: Chat) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        api.world.say(layla, f"/ask {ASKED}", group)
        [first] = await api.replies(group)
        api.world.say(layla, "😂", group, reply_to=first)
        await worked(api, core)
    assert len(api.world.in_chat(group)) == 1


# Reactions


async def test_reactions_are_votes_and_can_be_taken_back(api: BotApi, layla: User) -> None:
    core = scripted({ASKED: ANSWER})

    def votes() -> list[tuple[int, int]]:
        rows = core.state.rows("select user, verdict from feedback order by user")
        return [(row["user"], row["verdict"]) for row in rows]

    async with running(api, core, allowed_users={501}):
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
        for emoji, kept in (
            (("👍",), [(501, 1)]),
            (("👎",), [(501, -1)]),
            ((), []),
            (("❤",), []),
            (("❤", "👍"), [(501, 1)]),
        ):
            api.world.put_reaction(layla, message, *emoji)
            await worked(api, core)
            assert votes() == kept, emoji
        inbox = core.state.rows("select user from inbox where user is not null")
    assert inbox == []


async def test_in_groups_reactions_reach_an_administrator_and_count_for_each(
    api: BotApi, layla: User, group: Chat
) -> None:
    core, omar = scripted({ASKED: ANSWER}), api.world.user(502, "عمر")
    group.bot = "administrator"
    async with running(api, core, allowed_chats={group.id}):
        asked = api.world.say(layla, f"/ask {ASKED}", group)
        [message] = await api.replies(group)
        api.world.put_reaction(layla, message, "👍")
        api.world.put_reaction(omar, message, "👎")
        api.world.put_reaction(omar, asked, "👎")
        await worked(api, core)
    rows = core.state.rows("select user, verdict from feedback order by user")
    assert [(row["user"], row["verdict"]) for row in rows] == [(501, 1), (502, -1)]


async def test_a_strangers_reaction_is_nothing(api: BotApi, layla: User) -> None:
    core, omar = scripted({ASKED: ANSWER}), api.world.user(502, "عمر")
    async with running(api, core, allowed_users={501}):
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
        api.world.push("message_reaction", {
            "chat": api.world.chats[502].json(), "message_id": message["message_id"], "user": omar.json(),
            "date": 1, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}],
        })  # fmt: skip
        await worked(api, core)
    assert core.state.rows("select * from feedback") == []
    assert api.world.in_chat(omar) == []

"""Channels that the bot is a member of: their posts become articles, through the whole bot and the real archive."""

from __future__ import annotations

import asyncio

import pytest

from bot.build import Musnad
from tests.botapi import BotApi, Chat, User
from tests.botapi.running import running
from tests.telegram.test_feed import said

POST = (
    "أعلنت محطة تحلية المياه في خليج الرمل بدء الضخ التجريبي. وتبلغ طاقة المحطة أربعين ألف متر مكعب في اليوم."
)
QUESTION = "كم تبلغ طاقة محطة التحلية في خليج الرمل؟"


@pytest.fixture
def channel(api: BotApi) -> Chat:
    return api.world.channel("أخبار الخليج", username="khalij_test")


async def worked(api: BotApi, musnad: Musnad) -> None:
    """Return once the bot has worked on every update."""
    await api.settled()
    async with asyncio.timeout(30):
        while musnad.state.row("select 1 from inbox where state in ('waiting', 'running')"):  # noqa: ASYNC110 - a file changes, which rings no bell
            await asyncio.sleep(0.02)


async def test_a_post_of_an_owners_channel_is_askable_with_its_outlet_and_an_edit_is_a_version(
    api: BotApi, musnad: Musnad, owner: User, channel: Chat
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.add_bot(channel, owner, "administrator")
        await worked(api, musnad)
        post = api.world.post(channel, POST)
        await worked(api, musnad)
        api.world.say(owner, QUESTION)
        answer = await said(api, owner, "أربعين ألف")
        api.world.edit(None, post, POST.replace("أربعين", "خمسين"))
        await worked(api, musnad)
        api.world.say(owner, QUESTION)
        await said(api, owner, "خمسين ألف")
    assert "أخبار الخليج" in answer["text"]
    old, new = sorted(musnad.archive.articles(current=False), key=lambda article: article.version)
    assert (old.current, new.current) == (False, True)
    assert old.source == new.source == f"t.me/khalij_test/{post['message_id']}"
    assert (new.publisher, new.url) == ("أخبار الخليج", f"https://{new.source}")
    assert new.published.date is not None
    (followed,) = musnad.following.all()
    assert (followed.address, followed.kind, followed.title) == (
        "t.me/khalij_test",
        "channel",
        "أخبار الخليج",
    )
    assert [each.address for each in musnad.following.followed_of(new.source)] == ["t.me/khalij_test"]
    assert api.world.in_chat(channel) == [], "nothing is written in a channel"


@pytest.mark.parametrize("public", [False, True])
async def test_a_strangers_channel_is_left_and_nothing_of_it_goes_in(
    api: BotApi, musnad: Musnad, owner: User, channel: Chat, public: bool
) -> None:
    stranger = api.world.user(666, "غريب")
    api.world.chats[owner.id].started = True
    async with running(api, musnad, owners={501}, public=public):
        api.world.add_bot(channel, stranger, "administrator")
        await worked(api, musnad)
        if not public:  # until the owners decide it may wait there
            [request] = await api.replies(owner)
            api.world.post(channel, POST)
            await worked(api, musnad)
            assert channel.bot == "administrator"
            api.world.press(owner, request, "ارفض")
        else:
            api.world.post(channel, POST)
        await api.wait_for(lambda: channel.bot == "left")
    assert musnad.archive.count_articles() == 0
    assert musnad.following.all() == []


async def test_where_everyone_may_ask_an_owners_channel_goes_in_all_the_same(
    api: BotApi, musnad: Musnad, owner: User, channel: Chat
) -> None:
    async with running(api, musnad, owners={501}, public=True):
        api.world.add_bot(channel, owner, "administrator")
        await worked(api, musnad)
        api.world.post(channel, POST)
        await worked(api, musnad)
    assert musnad.archive.count_articles() == 1


async def test_of_an_album_the_caption_is_the_post_and_pictures_without_words_are_nothing(
    api: BotApi, musnad: Musnad, channel: Chat
) -> None:
    picture = {"photo": [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1}]}
    async with running(api, musnad, owners={501}, allowed_chats={channel.id}):
        api.world.add_bot(channel, api.world.user(777, "مشرف"), "administrator")
        api.world.post(channel, "", content={**picture, "media_group_id": "7"})
        captioned = api.world.post(channel, "", content={**picture, "media_group_id": "7", "caption": POST})
        api.world.post(channel, "", content={**picture, "media_group_id": "7"})
        await worked(api, musnad)
    (article,) = musnad.archive.articles()
    assert article.source == f"t.me/khalij_test/{captioned['message_id']}"


async def test_an_answer_of_the_bot_that_somebody_posts_is_no_source(
    api: BotApi, musnad: Musnad, channel: Chat
) -> None:
    async with running(api, musnad, owners={501}, allowed_chats={channel.id}):
        api.world.add_bot(channel, api.world.user(777, "مشرف"), "administrator")
        api.world.post(channel, "", content={"text": POST, "via_bot": api.world.bot_user()})
        await worked(api, musnad)
    assert musnad.archive.count_articles() == 0


async def test_a_channel_that_the_bot_is_removed_from_is_followed_no_more(
    api: BotApi, musnad: Musnad, owner: User, channel: Chat
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.add_bot(channel, owner, "administrator")
        await worked(api, musnad)
        api.world.post(channel, POST)
        await worked(api, musnad)
        assert musnad.following.all() != []
        api.world.remove_bot(channel, owner)
        await worked(api, musnad)
    assert musnad.following.all() == []
    assert musnad.archive.count_articles() == 1

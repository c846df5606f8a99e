"""What goes wrong on demand between the bot and the tests' Bot API server, and webhooks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from tests.botapi import BotApi, User
from tests.botapi.chats import Json
from tests.botapi.raw import Caller

HELLO: Json = {"chat_id": 501, "text": "سلام"}


@pytest.fixture
def layla(api: BotApi) -> User:
    layla = api.world.user(501, "ليلى")
    api.world.start(layla)
    return layla


async def test_refusals_are_used_up_one_by_one(api: BotApi, call: Caller, layla: User) -> None:
    api.fail("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7, times=2)
    for _ in range(2):
        status, body = await call.body("sendMessage", **HELLO)
        assert (status, body["parameters"]) == (429, {"retry_after": 7})
    assert (await call("sendMessage", **HELLO))[0] == 200
    assert [(method, kind) for method, kind, _ in api.faulted] == [("sendMessage", "fail")] * 2
    assert api.count["sendmessage"] == 1, "what is refused is not let in"


async def test_a_fault_for_one_chat_leaves_the_others_alone(api: BotApi, call: Caller, layla: User) -> None:
    omar = api.world.user(504, "عمر")
    api.world.start(omar)
    api.fail("sendMessage", 400, "Bad Request: group chat was upgraded", migrate_to=-100, chat=omar)
    assert (await call("sendMessage", **HELLO))[0] == 200
    _, body = await call.body("sendMessage", chat_id=504, text="x")
    assert body["parameters"] == {"migrate_to_chat_id": -100}
    assert (await call("sendMessage", chat_id=504, text="x"))[0] == 200


@pytest.mark.parametrize(("fault", "carried_out"), [("drop_reply", 1), ("lose", 0)])
async def test_connections_that_close_without_an_answer(
    api: BotApi, call: Caller, layla: User, fault: str, carried_out: int
) -> None:
    getattr(api, fault)("sendMessage")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call("sendMessage", **HELLO)
    assert len(api.world.in_chat(layla)) == carried_out
    assert api.faulted[0][1:] == (fault, HELLO)
    assert (await call("sendMessage", **HELLO))[0] == 200


async def test_late_answers_are_to_what_was_done_at_once(api: BotApi, call: Caller, layla: User) -> None:
    api.hang("sendMessage", 0.2)
    began = time.perf_counter()
    waiting = asyncio.ensure_future(call("sendMessage", **HELLO))
    await api.replies(layla)
    assert not waiting.done()
    assert (await call("sendMessage", **HELLO))[0] == 200, "another call need not wait"
    assert (await waiting)[0] == 200
    assert time.perf_counter() - began >= 0.2


async def test_a_proxy_in_between(api: BotApi, layla: User) -> None:
    api.gateway("sendMessage", 503)
    url = f"{api.url}/bot{api.token}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, json=HELLO) as response:
        assert (response.status, response.content_type) == (503, "text/html")
        assert "<html>" in await response.text()
    assert api.world.in_chat(layla) == []


async def test_a_proxy_that_loses_the_answer(api: BotApi, call: Caller, layla: User) -> None:
    api.gateway("sendMessage", 502, carried_out=True)
    url = f"{api.url}/bot{api.token}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, json=HELLO) as response:
        assert (response.status, response.content_type) == (502, "text/html")
    assert len(api.world.in_chat(layla)) == 1


async def test_an_answer_unlike_any(api: BotApi, layla: User) -> None:
    api.unlike("sendMessage", '{"ok": true}')
    url = f"{api.url}/bot{api.token}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, json=HELLO) as response:
        assert (response.status, await response.text()) == (200, '{"ok": true}')
    assert api.world.in_chat(layla) == []


async def test_an_answer_cut_in_the_middle(api: BotApi, layla: User) -> None:
    api.garble("sendMessage")
    url = f"{api.url}/bot{api.token}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, json=HELLO) as response:
        assert response.status == 200
        with pytest.raises(json.JSONDecodeError):
            json.loads(await response.text())
    assert len(api.world.in_chat(layla)) == 1


async def test_downloads_can_fail_too(api: BotApi, call: Caller, layla: User) -> None:
    told = api.world.send_file(layla, "x.txt", b"x", "text/plain")
    file = await call.result("getFile", file_id=told["document"]["file_id"])
    api.lose("download", times=2)  # the client asks a second time by itself
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call.get(file["file_path"])
    assert await call.get(file["file_path"]) == (200, b"x")


async def test_going_down_and_coming_up(api: BotApi, call: Caller, layla: User) -> None:
    taken = (await call.result("getUpdates"))[-1]["update_id"]
    polling = asyncio.ensure_future(call("getUpdates", offset=taken + 1, timeout=50))
    await api.wait_for(lambda: api.count["getupdates"] == 2)
    url = api.url
    await asyncio.wait_for(api.go_down(), 2)
    with pytest.raises(aiohttp.ClientError):
        await polling
    with pytest.raises(aiohttp.ClientConnectorError):
        await call("getMe")
    api.world.say(layla, "أين أنت؟")
    await api.come_up()
    assert api.url == url
    found = await call.result("getUpdates", offset=taken + 1)
    assert [update["message"]["text"] for update in found] == ["أين أنت؟"]


async def test_a_second_poller_ends_the_poll_that_waits_or_the_next_one(api: BotApi, call: Caller) -> None:
    polling = asyncio.ensure_future(call("getUpdates", timeout=50))
    await api.wait_for(lambda: api.count["getupdates"] == 1)
    api.second_poller()
    assert (await polling)[0] == 409
    api.second_poller()
    assert (await call("getUpdates", timeout=50))[0] == 409
    assert await call("getUpdates") == (200, [])


# Webhooks

Take = Callable[[Json], Awaitable[int]]


class Hook:
    """The bot's side of a webhook: keeps what is posted, and answers as told."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[tuple[str | None, Json]] = []
        self.at_once = self.most_at_once = 0
        self.pause = 0.0
        self.statuses: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.posts.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        await asyncio.sleep(self.pause)
        self.at_once -= 1
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield hook
    finally:
        await runner.cleanup()


async def test_webhook_gets_each_update_until_it_takes_it(api: BotApi, call: Caller, layla: User) -> None:
    async with hooked() as hook:
        hook.statuses = [500, 403]
        await call.result("setWebhook", url=hook.url, secret_token="s-1", max_connections=1)
        api.world.say(layla, "سؤال")
        await api.settled()
        texts = [update["message"]["text"] for _, update in hook.posts]
        assert texts == ["/start", "/start", "/start", "سؤال"]
        assert {secret for secret, _ in hook.posts} == {"s-1"}
        assert hook.most_at_once == 1
        info = await call.result("getWebhookInfo")
        assert (info["url"], info["pending_update_count"]) == (hook.url, 0)
        assert info["last_error_message"] == "Wrong response from the webhook: 403 Forbidden"

        status, description = await call("getUpdates")
        assert status == 409
        assert description == (
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
        await call.result("deleteWebhook")
        api.world.say(layla, "سؤال آخر")
        assert len(await call.result("getUpdates")) == 1
        assert len(hook.posts) == 4


async def test_webhook_keeps_the_order_within_a_chat_and_posts_chats_side_by_side(
    api: BotApi, call: Caller, layla: User
) -> None:
    others = [api.world.user(600 + number, f"زائر {number}") for number in range(6)]
    async with hooked() as hook:
        hook.pause = 0.02
        for number in range(3):
            for user in others:
                api.world.say(user, str(number))
        await call.result("setWebhook", url=hook.url, max_connections=4, drop_pending_updates=False)
        await api.settled()
        assert hook.most_at_once == 4
        for user in others:
            posted = [
                update["message"]["text"]
                for _, update in hook.posts
                if update["message"]["from"]["id"] == user.id
            ]
            assert posted == ["0", "1", "2"]


async def test_webhook_waits_for_an_address_where_nobody_listens(
    api: BotApi, call: Caller, layla: User
) -> None:
    async with hooked() as hook:
        url = hook.url
    await call.result("setWebhook", url=url)
    await api.wait_for(lambda: "Connection refused" in api.webhook.failed)
    assert len(api.world.updates) == 1
    await call.result("deleteWebhook", drop_pending_updates=True)
    assert api.world.updates == []


# Load


async def test_many_updates_in_many_chats_stay_quick(api: BotApi, call: Caller) -> None:
    users = [api.world.user(1000 + number, f"زائر {number}") for number in range(100)]
    began = time.perf_counter()
    for number in range(20_000):
        api.world.say(users[number % 100], f"سؤال {number}")
    seen, offset = 0, 0
    while found := await call.result("getUpdates", offset=offset):
        seen, offset = seen + len(found), found[-1]["update_id"] + 1
    for user in users:
        await call.result("sendMessage", chat_id=user.id, text="جواب")
        await api.replies(user)
    assert seen == 20_000
    assert time.perf_counter() - began < 20, "about 2 s on a quiet machine"

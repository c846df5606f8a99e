"""Bot API server over HTTP on loopback, as strict as Telegram's own."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType

from aiohttp import web

from tests.botapi.calls import parameters, refusal
from tests.botapi.chats import Chat, Json, User, WorldError, whole_number
from tests.botapi.entities import EntityError
from tests.botapi.faults import CARRIED_OUT, Faults, spoil
from tests.botapi.methods import METHODS
from tests.botapi.webhook import Webhook
from tests.botapi.world import World

TOKEN = "4242424242:AAtest-TEST_0123456789abcdefghijklm"

_TWO_POLLERS = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
_WEBHOOK_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class BotApi(Faults):
    """The server. ``async with BotApi() as api`` serves ``api.world`` at ``api.url`` for ``api.token``."""

    def __init__(self, world: World | None = None, token: str = TOKEN, port: int = 0) -> None:
        super().__init__()
        self.world = world or World()
        self.token = token
        self.url = ""
        self.calls: list[tuple[str, Json]] = []
        """Accepted calls, in order: method and parameters."""
        self.count: Counter[str] = Counter()
        """Number of accepted calls of each method, by its name in small letters."""
        self.webhook = Webhook(self.world)
        self._port = port
        self._poll: asyncio.Future[None] | None = None
        self._runner: web.AppRunner | None = None
        self._own_methods: dict[str, Callable[[Json], Awaitable[object]]] = {
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
        }

    async def __aenter__(self) -> BotApi:
        await self.come_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.go_down()
        await self.webhook.remove()

    # For tests

    async def come_up(self) -> None:
        """Listen on the same port as before; the world is unchanged."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.webhook.resume()

    async def go_down(self) -> None:
        """Stop listening and break every connection at once."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        for connection in runner.server.connections if runner.server else ():
            if connection.transport is not None:
                connection.transport.abort()
        self._end_poll()
        await self.webhook.pause()
        await runner.cleanup()

    def second_poller(self) -> None:
        """Simulate a second poller: the waiting poll, or else the next one, ends with 409."""
        if self._poll is not None:
            self._end_poll()
        else:
            self.fail("getUpdates", 409, _TWO_POLLERS)

    async def wait_for(self, happened: Callable[[], object], seconds: float = 5.0) -> None:
        """Return once ``happened`` returns a true value. Raises TimeoutError after ``seconds``."""
        async with asyncio.timeout(seconds):
            while not happened():
                await self.world.changed.next()

    async def replies(self, chat: Chat | User, count: int = 1, seconds: float = 5.0) -> list[Json]:
        """Return the bot's messages in a chat, once there are ``count`` of them."""
        standing = self.world.chats[chat.id].sent
        try:
            await self.wait_for(lambda: len(standing) >= count, seconds)
        except TimeoutError:
            got = [message.get("text") for message in self.world.in_chat(chat)]
            raise AssertionError(f"{count} messages awaited in {chat.id}, got {got}") from None
        return self.world.in_chat(chat)

    async def answer_to(self, query_id: str, seconds: float = 5.0) -> Json:
        """Return the bot's answer to a button pressed, an inline query or a guest's message, once it is there."""
        answers = (self.world.callback_answers, self.world.inline_answers, self.world.guest_answers)
        await self.wait_for(lambda: any(query_id in kept for kept in answers), seconds)
        return next(kept[query_id] for kept in answers if query_id in kept)

    async def edited(self, message: Json, times: int = 1, seconds: float = 5.0) -> Json:
        """Return the message once the bot has edited it so many times."""
        key = message["chat"]["id"], message["message_id"]

        def enough() -> bool:
            edits = [one for one in self.world.edits if (one["chat"]["id"], one["message_id"]) == key]
            return len(edits) >= times

        await self.wait_for(enough, seconds)
        return self.world.chats[key[0]].messages[key[1]]

    async def settled(self, seconds: float = 5.0) -> None:
        """Return once the bot has fetched and acknowledged every update."""
        await self.wait_for(lambda: not self.world.updates, seconds)

    # HTTP

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        token, method = request.match_info["token"], request.match_info["method"]
        if (wrong := self._wrong_token(token)) is not None:
            return wrong
        if method.lower() not in METHODS and method.lower() not in self._own_methods:
            return refusal(404, "Not Found: method not found")
        try:
            given = await parameters(request)
        except ValueError:
            return refusal(400, "Bad Request: can't parse the request")
        fault = self._fault(method, given)
        self.world.changed.ring()
        if fault is not None and fault.kind not in CARRIED_OUT:
            return await spoil(fault, request, None)
        answer = await self._answer(method, given)
        return answer if fault is None else await spoil(fault, request, answer)

    async def _answer(self, method: str, given: Json) -> web.Response:
        self.calls.append((method, given))
        self.count[method.lower()] += 1
        self.world.changed.ring()
        try:
            if action := self._own_methods.get(method.lower()):
                result = await action(given)
            else:
                result = METHODS[method.lower()](self.world, given)
        except WorldError as error:
            return refusal(error.code, str(error), error.parameters)
        except EntityError as error:
            return refusal(400, f"Bad Request: {error}")
        finally:
            self.world.changed.ring()
        return web.json_response({"ok": True, "result": result})

    def _wrong_token(self, token: str) -> web.Response | None:
        if not re.fullmatch(r"\d+:[\w-]{30,}", token):
            return refusal(404, "Not Found")
        return None if token == self.token else refusal(401, "Unauthorized")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if (wrong := self._wrong_token(request.match_info["token"])) is not None:
            return wrong
        path = request.match_info["path"]
        fault = self._fault("download", {"path": path})
        self.world.changed.ring()
        if fault is not None and fault.kind not in CARRIED_OUT:
            return await spoil(fault, request, None)
        found = next((file for file in self.world.files.values() if file.path == path), None)
        if found is None:
            return refusal(404, "Not Found")
        answer = web.Response(body=found.data, content_type="application/octet-stream")
        return answer if fault is None else await spoil(fault, request, answer)

    # Updates

    async def _get_updates(self, given: Json) -> list[Json]:
        """Answer a long poll. A second poller ends the first one's wait with 409, as in Telegram."""
        if self.webhook.url:
            raise WorldError(409, _WEBHOOK_SET)
        self._end_poll()
        mine = self._poll = asyncio.get_running_loop().create_future()
        self.world.allow(given.get("allowed_updates"))
        limit = 100 if given.get("limit") is None else min(max(whole_number(given["limit"]), 1), 100)
        deadline = asyncio.get_running_loop().time() + min(whole_number(given.get("timeout")), 50)
        while not (found := self.world.take(whole_number(given.get("offset")), limit)):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await asyncio.wait(
                {self.world.changed.next(), mine}, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            if mine.done():
                raise WorldError(409, _TWO_POLLERS)
        if self._poll is mine:
            self._poll = None
        return found

    def _end_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        self._poll = None

    async def _set_webhook(self, given: Json) -> bool:
        await self.webhook.set(given)
        self._end_poll()
        return True

    async def _delete_webhook(self, given: Json) -> bool:
        await self.webhook.remove()
        if given.get("drop_pending_updates"):
            self.world.updates.clear()
        return True

    async def _get_webhook_info(self, given: Json) -> Json:
        return self.webhook.info()

"""The Bot API over HTTP on loopback, as strict as Telegram's own."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from aiohttp import web

from tests.botapi.entities import EntityError
from tests.botapi.world import Chat, Json, User, World, WorldError

TOKEN = "4242424242:AAtest-TEST_0123456789abcdefghijklm"

_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
    "chat_administrators", "chat_member",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What the next call of a method gets instead of an answer."""

    code: int
    description: str
    retry_after: int | None = None


class BotApi:
    """``async with BotApi() as api``: serves ``api.world`` at ``api.url`` for ``api.token``."""

    def __init__(self, world: World | None = None, token: str = TOKEN, port: int = 0) -> None:
        self.world = world or World()
        self.token = token
        self.url = ""
        self.calls: list[tuple[str, Json]] = []
        """Every call that was let in: its method and its parameters."""
        self._faults: dict[str, deque[Fault]] = {}
        self._port = port
        self._poll: asyncio.Future[None] | None = None
        self._methods: dict[str, Callable[[Json], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "deletewebhook": self._delete_webhook,
            "sendmessage": self._send_message,
            "sendchataction": self._send_chat_action,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
        }

    async def __aenter__(self) -> BotApi:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_poll()
        await self._runner.cleanup()

    # For tests

    def fail(
        self, method: str, code: int, description: str, *, retry_after: int | None = None, times: int = 1
    ) -> None:
        """The next calls of a method are refused."""
        queue = self._faults.setdefault(method.lower(), deque())
        queue.extend([Fault(code, description, retry_after)] * times)

    async def wait_for(self, happened: Callable[[], bool], seconds: float = 5.0) -> None:
        """Return once something holds of the world; TimeoutError when it never does."""
        async with asyncio.timeout(seconds):
            while not happened():
                await self.world.changed.next()

    async def replies(self, chat: Chat | User, count: int = 1, seconds: float = 5.0) -> list[Json]:
        """The bot's messages in a chat, once there are ``count`` of them."""
        try:
            await self.wait_for(lambda: len(self.world.in_chat(chat)) >= count, seconds)
        except TimeoutError:
            got = [message["text"] for message in self.world.in_chat(chat)]
            raise AssertionError(f"{count} messages awaited in {chat.id}, got {got}") from None
        return self.world.in_chat(chat)

    async def settled(self, seconds: float = 5.0) -> None:
        """Return once the bot has fetched and acknowledged every update."""
        await self.wait_for(lambda: not self.world.updates, seconds)

    # HTTP

    async def _serve(self, request: web.Request) -> web.Response:
        token, method = request.match_info["token"], request.match_info["method"].lower()
        if not re.fullmatch(r"\d+:[\w-]{30,}", token):
            return _refusal(404, "Not Found")
        if token != self.token:
            return _refusal(401, "Unauthorized")
        action = self._methods.get(method)
        if action is None:
            return _refusal(404, "Not Found: method not found")
        if faults := self._faults.get(method):
            fault = faults.popleft()
            return _refusal(fault.code, fault.description, fault.retry_after)
        try:
            parameters = await _parameters(request)
            self.calls.append((request.match_info["method"], parameters))
            self.world.changed.ring()
            result = await action(parameters)
        except WorldError as error:
            return _refusal(error.code, str(error))
        except EntityError as error:
            return _refusal(400, f"Bad Request: {error}")
        finally:
            self.world.changed.ring()
        return web.json_response({"ok": True, "result": result})

    # Methods

    async def _get_me(self, parameters: Json) -> Json:
        return self.world.bot

    async def _delete_webhook(self, parameters: Json) -> bool:
        if parameters.get("drop_pending_updates"):
            self.world.updates.clear()
        return True

    async def _get_updates(self, parameters: Json) -> list[Json]:
        """Long polling. A second poller ends the first one's wait with 409, as Telegram does."""
        self._end_poll()
        mine = self._poll = asyncio.get_running_loop().create_future()
        offset, limit = parameters.get("offset"), parameters.get("limit", 100)
        kinds = set(parameters.get("allowed_updates") or ())
        deadline = asyncio.get_running_loop().time() + float(parameters.get("timeout") or 0)
        while not (found := self.world.take(offset, limit, kinds)):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await asyncio.wait(
                {self.world.changed.next(), mine}, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            if mine.done():
                raise WorldError(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
        if self._poll is mine:
            self._poll = None
        return found

    def _end_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        self._poll = None

    async def _send_message(self, parameters: Json) -> Json:
        markup = parameters.get("reply_markup")
        _check_buttons(markup)
        return self.world.send(
            parameters.get("chat_id"),
            str(parameters.get("text", "")),
            parameters.get("parse_mode"),
            thread=parameters.get("message_thread_id"),
            reply=parameters.get("reply_parameters"),
            markup=markup,
        )

    async def _send_chat_action(self, parameters: Json) -> bool:
        if parameters.get("action") not in _ACTIONS:
            raise WorldError(400, "Bad Request: wrong parameter action in request")
        self.world.act(parameters.get("chat_id"), parameters["action"], parameters.get("message_thread_id"))
        return True

    async def _set_my_commands(self, parameters: Json) -> bool:
        commands = parameters.get("commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise WorldError(400, "Bad Request: can't parse commands: an array of at most 100 is expected")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", ""))):
                raise WorldError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", "")).strip()) <= 256:
                raise WorldError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.world.commands[_command_place(parameters)] = commands
        return True

    async def _get_my_commands(self, parameters: Json) -> list[Json]:
        return self.world.commands.get(_command_place(parameters), [])


def _command_place(parameters: Json) -> tuple[str, str]:
    scope = (parameters.get("scope") or {"type": "default"})["type"]
    language = parameters.get("language_code") or ""
    if scope not in _SCOPES:
        raise WorldError(400, "Bad Request: can't parse BotCommandScope: unsupported type")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise WorldError(400, "Bad Request: invalid language code specified")
    return scope, language


def _check_buttons(markup: Json | None) -> None:
    for button in (button for row in (markup or {}).get("inline_keyboard", ()) for button in row):
        if not button.get("text"):
            raise WorldError(400, "Bad Request: can't parse inline keyboard button: text is empty")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(str(data).encode()) <= 64:
            raise WorldError(400, "Bad Request: BUTTON_DATA_INVALID")


async def _parameters(request: web.Request) -> Json:
    """The parameters of a call: from the query, a form or JSON, with JSON-encoded values decoded."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    else:
        found |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return {key: value if key in _AS_TEXT else _decoded(value) for key, value in found.items()}


_AS_TEXT = {"text", "parse_mode", "action", "language_code", "chat_id"}


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _refusal(code: int, description: str, retry_after: int | None = None) -> web.Response:
    body: Json = {"ok": False, "error_code": code, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return web.json_response(body, status=code)

"""Faults between the bot and Telegram on demand, and their appearance over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from tests.botapi.calls import refusal
from tests.botapi.chats import Chat, Json, User

Kind = Literal["fail", "drop_reply", "lose", "hang", "drip", "gateway", "late_gateway", "garble", "unlike"]

CARRIED_OUT: frozenset[Kind] = frozenset({"drop_reply", "hang", "drip", "late_gateway", "garble"})
"""Faults of calls that are carried out all the same."""
_EACH = 0.05
"""Seconds between two pieces of an answer that is sent piece by piece."""


@dataclass(frozen=True)
class Fault:
    """A fault that one call meets instead of its answer."""

    kind: Kind
    code: int = 0
    description: str = ""
    more: Json = field(default_factory=dict)
    seconds: float = 0.0
    chat: int | None = None


class Faults:
    """Pending faults by method; each is used up by one call."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}
        self.faulted: list[tuple[str, Kind, Json]] = []
        """Faults used, in order: the method as called, the kind of fault, the parameters."""

    def fail(
        self,
        method: str,
        code: int,
        description: str,
        *,
        retry_after: int | None = None,
        migrate_to: int | None = None,
        times: int = 1,
        chat: Chat | User | int | None = None,
    ) -> None:
        """Refuse the next calls of a method, or those for one chat."""
        more: Json = {}
        if retry_after is not None:
            more["retry_after"] = retry_after
        if migrate_to is not None:
            more["migrate_to_chat_id"] = migrate_to
        self._add(method, Fault("fail", code, description, more, chat=_id(chat)), times)

    def drop_reply(self, method: str, *, times: int = 1, chat: Chat | User | int | None = None) -> None:
        """Carry out the next calls, but close the connection without an answer."""
        self._add(method, Fault("drop_reply", chat=_id(chat)), times)

    def lose(self, method: str, *, times: int = 1, chat: Chat | User | int | None = None) -> None:
        """Lose the next calls: close the connection and carry out nothing."""
        self._add(method, Fault("lose", chat=_id(chat)), times)

    def hang(
        self, method: str, seconds: float, *, times: int = 1, chat: Chat | User | int | None = None
    ) -> None:
        """Carry out the next calls, but answer late."""
        self._add(method, Fault("hang", seconds=seconds, chat=_id(chat)), times)

    def drip(
        self, method: str, seconds: float, *, times: int = 1, chat: Chat | User | int | None = None
    ) -> None:
        """Carry out the next calls, but send the answer piece by piece, with short pauses only."""
        self._add(method, Fault("drip", seconds=seconds, chat=_id(chat)), times)

    def gateway(
        self,
        method: str,
        code: int = 502,
        *,
        carried_out: bool = False,
        times: int = 1,
        chat: Chat | User | int | None = None,
    ) -> None:
        """Answer the next calls with a page of HTML as from a proxy, whether or not they are carried out."""
        self._add(method, Fault("late_gateway" if carried_out else "gateway", code, chat=_id(chat)), times)

    def unlike(
        self, method: str, body: str, *, times: int = 1, chat: Chat | User | int | None = None
    ) -> None:
        """Answer the next calls with 200 and a body unlike any of Telegram's, and carry out nothing."""
        self._add(method, Fault("unlike", 200, body, chat=_id(chat)), times)

    def garble(self, method: str, *, times: int = 1, chat: Chat | User | int | None = None) -> None:
        """Carry out the next calls, but cut the JSON of the answer in the middle."""
        self._add(method, Fault("garble", chat=_id(chat)), times)

    def clear_faults(self) -> None:
        self._waiting.clear()

    def _add(self, method: str, fault: Fault, times: int) -> None:
        self._waiting.setdefault(method.lower(), deque()).extend([fault] * times)

    def _fault(self, method: str, parameters: Json) -> Fault | None:
        """Return the fault that this call meets and use it up; None without one."""
        waiting = self._waiting.get(method.lower())
        if not waiting:
            return None
        chat = str(parameters.get("chat_id"))
        for fault in waiting:
            if fault.chat is None or str(fault.chat) == chat:
                waiting.remove(fault)
                self.faulted.append((method, fault.kind, parameters))
                return fault
        return None


async def spoil(fault: Fault, request: web.Request, answer: web.Response | None) -> web.StreamResponse:
    """Return the faulty response; ``answer`` is the right one when the call was carried out."""
    match fault.kind:
        case "fail":
            return refusal(fault.code, fault.description, fault.more)
        case "unlike":
            return web.Response(text=fault.description, content_type="application/json")
        case "gateway" | "late_gateway":
            page = f"<html><head><title>{fault.code}</title></head><body><h1>nginx</h1></body></html>"
            return web.Response(status=fault.code, text=page, content_type="text/html")
        case "hang":
            await asyncio.sleep(fault.seconds)
        case "drip":
            assert answer is not None
            return await _drip(request, answer, fault.seconds)
        case "garble":
            assert answer is not None
            assert isinstance(answer.body, bytes)
            cut = answer.body[: len(answer.body) // 2]
            return web.Response(status=answer.status, body=cut, content_type="application/json")
        case "lose" | "drop_reply":
            if request.transport is not None:
                request.transport.close()
    return answer or web.Response()


async def _drip(request: web.Request, answer: web.Response, seconds: float) -> web.StreamResponse:
    assert isinstance(answer.body, bytes)
    dripping = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    await dripping.prepare(request)
    size = max(1, math.ceil(len(answer.body) * _EACH / seconds))
    with contextlib.suppress(ConnectionError):  # the caller has lost patience
        for start in range(0, len(answer.body), size):
            await dripping.write(answer.body[start : start + size])
            await asyncio.sleep(_EACH)
    return dripping


def _id(chat: Chat | User | int | None) -> int | None:
    return chat if chat is None or isinstance(chat, int) else chat.id

"""How updates are fetched, and worked on: side by side, given up together when stopping takes too long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor
from telegram.request import HTTPXRequest

log = logging.getLogger(__name__)

KINDS = ("message",)
"""The kinds of update asked for: those that have a handler."""
AT_ONCE = 256


class Updates(BaseUpdateProcessor):
    """The work on the updates fetched, each in a task of its own, begun in the order they came in."""

    def __init__(self) -> None:
        super().__init__(AT_ONCE)
        self._running: set[asyncio.Task[object]] = set()
        self._given_up = False

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        task = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        if self._given_up:
            task.cancel()
        self._running.add(task)
        try:
            await coroutine
        finally:
            self._running.discard(task)

    def give_up(self) -> int:
        """End what runs and let nothing else begin; how many updates were being worked on."""
        self._given_up = True
        for task in self._running:
            task.cancel()
        return len(self._running)

    async def initialize(self) -> None:
        """Nothing to make ready."""

    async def shutdown(self) -> None:
        """Nothing to let go."""


class UpdatesRequest(HTTPXRequest):
    """Fetches updates. One that the library cannot read comes empty, and is acknowledged as if it had been read.

    The library would fetch it again at once, for ever, and nothing that comes after it.
    """

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        found = HTTPXRequest.parse_json_payload(payload)
        if isinstance(found.get("result"), list):
            found["result"] = [_readable(update) for update in found["result"]]
        return found


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    try:
        Update.de_json(update, None)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        # Its content is not logged: it is what people write.
        log.error("update %s cannot be read and is skipped: %s", update["update_id"], type(error).__name__)
        return {"update_id": update["update_id"]}
    return update

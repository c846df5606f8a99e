"""Chat with the bot without Telegram: ``python -m tests.botapi``.

It prints the variables with which to start ``musnad telegram`` in another terminal. Then a line is a message;
a line that begins with a colon does something else:

:as NUMBER [NAME [LANGUAGE]]   become this user (``:as 600 Mary en``)
:anonymous                     write as an anonymous administrator (in a group)
:private | :group TITLE | :forum TITLE | :topic NAME    go there
:reply                         make the next message a reply to the bot's last one
:wait [SECONDS]                wait for the bot's next message
:page FILE                     write the chat as a web page
:quit
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from tests.botapi.page import chat_page
from tests.botapi.server import BotApi
from tests.botapi.world import Chat, Json, User


class Chatting:
    """Who writes, and where."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.user: User | None = api.world.user(501, "ليلى")
        self.chat: Chat = api.world.chats[501]
        self.thread: int | None = None
        self.reply_to: Json | None = None
        self.shown = 0

    async def do(self, line: str) -> bool:
        """Carry out a line; False when it was the last."""
        if not line.startswith(":"):
            self.api.world.say(self.user, line, self.chat, thread=self.thread, reply_to=self.reply_to)
            self.reply_to = None
            return True
        command, _, rest = line[1:].partition(" ")
        match command:
            case "quit":
                return False
            case "wait":
                await self._wait(float(rest or 60))
            case "reply":
                self.reply_to = self.api.world.in_chat(self.chat)[-1]
            case _:
                self._go(command, rest)
        return True

    def show_new(self) -> None:
        """Print what the bot has sent since the last look."""
        for message in self.api.world.sent[self.shown :]:
            print(
                f"\n── {message['chat'].get('title', message['chat'].get('first_name'))}\n{message['text']}\n"
            )
        self.shown = len(self.api.world.sent)

    def _go(self, command: str, rest: str) -> None:
        world = self.api.world
        match command:
            case "page":
                Path(rest).write_text(chat_page(world, self.chat), encoding="utf-8")
            case "as":
                number, name, language = [*rest.split(), "", ""][:3]
                known = world.users.get(int(number))
                self.user = known or world.user(int(number), name or number, language or "ar")
                if self.chat.type == "private":
                    self.chat = world.chats[self.user.id]
            case "anonymous":
                self.user = None
            case "private":
                self.user = self.user or world.users[501]
                self.chat, self.thread = world.chats[self.user.id], None
            case "group" | "forum":
                known_chat = next((chat for chat in world.chats.values() if chat.title == rest), None)
                self.chat = known_chat or world.group(rest, forum=command == "forum")
                self.thread = None
                print(f"MUSNAD_ALLOWED_CHATS={self.chat.id}")
            case "topic":
                threads = {name: number for number, name in self.chat.topics.items()}
                self.thread = threads.get(rest) or world.topic(self.chat, rest)
            case _:
                print(__doc__)

    async def _wait(self, seconds: float) -> None:
        count = self.shown
        try:
            await self.api.wait_for(lambda: len(self.api.world.sent) > count, seconds)
        except TimeoutError:
            print(f"nothing within {seconds:.0f} s")


async def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.botapi", description="A Bot API server to chat at."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    arguments = parser.parse_args()
    async with BotApi(port=arguments.port) as api:
        chatting = Chatting(api)
        print(
            f"MUSNAD_TELEGRAM_API_URL={api.url}\nMUSNAD_TELEGRAM_TOKEN={api.token}\nMUSNAD_ALLOWED_USERS=501"
        )
        print("You are user 501 in private; :help for more", flush=True)
        showing = asyncio.create_task(_show(chatting))
        try:
            while line := await asyncio.to_thread(sys.stdin.readline):
                if line.strip() and not await chatting.do(line.strip()):
                    break
        finally:
            showing.cancel()


async def _show(chatting: Chatting) -> None:
    while True:
        await chatting.api.world.changed.next()
        chatting.show_new()
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())

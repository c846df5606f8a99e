"""Chat with the bot without Telegram: ``python -m tests.botapi``.

It prints the variables with which to start ``musnad telegram`` in another terminal, and reads lines; ``:help``
lists the possible ones.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.botapi.chatting import Chatting
from tests.botapi.server import BotApi


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
                sys.stdout.flush()
        finally:
            showing.cancel()
            chatting.show_new()


async def _show(chatting: Chatting) -> None:
    while True:
        await chatting.api.world.changed.next()
        chatting.show_new()
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())

"""A chat with the bot from typed lines: messages, and commands that change user, chat or network."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.botapi.chats import Chat, Json, User, WorldError
from tests.botapi.lines import News
from tests.botapi.page import chat_page
from tests.botapi.server import BotApi

HELP = """\
A line is a message; a line that begins with a colon does something else:

:as NUMBER [NAME [LANGUAGE]]   become this user (:as 600 Mary en)
:name JSON                     call this user by another name, as a JSON string ("\\u202eMary")
:anonymous                     write as an anonymous administrator (in a group)
:private | :group TITLE | :basic TITLE | :forum TITLE | :topic NAME    go there
:start [PAYLOAD]               open the bot by a link
:reply | :quote TEXT           make the next message a reply to the bot's last one, to these words of it
:unreadable TEXT               a message of which the bot's library cannot read the date
:update KIND JSON              an update of any kind, as it is
:edit TEXT | :delete           change or take away one's own last message
:press LABEL                   press a button of the bot's last message that has it
:forge DATA                    press a button with this data under the bot's last message, as a changed client can
:inline QUERY [OFFSET] | :more | :choose N    ask in any chat, the next page, send a result here
:guest TEXT                    mention the bot in a group where it is no member
:file PATH [CAPTION]           send a file
:media KIND [CAPTION]          send a photo, video, animation, audio or voice
:react [EMOJI]                 on the bot's last message here; none takes it back
:forward CHANNEL TEXT          forward a channel's post
:add | :remove | :promote | :migrate    the bot in this group; the group becomes a supergroup
:role ROLE                     be creator, administrator or member of this group
:post CHANNEL TEXT             a post of a channel whose discussion group this is; the next message comments on it
:block | :unblock              the bot
:fail METHOD CODE [RETRY_AFTER] | :drop METHOD | :lose METHOD | :hang METHOD SECONDS    the next such call
:down | :up                    the network
:wait [SECONDS]                wait until the bot has done something since the last line
:page FILE [inline]            write the chat as a web page, with the results of the last inline query
:quit
"""


class Chatting:
    """A session of typed lines: the current user, chat and topic."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.world = api.world
        self.user: User | None = api.world.user(501, "ليلى")
        self.chat: Chat = api.world.chats[501]
        self.thread: int | None = None
        self.reply_to: Json | None = None
        self.quote: str | None = None
        self.mine: Json | None = None
        """The user's last message."""
        self.query: str | None = None
        """The user's last inline query."""
        self.news = News(api.world)
        self._before = self.news.counts()
        self._commands: dict[str, Callable[[str], None]] = {
            "as": self._become,
            "name": self._rename,
            "anonymous": lambda _: setattr(self, "user", None),
            "private": self._go_private,
            "group": lambda title: self._go(title, "supergroup"),
            "basic": lambda title: self._go(title, "group"),
            "forum": lambda title: self._go(title, "forum"),
            "topic": self._go_to_topic,
            "start": lambda payload: self._keep(self.world.start(self._me(), payload)),
            "reply": lambda _: self._reply(None),
            "quote": self._reply,
            "unreadable": lambda text: self.world.send_unreadable(self._me(), self.chat, text=text),
            "update": self._update,
            "edit": lambda text: self._keep(self.world.edit(self.user, self._last(), text)),
            "delete": lambda _: self.world.delete(self._last()),
            "press": self._press,
            "forge": self._forge,
            "inline": self._inline,
            "more": self._more,
            "choose": self._choose,
            "guest": self._guest,
            "file": self._file,
            "media": self._media,
            "react": self._react,
            "forward": self._forward,
            "add": lambda _: self.world.add_bot(self.chat, self.user),
            "remove": lambda _: self.world.remove_bot(self.chat, self.user),
            "promote": lambda _: self.world.promote_bot(self.chat, self.user),
            "migrate": self._migrate,
            "role": self._role,
            "post": self._post,
            "block": lambda _: self.world.block(self._me()),
            "unblock": lambda _: self.world.unblock(self._me()),
            "fail": self._fail,
            "drop": api.drop_reply,
            "lose": api.lose,
            "hang": lambda rest: api.hang(rest.split()[0], float(rest.split()[1])),
            "page": self._page,
        }

    async def do(self, line: str) -> bool:
        """Carry out a line; return False when it was the last. Prints one line for what cannot be done."""
        command, _, rest = line[1:].partition(" ") if line.startswith(":") else ("", "", "")
        if command != "wait":
            self._before = self.news.counts()
        try:
            match command:
                case "":
                    self._say(line)
                case "quit":
                    return False
                case "wait":
                    await self.api.wait_for(lambda: self.news.counts() != self._before, float(rest or 60))
                    self._before = self.news.counts()
                case "down":
                    await self.api.go_down()
                case "up":
                    await self.api.come_up()
                case _ if command in self._commands:
                    self._commands[command](rest.strip())
                case _:
                    print(HELP)
        except TimeoutError:
            print("nothing happened in that time")
        except (AssertionError, IndexError, LookupError, OSError, ValueError, WorldError) as error:
            print(f"cannot: {error or type(error).__name__} (:help says how)")
        return True

    def show_new(self) -> None:
        """Print the bot's actions since the last call."""
        for text in self.news.take():
            print(f"\n{text}")

    def _say(self, text: str) -> None:
        said = self.world.say(
            self.user, text, self.chat, thread=self.thread, reply_to=self.reply_to, quote=self.quote
        )
        self.reply_to = self.quote = None
        self._keep(said)

    def _keep(self, message: Json) -> None:
        self.mine = message

    def _last(self) -> Json:
        if self.mine is None:
            raise LookupError("nothing was written yet")
        return self.mine

    def _me(self) -> User:
        if self.user is None:
            raise LookupError("an anonymous administrator cannot; :as NUMBER first")
        return self.user

    # Who and where

    def _become(self, rest: str) -> None:
        number, name, language = [*rest.split(), "", ""][:3]
        known = self.world.users.get(int(number))
        self.user = known or self.world.user(int(number), name or number, language or "ar")
        if self.chat.type == "private":
            self.chat = self.world.chats[self.user.id]

    def _rename(self, name: str) -> None:
        user = self._me()
        self.user = self.world.users[user.id] = replace(user, first_name=str(json.loads(name)))
        self.world.chats[user.id].title = self.user.first_name

    def _go_private(self, _: str) -> None:
        self.user = self.user or self.world.users[501]
        self.chat, self.thread = self.world.chats[self.user.id], None

    def _go(self, title: str, kind: str) -> None:
        known = next((chat for chat in self.world.chats.values() if chat.title == title), None)
        self.chat = known or self.world.group(title, forum=kind == "forum", basic=kind == "group")
        self.thread = None
        print(f"MUSNAD_ALLOWED_CHATS={self.chat.id}")

    def _go_to_topic(self, name: str) -> None:
        threads = {known: number for number, known in self.chat.topics.items()}
        self.thread = threads.get(name) or self.world.topic(self.chat, name)

    def _migrate(self, _: str) -> None:
        self.chat = self.world.migrate(self.chat, self.user)
        print(f"the supergroup is {self.chat.id}")

    def _role(self, role: str) -> None:
        match role:
            case "creator" | "administrator" | "member":
                self.world.join(self.chat, self._me(), role)
            case _:
                raise LookupError(f"no such role: {role!r}")

    # What they do

    def _reply(self, quote: str | None) -> None:
        here = self.world.in_chat(self.chat)
        if not here:
            raise LookupError("the bot has written nothing here")
        if quote and not any(quote in str(message.get("text", "")) for message in here):
            raise LookupError("no message of the bot here has these words")
        holding = [message for message in here if not quote or quote in str(message.get("text", ""))]
        self.reply_to, self.quote = holding[-1], quote or None

    def _press(self, label: str) -> None:
        for message in reversed(self.chat.messages.values()):
            try:
                button = self.world.button(message, label)
            except LookupError:
                continue
            break
        else:
            raise LookupError(f"no button {label!r} here")
        if "callback_data" in button:
            self.world.press(self._me(), message, label)
        elif (
            query := button.get("switch_inline_query", button.get("switch_inline_query_current_chat"))
        ) is not None:
            self._inline(query)
        elif "switch_inline_query_chosen_chat" in button:
            self._inline(button["switch_inline_query_chosen_chat"].get("query", ""))
        elif "copy_text" in button:
            print(f"copied: {button['copy_text']['text']}")
        else:
            print(f"opens {button.get('url', button)}")

    def _forge(self, data: str) -> None:
        here = self.world.in_chat(self.chat)
        if not here:
            raise LookupError("the bot has written nothing here")
        self.world.forge(self._me(), here[-1], data)

    def _update(self, rest: str) -> None:
        kind, _, payload = rest.partition(" ")
        if not self.world.push(kind, json.loads(payload)):
            print("the bot wants no such updates")

    def _inline(self, rest: str) -> None:
        query, _, last = rest.rpartition(" ")
        offset = self.world.inline_answers.get(self.query or "", {}).get("next_offset")
        if not offset or last != str(offset):
            query, last = rest, ""
        self.query = self.world.inline(self._me(), query, last, self._where())

    def _where(self) -> str:
        return "sender" if self.chat.type == "private" else self.chat.type

    def _more(self, _: str) -> None:
        offset = self.world.inline_answers.get(self.query or "", {}).get("next_offset")
        if not offset or self.query is None:
            raise LookupError("there is no further page")
        asked = self.world.queries[self.query].text
        self.query = self.world.inline(self._me(), asked, str(offset), self._where())

    def _choose(self, number: str) -> None:
        results = self.world.inline_answers.get(self.query or "", {}).get("results", [])
        if self.query is None or not 1 <= int(number) <= len(results):
            raise LookupError(f"there are {len(results)} results")
        self.world.choose(self._me(), self.query, results[int(number) - 1]["id"], self.chat)

    def _guest(self, text: str) -> None:
        if self.chat.type == "private" or self.chat.bot not in ("left", "kicked"):
            raise LookupError("the bot belongs here; go to a group and :remove it first")
        self.world.guest(self._me(), self.chat, f"@{self.world.bot['username']} {text}")

    def _file(self, rest: str) -> None:
        name, _, caption = rest.partition(" ")
        path = Path(name).expanduser()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self._keep(
            self.world.send_file(
                self.user, path.name, path.read_bytes(), kind, caption or None, self.chat, thread=self.thread
            )
        )

    def _media(self, rest: str) -> None:
        kind, _, caption = rest.partition(" ")
        self._keep(self.world.send_media(self.user, kind, caption or None, self.chat, reply_to=self.reply_to))
        self.reply_to = None

    def _react(self, rest: str) -> None:
        here = self.world.in_chat(self.chat)
        if not here:
            raise LookupError("the bot has written nothing here")
        self.world.put_reaction(self._me(), here[-1], *rest.split())

    def _forward(self, rest: str) -> None:
        title, _, text = rest.partition(" ")
        known = [chat for chat in self.world.chats.values() if (chat.type, chat.title) == ("channel", title)]
        channel = known[0] if known else self.world.channel(title)
        self._keep(self.world.forward(self._me(), self.world.post(channel, text), self.chat))

    def _post(self, rest: str) -> None:
        title, _, text = rest.partition(" ")
        known = [chat for chat in self.world.chats.values() if (chat.type, chat.title) == ("channel", title)]
        channel = known[0] if known else self.world.channel(title)
        self.world.link(channel, self.chat)
        self.world.post(channel, text)
        self.reply_to = self.world.latest(self.chat)

    def _fail(self, rest: str) -> None:
        method, code, *seconds = rest.split()
        wait = int(seconds[0]) if seconds else None
        self.api.fail(
            method, int(code), "Too Many Requests" if wait else "Failed on demand", retry_after=wait
        )

    def _page(self, rest: str) -> None:
        name, _, with_results = rest.partition(" ")
        query = self.query if with_results == "inline" else None
        Path(name).write_text(chat_page(self.world, self.chat, query), encoding="utf-8")

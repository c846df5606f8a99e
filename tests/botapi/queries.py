"""Queries: buttons pressed, inline queries, guest mentions of the bot; and the bot's answers to them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.botapi.chats import Chat, Json, User, WorldError, bad, whole_number
from tests.botapi.entities import EntityError, accept, find
from tests.botapi.markup import button, check_keyboard
from tests.botapi.state import State

MOST_RESULTS = 50
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True)
class Query:
    """A query that the bot may answer once, within a time limit."""

    kind: str
    asked: int
    user: User
    chat: Chat | None = None
    text: str = ""
    offset: str = ""
    message: Json | None = None


class Queries(State):
    """Queries of people, then answers of the bot, which are stored by the number of the query."""

    def __init__(self, username: str = "musnad_test_bot") -> None:
        super().__init__(username)
        self.callback_answers: dict[str, Json] = {}
        """Query → ``text``, ``show_alert``, ``url``, ``cache_time`` as given."""
        self.inline_answers: dict[str, Json] = {}
        """Query → ``results``, ``next_offset``, ``cache_time``, ``is_personal``, ``button`` as given."""
        self.guest_answers: dict[str, Json] = {}
        """Query → the message that the bot sent."""
        self.inline_messages: dict[str, Json] = {}
        """inline_message_id → the message in its current state."""
        self.callback_seconds = 900.0
        self.inline_seconds = 60.0
        """Seconds within which an inline or guest query can be answered."""
        self.inline_feedback = True
        """Whether the bot is told which result was chosen."""
        self.queries: dict[str, Query] = {}
        self._answered: set[str] = set()
        self._inline_ids: dict[tuple[int, int], str] = {}
        self._cache: dict[tuple[str, str, int | None], tuple[float, Json]] = {}

    # What people do

    def press(self, user: User, message: Json, label: str) -> str:
        """Press the button with this text or data; return the query's number. Raises LookupError without one."""
        found = button(self._shown(message), label)
        if "callback_data" not in found:
            raise LookupError(f"the button {label!r} tells the bot nothing: {sorted(found)}")
        return self.forge(user, message, found["callback_data"])

    def button(self, message: Json, label: str) -> Json:
        """Return a button under a message in its current state."""
        return button(self._shown(message), label)

    def forge(self, user: User, message: Json, data: str) -> str:
        """Send button data as a changed client can, whatever buttons there are; return the query's number."""
        chat = self.chats[message["chat"]["id"]]
        key = chat.id, message["message_id"]
        number = self._open(Query("callback", self.now(), user, chat, data, message=message))
        query: Json = {"id": number, "from": user.json(), "chat_instance": str(-(chat.id**2)), "data": data}
        if inline := self._inline_ids.get(key):
            query["inline_message_id"] = inline
        elif standing := chat.messages.get(key[1]):
            query["message"] = dict(standing)
        else:
            query["message"] = {"chat": chat.json(), "message_id": key[1], "date": 0}
        self.push("callback_query", query)
        return number

    def inline(self, user: User, query: str, offset: str = "", chat_type: str = "sender") -> str:
        """Type ``@bot query`` and return the query's number. An answer still cached is given without the bot."""
        assert self.bot["supports_inline_queries"], "the bot is not an inline one"
        number = self._open(Query("inline", self.now(), user, None, query, offset))
        for whose in (user.id, None):
            until, answer = self._cache.get((query, offset, whose), (0.0, {}))
            if until > self.now():
                self._answered.add(number)
                self.inline_answers[number] = answer
                self.changed.ring()
                return number
        asked = {"id": number, "from": user.json(), "query": query, "offset": offset, "chat_type": chat_type}
        self.push("inline_query", asked)
        return number

    def choose(self, user: User, query_id: str, result_id: str, chat: Chat) -> Json:
        """Send a result of an inline query in a chat; return the message, which people see as the user's."""
        asked = self.queries[query_id]
        result = next(one for one in self.inline_answers[query_id]["results"] if one["id"] == result_id)
        content = _content(result) | {"via_bot": self.bot_user()}
        chosen = {"result_id": result_id, "from": user.json(), "query": asked.text}
        stored = self._store(chat, user.json(), content)
        number = f"AgAAA-{next(self._numbers)}"
        self.inline_messages[number] = stored
        self._inline_ids[chat.id, stored["message_id"]] = number
        if "reply_markup" in content:
            chosen["inline_message_id"] = number
        if self._reaches_bot(chat, stored):
            self.push("message", stored)
        if self.inline_feedback:
            self.push("chosen_inline_result", chosen)
        self.changed.ring()
        return stored

    def guest(self, user: User, chat: Chat, text: str, reply_to: Json | None = None) -> str:
        """Mention the bot in a chat where it is no member; return the query's number."""
        assert self.bot["supports_guest_queries"], "the bot is not a guest"
        content: Json = {"text": text, "entities": find(text)} | self._place(chat, None, reply_to)
        stored = self._store(chat, user.json(), content)
        number = self._open(Query("guest", self.now(), user, chat, text, message=stored))
        self.push("guest_message", stored | {"guest_query_id": number})
        return number

    # What the bot does

    def answer_callback(self, query_id: str, answer: Json) -> None:
        if len(str(answer.get("text") or "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        url = str(answer.get("url") or "")
        if url and not re.match(rf"https://t\.me/{self.bot['username']}\?start=", url):
            raise bad("URL_INVALID")
        self._close(query_id, "callback", self.callback_seconds)
        self.callback_answers[query_id] = answer
        self.changed.ring()

    def answer_inline(self, query_id: str, answer: Json) -> None:
        results = answer.get("results")
        if not isinstance(results, list):
            raise bad("can't parse inline query results: expected an Array of InlineQueryResult")
        if len(results) > MOST_RESULTS:
            raise bad("RESULTS_TOO_MUCH")
        for result in results:
            _check_result(result)
        ids = [result["id"] for result in results]
        if len(set(ids)) < len(ids):
            raise bad("RESULT_ID_DUPLICATE")
        if len(str(answer.get("next_offset") or "").encode()) > 64:
            raise bad("NEXT_OFFSET_INVALID")
        _check_inline_button(answer.get("button"))
        query = self._close(query_id, "inline", self.inline_seconds)
        self.inline_answers[query_id] = answer
        seconds = answer.get("cache_time")
        whose = query.user.id if answer.get("is_personal") else None
        until = self.now() + (300 if seconds is None else whole_number(seconds))
        self._cache[query.text, query.offset, whose] = (until, answer)
        self.changed.ring()

    def answer_guest(self, query_id: str, result: Json) -> str:
        """Send a message in the chat where the bot was mentioned; return its inline_message_id."""
        _check_result(result)
        content = _content(result)
        query = self._close(query_id, "guest", self.inline_seconds)
        assert query.chat is not None
        place = self._place(query.chat, None, query.message)
        stored = self._store_sent(query.chat, place | content | {"guest_bot_caller_user": query.user.json()})
        number = f"AgAAA-{next(self._numbers)}"
        self.inline_messages[number] = stored
        self._inline_ids[query.chat.id, stored["message_id"]] = number
        self.guest_answers[query_id] = stored
        self.changed.ring()
        return number

    def inline_message(self, number: object) -> Json:
        """Return the message with this inline_message_id, to be edited."""
        try:
            return self.inline_messages[str(number)]
        except KeyError:
            raise bad("MESSAGE_ID_INVALID") from None

    def _open(self, query: Query) -> str:
        number = str(90_000_000_000_000 + next(self._numbers))
        self.queries[number] = query
        return number

    def _close(self, number: str, kind: str, seconds: float) -> Query:
        query = self.queries.get(number)
        if query is None or query.kind != kind or number in self._answered:
            raise bad(_TOO_OLD)
        if self.now() - query.asked > seconds:
            raise bad(_TOO_OLD)
        self._answered.add(number)
        return query

    def _shown(self, message: Json) -> Json:
        """Return the message in its current state, or as it was last seen."""
        chat = self.chats[message["chat"]["id"]]
        return chat.messages.get(message["message_id"], message)


def _check_result(result: object) -> None:
    if not isinstance(result, dict):
        raise bad("can't parse inline query result: expected an object")
    if not result.get("type"):
        raise bad("can't parse inline query result: Can't find field \"type\"")
    number = result.get("id")
    if not isinstance(number, str) or not 1 <= len(number.encode()) <= 64:
        raise bad("RESULT_ID_INVALID")
    if result["type"] == "article":
        if not str(result.get("title") or "").strip():
            raise bad("can't parse inline query result: Can't find field \"title\"")
        if not isinstance(result.get("input_message_content"), dict):
            raise bad("can't parse inline query result: Can't find field \"input_message_content\"")
    _content(result)


def _content(result: Json) -> Json:
    """Return the message content of a result. Raises WorldError when Telegram would refuse it."""
    given = result.get("input_message_content") or {}
    text = given.get("message_text", result.get("caption", result.get("title", "")))
    mode = given.get("parse_mode", result.get("parse_mode"))
    try:
        plain, found = accept(str(text), mode, given.get("entities"))
    except EntityError as error:
        raise WorldError(400, f"Bad Request: can't parse inline query result: {error}") from None
    content: Json = {"text": plain}
    if found:
        content["entities"] = found
    if keyboard := check_keyboard(result.get("reply_markup")):
        content["reply_markup"] = keyboard
    return content


def _check_inline_button(given: object) -> None:
    """Check the button above the results."""
    if not given:
        return
    if not isinstance(given, dict) or not str(given.get("text") or "").strip():
        raise bad("can't parse inline query results button: Can't find field \"text\"")
    if len(given["text"]) > 64:
        raise bad("BUTTON_TEXT_INVALID")
    if "web_app" in given:
        return
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(given.get("start_parameter") or "")):
        raise bad("START_PARAM_INVALID")

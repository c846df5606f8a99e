"""The bot's actions on messages: send, edit, delete, react, draft, send files."""

from __future__ import annotations

from telegram.constants import ReactionEmoji

from tests.botapi.chats import Chat, Json, bad, whole_number, words
from tests.botapi.entities import EntityError, accept, units
from tests.botapi.markup import check_keyboard
from tests.botapi.state import State

REACTIONS = frozenset(str(emoji).replace("\ufe0f", "") for emoji in ReactionEmoji)
"""Reactions that Telegram lists, without the variation selector of some: it takes them either way."""
MOST_CAPTION = 1024
_DAYS_TO_DELETE = 2
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Sending(State):
    """The bot's actions. Raises WorldError or EntityError wherever Telegram refuses."""

    def send(
        self,
        chat_id: object,
        text: str,
        parse_mode: str | None,
        *,
        thread: int | None = None,
        reply: Json | None = None,
        markup: object = None,
        entities: object = None,
    ) -> Json:
        """Store a message of the bot and return it."""
        if not text:
            raise EntityError("message text is empty")
        chat = self.open_chat(chat_id)
        plain, found = accept(text, parse_mode, entities)
        content: Json = {"text": plain}
        if found:
            content["entities"] = found
        return self._send(chat, content, thread, reply, markup)

    def send_document(
        self,
        chat_id: object,
        document: object,
        caption: str,
        parse_mode: str | None,
        *,
        thread: int | None = None,
        reply: Json | None = None,
        markup: object = None,
    ) -> Json:
        """Store a file of the bot and return its message; ``document`` is an Upload or the id of a known file."""
        chat = self.open_chat(chat_id)
        if isinstance(document, Upload):
            if not document.data:
                raise bad("file must be non-empty")
            file = self._store_file(document.name, document.data, document.mime)
        elif document in self.files:
            file = self.files[str(document)]
        else:
            raise bad(
                "there is no document in the request" if not document else "wrong remote file identifier"
            )
        content: Json = {"document": file.document()}
        if caption:
            plain, found = accept(caption, parse_mode)
            if units(plain) > MOST_CAPTION:
                raise bad("message caption is too long")
            content["caption"] = plain
            if found:
                content["caption_entities"] = found
        return self._send(chat, content, thread, reply, markup)

    def _send(
        self, chat: Chat, content: Json, thread: int | None, reply: Json | None, markup: object
    ) -> Json:
        keyboard = check_keyboard(markup)
        self._check_thread(chat, thread)
        target = None
        if reply is not None:
            if "message_id" not in reply:
                raise bad("can't parse ReplyParameters: Can't find field \"message_id\"")
            target = chat.messages.get(whole_number(reply["message_id"]))
            if target is None and not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            if target and chat.is_forum and thread is None and target.get("is_topic_message"):
                thread = target["message_thread_id"]
        if target is not None and reply and reply.get("quote"):
            content = content | {"quote": _quote(target, reply)}
        if keyboard:
            content = content | {"reply_markup": keyboard}
        return self._store_sent(chat, self._place(chat, thread, target) | content)

    def _check_thread(self, chat: Chat, thread: int | None) -> None:
        if thread is None:
            return
        if not chat.is_forum or thread not in chat.topics:
            raise bad("message thread not found")
        if thread in chat.closed_topics and chat.bot != "administrator":
            raise bad("TOPIC_CLOSED")

    def change(
        self, target: Json, text: str, parse_mode: str | None, markup: object, entities: object
    ) -> Json:
        """Give a message of the bot another text; a keyboard that is not given again is removed."""
        if not text:
            raise EntityError("message text is empty")
        plain, found = accept(text, parse_mode, entities)
        keyboard = check_keyboard(markup)
        if "text" not in target:
            raise bad("there is no text in the message to edit")
        new = {"text": plain, "entities": found, "reply_markup": keyboard}
        if all(new[key] == (target.get(key) or (None if key == "reply_markup" else [])) for key in new):
            raise bad(_NOT_MODIFIED)
        for key, value in new.items():
            target.pop(key, None)
            if value:
                target[key] = value
        target["edit_date"] = self.now()
        return self._edited(target)

    def change_keyboard(self, target: Json, markup: object) -> Json:
        """Give a message of the bot another keyboard, or none; it is not shown as edited."""
        keyboard = check_keyboard(markup)
        if keyboard == target.get("reply_markup"):
            raise bad(_NOT_MODIFIED)
        target.pop("reply_markup", None)
        if keyboard:
            target["reply_markup"] = keyboard
        return self._edited(target)

    def own(self, chat_id: object, message_id: object) -> Json:
        """Return a message of the bot, to be edited."""
        if not whole_number(message_id):
            raise bad("message identifier is not specified")
        message = self.open_chat(chat_id).messages.get(whole_number(message_id))
        if message is None:
            raise bad("message to edit not found")
        if message["message_id"] not in self.chats[message["chat"]["id"]].sent:
            raise bad("message can't be edited")
        return message

    def _edited(self, message: Json) -> Json:
        self.edits.append(dict(message))
        self.changed.ring()
        return message

    def withdraw(self, chat_id: object, message_id: object) -> None:
        """Delete a message for the bot: its own, or others' where it may."""
        chat = self.find_chat(chat_id)
        message = chat.messages.get(whole_number(message_id))
        if message is None:
            raise bad("message to delete not found")
        own = message.get("from", {}).get("id") == self.bot["id"]
        old = self.now() - message["date"] > _DAYS_TO_DELETE * 86400
        if not (own and not old) and chat.bot != "administrator" and (chat.type != "private" or old):
            raise bad("message can't be deleted for everyone" if own else "message can't be deleted")
        self._remove(chat, message["message_id"])

    def react(self, chat_id: object, message_id: object, reactions: object) -> None:
        """Set the bot's reaction on a message, or remove it."""
        chat = self.find_chat(chat_id)
        message = chat.messages.get(whole_number(message_id))
        if message is None:
            raise bad("message to react not found")
        wanted = reactions if isinstance(reactions, list) else []
        shown = [str(one.get("emoji", "")).replace("\ufe0f", "") for one in wanted if isinstance(one, dict)]
        if len(shown) != len(wanted) or any(emoji not in REACTIONS for emoji in shown):
            raise bad("REACTION_INVALID")
        if len(shown) > 1:
            raise bad("REACTIONS_TOO_MANY")
        self.reactions[chat.id, message["message_id"]] = shown
        self.changed.ring()

    def reaction(self, message: Json) -> list[str]:
        """Return the bot's reactions on a message."""
        return self.reactions.get((message["chat"]["id"], message["message_id"]), [])

    def draft(
        self,
        chat_id: object,
        draft_id: object,
        text: str,
        parse_mode: str | None,
        entities: object,
        thread: int | None = None,
    ) -> None:
        """Show a text that is still being written, in a private chat."""
        chat = self.open_chat(chat_id)
        if chat.type != "private":
            raise bad("TEXTDRAFT_PEER_INVALID")
        if not isinstance(draft_id, int) or draft_id == 0:
            raise bad("RANDOM_ID_INVALID")
        plain, found = accept(text, parse_mode, entities) if text else ("", [])
        self.drafts.append(
            {
                "chat": chat.id,
                "draft_id": draft_id,
                "text": plain,
                "entities": found,
                "thread": thread,
                "after": max(chat.messages, default=0),
                "date": self.now(),
            }
        )
        self.changed.ring()

    def act(self, chat_id: object, action: str, thread: int | None) -> None:
        chat = self.open_chat(chat_id)
        if thread is not None and thread not in chat.topics:
            raise bad("message thread not found")
        self.actions.append({"chat": chat.id, "action": action, "thread": thread})
        self.changed.ring()


class Upload:
    """A file uploaded in a request."""

    def __init__(self, name: str, data: bytes, mime: str) -> None:
        self.name, self.data, self.mime = name, data, mime


def _quote(target: Json, reply: Json) -> Json:
    """Return the quote of a reply, which must be in the message replied to, to the letter."""
    plain, found = accept(str(reply["quote"]), reply.get("quote_parse_mode"), reply.get("quote_entities"))
    whole = words(target)
    at = whole.find(plain)
    if at < 0 or units(plain) > MOST_CAPTION:
        raise bad("QUOTE_TEXT_INVALID")
    quote: Json = {"text": plain, "position": units(whole[:at])}
    kept = {"bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji"}
    if marked := [entity for entity in found if entity["type"] in kept]:
        quote["entities"] = marked
    return quote

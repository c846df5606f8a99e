"""The context of a message: its chat and topic, its author, and the question in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from telegram import CallbackQuery, Message, Update, User
from telegram.constants import ChatType

from bot.state import State
from bot.telegram.chats.addressing import command_in, question_in, text_above
from bot.telegram.chats.settings import Chats, ChatSettings
from bot.telegram.chats.wording import words_of
from bot.telegram.runtime.recent import Latest
from prompts import Language


@dataclass(frozen=True, slots=True)
class ChatContext:
    """One person's conversation in one chat or topic."""

    chat: int
    thread: int | None
    """The topic, in a forum or a private chat with topics; None elsewhere, whatever thread a reply carries."""
    user: int
    """The user's ID, or that of the chat as which an anonymous administrator or a channel writes."""
    private: bool
    language: Language
    update_id: int = 0
    """The update that is answered there, under which what is sent is recorded; 0: none, and nothing is recorded."""
    comments: int | None = None
    """In a channel's discussion group, the message ID there of the channel's post that is commented on."""

    @property
    def topic(self) -> int | None:
        """The topic that may have settings of its own; a private chat's have none."""
        return None if self.private else self.thread

    @property
    def conversation(self) -> str:
        """The key under which the conversation is remembered."""
        return f"telegram:{self.chat}:{self.thread or self.comments or 0}:{self.user}"


class ChatContexts:
    """A factory of chat contexts that applies the settings of each chat."""

    def __init__(self, chats: Chats, state: State) -> None:
        self._chats = chats
        self._comments: Latest[tuple[int, int], None] = Latest()
        for row in state.rows(
            "select distinct conversation from turns where conversation like 'telegram:-%'"
            " and conversation not like 'telegram:-%:0:%'"
        ):
            chat, thread = row["conversation"].split(":")[1:3]
            self._has_comments(int(chat), int(thread))

    def of(self, message: Message, update_id: int) -> ChatContext:
        """Return the context of a message, for the work on an update.

        The answer is sent as a reply to the message, which keeps it among the comments of a post.
        """
        if message.is_automatic_forward:
            self._has_comments(message.chat.id, message.message_id)
        plain = plain_context(message, update_id)
        spoken = self.language(message.chat.id, message.from_user, plain.topic)
        return replace(plain, language=spoken, comments=self._commented(message))

    def of_query(self, query: CallbackQuery, update_id: int) -> ChatContext:
        """Return the context of a button press, for the user who pressed and the work on an update.

        It is their private chat when the buttons are in no chat of the bot.
        """
        if query.message is None:
            return self.private(query.from_user.id, language(query.from_user), update_id)
        chat = query.message.chat
        message = query.message if isinstance(query.message, Message) else None
        return ChatContext(
            chat=chat.id,
            thread=message.message_thread_id if message and message.is_topic_message else None,
            user=query.from_user.id,
            private=chat.type == ChatType.PRIVATE,
            language=self.language_of(query),
            update_id=update_id,
            comments=self._commented(message) if message else None,
        )

    def of_update(self, update: Update) -> ChatContext | None:
        """Return the context of an update of any kind; None when it belongs to nobody."""
        if update.callback_query:
            return self.of_query(update.callback_query, update.update_id)
        if update.effective_message:
            return self.of(update.effective_message, update.update_id)
        chat, user = update.effective_chat, update.effective_user
        if chat is None or chat.type == ChatType.PRIVATE:
            return self.private(user.id, language(user), update.update_id) if user else None
        return ChatContext(
            chat=chat.id,
            thread=None,
            user=user.id if user else chat.id,
            private=False,
            language=self.language(chat.id, user),
            update_id=update.update_id,
        )

    def private(self, user: int, spoken: Language, update_id: int) -> ChatContext:
        """Return the context of a user's private chat, for the work on an update, 0 for none.

        ``spoken``: their language unless they have set another.
        """
        return ChatContext(
            chat=user,
            thread=None,
            user=user,
            private=True,
            language=self._chats.of(user).language or spoken,
            update_id=update_id,
        )

    def group(self, chat: int, spoken: Language, update_id: int) -> ChatContext:
        """Return the context of a group as a whole; ``spoken``: its language unless another is set for it."""
        return ChatContext(
            chat=chat,
            thread=None,
            user=chat,
            private=False,
            language=self._chats.of(chat).language or spoken,
            update_id=update_id,
        )

    def language(self, chat: int, user: User | None, topic: int | None = None) -> Language:
        """Return the language for a user in a chat, or in a topic there.

        The setting of the topic or chat comes first, then the user's own setting, then the language of their Telegram.
        """
        own = self._chats.of(user.id).language if user else None
        return self._chats.of(chat, topic).language or own or language(user)

    def language_of(self, query: CallbackQuery) -> Language:
        """Return the language for the user who pressed a button, in the chat where it is."""
        if query.message is None:
            return self._chats.of(query.from_user.id).language or language(query.from_user)
        message = query.message if isinstance(query.message, Message) else None
        topic = _topic(message) if message else None
        return self.language(query.message.chat.id, query.from_user, topic)

    def settings(self, here: ChatContext) -> ChatSettings:
        """Return the settings of a chat or topic."""
        return self._chats.of(here.chat, here.topic)

    def question_in(self, message: Message) -> str | None:
        """Return the question that a message or its caption asks the bot, with ``/ask`` or without.

        None when the message does not speak to the bot; "" when it does but asks nothing.
        """
        bot = message.get_bot().bot
        command = command_in(message, bot)
        if command is None:
            return question_in(message, bot, replies=self._chats.of(message.chat.id, _topic(message)).replies)
        return words_of(message) or text_above(message, bot) if command == "ask" else None

    def _commented(self, message: Message) -> int | None:
        """Return the ID of the post that a message comments on; None when it is no comment.

        A comment on a comment carries only the thread's ID, as any reply does: it counts when the thread is known
        to be that of a post.
        """
        thread, above = message.message_thread_id, message.reply_to_message
        if thread is None or message.is_topic_message or message.chat.type != ChatType.SUPERGROUP:
            return None
        if above is not None and above.is_automatic_forward:
            self._has_comments(message.chat.id, thread)
        return thread if (message.chat.id, thread) in self._comments else None

    def _has_comments(self, chat: int, thread: int) -> None:
        self._comments[chat, thread] = None


def _topic(message: Message) -> int | None:
    """Return the topic of a message in a forum."""
    private = message.chat.type == ChatType.PRIVATE
    return message.message_thread_id if message.is_topic_message and not private else None


def plain_context(message: Message, update_id: int) -> ChatContext:
    """Return the context of a message from Telegram's data alone, for users to whom no settings apply."""
    return ChatContext(
        chat=message.chat.id,
        thread=message.message_thread_id if message.is_topic_message else None,
        user=sender_id(message),
        private=message.chat.type == ChatType.PRIVATE,
        language=language(message.from_user),
        update_id=update_id,
    )


def sender_id(message: Message) -> int:
    """Return the ID of a message's author: of the chat, where somebody writes in its name."""
    return (message.sender_chat or message.from_user or message.chat).id


def language(user: User | None) -> Language:
    """Return English for users whose Telegram is in English, Arabic for all others."""
    code = (user.language_code if user else None) or "ar"
    return "en" if code.lower().split("-")[0] == "en" else "ar"

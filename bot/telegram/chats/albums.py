"""Albums: pictures or files sent together, which come as a message each, usually one of them with a caption."""

from __future__ import annotations

from telegram import Message

from bot.telegram.runtime.recent import Latest


class Albums:
    """The albums that came lately, with the update whose message speaks for each; kept in memory only."""

    def __init__(self) -> None:
        self._captioned: Latest[tuple[int, str], int] = Latest()
        self._silent: Latest[tuple[int, str], int] = Latest()

    def asks(self, message: Message, update_id: int) -> bool:
        """Return whether a message with a caption is the one that asks for its album, also when worked on again."""
        return _is_first(self._captioned, message, update_id)

    def is_first_silent(self, message: Message, update_id: int) -> bool:
        """Return whether a message without a caption is the first of its album."""
        return _is_first(self._silent, message, update_id)

    def has_caption(self, message: Message) -> bool:
        """Return whether a message of the same album came with a caption that asks."""
        return (message.chat.id, message.media_group_id) in self._captioned


def _is_first(seen: Latest[tuple[int, str], int], message: Message, update_id: int) -> bool:
    if message.media_group_id is None:
        return True
    return seen.setdefault((message.chat.id, message.media_group_id), update_id) == update_id

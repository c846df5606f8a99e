"""A chat as lines for a terminal: messages, buttons, reactions and other actions of the bot."""

from __future__ import annotations

from collections.abc import Sized

from tests.botapi.page import CORNERS, media_kind, service
from tests.botapi.world import Json, World


def message_lines(world: World, message: Json, note: str = "") -> str:
    """Return a message as lines: sender, reply, file, text and buttons."""
    if told := service(message):
        return f"   · {told}"
    sender = message.get("sender_chat") or message.get("from", {})
    name = sender.get("title") or sender.get("first_name", "")
    topic = world.chats[message["chat"]["id"]].topics.get(message.get("message_thread_id", 0))
    head = " · ".join(filter(None, (name, message["chat"].get("title"), topic, note)))
    lines = [f"── {head}"]
    if replied := message.get("reply_to_message", {}).get("text"):
        lines.append(f"  ▏{message.get('quote', {}).get('text') or replied.splitlines()[0]}")
    if document := message.get("document"):
        lines.append(f"  🗎 {document['file_name']} ({document['file_size']} bytes)")
    if kind := media_kind(message):
        lines.append(f"  📎 {kind}")
    if body := message.get("text") or message.get("caption"):
        lines.append(body)
    for row in message.get("reply_markup", {}).get("inline_keyboard", ()):
        lines.append("  " + " ".join(f"[{button['text']}{_does(button)}]" for button in row))
    return "\n".join(lines)


def result_lines(answer: Json) -> str:
    """Return the results of an inline query, numbered as ``:choose`` expects them."""
    lines = []
    if top := answer.get("button"):
        lines.append(f"  [{top['text']} → /start {top.get('start_parameter', '')}]")
    for number, result in enumerate(answer.get("results", ()), 1):
        lines.append(f"  {number}. {result.get('title', result['id'])}")
        if about := result.get("description"):
            lines.append(f"     {about}")
    if offset := answer.get("next_offset"):
        lines.append(f"  … :more (offset {offset})")
    return "\n".join(lines) or "  (no results)"


def _does(button: Json) -> str:
    """Return the action of a button, empty for one that sends a callback."""
    for key, mark in CORNERS.items():
        if key in button:
            value = button[key]
            words = value.get("text", value.get("query", "")) if isinstance(value, dict) else value
            return f" {mark} {words.splitlines()[0][:50] if words else ''}".rstrip()
    return ""


class News:
    """The bot's actions since the last call, as text."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen = dict.fromkeys(("sent", "edits", "deleted", "drafts", "callback", "inline"), 0)
        self._reactions: dict[tuple[int, int], list[str]] = {}

    def take(self) -> list[str]:
        """Return the new actions, kind by kind; each once."""
        world = self._world
        fresh = {name: kept[self._seen[name] :] for name, kept in self._messages().items()}
        answered = {name: kept[self._seen[name] :] for name, kept in self._answers().items()}
        self._seen = self.counts()
        found = [message_lines(world, message) for message in fresh["sent"]]
        found += [message_lines(world, message, "edited") for message in fresh["edits"]]
        found += [f"   · deleted: {str(gone.get('text', ''))[:60]}" for gone in fresh["deleted"]]
        found += [f"   ✎ {draft['text'] or '…'}" for draft in fresh["drafts"]]
        found += [self._callback(query) for query in answered["callback"]]
        found += [self._results(query) for query in answered["inline"]]
        return found + self._new_reactions()

    def _callback(self, query: str) -> str:
        answer = self._world.callback_answers[query]
        alert = " (alert)" if answer.get("show_alert") else ""
        return f"   🔔 {answer.get('text') or 'done'}{alert}"

    def _results(self, query: str) -> str:
        asked = self._world.queries[query].text
        return f"── @{self._world.bot['username']} {asked}\n{result_lines(self._world.inline_answers[query])}"

    def _new_reactions(self) -> list[str]:
        found = []
        for (chat, number), emojis in self._world.reactions.items():
            if self._reactions.get((chat, number)) != emojis:
                self._reactions[chat, number] = emojis
                said = str(self._world.chats[chat].messages.get(number, {}).get("text", ""))[:40]
                found.append(f"   {' '.join(emojis) or 'no reaction any more'} ← {said}")
        return found

    def counts(self) -> dict[str, int]:
        """Return the number of actions of each kind so far."""
        kept: dict[str, Sized] = {**self._messages(), **self._answers()}
        return {name: len(things) for name, things in kept.items()}

    def _messages(self) -> dict[str, list[Json]]:
        world = self._world
        return {"sent": world.sent, "edits": world.edits, "deleted": world.deleted, "drafts": world.drafts}

    def _answers(self) -> dict[str, list[str]]:
        return {"callback": list(self._world.callback_answers), "inline": list(self._world.inline_answers)}

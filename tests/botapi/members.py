"""Memberships: roles, the bot joining and leaving, blocks, groups that become supergroups."""

from __future__ import annotations

from tests.botapi.chats import ADMINS, ANONYMOUS, PRESENT, Chat, Json, Role, User, bad
from tests.botapi.state import State

_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages",
)  # fmt: skip
_PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages",
    "can_manage_topics", "can_edit_tag", "can_react_to_messages",
)  # fmt: skip


class Members(State):
    """Changes of membership by people; each tells the bot as Telegram does."""

    def join(self, chat: Chat, user: User, role: Role = "member", *, anonymous: bool = False) -> None:
        """Give a user a role in a chat, which ``getChatMember`` then reports."""
        old = chat.roles.get(user.id, "left")
        chat.roles[user.id] = role
        chat.anonymous.discard(user.id)
        if anonymous:
            chat.anonymous.add(user.id)
        if chat.bot == "administrator":
            change = {
                "chat": chat.json(),
                "from": user.json(),
                "date": self.now(),
                "old_chat_member": _member(user.json(), old),
                "new_chat_member": _member(user.json(), role, anonymous=anonymous),
            }
            self.push("chat_member", change)

    def add_bot(self, chat: Chat, by: User | None, role: Role = "member") -> None:
        """Add the bot to a group; ``by`` None is an anonymous admin."""
        self._bot_becomes(chat, by, role)
        content: Json = {"new_chat_members": [self.bot_user()]}
        if by is None:
            content["sender_chat"] = chat.json()
        if chat.type != "channel":
            self.push("message", self._store(chat, by.json() if by else ANONYMOUS, content))

    def remove_bot(self, chat: Chat, by: User | None) -> None:
        self._bot_becomes(chat, by, "kicked")

    def promote_bot(self, chat: Chat, by: User | None, role: Role = "administrator") -> None:
        """Make the bot an administrator, or a member again."""
        self._bot_becomes(chat, by, role)

    def block(self, user: User) -> None:
        self.chats[user.id].blocked = True
        self._bot_becomes(self.chats[user.id], user, "kicked")

    def unblock(self, user: User) -> None:
        self.chats[user.id].blocked = False
        self._bot_becomes(self.chats[user.id], user, "member")

    def migrate(self, chat: Chat, by: User | None = None) -> Chat:
        """Upgrade a basic group and return the supergroup that takes its place, with the same people in it."""
        assert chat.type == "group", "only basic groups are upgraded"
        new = self.group(chat.title, privacy=chat.privacy, bot=chat.bot)
        new.roles, new.anonymous = dict(chat.roles), set(chat.anonymous)
        sender = by.json() if by else ANONYMOUS
        self.push("message", self._store(chat, sender, {"migrate_to_chat_id": new.id}))
        self.push("message", self._store(new, sender, {"migrate_from_chat_id": chat.id}))
        chat.migrated_to = new
        return new

    # What the bot asks for

    def leave(self, chat: Chat) -> None:
        self._bot_becomes(chat, None, "left", actor=self.bot_user())

    def member(self, chat: Chat, user_id: int) -> Json:
        """Return the ChatMember of a user in a chat."""
        if user_id == self.bot["id"]:
            return _member(self.bot_user(), "kicked" if chat.blocked else chat.bot)
        if user_id == ANONYMOUS["id"]:
            return _member(ANONYMOUS, "left")
        user = self.users.get(user_id)
        if user is None:
            raise bad("PARTICIPANT_ID_INVALID")
        if chat.type == "private":
            return _member(user.json(), "member")
        return _member(user.json(), chat.roles.get(user_id, "left"), anonymous=user_id in chat.anonymous)

    def administrators(self, chat: Chat) -> list[Json]:
        """Return the administrators of a group, without other bots."""
        if chat.type == "private":
            raise bad("there are no administrators in the private chat")
        ids = [id for id, role in chat.roles.items() if role in ADMINS]
        if chat.bot == "administrator":
            ids.append(self.bot["id"])
        return [self.member(chat, id) for id in ids]

    def count_members(self, chat: Chat) -> int:
        return sum(role in PRESENT for role in (*chat.roles.values(), chat.bot))

    def _bot_becomes(self, chat: Chat, by: User | None, role: Role, actor: Json | None = None) -> None:
        old, chat.bot = chat.bot, role
        change = {
            "chat": chat.json(),
            "from": actor or (by.json() if by else ANONYMOUS),
            "date": self.now(),
            "old_chat_member": _member(self.bot_user(), old),
            "new_chat_member": _member(self.bot_user(), role),
        }
        self.push("my_chat_member", change)
        self.changed.ring()


def _member(user: Json, role: Role, *, anonymous: bool = False) -> Json:
    found: Json = {"user": user, "status": role}
    if role in ADMINS:
        found["is_anonymous"] = anonymous
    if role == "administrator":
        found |= {"can_be_edited": False, **dict.fromkeys(_RIGHTS, True)}
    if role == "restricted":
        found |= {"is_member": True, "until_date": 0, **dict.fromkeys(_PERMISSIONS, False)}
    if role == "kicked":
        found["until_date"] = 0
    return found

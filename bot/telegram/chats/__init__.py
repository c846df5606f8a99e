"""Chats: ``context`` says where a message stands, ``addressing`` whether it speaks to the bot, ``wording``
in what words and ``albums`` for which others, ``settings`` what is set
for a chat or topic and ``zones`` its time zone, ``migration`` takes both along when a group becomes a supergroup."""

"""Chats: ``context`` says where a message stands, ``addressing`` whether it speaks to the bot, ``settings`` what is set
for a chat, ``migration`` takes both along when a group becomes a supergroup."""

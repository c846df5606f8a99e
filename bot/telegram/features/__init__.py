"""What the bot does, one module a feature; ``app.assemble`` gives their order.

conversation    questions in messages and the commands of a conversation; ``edits`` follows questions that are edited
help            what the bot says of itself; ``profile`` is what Telegram shows of it: commands and descriptions
buttons         under answers; ``permalinks`` open a quote in its article
groups          coming into one, and the ``greeting``; ``settingsmenu`` changes what holds there
inline, guest   answers in chats that are not the bot's
feed            how owners feed the archive, over the room ``feeding``; ``channels``: posts that go in by themselves;
                ``following``: which sources it follows
forget          erases what is kept of somebody; ``erasure`` also of what is old
deadletters     errors, and updates that had to be given up; the ``digest`` tells the owners
"""

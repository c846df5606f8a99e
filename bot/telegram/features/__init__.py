"""What the bot does, one module a feature; ``app.features_of`` gives their order.

commands        commands and questions; ``answers`` to them, ``replies`` says what a message is about,
                ``edits`` follows questions that are edited
buttons         under answers; ``permalinks`` open a quote in its article
groups          coming into one, and the ``greeting``; ``settingsmenu`` changes what holds there
inline, guest   answers in chats that are not the bot's
access          what owners decide about who may ask; ``pairing`` brings the requests to them
feed            how owners feed the archive
forget          erases what is kept of somebody, and what is old
deadletters     tells of updates that had to be given up
profile         what Telegram shows of the bot: commands and descriptions
"""

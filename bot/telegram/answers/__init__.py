"""Answers in Telegram, which several features give. The way of a question in a message, which ``answers`` goes:

throttle        refuses it when it comes too soon or too many wait
questions       puts it to the core, in its conversation's turn
finder          finds its answer, once for its update; ``revisions`` holds the text that it was edited to
store           keeps the answer, so that its buttons keep working; ``quotestore`` the ids of its quotes
renderer        makes messages of a stored answer
sender          sends them, or edits the messages of the earlier answer
"""

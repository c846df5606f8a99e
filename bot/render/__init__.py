"""What musnad shows, as text for a terminal, as JSON and as Telegram messages.

terminal, json, telegram   answers; ``cards``: one quote as a message; ``emphasis``: its answering words, bold
calibration, claim, feed,  what the other commands and the bot tell
help, measures, outlets,
people, report
elided                     sentences of which a quote is only a part
controls                   characters of texts from outside that would steer a terminal
dates                      the date of publication, and that it was converted
direction, fitting,        right to left, the length of a message, the width of a terminal, links into an article
fragment, layout
"""

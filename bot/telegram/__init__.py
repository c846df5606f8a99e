"""The bot in Telegram: thin handlers over ``bot.ask``.

``app.run`` is what ``musnad telegram`` calls. ``gate`` decides who may ask, ``place`` where a message stands
and whether it speaks to the bot, ``desk`` bounds the work and keeps each conversation in order, ``handlers``
are the commands and questions, ``send`` puts replies in their place, ``updates`` fetches updates and runs their
handlers side by side, ``recent`` keeps the bot from repeating itself, ``app`` puts all of it together and keeps it
running, ``redact`` keeps the token out of logs.
"""

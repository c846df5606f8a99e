"""The bot in Telegram: thin handlers over ``bot.ask``, and an inbox that loses nothing.

``serve.run`` is what ``musnad telegram`` calls. The way of an update:

    poll, webhook   fetch it, or have it posted
    inbox           commits it, and only then is it acknowledged; ``dispatch`` has its work done, ``aside`` tells of
                    what had to be given up
    gate            decides whether it may reach any handler; who is turned away asks the owners by ``pairing``
    a feature       the first whose handlers it fits, in the order of ``app.features_of``
    desk, limits    bound what is worked on at once and how often one may ask; an ``outage`` of the index makes
                    questions wait in the inbox
    delivery        writes into chats over the ``network``; the ``outbox`` records what was sent for which update

The features:

    handlers        commands and questions; ``edits`` of questions, ``answers`` to them, ``activity`` meanwhile
    buttons         under answers (``keyboards``); ``permalinks`` open a quote in its article
    groups          coming into one and the ``greeting``; ``settingsmenu`` changes ``chatsettings`` for ``admins``;
                    ``migration`` to a supergroup
    inline, guest   answers in chats that are not the bot's
    access          what owners decide, kept in the ``register``
    feed            how owners feed the archive; ``progress`` shows how far that is
    forget          erases what is kept of somebody, and what is old

What they share: ``front`` holds the parts, ``place`` says where a message stands and whether it speaks to the bot,
``replies`` what it is about, ``work`` which update is at work, ``recent`` what came up lately, ``trouble`` what
Telegram's errors mean, ``patience`` how long to wait for what.

Around them: ``app`` puts all of it together and ``serve`` keeps it running, ``profile`` tells Telegram what to show of
the bot, ``supervisor`` tells systemd how it is, ``web`` serves ``health`` and ``metrics``, ``redact`` keeps the token
out of logs.
"""

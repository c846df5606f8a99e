"""The bot in Telegram: thin handlers over ``bot.answering.pipeline``, and an inbox that loses nothing.

``serve.run`` is what ``musnad telegram`` calls; ``app`` puts the parts together. The way of an update:

    intake          ``polling`` or ``webhook`` fetches it, ``inbox`` commits it, and only then is it acknowledged;
                    ``dispatcher`` has its work done, ``workers`` bounds how much of it at once
    access          ``gate`` decides whether it may reach any handler, ``ratelimits`` how often one may ask
    admission       what becomes of those it turns away, and how owners let them in
    features        the first whose handlers it fits, in the order of ``app.assemble``; each is a ``feature``
    feeding         what it takes to feed the archive
    answers         what those features share that answer questions, over the ``core``
    outgoing        ``delivery`` writes into chats through ``retries``; ``outbox`` records what was sent

What these share: ``chats`` says what holds in a chat and where a message stands, ``runtime`` which update is at work,
how long to wait for what and what Telegram's errors mean. Around them: ``monitoring`` measures, ``http`` serves the
measurements and the webhook, ``upkeep`` does what is done at intervals, ``indexing`` what a killed ingest left undone,
``newsgathering`` follows sources, and ``serve`` keeps everything running.
"""

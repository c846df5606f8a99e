"""What the other packages stand on, and what knows none of them.

``update`` holds the work on the updates that are being processed, ``recent`` remembers for a while, ``backoff`` says
how long to wait for what, ``errors`` what Telegram's errors mean, ``request`` makes errors of replies that are none;
``redaction`` keeps the token out of logs, ``lockfile`` a second bot out of the data folder, ``supervisor`` tells
systemd how the bot is.
"""

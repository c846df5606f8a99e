"""What the other packages stand on, and what knows none of them.

``update`` names the update that is being worked on, ``recent`` remembers for a while, ``backoff`` says how long to
wait for what, ``errors`` what Telegram's errors mean; ``redaction`` keeps the token out of logs, ``supervisor`` tells
systemd how the bot is.
"""

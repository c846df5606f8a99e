"""Messages going out: ``delivery`` sends each once, through ``retries``, recorded in ``outbox``; ``ownernotices`` go to
the owners, ``keyboards`` are the buttons under answers, ``typing`` and ``progress`` show that work goes on;
``ratelimiter`` keeps to Telegram's limits."""

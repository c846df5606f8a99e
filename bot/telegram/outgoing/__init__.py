"""Messages going out: ``delivery`` sends each once, through ``retries``, recorded in ``outbox``; ``ownernotices`` go to
the owners, among them ``sourcenotices``, of sources that are followed; ``keyboards`` are the buttons under answers,
``typing`` and ``progress`` show that work goes on; ``ratelimiter`` keeps to Telegram's limits."""

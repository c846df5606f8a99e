"""Messages going out: ``delivery`` sends each once, over ``transport``, recorded in ``outbox``; ``keyboards`` are the
buttons under answers, ``typing`` and ``progress`` show that work goes on."""

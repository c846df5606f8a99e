"""How the bot is: ``metrics`` counts, ``health`` judges, ``sources`` are those that are followed, ``circuitbreaker``
stops asking an index that is away."""

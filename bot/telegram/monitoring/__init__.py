"""How the bot is: ``metrics`` counts, ``health`` judges, ``circuitbreaker`` stops asking an index that is away."""

"""The bot's HTTP side: ``server`` answers for health, metrics and the webhook; ``protocol`` keeps connections that send
nothing, or slowly, from starving the others."""

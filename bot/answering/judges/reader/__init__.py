"""The reader: a small network that reads question, headline and passage together. ``model`` is its front; ``tokens``
are what it reads, ``network`` what reads them, ``weights`` the file of what was learned.
"""

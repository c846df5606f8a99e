"""Passages found by meaning and by words.

retriever       the index as a LangChain retriever
index           finds passages; ``fuse`` joins its two rankings, ``lexical`` is the one by words, ``hit`` what is found
dense           the ranking by vectors, in Chroma; ``exact`` without it, while ``mending`` writes there what it lost
fill            makes the index hold what the archive does; ``builds`` and ``vectors`` keep what was embedded
ahead           embeds while an ingest reads
embed           texts to vectors, by one of ``models``; ``embedding`` says where, ``cluster`` is on many machines
chroma, server  Chroma in a folder or on a server; ``soundness`` looks whether it holds what it did
evaluate        how well the right passage is found; ``errors`` what can go wrong
"""

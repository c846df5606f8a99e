"""Copies: articles that tell one report in its own words, cut, with another headline or between paragraphs of others.

signatures   an article as the band keys of the MinHashes of its parts: copies have one in common
compare      whether two articles are copies, by their words and by what differs: figures, days, names
original     which of several copies the others were made of, where that can be told
"""

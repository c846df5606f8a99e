"""What was published: articles as they come in, as they are kept and as they are cut. Knows no model and no chat.

article         an Article, its blocks and spans; ``errors`` what can go wrong with the archive
arabic          text as search sees it; ``sentences``, ``stopwords``; ``dates`` finds and reads dates
decode, parse   from bytes to an article, one package a format; ``mojibake`` undoes a wrong decoding; ``document``:
                what came without a path
worker          the process of its own in which that happens, within bounds
chunk           an article as passages
store           the archive's file
files, fetch    where documents come from: folders and links; ``ingest`` takes them in, ``report`` says what it did
samples         articles that come with the project
"""

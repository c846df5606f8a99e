"""What was published: articles as they come in, as they are kept and as they are cut. Knows no model and no chat.

article         an Article, its blocks and spans; ``errors`` what can go wrong with the archive
arabic          text as search sees it; ``sentences``, ``stopwords``; ``dates`` finds and reads dates
decode, parse   from bytes to an article, one package a format; ``mojibake`` undoes a wrong decoding; ``document``:
                what came without a path
ocr             text recognised in pictures by Tesseract, where that is switched on
worker          the process of its own in which that happens, within bounds
chunk           an article as passages
recurrence      what stands in many articles of an outlet, and is none of their reporting
copies          which articles are copies of one report, whole or in part, and which is the original
store           the archive's file
files, fetch    where documents come from: folders and links; ``unfold``: feeds and sitemaps by link
ingest          files, folders and documents into the archive, one by one or many in a file (``spool``: in which those
                are kept that came without one); ``report`` says what it did
following       sources that are followed: feeds, sitemaps, folders, channels
provenance      where an article really came from; ``foldersettings``: what is said of a folder's articles,
                ``folderoutlets``: what recurs in them
samples         articles that come with the project
"""

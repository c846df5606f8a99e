"""What changed in the archive, and which quotes that were given are touched by it.

versions      versions of articles as words and sentences, to be compared
fate          what became of a quote: its words stand, were changed or taken out, or its article is gone
given         the quotes that were given in answers, by their articles
touched       how a change of its article touches a quote, and what is told of that
notices       what a chat is told, as Telegram messages
differences   what differs between two versions, sentence by sentence
history       all changes, with both versions and the quotes that they touch; ``report`` shows them in a terminal
"""

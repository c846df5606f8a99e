"""A question, read without the archive and then weighed by it.

query       what is known of a question: its kind, its words, the day it names
reading     from a text to a query, in standard Arabic, dialect or English
kinds       what kind of thing is asked for
tense       the time asked about: now, how things stand, what happened
standard    dialect words in standard Arabic
"""

from bot.answering.question.query import Kind, Period, Query, QueryWord, Tense
from bot.answering.question.reading import is_english, understand, weigh

__all__ = ["Kind", "Period", "Query", "QueryWord", "Tense", "is_english", "understand", "weigh"]

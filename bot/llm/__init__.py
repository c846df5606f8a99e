"""The chat model, when one is configured: its client, what a day of it may cost, and how it makes a follow-up stand
alone. What it judges, and how its reply is read, is ``bot.answering.judges.chat``."""

from bot.llm.client import ChatModel, LLMError, objects

# The names of bot.llm.statements are to be deleted with bot/statements.py.
from bot.llm.statements import MOST_PASSAGES, Passage, Statement, messages, parse

__all__ = ["MOST_PASSAGES", "ChatModel", "LLMError", "Passage", "Statement", "messages", "objects", "parse"]

"""The chat model, when one is configured: its client, what a day of it may cost, and how it makes a follow-up stand
alone. What it judges, and how its reply is read, is ``bot.answering.judges.chat``."""

from bot.llm.client import ChatModel, LLMError, objects

__all__ = ["ChatModel", "LLMError", "objects"]

"""The chat model, when one is configured: its ``client``, what a day of it may cost (``budget``), and how it makes a
follow-up stand alone (``standalone``).
"""

from bot.llm.client import ChatModel, LLMError, objects

__all__ = ["ChatModel", "LLMError", "objects"]

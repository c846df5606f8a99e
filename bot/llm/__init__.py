"""The chat model, when one is configured: its ``client``, how long a reply may be (``bounds``), what a day of it may
cost (``budget``), and how it makes a follow-up stand alone (``standalone``).
"""

from bot.llm.client import ChatModel, LLMError, objects

__all__ = ["ChatModel", "LLMError", "objects"]

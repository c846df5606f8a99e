"""A chat model, when one is configured: the only place where one is made and asked.

The model has no tools and no say in what is shown: it proposes statements, each with a passage's number and a quote;
``bot.ask`` drops every statement whose quote does not stand.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from bot.settings import Settings
from prompts import prompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

MOST_STATEMENTS = 3
_LONGEST_REPLY = 40_000  # characters; what comes beyond is not read


class LLMError(Exception):
    """The chat model gave nothing that can be used: ``slow``, ``down`` or ``nonsense``."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why


class Statement(BaseModel):
    """What the model says one passage says."""

    text: str = Field(min_length=1, max_length=2000)
    passage: int
    quote: str = Field(min_length=1, max_length=4000)


class _Reply(BaseModel):
    statements: list[Statement] = Field(max_length=50)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as the model is shown it."""

    number: int
    title: str
    outlet: str | None
    published: str | None
    text: str


class ChatModel:
    """A langchain chat model behind a deadline."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: BaseChatModel | None = None
        self._lock = threading.Lock()

    def statements(self, question: str, passages: Sequence[Passage]) -> list[Statement]:
        """The model's statements, unverified. LLMError when it is slow, down or talks nonsense."""
        return _parse(self._reply(_messages(question, passages)))

    def _reply(self, messages: list[tuple[str, str]]) -> str:
        """The model's answer within the deadline. A thread of its own, since a server that drips bytes keeps any
        per-read timeout happy for ever; a daemon, so that a hung one never holds up the end of the program."""
        done: dict[str, Any] = {}

        def invoke() -> None:
            try:
                done["reply"] = self._load().invoke(messages)
            except Exception as error:  # noqa: BLE001  whatever a provider's client raises, the answer goes out without it
                done["error"] = error

        thread = threading.Thread(target=invoke, name="chat-model", daemon=True)
        thread.start()
        thread.join(self._settings.llm_timeout)
        if thread.is_alive():
            raise LLMError("slow", f"no answer in {self._settings.llm_timeout:g} s")
        if "error" in done:
            # The class only: a provider's message may carry the key or the address.
            log.warning("chat model failed: %s", type(done["error"]).__name__)
            why = "slow" if "timeout" in type(done["error"]).__name__.lower() else "down"
            raise LLMError(why, type(done["error"]).__name__)
        content = done["reply"].content
        if isinstance(content, list):
            content = "".join(
                part if isinstance(part, str) else str(part.get("text", "")) for part in content
            )
        return str(content)[:_LONGEST_REPLY]

    def _load(self) -> BaseChatModel:
        with self._lock:
            if self._model is None:
                from langchain.chat_models import init_chat_model

                assert self._settings.llm is not None
                self._model = init_chat_model(self._settings.llm, **_options(self._settings))
            return self._model


def _options(settings: Settings) -> dict[str, Any]:
    """Temperature 0, a token limit, a deadline and no retries, by the names each provider's class gives them."""
    options: dict[str, Any] = {"temperature": 0}
    if settings.llm_base_url:
        options["base_url"] = settings.llm_base_url
    if str(settings.llm).startswith("ollama"):
        options |= {
            "num_predict": settings.llm_max_tokens,
            "client_kwargs": {"timeout": settings.llm_timeout},
        }
        return options
    options |= {"max_tokens": settings.llm_max_tokens, "timeout": settings.llm_timeout, "max_retries": 0}
    if settings.llm_api_key:
        options["api_key"] = settings.llm_api_key.get_secret_value()
    elif settings.llm_base_url:
        options["api_key"] = "none"  # local servers ask for none, but the client wants one
    return options


def _messages(question: str, passages: Sequence[Passage]) -> list[tuple[str, str]]:
    shown = [
        {
            "passage": p.number,
            "headline": p.title,
            "outlet": p.outlet,
            "published": p.published,
            "text": p.text,
        }
        for p in passages
    ]
    return [
        ("system", prompt("answer.v1", most=MOST_STATEMENTS)),
        ("human", json.dumps({"passages": shown, "question": question}, ensure_ascii=False, indent=1)),
    ]


def _parse(reply: str) -> list[Statement]:
    """The statements of a reply, whatever is written around the JSON object."""
    start = reply.find("{")
    if start < 0:
        raise LLMError("nonsense", "no JSON object in the reply")
    try:
        found, _ = json.JSONDecoder().raw_decode(reply[start:])
        return _Reply.model_validate(found).statements
    except (json.JSONDecodeError, ValidationError) as error:
        raise LLMError("nonsense", type(error).__name__) from error

"""A chat model, when one is configured: the only place where one is made and asked.

The model has no tools and no say in what is shown: it proposes statements, each with a passage's number and a quote;
``bot.statements`` drops every statement whose quote does not stand.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from bot.budget import Budget
from bot.directives import without_directives
from bot.settings import Settings
from prompts import prompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

MOST_STATEMENTS = 3
MOST_PASSAGES = 12
"""Passages that are shown to the model, best first: with the prompt about 5,000 tokens of Arabic, and room to answer
in a context of 8,192, which small local models have."""

_CONTEXT = 8192
_READ_STATEMENTS = 20  # of a reply; what comes beyond is not looked at
_LONGEST_REPLY = 40_000  # characters; what comes beyond is not read


class LLMError(Exception):
    """The chat model gave nothing that can be used: it was ``slow``, is ``down`` or talks ``nonsense``; or it was not
    asked, because what it may be asked a day is ``spent``."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why


class Statement(BaseModel):
    """What the model says one passage says."""

    text: str = Field(max_length=2000)
    passage: int
    quote: str = Field(min_length=1, max_length=4000)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as the model is shown it."""

    number: int
    title: str
    outlet: str | None
    published: str | None
    text: str


class ChatModel:
    """A langchain chat model behind a deadline and, if there is one, a daily budget. Safe to use from several threads;
    ``close`` ends its own thread."""

    def __init__(self, settings: Settings, budget: Budget | None = None) -> None:
        self._settings = settings
        self._budget = budget
        self._model: BaseChatModel | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def statements(self, question: str, passages: Sequence[Passage]) -> list[Statement]:
        """The model's statements, unverified; none when it finds no answer in the passages.

        LLMError when it is slow, down or talks nonsense, or when its budget is spent. Takes no longer than
        ``llm_timeout`` once loaded.
        """
        if self._budget is not None and not self._budget.take():
            raise LLMError("spent")
        return parse(self._reply(messages(question, passages)))

    def load(self) -> None:
        """Make the client: seconds of imports, which are not part of any deadline. LLMError when it cannot be made."""
        with self._lock:
            if self._model is not None:
                return
            failed = ""
            try:
                self._model = _make(self._settings)
            except Exception as error:  # noqa: BLE001  whatever a provider's package raises over its settings
                failed = type(error).__name__
                log.error("MUSNAD_LLM=%s cannot be used: %s", self._settings.llm, self._redacted(error))
            # Raised out here so that the provider's message, which may carry the key, is not chained to it.
            if failed:
                raise LLMError("down", failed)

    def close(self) -> None:
        """Break off what is running and end the thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_wind_up(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        if not thread.is_alive():
            loop.close()

    def _reply(self, asked: list[tuple[str, str]]) -> str:
        """The model's answer within the deadline, which is of the whole answer: a server that drips bytes keeps a
        client's own timeout happy for ever. At the deadline the request is cancelled and its connection closed."""
        self.load()
        assert self._model is not None
        running = asyncio.run_coroutine_threadsafe(self._model.ainvoke(asked), self._started())
        try:
            return _text(running.result(self._settings.llm_timeout).content)
        except (TimeoutError, CancelledError):
            running.cancel()
            failure = LLMError("slow", f"no answer in {self._settings.llm_timeout:g} s")
        except Exception as error:  # noqa: BLE001  whatever a provider's client raises, the answer goes out without it
            failure = LLMError(_why(error), type(error).__name__)
        # The class only, and nothing chained: a provider's message may carry the key or the address.
        log.warning("chat model: %s", failure)
        raise failure

    def _started(self) -> asyncio.AbstractEventLoop:
        """The event loop all requests share, since clients keep connections that belong to one; in a daemon thread,
        so that a provider's client that cannot be cancelled holds up no exit."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True)
                self._thread.start()
            return self._loop

    def _redacted(self, error: Exception) -> str:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        key = self._settings.llm_api_key
        return (text.replace(key.get_secret_value(), "…") if key else text)[:500]


def messages(question: str, passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """What the model is told: the rules, then question and passages as JSON, without what talks to machines."""
    shown = [
        {
            "passage": passage.number,
            "headline": without_directives(passage.title),
            "outlet": passage.outlet,
            "published": passage.published,
            "text": without_directives(passage.text),
        }
        for passage in passages
    ]
    return [
        ("system", prompt("answer.v1", most=MOST_STATEMENTS)),
        ("human", json.dumps({"question": question, "passages": shown}, ensure_ascii=False, indent=1)),
    ]


def parse(reply: str) -> list[Statement]:
    """The statements of a reply, whatever is written around the JSON object: thoughts, a code fence, an apology.

    What is no statement among them is left out. LLMError ("nonsense") when there is no such object, or nothing in it.
    """
    listed = next((found for found in _objects(reply[:_LONGEST_REPLY]) if "statements" in found), None)
    if listed is None:
        raise LLMError("nonsense", "no JSON object with statements in the reply")
    items = listed["statements"]
    if not isinstance(items, list):
        raise LLMError("nonsense", "the statements are no list")
    statements = []
    for item in items[:_READ_STATEMENTS]:
        try:
            statements.append(Statement.model_validate(item))
        except ValidationError:
            continue
    if items and not statements:
        raise LLMError("nonsense", "none of the statements has the form asked for")
    return statements


def _objects(reply: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a text, the outermost of each place."""
    decoder = json.JSONDecoder()
    at = reply.find("{")
    tries = 0
    while at >= 0 and tries < 50:
        tries += 1
        try:
            found, end = decoder.raw_decode(reply, at)
        except (ValueError, RecursionError):  # half an object, a number of 5,000 digits, 10,000 brackets
            end = at + 1
        else:
            yield found
        at = reply.find("{", end)


def _text(content: str | list[Any]) -> str:
    if isinstance(content, str):
        return content
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)


def _why(error: Exception) -> str:
    if any("Timeout" in kind.__name__ for kind in type(error).__mro__):
        return "slow"
    # What a client raises when a reply came but is not what the API promises.
    return "nonsense" if isinstance(error, (ValueError, TypeError, LookupError, AttributeError)) else "down"


async def _wind_up() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        # Cancelled twice, a request would not finish closing its connection.
        if not task.cancelling():
            task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    # What they had open closes itself: streams first, then, a turn of the loop later, connections.
    await asyncio.get_running_loop().shutdown_asyncgens()
    for _ in range(3):
        await asyncio.sleep(0)


# --- making one --------------------------------------------------------------------------------------------------


def _make(settings: Settings) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    name = settings.llm or ""
    provider = name.partition(":")[0] if ":" in name else None
    if settings.llm_base_url and provider is None:
        provider, name = "openai", f"openai:{name}"
    model: BaseChatModel
    try:
        model = init_chat_model(name, **_options(settings, provider))
    except ValueError as error:
        # «qwen3:8b» on a server of one's own: what stands before the colon is no provider.
        if not settings.llm_base_url or "infer model provider" not in str(error):
            raise
        model = init_chat_model(f"openai:{name}", **_options(settings, "openai"))
    return model


def _options(settings: Settings, provider: str | None) -> dict[str, Any]:
    """Temperature 0, a token limit, a timeout and no retries, by the names each provider's class gives them."""
    options: dict[str, Any] = {"temperature": 0}
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
    if settings.llm_base_url:
        options["base_url"] = settings.llm_base_url
    if provider == "ollama":
        # No thinking: it would use up the tokens of the answer. Its own default context cuts the prompt short.
        headers = _CLOSE | ({"Authorization": f"Bearer {key}"} if key else {})
        client = {"timeout": settings.llm_timeout, "headers": headers}
        options |= {"num_predict": settings.llm_max_tokens, "num_ctx": _CONTEXT, "reasoning": False}
        return options | {"client_kwargs": client}
    options |= {"timeout": settings.llm_timeout, "max_retries": 0}
    if key:
        options["api_key"] = key
    elif settings.llm_base_url:
        options["api_key"] = "none"  # local servers ask for none, but the client wants one
    if provider == "openai":
        options["default_headers"] = _CLOSE
    if provider == "openai" and settings.llm_base_url:
        # langchain-openai calls the limit `max_completion_tokens`, which servers of that kind ignore
        # (abetlen/llama-cpp-python issue 1907, Ollama's /v1) or refuse (voideditor/void issue 128).
        options["extra_body"] = {"max_tokens": settings.llm_max_tokens}
    else:
        options["max_tokens"] = settings.llm_max_tokens
    return options


_CLOSE = {"Connection": "close"}
"""One question at a time is asked: a connection kept open would only be one to break."""

"""Client of the chat model, the only place where one is created and asked.

The model has no tools, and nothing it writes is shown.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from bot.llm.bounds import bound
from bot.llm.budget import Budget
from bot.llm.standalone import restated, standalone_prompt
from bot.settings import Settings
from corpus.errors import MusnadError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from bot.conversation import Turn

log = logging.getLogger(__name__)

CONTEXT = 8192
"""Tokens that small local models have room for, prompt and reply together."""

_LONGEST_REPLY = 40_000  # characters; what comes beyond is not read
_RESTATING = 1 / 3  # of the deadline: a question made to stand alone is still to be judged


class LLMError(MusnadError):
    """Raised when the chat model gave nothing that can be used, or was not asked.

    The model was ``slow``, is ``down`` or talks ``nonsense``; or it was not asked, because its daily budget is
    ``spent``.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why


class ChatModel:
    """A langchain chat model behind a deadline and, if there is one, a daily budget.

    Safe to use from several threads; ``close`` ends its own thread.
    """

    def __init__(self, settings: Settings, budget: Budget | None = None) -> None:
        self._settings = settings
        self._budget = budget
        self._model: BaseChatModel | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._settings.llm or ""

    def ask(self, messages: Sequence[tuple[str, str]], within: float | None = None) -> str:
        """Return the model's reply to these messages, each a role and a text.

        Raises LLMError when it is slow, down or sends no reply, or when its budget is spent. Once loaded it takes
        no longer than ``within`` seconds (``llm_timeout``).
        """
        if self._budget is not None and not self._budget.take():
            raise LLMError("spent")
        return self._reply(messages, within or self._settings.llm_timeout)

    def standalone(self, question: str, turns: Sequence[Turn]) -> str | None:
        """Return the question in a form that stands without the conversation; None when the model offers none.

        Every word of it is the question's or the conversation's own. Takes a third of the deadline.
        """
        if not turns:
            return None
        try:
            reply = self.ask(standalone_prompt(question, turns), self._settings.llm_timeout * _RESTATING)
        except LLMError:
            return None
        offered = next((found["question"] for found in objects(reply) if "question" in found), None)
        return restated(offered, question, turns) if isinstance(offered, str) else None

    def load(self) -> None:
        """Create the client.

        Takes seconds of imports, which are not part of any deadline. Raises LLMError when it cannot be created.
        """
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
        """Cancel running requests and end the thread."""
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

    def _reply(self, messages: Sequence[tuple[str, str]], within: float) -> str:
        """Return the model's answer within the deadline, which covers the whole answer.

        A server that sends its bytes one by one never exceeds a client's own timeout. At the deadline the request
        is cancelled and its connection closed.
        """
        self.load()
        assert self._model is not None
        running = asyncio.run_coroutine_threadsafe(self._model.ainvoke(list(messages)), self._started())
        try:
            return _text(running.result(within).content)
        except (TimeoutError, CancelledError):
            running.cancel()
            failure = LLMError("slow", f"no answer in {within:g} s")
        except Exception as error:  # noqa: BLE001  whatever a provider's client raises, the answer goes out without it
            failure = LLMError(_why(error), type(error).__name__)
        # The class only, and nothing chained: a provider's message may carry the key or the address.
        log.warning("chat model: %s", failure)
        raise failure

    def _started(self) -> asyncio.AbstractEventLoop:
        """Return the event loop that all requests share, starting it first if needed.

        Clients keep connections that belong to one loop. It runs in a daemon thread, so that a provider's client
        that cannot be cancelled holds up no exit.
        """
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


def objects(reply: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a reply, the outermost of each place, whatever is written around them.

    That may be a code fence or an apology. What a model thinks before it replies is skipped.
    """
    reply = reply[:_LONGEST_REPLY]
    decoder = json.JSONDecoder()
    at = reply.find("{", reply.rfind("</think>") + 1)
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
    """Return temperature 0, a token limit, a timeout and no retries, as each provider's class names them."""
    options: dict[str, Any] = {"temperature": 0}
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
    if settings.llm_base_url:
        options["base_url"] = settings.llm_base_url
    if provider == "ollama":
        # No thinking: it would use up the tokens of the answer. Its own default context cuts the prompt short.
        headers = _CLOSE | ({"Authorization": f"Bearer {key}"} if key else {})
        client = {"timeout": settings.llm_timeout, "headers": headers}
        options["async_client_kwargs"] = {"event_hooks": {"response": [bound]}}
        options |= {"num_predict": settings.llm_max_tokens, "num_ctx": CONTEXT, "reasoning": False}
        return options | {"client_kwargs": client}
    options |= {"timeout": settings.llm_timeout, "max_retries": 0}
    if key:
        options["api_key"] = key
    elif settings.llm_base_url:
        options["api_key"] = "none"  # local servers ask for none, but the client wants one
    if provider == "openai":
        from openai import DefaultAsyncHttpxClient

        options["default_headers"] = _CLOSE
        options["http_async_client"] = DefaultAsyncHttpxClient(
            timeout=settings.llm_timeout, event_hooks={"response": [bound]}
        )
    if provider == "openai" and settings.llm_base_url:
        # langchain-openai calls the limit `max_completion_tokens`, which servers of that kind ignore
        # (abetlen/llama-cpp-python issue 1907, Ollama's /v1) or refuse (voideditor/void issue 128).
        options["extra_body"] = {"max_tokens": settings.llm_max_tokens}
    else:
        options["max_tokens"] = settings.llm_max_tokens
    return options


_CLOSE = {"Connection": "close", "Accept-Encoding": "gzip, deflate"}
"""Headers that close connections, since one question is asked at a time and an open connection could only break,
and that ask for packings whose length can be bounded."""

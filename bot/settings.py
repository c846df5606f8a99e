"""The only module that reads the environment: every setting with its default and description."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidatorFunctionWrapHandler, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_RATE = r"^\s*(0|[1-9]\d{0,5}\s*/\s*[1-9]\d{0,5})\s*$"

_WEBHOOK = re.compile(r"https?://[^\s/?#@]+(/[\w./~:-]*)?", re.ASCII)
_CHROMA = re.compile(r"https?://([^\s/?#@:]+(:[^\s/?#@]*)?@)?[^\s/?#@:]+(:\d{1,5})?(/[\w./~-]*)?", re.ASCII)
_LARGEST_USER = 2**52  # Telegram's numbers have at most 52 significant bits
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what Telegram takes
_ADDRESS = re.compile(r"(?:(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]*):)?(?P<port>\d{1,5})", re.ASCII)


def _default_data() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "musnad"


@dataclass(frozen=True, slots=True)
class Supervision:
    """Notification socket and deadline that systemd sets for a supervised service."""

    socket: str
    """Where: a path, or @ and an abstract name."""
    within: float
    """Seconds within which it must hear that the bot lives; 0 when it need not."""


def supervision() -> Supervision | None:
    """What systemd put into the environment for ``Type=notify``; None when it started nothing."""
    where, within = os.environ.get("NOTIFY_SOCKET", ""), os.environ.get("WATCHDOG_USEC", "")
    return Supervision(where, int(within) / 1e6 if within.isdigit() else 0.0) if where else None


class NeedsError(ValueError):
    """Raised when a setting needs something else; the message ``cli_needs_NAME`` says what."""


class Settings(BaseSettings):
    """One field per setting: ``MUSNAD_`` and the field's name in capitals is its environment variable."""

    model_config = SettingsConfigDict(
        env_prefix="MUSNAD_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Path = Field(
        default_factory=_default_data,
        description="Folder of all state: archive, index, conversations, model cache",
    )
    language: Literal["ar", "en"] = Field(
        "ar", description="Language of labels in the terminal: `ar` or `en`"
    )

    embedding_model: str | None = Field(
        None, description="A sentence-transformers name or path instead of the embedded model"
    )
    embedding_query_prompt: str | None = Field(
        None, description="Its prompt before questions (default: the model's own `query` prompt)"
    )
    embedding_passage_prompt: str | None = Field(
        None,
        description="Its prompt before passages (default: the model's own `passage` or `document` prompt)",
    )

    chroma_url: SecretStr | None = Field(
        None,
        description="`http://HOST:PORT` of a Chroma server that keeps the passages' vectors, instead of the data"
        " folder",
    )

    ocr: bool = Field(
        False,
        description="`1` reads the text in pictures and scanned PDF files by machine, where Tesseract and `musnad[ocr]`"
        " are installed; such text is marked wherever it is shown",
    )

    judge: str | None = Field(
        None,
        description="A sentence-transformers cross-encoder, by folder or name (`BAAI/bge-reranker-v2-m3`), that judges"
        " beside musnad's own judge; `linear`, as without: that one alone",
    )

    llm: str | None = Field(
        None,
        description="A chat model, as langchain's `init_chat_model` names it: `openai:gpt-4o-mini`, `ollama:qwen3`",
    )
    llm_base_url: str | None = Field(None, description="Address of the chat model's server")
    llm_api_key: SecretStr | None = Field(None, description="Its key (or the provider's own variable)")
    llm_timeout: float = Field(
        30.0, gt=0, description="Seconds to wait for the chat model before answering without it"
    )
    llm_max_tokens: int = Field(
        300,
        gt=0,
        description="Most tokens the chat model may write: tens for a reply, thousands for one that thinks first",
    )
    llm_daily: int = Field(
        0,
        ge=0,
        description="Requests a day (UTC) to the chat model, from all front ends together: one a question, two for some"
        " follow-ups; what is beyond is answered without it. `0`: no limit",
    )

    telegram_token: SecretStr | None = Field(None, description="The bot's token from @BotFather")
    telegram_api_url: str = Field("https://api.telegram.org", description="The Bot API server")
    webhook: str | None = Field(
        None, description="Address at which Telegram posts updates, `https://…`; without it the bot polls"
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="Secret that Telegram sends along with them (default: one is made and kept in the data folder)",
    )
    listen: str | None = Field(
        None,
        description="`HOST:PORT` at which the Telegram bot serves `/healthz`, `/metrics` and the webhook"
        " (with a webhook, by default `127.0.0.1:8080`)",
    )
    owners: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(),
        description="Numbers of the users who own the bot, with commas between: they let others in and feed the"
        " archive",
    )
    allowed_users: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(), description="Numbers of the users who may ask in private, with commas between"
    )
    allowed_chats: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(), description="Numbers of the groups in which anyone may ask, with commas between"
    )
    public: bool = Field(
        False, description="`1` opens the bot to everyone but those whom the owners have shut out"
    )
    rate_user: str = Field(
        "6/60",
        pattern=_RATE,
        description="Questions a user may ask at once, and in how many seconds they may ask as many again;"
        " owners may ask four times as many. `0`: no limit",
    )
    rate_chat: str = Field("20/60", pattern=_RATE, description="The same for a group, whoever asks in it")
    queue: int = Field(
        100,
        gt=0,
        description="Questions in work or waiting in Telegram, beyond which the bot says that it is busy",
    )
    retention_days: int = Field(
        90,
        ge=0,
        description="Days after which questions, answers and feedback are erased, when the Telegram bot starts and"
        " once a day. `0`: kept until `/forget`",
    )

    conversation_turns: int = Field(6, ge=1, description="Questions a conversation remembers")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="What the Telegram bot logs"
    )

    @field_validator("owners", "allowed_users", "allowed_chats", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(
                int(part) for part in value.replace("،", ",").replace(" ", ",").split(",") if part
            )
        return value

    @field_validator("owners", "allowed_users", mode="wrap")
    @classmethod
    def _people(cls, value: object, handler: ValidatorFunctionWrapHandler) -> frozenset[int]:
        try:
            found: frozenset[int] = handler(value)
        except ValueError:
            raise NeedsError("people") from None
        if any(not 0 < number <= _LARGEST_USER for number in found):
            raise NeedsError("people")
        return found

    @field_validator("chroma_url")
    @classmethod
    def _chroma_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _CHROMA.fullmatch(value.get_secret_value()):
            raise NeedsError("chroma")
        return value

    @field_validator("webhook")
    @classmethod
    def _webhook(cls, value: str | None) -> str | None:
        if value is not None and not _WEBHOOK.fullmatch(value):
            raise NeedsError("webhook")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise NeedsError("secret")
        return value

    @field_validator("listen")
    @classmethod
    def _listen(cls, value: str | None) -> str | None:
        if value is None:
            return None
        found = _ADDRESS.fullmatch(value)
        if found is None or int(found["port"]) > 65535:
            raise NeedsError("address")
        return f"{found['host'] or '127.0.0.1'}:{found['port']}"

"""The chat model's client over HTTP through langchain's own clients: good, slow, missing and wrong replies."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from syrupy.assertion import SnapshotAssertion

from bot.conversation import Turn
from bot.llm import ChatModel, LLMError, objects
from bot.llm.standalone import restated
from bot.settings import Settings
from tests.openai_server import ChatServer, Close, Drip, Hang, Raw, Script

KEY = "sk-test-THIS-IS-THE-KEY-0123456789"
TOLD = [("system", "اتّبع القواعد."), ("human", "متى افتتحت بلدية السهل الجسر الجديد؟")]
MODELS = ["openai:test-model", "ollama:qwen3"]


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_account_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_ORG_ID", "OPENAI_PROXY", "OLLAMA_HOST",
        "OLLAMA_API_KEY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
        "LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _the_key_stays_in(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that no log, ours or a library's, holds the key at any level."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text


@contextmanager
def model_at(server: ChatServer, name: str = "openai:test-model", **changes: object) -> Iterator[ChatModel]:
    values: dict[str, object] = {
        "llm": name,
        "llm_base_url": server.host if name.startswith("ollama") else server.url,
        "llm_api_key": SecretStr(KEY),
        "llm_timeout": 5.0,
        **changes,
    }
    model = ChatModel(Settings.model_validate(values))
    try:
        yield model
    finally:
        model.close()


def ask(server: ChatServer, *behaviours: Script, name: str = "openai:test-model", **changes: object) -> str:
    """Return the reply of a model that behaves as scripted, or the reason it gives none."""
    server.will(*behaviours)
    with model_at(server, name, **changes) as model:
        model.load()
        try:
            return model.ask(TOLD)
        except LLMError as error:
            return error.why


# --- asked and answered ----------------------------------------------------------------------------------------


def test_what_it_is_told_and_what_it_replies(server: ChatServer) -> None:
    assert ask(server, "يوم الأحد", llm_max_tokens=321) == "يوم الأحد"
    (received,) = server.received
    settings = {name: value for name, value in received.body.items() if name != "messages"}
    assert settings == {"model": "test-model", "temperature": 0, "max_tokens": 321, "stream": False}
    assert received.headers["Authorization"] == f"Bearer {KEY}"
    assert received.body["messages"] == [
        {"role": "system", "content": TOLD[0][1]},
        {"role": "user", "content": TOLD[1][1]},
    ]


def test_ollama(server: ChatServer) -> None:
    assert ask(server, "يوم الأحد", name="ollama:qwen3", llm_max_tokens=321) == "يوم الأحد"
    (received,) = server.received
    assert (received.path, received.body["model"]) == ("/api/chat", "qwen3")
    assert received.body["options"]["temperature"] == 0
    assert received.body["options"]["num_predict"] == 321
    assert received.body["think"] is False
    assert not received.body.get("tools")
    assert received.headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("name", ["test-model", "test:8b", "openai:test-model"])
def test_a_server_of_ones_own_is_taken_for_an_openai_one(server: ChatServer, name: str) -> None:
    assert ask(server, "نعم", name=name, llm_api_key=None) == "نعم"
    assert server.received[0].body["model"] == name.removeprefix("openai:")
    assert server.received[0].headers["Authorization"] == "Bearer none"


def test_the_providers_own_key_is_not_sent_to_a_server_of_ones_own(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    ask(server, "نعم", llm_api_key=None)
    assert KEY not in str(server.received[0].headers)


@pytest.mark.parametrize("name", ["nonesuch", "nonesuch:model", "anthropic:claude-x", "openai:gpt-4o-mini"])
def test_a_model_that_cannot_be_made_is_named_in_the_log(caplog: pytest.LogCaptureFixture, name: str) -> None:
    """The operator is told of an unknown provider, a package that is not installed and a missing key."""
    with pytest.raises(LLMError, match="down"):
        ChatModel(Settings(llm=name)).ask(TOLD)
    told = [record.getMessage() for record in caplog.records if record.name == "bot.llm.client"]
    assert f"MUSNAD_LLM={name} cannot be used" in told[0]


# --- slow, down, nonsense --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("slow", [Hang(), Drip()])
def test_the_deadline_is_of_the_whole_reply(server: ChatServer, slow: Script, name: str) -> None:
    started = time.perf_counter()
    assert ask(server, slow, name=name, llm_timeout=0.4) == "slow"
    assert time.perf_counter() - started < 5  # either server would take minutes


@pytest.mark.parametrize("name", MODELS)
def test_at_the_deadline_the_request_is_broken_off(server: ChatServer, name: str) -> None:
    server.will(Drip())
    with model_at(server, name, llm_timeout=0.3) as model:
        model.load()
        with pytest.raises(LLMError, match="slow"):
            model.ask(TOLD)
        assert server.left.wait(5)


DOWN: list[Script] = [
    Raw(500, '{"error": {"message": "boom"}}'),
    Raw(503, "busy", "text/plain"),
    Raw(429, '{"error": {"message": "slow down"}}'),
    Raw(401, '{"error": {"message": "Incorrect API key provided: {authorization}"}}'),
    Raw(404, '{"error": {"message": "no such model"}}'),
    Close(),
    Close(after=200),
]


@pytest.mark.parametrize("down", DOWN)
def test_a_server_that_fails_is_asked_once(server: ChatServer, down: Script) -> None:
    assert ask(server, down, "نعم") == "down"
    assert len(server.received) == 1


@pytest.mark.parametrize("down", [Raw(404, '{"error": "model not found"}'), Close()])
def test_ollama_that_fails(server: ChatServer, down: Script) -> None:
    assert ask(server, down, name="ollama:qwen3") == "down"


def test_a_server_that_is_not_there(server: ChatServer, unused_tcp_port: int) -> None:
    assert ask(server, llm_base_url=f"http://127.0.0.1:{unused_tcp_port}/v1") == "down"


@pytest.mark.parametrize(
    "raw",
    [
        Raw(200, "<html>مرحبا</html>", "text/html"),
        Raw(200, "مرحبا", "text/plain"),
        Raw(200, ""),
        Raw(200, '{"object": "chat.comple'),
        Raw(200, "[]"),
        Raw(200, '{"choices": []}'),
        Raw(200, '{"error": {"message": "{authorization}"}}'),
    ],
)
def test_a_reply_that_is_not_the_apis_is_nonsense(server: ChatServer, raw: Raw) -> None:
    assert ask(server, raw) == "nonsense"


def test_a_failure_carries_no_key(server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    server.will(Raw(401, '{"error": {"message": "Incorrect API key provided: {authorization}"}}'))
    with model_at(server) as model, pytest.raises(LLMError) as caught:
        model.ask(TOLD)
    assert caught.value.why == "down"
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert KEY not in f"{caught.getrepr(showlocals=True)}"
    assert "Incorrect" not in "".join(
        record.getMessage() for record in caplog.records if record.name == "bot.llm.client"
    )


def test_a_server_that_recovers_is_asked_again(server: ChatServer) -> None:
    server.will(Hang(), Close(), Raw(500, "{}"), "نعم", "نعم")
    said = []
    with model_at(server, llm_timeout=1.5) as model:
        model.load()
        for _ in range(5):
            try:
                said.append(model.ask(TOLD))
            except LLMError as error:
                said.append(error.why)
    assert said == ["slow", "down", "down", "نعم", "نعم"]


def test_questions_wait_for_the_model_side_by_side_until_it_is_closed(server: ChatServer) -> None:
    server.will(*[Hang()] * 4)
    whys: list[str] = []
    with model_at(server, llm_timeout=20) as model:
        model.load()

        def asking() -> None:
            try:
                model.ask(TOLD)
            except LLMError as error:
                whys.append(error.why)

        threads = [threading.Thread(target=asking) for _ in range(4)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 10
        while len(server.received) < 4 and time.monotonic() < until:
            time.sleep(0.01)
        assert not server.left.is_set()
        model.close()
        for thread in threads:
            thread.join(5)
    assert (len(server.received), whys) == (4, ["slow"] * 4)
    assert server.left.wait(5)
    assert not [thread for thread in threading.enumerate() if thread.name == "chat-model"]


# --- a follow-up made to stand alone ---------------------------------------------------------------------------

BRIDGE = Turn(
    "كم بلغت كلفة الجسر الجديد؟",
    "كم بلغت كلفة الجسر الجديد؟",
    "answered",
    ("وبلغت كلفة الجسر الجديد في السهل 12 مليون ليرة.",),
    "«12 مليون ليرة»",
)


def standalone(server: ChatServer, reply: Script, question: str, **changes: object) -> str | None:
    server.will(reply)
    with model_at(server, "openai:test-model", **changes) as model:
        model.load()
        return model.standalone(question, [BRIDGE])


def test_a_follow_up_is_put_together_from_the_conversations_words(
    server: ChatServer, snapshot: SnapshotAssertion
) -> None:
    reply = '{"question": "متى افتتح الجسر الجديد في السهل؟"}'
    assert standalone(server, reply, "ومتى افتُتح؟") == "متى افتُتح الجسر الجديد في السهل؟"
    assert server.received[0].body["messages"] == snapshot


@pytest.mark.parametrize(
    "offered",
    [
        "متى افتتح الجسر القديم؟",  # a word of its own
        "متى انهار الجسر الجديد؟",
        "متى افتتح الجسر الجديد بكلفة 13 مليون ليرة؟",  # a number of its own
        "افتتح الجسر الجديد عام 1999",
        "when did the bridge open?",
        "كم بلغت كلفة الجسر الجديد؟",  # what was asked before, not what is asked
        "ومتى افتُتح؟",  # nothing added
        "متى افتتح " + "الجسر " * 50,
        "<b>متى</b> افتتح الجسر",
        "؟",
        "",
    ],
)
def test_a_question_with_words_of_the_models_own_is_dropped(offered: str) -> None:
    assert restated(offered, "ومتى افتُتح؟", [BRIDGE]) is None


@pytest.mark.parametrize(
    "reply",
    [
        Hang(), Close(), Raw(500, "{}"), "لا أدري", "{}", '{"question": 7}', '{"question": null}',
        '{"question": ["متى"]}',
        '{"question": "مت', '{"question": "\\ud83d"}', '{"question": ' + "[" * 10_000,
    ],
)  # fmt: skip
def test_a_model_that_has_nothing_to_offer_leaves_the_question(server: ChatServer, reply: Script) -> None:
    started = time.perf_counter()
    assert standalone(server, reply, "ومتى افتُتح؟", llm_timeout=3) is None
    assert time.perf_counter() - started < 2.8  # a third of the deadline: it is still to be judged


def test_without_a_conversation_it_is_not_asked(server: ChatServer) -> None:
    server.will()
    with model_at(server) as model:
        assert model.standalone("متى افتُتح الجسر؟", []) is None
    assert server.received == []


def test_of_a_letter_and_a_mark_only_what_was_written_is_shown() -> None:
    offered = "«مَتَى» \u202eافتتح\u202c — الجسر\u200b الجديد!!"
    assert restated(offered, "ومتى افتُتح", [BRIDGE]) == "متى افتُتح الجسر الجديد"


# --- what a reply holds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        '{"a": 1}',
        '```json\n{"a": 1}\n```',
        'إليك الجواب:\n{"a": 1}\nأرجو أن يفيدك.',
        '<think>The user {asks}. {"a": 2}</think>\n{"a": 1}',
        '{half {"a": 1} {',
    ],
)
def test_what_is_written_around_the_json_does_not_matter(reply: str) -> None:
    assert next(objects(reply)) == {"a": 1}


@pytest.mark.parametrize(
    "reply", ["", "لا أدري", "{" * 10_000, '{"a":' * 10_000, "كلام " * 1_100_000, '{"a": ' + "9" * 5000 + "}"]
)
def test_a_reply_without_json_holds_nothing(reply: str) -> None:
    assert list(objects(reply)) == []


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("packed", [False, True])
def test_a_reply_of_hundreds_of_megabytes_is_not_read(server: ChatServer, name: str, packed: bool) -> None:
    huge = Raw(200, '{"choices": "' + "x" * (100_000_000 if packed else 30_000_000) + '"}', packed=packed)
    assert ask(server, huge, name=name, llm_timeout=30.0) in ("down", "nonsense")

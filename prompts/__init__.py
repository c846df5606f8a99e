"""Every prompt and every sentence the bot says, as files beside this one.

``prompt("judge.v1", most=…)`` fills a prompt file; ``say("start", "ar")`` a message. An unknown name or a
variable too few or too many is an error at the call, never a hole in what a user reads.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Literal

Language = Literal["ar", "en"]


class PromptError(LookupError):
    """A prompt or message that is not there, or whose variables do not match."""


def prompt(name: str, /, **variables: object) -> str:
    """The prompt file ``prompts/NAME.txt`` with its ``{variables}`` filled."""
    return _fill(name, _prompt_file(name), variables)


def say(name: str, language: Language = "ar", /, **variables: object) -> str:
    """The message NAME in the user's language with its ``{variables}`` filled."""
    try:
        text = _messages()[name][language]
    except KeyError:
        raise PromptError(f"no message named {name!r} in {language!r}") from None
    return _fill(name, text, variables)


def counted(name: str, n: int, language: Language = "ar") -> str:
    """So many of something, as one counts in the language: «ثانيتين», «3 ثوانٍ», «11 ثانية».

    The message NAME gives the forms, each behind its plural category of the CLDR, with bars between; ``other`` is
    there for those it does not name.
    """
    from babel import Locale

    forms = dict(form.split(":", 1) for form in say(name, language).split("|"))
    forms = {category.strip(): text.strip() for category, text in forms.items()}
    category = Locale(language).plural_form(n)
    return forms.get(category, forms["other"]).replace("#", str(n))


def listed(words: Sequence[str], language: Language = "ar") -> str:
    """Words in quotation marks, each joined to the next by a word of the language: between two words of the other
    script a comma alone would turn their order around."""
    if language == "ar":
        return " و".join(f"«{word}»" for word in words)
    return " or ".join(f"“{word}”" for word in words)


def values_in(name: str, language: Language, text: str) -> dict[str, str] | None:
    """The variables with which the message NAME says just this text, each one word, several with commas between, or
    what stands in “…”; None when it does not say it. What ``say`` takes back."""
    pattern = ""
    for said, field, _, _ in Formatter().parse(_messages()[name][language]):
        words = "[^”]+" if said.endswith("“") else r"\S+(?:, \S+)*"
        pattern += re.escape(said) + (f"(?P<{field}>{words})" if field is not None else "")
    found = re.fullmatch(pattern, text)
    return found and found.groupdict()


def translated(prefix: str, text: str, language: Language) -> str:
    """The message that says just this text in English, of those whose names begin with PREFIX, in another language; the
    text as it is when none says it."""
    for name in names():
        if name.startswith(prefix) and (values := values_in(name, "en", text)) is not None:
            return say(name, language, **values)
    return text


def names() -> list[str]:
    """The names of all messages."""
    return sorted(_messages())


def _fill(name: str, text: str, variables: dict[str, object]) -> str:
    wanted = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    if wanted != variables.keys():
        raise PromptError(f"{name!r} takes the variables {sorted(wanted)}, not {sorted(variables)}")
    return text.format_map(variables)


@cache
def _prompt_file(name: str) -> str:
    file = files(__name__) / f"{name}.txt"
    if not file.is_file():
        raise PromptError(f"no prompt named {name!r}")
    return file.read_text(encoding="utf-8")


@cache
def _messages() -> dict[str, dict[str, str]]:
    """All messages of ``messages/*.toml``: a table a message, with a string a language."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((files(__name__) / "messages").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            for name, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if name in found:
                    raise PromptError(f"the message {name!r} is there twice ({file.name})")
                found[name] = texts
    return found

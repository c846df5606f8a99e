"""The project: imports between its packages, contents of the wheel, promises of the README."""

from __future__ import annotations

import ast
import errno
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from string import Formatter

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import prompts
from bot.answering.pipeline import Question
from bot.build import Musnad
from corpus.arabic import stopwords
from tests import lock, readme

ROOT = Path(__file__).parent.parent
ARROWS = {
    "corpus": {"corpus"},
    "vectorstore": {"vectorstore", "corpus"},
    "prompts": {"prompts"},
    "bot": {"bot", "vectorstore", "corpus", "prompts"},
}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(path for package in ARROWS for path in (ROOT / package).rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of every source, by its name; parsed when a test first asks for it."""
    return {
        name: ast.parse(path.read_text(encoding="utf-8")) for name, path in zip(NAMES, SOURCES, strict=True)
    }


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a module imports anywhere in it; a relative import as ``.``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else node.module or "."


def calls(tree: ast.AST, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield node


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(name: str) -> set[str]:
    """Return the project's modules that a module imports at import time, not later and not for types only."""
    found = set()
    modules = {_module(each) for each in NAMES}
    for node in trees()[name].body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = {f"{node.module}.{alias.name}" for alias in node.names} & modules
            found |= parts or {node.module or ""}
    return (found & modules) - {_module(name)}


@cache
def imported_by() -> dict[str, set[str]]:
    """Return, for every module, the project's modules that it imports at import time."""
    return {_module(name): _imported(name) for name in NAMES}


def _part(module: str, floors: dict[str, int]) -> str | None:
    return next((part for part in floors if module == part or module.startswith(f"{part}.")), None)


# Arrows


@pytest.mark.parametrize("name", NAMES)
def test_imports_are_absolute_and_go_one_way(name: str) -> None:
    imported = set(imports(trees()[name]))
    assert "." not in imported, "a relative import"
    own = {module.split(".")[0] for module in imported} & {*ARROWS, "tests"}
    assert own <= ARROWS[name.split("/")[0]]


def test_only_one_module_knows_chroma() -> None:
    knowing = {
        name
        for name, tree in trees().items()
        if any(module.split(".")[0] == "chromadb" for module in imports(tree))
    }
    assert knowing == {"vectorstore/chroma.py"}


def test_only_settings_reads_the_environment() -> None:
    assert {name for name, tree in trees().items() if reads_environment(tree)} == {"bot/settings.py"}


def reads_environment(tree: ast.AST) -> bool:
    """Return whether a module reads os.environ; any use counts except setting a variable for a library."""
    written = {
        id(node.value)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.Attribute) and node.attr in ("setdefault", "update"))
    }
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb") and id(node) not in written)
        or (isinstance(node, ast.Attribute) and node.attr in ("getenv", "getenvb"))
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and _named(node) & {"environ", "getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "pydantic_settings")
        for node in ast.walk(tree)
    )


def _named(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


FLOORS = {
    "corpus": (
        (
            "corpus.article",
            "corpus.errors",
            "corpus.arabic",
            "corpus.decode",
            "corpus.mojibake",
        ),
        ("corpus.dates",),
        ("corpus.chunk", "corpus.recurrence"),
        ("corpus.ocr",),
        ("corpus.parse",),
        ("corpus.worker", "corpus.copies"),
        (
            "corpus.store",
            "corpus.document",
            "corpus.files",
            "corpus.folderoutlets",
            "corpus.foldersettings",
            "corpus.provenance",
            "corpus.report",
            "corpus.samples",
        ),
        ("corpus.fetch", "corpus.spool", "corpus.unfold"),
        ("corpus.following",),
        ("corpus.ingest",),
    ),
    "corpus.ingest": (
        (
            "corpus.ingest.found",
            "corpus.ingest.kinds",
            "corpus.ingest.names",
            "corpus.ingest.sameness",
            "corpus.ingest.tools",
        ),
        ("corpus.ingest.outcomes", "corpus.ingest.pages", "corpus.ingest.tally"),
        ("corpus.ingest.entries",),
        ("corpus.ingest.collection",),
        ("corpus.ingest.context",),
        ("corpus.ingest.documents", "corpus.ingest.paths", "corpus.ingest.versions"),
        ("corpus.ingest.outlets",),
        ("corpus.ingest.taking",),
        ("corpus.ingest.pipeline",),
    ),
    "corpus.parse": (
        ("corpus.parse.page", "corpus.parse.written", "corpus.parse.faithful"),
        ("corpus.parse.pdf",),
        ("corpus.parse.recognised",),
        ("corpus.parse.plain",),
        (
            "corpus.parse.html",
            "corpus.parse.mhtml",
            "corpus.parse.office",
            "corpus.parse.markdown",
            "corpus.parse.collections",
        ),
    ),
    "bot.telegram": (
        ("bot.telegram.runtime",),
        ("bot.telegram.chats", "bot.telegram.intake"),
        ("bot.telegram.outgoing",),
        (
            "bot.telegram.access",
            "bot.telegram.monitoring.metrics",
            "bot.telegram.monitoring.sources",
            "bot.telegram.monitoring.circuitbreaker",
        ),
        ("bot.telegram.core", "bot.telegram.feature"),
        ("bot.telegram.answers", "bot.telegram.feeding"),
        ("bot.telegram.features", "bot.telegram.admission", "bot.telegram.monitoring.health"),
        ("bot.telegram.corrections",),
        ("bot.telegram.http", "bot.telegram.upkeep", "bot.telegram.indexing", "bot.telegram.newsgathering"),
        ("bot.telegram.app",),
        ("bot.telegram.serve",),
    ),
}
"""Layers of packages: each part imports from its own layer and those above it in this list, none below."""


@pytest.mark.parametrize("package", FLOORS)
def test_what_stands_lower_imports_nothing_that_stands_higher(package: str) -> None:
    floors = FLOORS[package]
    floor_of = {part: number for number, floor in enumerate(floors) for part in floor}
    wrong = []
    for module, imported in imported_by().items():
        own = _part(module, floor_of)
        if own is None:
            standing = module.startswith(f"{package}.") and not any(
                part.startswith(module) for part in floor_of
            )
            assert not standing, f"{module} has no floor"
            continue
        for other in imported:
            theirs = _part(other, floor_of)
            if theirs is not None and floor_of[theirs] > floor_of[own]:
                wrong.append(f"{module} imports {other}")
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join((*way[way.index(module) :], module))
        if module not in done:
            for other in sorted(imported_by()[module]):
                walk(other, (*way, module))
            done.add(module)

    for module in imported_by():
        walk(module, ())


def test_no_folder_holds_more_modules_than_one_keeps_in_mind() -> None:
    folders: dict[Path, int] = {}
    for path in SOURCES:
        folders[path.parent] = folders.get(path.parent, 0) + (path.name != "__init__.py")
    assert {str(folder.relative_to(ROOT)): n for folder, n in folders.items() if n > 20} == {}


@pytest.mark.parametrize("package", sorted({str(path.parent.relative_to(ROOT)) for path in SOURCES}))
def test_the_map_of_a_package_names_every_module(package: str) -> None:
    if f"{package}/__init__.py" not in NAMES:
        return
    drawn = ast.get_docstring(trees()[f"{package}/__init__.py"]) or ""
    if len(list((ROOT / package).glob("[!_]*.py"))) > 1:
        names = [file.stem for file in sorted((ROOT / package).glob("[!_]*.py"))]
        assert [name for name in names if not re.search(rf"\b{name}\b", drawn)] == []


def test_each_module_of_the_answering_core_has_tests_of_its_own() -> None:
    tested = set()
    for path in (ROOT / "tests" / "answering").glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                tested |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    core = {_module(name) for name in NAMES if name.startswith("bot/answering/") and "__init__" not in name}
    assert core - tested == set()


def test_nothing_is_passed_behind_the_callers_back() -> None:
    named = {"ContextVar", "contextvars"}
    assert {name for name, tree in trees().items() if named & {*imports(tree), *_names(tree)}} == set()


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute | ast.alias):
            yield node.attr if isinstance(node, ast.Attribute) else node.name


MOST_PARTS = 5
"""The most objects that a feature, or what answers for it, is made of."""


def test_a_feature_gets_a_few_parts_by_name_and_no_bag_of_all() -> None:
    made = {
        f"{name}: {each.name}": node.args
        for name, tree in trees().items()
        if name.startswith(("bot/telegram/features/", "bot/telegram/answers/", "bot/telegram/admission/"))
        for each in ast.walk(tree)
        if isinstance(each, ast.ClassDef)
        for node in each.body
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    }
    parts = {name: len(args.args) - 1 + len(args.kwonlyargs) for name, args in made.items()}
    assert max(parts.values()) == MOST_PARTS
    assert len(parts) > 25


def test_the_command_line_loads_no_model_or_client_before_it_needs_one() -> None:
    heavy = ["torch", "chromadb", "sentence_transformers", "transformers", "telegram", "langchain"]
    code = f"import sys, bot.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_a_modules_own_is_used_in_it(name: str) -> None:
    tree = trees()[name]
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.decorator_list}
    own |= {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.ClassDef)}
    assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    own |= {
        part.id for node in assigned for part in ast.walk(node) if isinstance(part, ast.Name) and is_set(part)
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not is_set(node)}
    assert {each for each in own if each.startswith("_") and not each.startswith("__")} - used == set()


def is_set(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


# Words of the language

_CHARACTER_CLASS = re.compile(r"\[[^\[\]]*\]")
_ARABIC_WORD = re.compile("[\u0621-\u063a\u0641-\u064a\u0671-\u06d3][\u0621-\u0652\u0670-\u06d3]*")


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("corpus/arabic/")])
def test_no_arabic_word_stands_in_code(name: str) -> None:
    """Words of the language are data in ``corpus/arabic``, what is said is data in ``prompts/messages``.

    A string outside may hold single letters, clitics of two letters («ال», «ها») and the letters of a character class,
    but no run of three letters and no function word of two («من», «في»). Docstrings and comments may hold anything.
    """
    tree = trees()[name]
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [
        f"line {node.lineno}: {word}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described
        for word in _ARABIC_WORD.findall(_CHARACTER_CLASS.sub("", node.value))
        if len(word) > 2 or word in stopwords()
    ]
    assert found == []


# Messages


@pytest.mark.parametrize("name", prompts.names())
def test_a_message_says_the_same_in_both_languages(name: str) -> None:
    texts = prompts._messages()[name]
    assert set(texts) == {"ar", "en"}
    assert all(text.strip() for text in texts.values())
    assert variables(texts["ar"]) == variables(texts["en"])


def variables(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_every_message_that_is_said_by_name_is_there_with_its_variables() -> None:
    wrong = []
    for name, tree in trees().items():
        for call in calls(tree, "say"):
            if not call.args or not isinstance(call.args[0], ast.Constant):
                continue  # a name made at run time: the module's own tests meet it
            message = str(call.args[0].value)
            given = {keyword.arg for keyword in call.keywords} - {"language"}
            if None in given:
                continue
            if message not in prompts.names() or variables(prompts._messages()[message]["en"]) != given:
                wrong.append(f"{name}:{call.lineno} {message} {sorted(map(str, given))}")
    assert not wrong


def test_every_message_is_said_somewhere() -> None:
    """A message is used by its name, or by a name composed of words in the code."""
    nodes = [node for tree in trees().values() for node in ast.walk(tree)]
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words |= {re.sub(r"\W+", "_", word) for word in words}  # the reasons for which a file is skipped
    words |= {
        node.arg for node in nodes if isinstance(node, ast.arg)
    }  # options and commands of the command line
    words |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    made = {pattern(node) for node in nodes if isinstance(node, ast.JoinedStr)}

    def known(part: str) -> bool:
        return any(part[:at] in words and part[at:] in words for at in range(len(part))) or part in words

    def is_said(name: str) -> bool:
        found = [match for each in made if each and (match := re.fullmatch(each, name))]
        return name in words or any(all(map(known, match.groups())) for match in found)

    names = [name for name in prompts.names() if not name.startswith(_BY_WORDS)]
    assert [name for name in names if not is_said(name)] == []


_BY_WORDS = ("cli_detail_", "cli_left_", "aside_why_")
"""Messages that are found by what they say in English."""


def test_every_detail_is_given_somewhere_in_its_english_words() -> None:
    nodes = [node for tree in trees().values() for node in ast.walk(tree)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values]
            texts.add("".join(parts).removeprefix("1: "))
    texts |= {os.strerror(error) for error in (errno.ECONNREFUSED, errno.ECONNRESET, errno.EACCES)}
    texts |= {"certificate has expired", "self-signed certificate"}  # OpenSSL's
    texts |= {
        "page",
        "attachment",
        "nav_menu_item",
        "draft",
        "pending",
        "private",
        "future",
        "trash",
    }  # WordPress's
    names = [name for name in prompts.names() if name.startswith(_BY_WORDS)]
    assert len(names) > 20
    for name in names:
        assert any(prompts.values_in(name, "en", text) is not None for text in texts), name


def pattern(node: ast.JoinedStr) -> str:
    """Return a pattern for the message names that an f-string makes; "" when it makes none."""
    fixed = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    if not re.fullmatch(r"[a-z_]{3,}", fixed):
        return ""
    parts = [str(part.value) if isinstance(part, ast.Constant) else "(.+)" for part in node.values]
    return "".join(parts).replace("(.+)(.+)", "(.+)")


# What is shipped


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel without network from a copy of the sources; return the names of its files."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for package in (*ARROWS, "tests"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    build = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(copy)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(copy / done.stdout.splitlines()[-1]) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel: set[str]) -> None:
    top = {name.split("/")[0] for name in wheel}
    assert {name for name in top if not name.endswith(".dist-info")} == set(ARROWS)


def test_the_wheel_holds_every_module_prompt_message_and_brief(wheel: set[str]) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for package in ARROWS
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".md")
    }
    assert wanted - wheel == set()
    assert any(name.startswith("corpus/samples/") and name.endswith(".txt") for name in wheel)
    assert any(name.endswith("/licenses/LICENSE") for name in wheel)


def test_it_cannot_be_uploaded_by_mistake() -> None:
    assert "Private :: Do Not Upload" in PYPROJECT["project"]["classifiers"]


def test_constraints_fix_a_fitting_version_of_every_requirement() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    fixed = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    fixed = {canonicalize_name(name): version for name, version in fixed.items()}
    assert not [version for version in fixed.values() if "+" in version], (
        "a local version is on one index only"
    )
    for text in [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]]:
        requirement = Requirement(text)
        version = fixed.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in constraints.txt"
        assert Version(version) in requirement.specifier, text


def test_what_is_deployed_is_locked_with_hashes() -> None:
    text = lock.LOCK.read_text(encoding="utf-8")
    assert lock.pins(text) == lock.needed(), "run: python -m tests.lock"
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    (torch,) = [block for block in blocks if block.startswith("torch==")]
    assert len(set(re.findall(r"sha256:([0-9a-f]{64})\b", torch))) == 6, "three Pythons, two processors"


def test_every_library_that_is_imported_is_required() -> None:
    """A library that another one brings along today may be missing tomorrow. An extra's may not be installed."""
    by_module = packages_distributions()
    named = [
        *PYPROJECT["project"]["dependencies"],
        *(text for extra in PYPROJECT["project"]["optional-dependencies"].values() for text in extra),
    ]
    required = {canonicalize_name(Requirement(text).name) for text in named}
    stray = {
        f"{name} imports {module}"
        for name, tree in trees().items()
        for module in {imported.split(".")[0] for imported in imports(tree)}
        - sys.stdlib_module_names
        - {*ARROWS, "."}
        if not required & {canonicalize_name(dist) for dist in by_module.get(module, [module])}
    }
    assert stray == set()


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    place = re.compile(r"(?<![\w.:/~-])/(?:home|Users|root|work|opt|tmp|mnt|workspace)/\w")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        found += [f"{name}: {match[0]}…" for match in place.finditer(text)]
    assert not found


# README


def test_the_settings_table_is_the_settings() -> None:
    assert readme.sections("settings") == [readme.settings_table()], "run: python -m tests.readme"


def test_the_transcript_is_what_the_samples_answer(samples: Musnad) -> None:
    """Compared are questions, direct lines and first quotes, not the transcript word for word."""
    english, arabic = readme.sections("transcript")
    assert english == arabic
    exchanges = re.split(r"^› ", english, flags=re.MULTILINE)[1:]
    assert [exchange.splitlines()[0] for exchange in exchanges] == readme.CONVERSATION.splitlines()
    for exchange in exchanges:
        question, *shown = readme.unwrapped(exchange)
        answer = samples.asker.ask(Question(question, conversation="readme"))
        best = (answer.quotes or answer.related)[0]
        assert next(line for line in shown if line.startswith("│ ")) == f"│ {best.text}", question
        if answer.text:
            assert answer.text in shown, question


def test_every_command_is_in_the_docs() -> None:
    from typer.main import get_command

    from bot.cli import app

    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    group = get_command(app)
    commands = group.list_commands(None)  # type: ignore[attr-defined]
    assert len(commands) >= 8
    assert [name for name in commands if f"`musnad {name}" not in text] == []


@pytest.mark.parametrize("doc", readme.DOCS, ids=lambda doc: doc.name)
def test_every_make_command_in_the_docs_is_in_the_makefile(doc: Path) -> None:
    text = doc.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"setup", "ask", "test", "check", "repl", "bench"} <= targets
    assert set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", text, re.MULTILINE)) <= targets


@pytest.mark.parametrize("doc", readme.DOCS, ids=lambda doc: doc.name)
def test_links_inside_the_docs_lead_somewhere(doc: Path) -> None:
    text = doc.read_text(encoding="utf-8")
    for target, _, chapter in (
        found.partition("#") for found in re.findall(r"\]\((?!https?:)([^)]+)\)", text)
    ):
        led = doc.parent / target if target else doc
        assert led.exists(), target
        if chapter:
            heads = re.findall(r"^#+ (.+)$", led.read_text(encoding="utf-8"), re.MULTILINE)
            assert chapter in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


def test_the_readme_is_short_and_leads_to_every_doc() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert len(text) < 7000
    assert [doc.name for doc in readme.DOCS[1:] if f"docs/{doc.name}" not in text] == []


def test_the_way_of_a_question_in_the_docs_is_that_of_the_code() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:bot|corpus|vectorstore|prompts|tests)/[\w/.*-]+)`", text)
    assert len(named) > 20
    assert [name for name in named if not list(ROOT.glob(name.rstrip("/")))] == []

"""requirements.lock: what the bot needs to run, each version with the hashes of its files.

``python -m tests.lock`` writes it anew from constraints.txt and what is installed. The hashes are PyPI's, but for
torch: the image takes the build without CUDA, which only PyTorch's own index has.
"""

from __future__ import annotations

import re
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
# By version, the wheels that https://download.pytorch.org/whl/cpu/torch/ has for Linux:
# CPython 3.11, 3.12, 3.13 on x86_64, then on aarch64. A new version needs its own here, from behind "#sha256=" there.
TORCH_CPU = {
    "2.13.0": (
        "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",
        "4ca4a9394b0c771238a4f73590fdbbc4debad85ed0fa63d026ae1b085da7d6e2",
        "3fbf9c9d1f3c10c2d59d04aca426dee9ccc6ceb32d255c61e93acc3b4f75fae6",
        "84453b69508ec79902f899c5ed9495acb9e2bbe9fda5f1d5d6f19e3c3842e1a7",
        "6f307c2c32d764ffc6ff6893b801fad6d4752f3e67966cb8abf1843427c02604",
        "0b8f7d0423027ae8b90c7977c627f3379f325363a08224dffad9b4b2d684a83d",
    )
}
_HEAD = """\
# What musnad needs to run on Linux without CUDA, each file by its hash; python -m tests.lock makes this.
#     pip install --require-hashes --no-deps --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.lock
"""
_PIN = re.compile(r"^([\w.-]+)==(\S+?)(?: \\)?$", re.MULTILINE)

_INTERPRETERS = frozenset({"py3", "cp311", "cp312", "cp313"})
_PLATFORM = re.compile(r"any|(?:many|musl)?linux.*(?:x86_64|aarch64)|macosx.*")
_FILE = re.compile(r"/([^/#\"]+)#sha256=([0-9a-f]{64})\"")


def pins(text: str) -> dict[str, str]:
    """Return the version of each ``name==version`` at the beginning of a line, by its normalised name."""
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def needed() -> dict[str, str]:
    """Return the versions that constraints.txt fixes of all that the program needs to run, directly or not."""
    fixed = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: set[str] = set()
    waiting = [Requirement(text) for text in project["dependencies"]]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = str(canonicalize_name(requirement.name)), frozenset(requirement.extras)
        if (name, extras) in seen or name == "pip":
            continue
        seen.add((name, extras))
        found.add(name)
        waiting += _required(name, extras)
    return {name: fixed[name] for name in sorted(found)}


def _required(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in requires(name) or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def hashes(name: str, version: str) -> list[str]:
    """Return the SHA-256 of each file of a version that fits, as PyPI lists them; of torch, what ``TORCH_CPU`` has."""
    if name == "torch":
        return sorted(TORCH_CPU.get(version, ()))
    with urllib.request.urlopen(f"https://pypi.org/simple/{name}/", timeout=30) as reply:
        listed = _FILE.findall(reply.read().decode())
    return sorted({digest for file, digest in listed if _fits(file, Version(version))})


def _fits(file: str, version: Version) -> bool:
    """Return whether a file is of this version, and a source or a wheel for where musnad runs."""
    try:
        if not file.endswith(".whl"):
            return parse_sdist_filename(file)[1] == version
        _, found, _, tags = parse_wheel_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return False
    return found == version and any(
        (tag.abi == "abi3" or tag.interpreter in _INTERPRETERS) and _PLATFORM.fullmatch(tag.platform)
        for tag in tags
    )


def write() -> None:
    """Write the lock file. Asks PyPI for the hashes."""
    blocks = [_HEAD]
    for name, version in needed().items():
        found = hashes(name, version)
        if not found:
            raise SystemExit(f"no file of {name} {version} is known")
        blocks.append(
            " \\\n".join([f"{name}=={version}", *(f"    --hash=sha256:{each}" for each in found)]) + "\n"
        )
        print(f"{name} {version}: {len(found)} files", file=sys.stderr)
    LOCK.write_text("".join(blocks), encoding="utf-8")


if __name__ == "__main__":
    write()

"""Print constraints.txt: the installed version of everything that PandaNet needs, transitively.

.venv/bin/python tools/constraints.py > constraints.txt
"""

import re
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_HEADER = """\
# Every package that PandaNet is built, run and tested with, and what those need in turn.
# Made by tools/constraints.py; a dependency is added or widened in pyproject.toml first.
"""
_ROOT = Requirement("pandanet[crowd,train,speed,notebook,dev]")
# anny is installed without what it declares; setuptools is torch's need from Python 3.12 on.
_BESIDE_PYPROJECT = ("anny", "setuptools")


def pins() -> dict[str, str]:
    """Return the version of every needed package that is installed, by canonical name."""
    versions: dict[str, str] = {name: _version(name) for name in _BESIDE_PYPROJECT}
    seen: set[tuple[str, str]] = set()
    waiting = [_ROOT]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        extras = {"", *requirement.extras}
        for extra in extras - {seen_extra for seen_name, seen_extra in seen if seen_name == name}:
            seen.add((name, extra))
            versions[name] = _version(name)
            for text in distribution(name).requires or ():
                needed = Requirement(text)
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    waiting.append(needed)
    del versions[_ROOT.name]
    return versions


def _version(name: str) -> str:
    try:
        return re.sub(r"\+.*", "", distribution(name).version)
    except PackageNotFoundError:
        raise SystemExit(
            f"{name} is needed and not installed here: run `make setup` first."
        ) from None


if __name__ == "__main__":
    lines = [f"{name}=={version}" for name, version in sorted(pins().items())]
    print(_HEADER + "\n".join(lines))

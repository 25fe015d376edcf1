"""Files opened lately, remembered between runs."""

from pathlib import Path

from PyQt6.QtCore import QSettings

_KEY = "recent_files"
_KEPT = 10


def settings() -> QSettings:
    """Where the window remembers things."""
    return QSettings("PandaNet", "PandaNet")


def recent_files(store: QSettings) -> tuple[Path, ...]:
    """The latest first."""
    values = store.value(_KEY, [], list)
    return tuple(Path(value) for value in values if isinstance(value, str))


def remember(store: QSettings, path: Path) -> tuple[Path, ...]:
    """Put a file first and return all."""
    path = path.resolve()
    paths = (path, *(known for known in recent_files(store) if known != path))[:_KEPT]
    store.setValue(_KEY, [str(one) for one in paths])
    return paths

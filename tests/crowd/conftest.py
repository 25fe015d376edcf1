"""What the crowd tests share: one small cast, made once; nothing where anny or OpenGL is missing."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from pandanet_core.crowd.drawing.render_gl import Renderer
from pandanet_core.crowd.folders import AssetNames, Skies, read_motions
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.people.cast import Cast, make_cast
from pandanet_core.crowd.scenes.pictures import World
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.errors import UserError

PEOPLE = 5


@pytest.fixture(scope="session")
def crowd_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cache folder for casts, for all the session's tests and their processes."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def cast() -> Cast:
    """Five people of the split train; the first use of anny on a machine takes a minute."""
    if importlib.util.find_spec("anny") is None:
        pytest.skip("needs the package anny (pip install --no-deps anny)")
    return make_cast("train", PEOPLE, None)


@pytest.fixture(scope="session")
def settings() -> CrowdSettings:
    return CrowdSettings(width=320, height=240, people=(3, 12), height_px=(30, 200))


@pytest.fixture(scope="session")
def builtin(settings: CrowdSettings) -> list[Clip]:
    return read_motions(settings, AssetNames((), ()))


@pytest.fixture(scope="session")
def skies(settings: CrowdSettings) -> Skies:
    return Skies(settings, AssetNames((), ()))


@pytest.fixture(scope="session")
def renderer(cast: Cast, skies: Skies, settings: CrowdSettings) -> Renderer:
    try:
        return Renderer(cast, skies, settings.width, settings.height)
    except UserError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def world(cast: Cast, builtin: list[Clip], skies: Skies) -> World:
    return World(cast, builtin, skies.names[:2])


@pytest.fixture
def small_casts(crowd_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Casts of three people, so that whole commands run in seconds; kept for the session."""
    from pandanet_core.crowd import generate

    for split in ("train", "val", "test"):
        monkeypatch.setitem(generate.CAST_SIZE, split, 3)

"""The wheel holds everything that a detection needs: it is built, installed and used elsewhere."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from pandanet_core.detections import read_table
from pandanet_core.evaluation.matching import overlaps

ROOT = Path(__file__).parents[2]
FRAMES = 4


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel alone; torch and the others are lent by this one."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT]
    subprocess.run([*pip, *build], check=True, stdin=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    install = ["--python", python, "install", "--no-deps", "--no-index", wheel]
    subprocess.run([*pip, *install], check=True, stdin=subprocess.DEVNULL)
    # A path in a .pth file is only added: this environment's own .pth, which would bring the
    # checkout, is not read again.
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv"


def run(environment: Path, program: str, *arguments: str | Path, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [environment / "bin" / program, *arguments],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def asset(environment: Path, name: str, cwd: Path) -> Path:
    script = f"from pandanet_core.assets import asset_path; print(asset_path({name!r}))"
    return Path(run(environment, "python", "-c", script, cwd=cwd).strip())


@pytest.mark.parametrize("name", ["weights/pandanet-small.safetensors", "demo.mp4", "demo.parquet"])
def test_assets_come_from_the_wheel(environment: Path, tmp_path: Path, name: str) -> None:
    path = asset(environment, name, tmp_path)
    assert path.is_relative_to(environment)
    assert path.read_bytes() == (ROOT / "assets" / name).read_bytes()


def test_an_installed_wheel_detects(environment: Path, tmp_path: Path) -> None:
    clip = asset(environment, "demo.mp4", tmp_path)
    output = tmp_path / "people.parquet"
    run(
        environment,
        "pandanet",
        "detect",
        clip,
        "-o",
        output,
        "--range",
        f"0:{FRAMES}",
        cwd=tmp_path,
    )
    found = read_table(output)
    truth = read_table(asset(environment, "demo.parquet", tmp_path))
    assert found.header.frames_done == ((0, FRAMES),)
    for frame in range(FRAMES):
        overlap, _ = overlaps(truth.at(frame).boxes, found.at(frame).boxes)
        assert (overlap.max(1, initial=0.0) > 0.5).mean() >= 0.4

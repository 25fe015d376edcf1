"""The renderer's real process: what it draws, and that it ends, whoever dies and whatever hangs."""

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_app.drawing.floor import Floor
from pandanet_app.drawing.scene3d import DARK, LIGHT, SceneRequest
from pandanet_app.drawing.skeleton3d import person_at
from pandanet_app.drawing.surroundings3d import picture_corners_m
from pandanet_app.models.orbit_camera import OrbitCamera
from pandanet_app.rendering import client
from pandanet_app.rendering.client import SceneRenderer
from pandanet_app.rendering.messages import RendererUnavailable
from pandanet_core.camera import Camera
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from tests.people3d import crowd_on_floor, seen_from

FLOOR = Floor(3000, 15)
HUES = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], float)
pytestmark = pytest.mark.skipif(
    not Path("/proc").exists(), reason="finds processes and shared memory through /proc"
)


@pytest.fixture(scope="module")
def renderer() -> Iterator[SceneRenderer]:
    """One process for all tests that only look at pictures."""
    with_open3d = SceneRenderer()
    with_open3d.start()
    yield with_open3d
    with_open3d.close()


def empty_request(width: int = 64, height: int = 48, **changes: object) -> SceneRequest:
    """A floor and nobody on it."""
    nobody, no_colours = np.zeros((0, 22, 3)), np.zeros((0, 3))
    request = SceneRequest(width, height, OrbitCamera(), nobody, JTA22, no_colours, floor=FLOOR)
    return replace(request, **changes)


def draw(renderer: SceneRenderer, request: SceneRequest) -> np.ndarray:
    """The picture of that request."""
    return renderer.wait(renderer.render(request)).image


def hue_of(image: np.ndarray, least: int = 110) -> np.ndarray:
    """(H, W) index into HUES, whatever the tint and shade; -1 where it is darker than `least`."""
    brightest = image.max(-1, keepdims=True)
    shape = image > 0.7 * brightest
    matches = (shape[..., None, :] == HUES.astype(bool)).all(-1)
    return np.where((brightest[..., 0] >= least) & matches.any(-1), matches.argmax(-1), -1)


@pytest.mark.parametrize("smooth", [False, True])
@pytest.mark.parametrize("size", [(960, 600), (501, 333)])
@pytest.mark.parametrize(
    "orbit",
    [
        OrbitCamera((0, 1, -6), 8, 0, 0),
        OrbitCamera((0.5, 1, -6), 9, 35, 25, 60),
        OrbitCamera((0, 0, -6), 12, -120, 90, 30),
        OrbitCamera((0, 1, -6), 10, 170, -15),
    ],
)
def test_points_are_drawn_where_the_orbit_camera_projects_them(
    renderer: SceneRenderer, orbit: OrbitCamera, size: tuple[int, int], smooth: bool
) -> None:
    points = np.array(
        [[0, 1, -6], [1.5, 1.8, -5], [-1.6, 0.4, -7], [1, 0.6, -7.5], [-1.2, 1.9, -5]]
    )
    people = np.full((5, 22, 3), np.nan)
    people[:, JTA22.index("head centre")] = points
    request = replace(
        empty_request(*size),
        people_mm=seen_from(people, 3, 15),
        colours=HUES[:5],
        orbit=orbit,
        smooth=smooth,
    )
    hue = hue_of(draw(renderer, request))
    for person, expected in enumerate(orbit.project(points, *size)):
        rows, columns = np.nonzero(hue == person)
        assert len(rows) > 20
        centre = np.array([columns.mean(), rows.mean()]) + 0.5
        assert np.linalg.norm(centre - expected) < 0.75


def test_the_pixel_under_a_person_has_its_colour_and_picks_it(renderer: SceneRenderer) -> None:
    places = np.array([(1.4 * (i % 3), -6 - 1.6 * (i // 3)) for i in range(6)])
    people = crowd_on_floor(places, np.random.default_rng(1))
    orbit = OrbitCamera(azimuth_deg=25, elevation_deg=15).fitted(people, 960, 600)
    request = replace(
        empty_request(960, 600),
        people_mm=seen_from(people, 3, 15),
        colours=HUES,
        orbit=orbit,
    )
    image = draw(renderer, request)
    hue, anybody = hue_of(image), hue_of(image, least=60)
    checked = np.zeros(6, int)
    for row, column in np.argwhere(hue >= 0)[::19]:
        person = hue[row, column]
        around = anybody[max(0, row - 8) : row + 9, max(0, column - 8) : column + 9]
        if ((around == -1) | (around == person)).all():  # nobody else is near
            assert person_at(request, column + 0.5, row + 0.5) == person
            checked[person] += 1
    assert (checked > 10).all()
    for x, y in orbit.project(request.people_m[:, JTA22.index("spine 2")], 960, 600):
        assert hue[int(y), int(x)] == person_at(request, x, y)


def test_the_chosen_person_stands_out(renderer: SceneRenderer) -> None:
    people = crowd_on_floor(np.array([(-1.0, -6.0), (1.0, -6.0)]), np.random.default_rng(1))
    request = replace(
        empty_request(640, 400),
        people_mm=seen_from(people, 3, 15),
        colours=HUES[:2],
        orbit=OrbitCamera().fitted(people, 640, 400),
    )
    before = hue_of(draw(renderer, request))
    chosen = hue_of(draw(renderer, replace(request, highlighted=0)))
    assert (chosen == 0).sum() > 1.3 * (before == 0).sum()
    assert (chosen == 1).sum() < 0.7 * (before == 1).sum()


@pytest.mark.parametrize("from_camera", [False, True])
def test_the_picture_hangs_in_the_frustum(renderer: SceneRenderer, from_camera: bool) -> None:
    camera = Camera(800, 780, 500, 310, 1000, 600)
    quarters = HUES[[0, 1, 2, 3]].reshape(2, 2, 3)
    picture = (255 * quarters.repeat(300, 0).repeat(500, 1)).astype(np.uint8)
    orbit = OrbitCamera((0, 2.6, -1.5), 4, 150, 10)
    if from_camera:
        orbit = OrbitCamera.from_filming_camera(camera, 3.0, 15.0, 500, 300)
    request = empty_request(500, 300, camera=camera, picture=picture, orbit=orbit)
    image = draw(renderer, request)
    corners = picture_corners_m(request)
    assert corners is not None
    top_left, top_right, _, bottom_left = corners
    for row in range(2):
        for column in range(2):
            place = (
                top_left
                + (0.3 + 0.4 * column) * (top_right - top_left)
                + (0.3 + 0.4 * row) * (bottom_left - top_left)
            )
            x, y = orbit.project(place, 500, 300).astype(int)
            np.testing.assert_allclose(image[y, x] / 255, quarters[row, column], atol=0.02)


def test_dark_and_light(renderer: SceneRenderer) -> None:
    up = OrbitCamera(elevation_deg=-80)
    for dark, theme in ((True, DARK), (False, LIGHT)):
        image = draw(renderer, empty_request(dark=dark, orbit=replace(up, target=(0, 90, 0))))
        np.testing.assert_allclose(image[0, 0] / 255, theme.background, atol=0.01)


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (1280, 720), (64, 48), (2561, 1441)])
def test_any_size_may_follow_any_other(renderer: SceneRenderer, size: tuple[int, int]) -> None:
    image = draw(renderer, empty_request(*size, smooth=True))
    assert image.shape == (size[1], size[0], 3)
    assert image.flags.owndata
    assert image.flags.c_contiguous


def test_only_the_newest_waiting_request_is_drawn(renderer: SceneRenderer) -> None:
    arrived: list[int] = []
    last = 0
    for turn in range(60):
        orbit = OrbitCamera().orbited(6 * turn, 0)
        last = renderer.render(empty_request(640, 400, orbit=orbit))
        finished = renderer.poll()
        arrived += [finished.generation] if finished else []
    finished = renderer.wait(last)
    assert finished.generation == last
    assert len(arrived) < 30
    assert arrived == sorted(arrived)
    assert renderer.poll() is None, "every picture is given out once"
    np.testing.assert_array_equal(
        finished.image, draw(renderer, empty_request(640, 400, orbit=orbit))
    )


def test_requests_made_before_the_process_is_ready_are_answered() -> None:
    changes: list[float] = []
    renderer = SceneRenderer(on_change=lambda: changes.append(time.monotonic()))
    generation = renderer.render(empty_request())
    renderer.start()
    assert renderer.poll() is None
    finished = renderer.wait(generation)
    renderer.close()
    assert finished.image.shape == (48, 64, 3)
    assert finished.latency_s > 0
    assert len(changes) == 1


def mapped_memory(pid: int) -> set[Path]:
    """Shared memory that a process uses."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(line.split()[-1]) for line in maps if "/dev/shm/psm_" in line}


class Traces:
    """What a renderer has left on this machine: its process and its shared memory."""

    def __init__(self, pid: int) -> None:
        """Look at the process while it lives."""
        self.pid = pid
        self.memory = mapped_memory(pid)

    def left(self) -> list[str]:
        """What still exists."""
        stat = Path(f"/proc/{self.pid}/stat")
        try:
            alive = stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            alive = False
        return ["process"] * alive + [str(path) for path in self.memory if path.exists()]


def started_renderer() -> tuple[SceneRenderer, Traces]:
    """A renderer that has drawn one picture."""
    renderer = SceneRenderer()
    before = {process.pid for process in multiprocessing.active_children()}
    renderer.start()
    (process,) = [p for p in multiprocessing.active_children() if p.pid not in before]
    draw(renderer, empty_request())
    assert process.pid is not None
    traces = Traces(process.pid)
    assert len(traces.memory) == 1
    assert len(traces.left()) == 2
    return renderer, traces


def wait_until(condition: Callable[[], bool], limit_s: float) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + limit_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_closing_leaves_nothing_behind() -> None:
    renderer, traces = started_renderer()
    start = time.monotonic()
    renderer.close()
    assert time.monotonic() - start < 1.0
    assert traces.left() == []
    renderer.close()


def test_closing_ends_a_process_that_answers_no_more() -> None:
    renderer, traces = started_renderer()
    os.kill(traces.pid, signal.SIGSTOP)
    renderer.render(empty_request())
    start = time.monotonic()
    renderer.close()
    assert time.monotonic() - start < 10.0
    assert traces.left() == []


def test_closing_before_anything_happened() -> None:
    SceneRenderer().close()
    memory, children = mapped_memory(os.getpid()), multiprocessing.active_children()
    renderer = SceneRenderer()
    renderer.start()
    (ours,) = mapped_memory(os.getpid()) - memory
    assert ours.exists()
    start = time.monotonic()
    renderer.close()
    assert time.monotonic() - start < 10.0
    assert not ours.exists()
    assert set(multiprocessing.active_children()) <= set(children)


def test_a_killed_process_is_told_in_one_sentence() -> None:
    renderer, traces = started_renderer()
    os.kill(traces.pid, signal.SIGKILL)
    with pytest.raises(RendererUnavailable, match="ended unexpectedly"):
        renderer.wait(renderer.render(empty_request()), timeout_s=5)
    with pytest.raises(RendererUnavailable):
        renderer.poll()
    renderer.close()
    assert traces.left() == []


def why_not(renderer: SceneRenderer) -> str:
    """The sentence of a renderer that cannot draw; within seconds."""
    start = time.monotonic()
    renderer.start()
    with pytest.raises(UserError) as caught:
        renderer.wait(renderer.render(empty_request()), timeout_s=20)
    renderer.close()
    assert time.monotonic() - start < 15
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_opengl_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere/egl.json")
    monkeypatch.setenv("LIBGL_DRIVERS_PATH", "/nowhere")
    assert "OpenGL" in why_not(SceneRenderer())


def test_without_open3d_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = "raise ImportError('libGL.so.1: cannot open shared object file')"
    (tmp_path / "open3d.py").write_text(broken)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "libGL.so.1" in why_not(SceneRenderer())


def test_a_process_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A call into a driver that never returns and never lets Python's other threads run.
    hanging = "import ctypes; ctypes.PyDLL(None).sleep(1000)"
    (tmp_path / "open3d.py").write_text(hanging)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(client, "LIMIT_S", 1.0)
    assert "ended unexpectedly" in why_not(SceneRenderer())


def test_without_shared_memory_it_says_so() -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        assert "cannot be started" in why_not(SceneRenderer())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


PARENT = """
    import sys, time
    import numpy as np
    from multiprocessing import active_children
    from pandanet_app.drawing.scene3d import SceneRequest
    from pandanet_app.models.orbit_camera import OrbitCamera
    from pandanet_app.rendering.client import SceneRenderer
    from pandanet_core.skeleton import JTA22

    if __name__ == "__main__":
        renderer = SceneRenderer()
        renderer.start()
        nobody = np.zeros((0, 22, 3)), JTA22, np.zeros((0, 3))
        renderer.wait(renderer.render(SceneRequest(64, 48, OrbitCamera(), *nobody)))
        print(active_children()[0].pid, flush=True)
        sys.stdin.readline()
        if sys.argv[1] == "raises":
            raise SystemExit(3)
"""


def other_program(tmp_path: Path, ending: str) -> tuple["subprocess.Popen[str]", Traces]:
    """A program of its own that has started a renderer and waits for a line."""
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT))
    program = subprocess.Popen(
        [sys.executable, str(script), ending],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert program.stdout is not None
    return program, Traces(int(program.stdout.readline()))


def test_a_killed_program_leaves_no_orphan_and_no_memory(tmp_path: Path) -> None:
    program, traces = other_program(tmp_path, "killed")
    assert len(traces.left()) == 2
    program.send_signal(signal.SIGKILL)
    _, errors = program.communicate(timeout=20)
    assert wait_until(lambda: not traces.left(), limit_s=5), traces.left()
    assert "leaked" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("ending", ["returns", "raises"])
def test_a_program_that_never_closes_its_renderer_leaves_nothing(
    tmp_path: Path, ending: str
) -> None:
    program, traces = other_program(tmp_path, ending)
    assert len(traces.left()) == 2
    _, errors = program.communicate("\n", timeout=20)
    assert wait_until(lambda: not traces.left(), limit_s=5), traces.left()
    assert "leaked" not in errors
    assert "Traceback" not in errors

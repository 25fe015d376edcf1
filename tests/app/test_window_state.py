"""Models and pure functions of the window: no widget, no thread, no process."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pandanet_app.controllers.colour_links import ColourLinks
from pandanet_app.controllers.picking import person_at, same_person
from pandanet_app.controllers.playback_clock import PlaybackClock
from pandanet_app.controllers.workspace import gaps
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.drawing.steady_look import SteadyLook
from pandanet_app.models.overlay import Overlay
from pandanet_app.models.people import People
from pandanet_app.models.playback import Playback
from pandanet_app.models.viewport import Viewport
from pandanet_app.qt.theme import DARK, LIGHT, contrast
from pandanet_app.views.positions import parse_position
from pandanet_app.views.shortcuts import SHORTCUTS, Command
from pandanet_core.camera import Camera, project
from pandanet_core.detections import Detections
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from tests.app.marker_film import MarkerDetector, film_picture, walker_boxes

CAMERA = Camera.from_fov(320, 240)


def people_of_film(frames: int) -> People:
    people = People(JTA22, frames, CAMERA)
    found = [(i, i / 25, MarkerDetector()(film_picture(i), CAMERA)) for i in range(frames)]
    people.add(found, CAMERA)
    return people


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (Overlay, "min_score", 1.5),
        (Overlay, "min_score", "0.3"),
        (Overlay, "boxes", 1),
        (Playback, "frame", -1),
        (Playback, "frame", 2.0),
        (Playback, "no_such_field", 1),
    ],
)
def test_models_refuse_what_is_wrong(model: type, field: str, value: object) -> None:
    state = model()
    with pytest.raises((ValidationError, ValueError, AttributeError)):
        setattr(state, field, value)


def test_models_tell_of_changes_and_only_of_changes() -> None:
    overlay, told = Overlay(), []
    overlay.events.min_score.connect(told.append)
    overlay.min_score = 0.5
    overlay.min_score = 0.5
    overlay.boxes = False
    assert told == [0.5]


@pytest.mark.parametrize("min_score", [0.05, 0.2, 0.3, 0.6, 0.61, 0.95])
def test_score_chooses_among_kept_candidates(min_score: float) -> None:
    people = people_of_film(3)
    visible = people.visible(2, CAMERA, min_score)
    heights = [y1 - y0 for _, y0, _, y1 in walker_boxes(2)]
    expected = [place for place, height in enumerate(heights) if height / 100 >= min_score]
    assert visible is not None
    assert visible.index.tolist() == expected
    assert visible.detections.boxes.tolist() == [list(walker_boxes(2)[i]) for i in expected]
    candidates = people.candidates(2, CAMERA)
    assert candidates is not None
    assert len(candidates) == 3


def test_another_camera_places_people_again() -> None:
    people = people_of_film(1)
    narrow = Camera.from_fov(320, 240, 25)
    visible = people.visible(0, narrow, 0.3)
    assert visible is not None
    # A person whose size is given and whose picture is the same stands further away, by the ratio
    # of the focal lengths, and still projects onto the same pixels.
    wide = people.visible(0, CAMERA, 0.3)
    assert wide is not None
    ratio = visible.detections.root_mm[:, 2] / wide.detections.root_mm[:, 2]
    assert ratio == pytest.approx(np.full(2, narrow.fx / CAMERA.fx), rel=0.02)
    again = project(visible.detections.pose3d_mm, narrow)
    assert again == pytest.approx(visible.detections.pose2d, abs=1.5)  # walkers are a bit wide


def test_people_know_what_is_detected() -> None:
    people = People(JTA22, 10, CAMERA)
    nobody = Detections.empty(22)
    people.add([(i, 0.0, nobody) for i in (0, 1, 4, 9)], CAMERA)
    assert people.done_ranges() == ((0, 2), (4, 5), (9, 10))
    assert people.visible(4, CAMERA, 0.3) is not None
    assert people.visible(5, CAMERA, 0.3) is None
    assert people.visible(10, CAMERA, 0.3) is None


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_gaps_are_the_frames_that_are_left(start: int, stop: int, done: list[bool]) -> None:
    people = People(JTA22, 30, CAMERA)
    people.add([(i, 0.0, Detections.empty(22)) for i in range(30) if done[i]], CAMERA)
    left = [
        i for first, last in gaps(start, stop, people.done_ranges()) for i in range(first, last)
    ]
    assert left == [i for i in range(start, stop) if not done[i]]


@pytest.mark.parametrize(
    ("start", "speed", "passed_s", "loop", "frame", "ended"),
    [
        (0, 1.0, 0.0, False, 0, False),
        (0, 1.0, 1.0, False, 25, False),
        (0, 0.5, 1.0, False, 12, False),
        (0, 4.0, 1.0, False, 99, True),
        (50, -1.0, 1.0, False, 25, False),
        (50, -2.0, 2.0, False, 10, True),
        (98, 1.0, 0.2, True, 13, False),
        (12, -1.0, 0.2, True, 97, False),
    ],
)
def test_clock(
    start: int, speed: float, passed_s: float, loop: bool, frame: int, ended: bool
) -> None:
    clock = PlaybackClock(start, 7.0, 25.0, speed, 10 if start else 0, 100, loop)
    assert clock.frame_at(7.0 + passed_s + 1e-9) == frame
    assert clock.ended_at(7.0 + passed_s + 1e-9) == ended


@pytest.mark.parametrize(
    ("text", "frame"),
    [("0", 0), ("374", 374), (" 12.5 s", 312), ("12.5", 312), ("3s", 75), ("1:02.5", 1562),
     ("1:00:00", 90_000)],
)  # fmt: skip
def test_positions(text: str, frame: int) -> None:
    assert parse_position(text, 25.0, 100_000) == frame


@pytest.mark.parametrize("text", ["", "x", "-3", "1:2:3:4", "12 m", "__import__('os')", "100000"])
def test_bad_positions_are_one_sentence(text: str) -> None:
    with pytest.raises(UserError):
        parse_position(text, 25.0, 100_000)


def test_pick_finds_the_nearest_bone_then_the_smallest_box() -> None:
    people = MarkerDetector()(film_picture(0), CAMERA)
    random = np.random.default_rng(3)
    bones = np.array(JTA22.bones)
    along = np.linspace(0, 1, 400)[:, None, None, None]
    start, stop = people.pose2d[:, bones[:, 0]], people.pose2d[:, bones[:, 1]]
    samples = (start + along * (stop - start)).transpose(1, 0, 2, 3).reshape(3, -1, 2)
    hits = set()
    for x, y in random.uniform((0, 100), (320, 240), (400, 2)):
        distances = np.linalg.norm(samples - (x, y), axis=-1).min(1)
        expected = int(distances.argmin())
        if abs(distances.min() - 6) < 0.3:
            continue  # the sampled bones are too coarse to tell
        if distances.min() > 6:
            inside = [
                i
                for i, (x0, y0, x1, y1) in enumerate(people.boxes)
                if x0 <= x <= x1 and y0 <= y <= y1
            ]
            expected = inside[0] if inside else None
        assert person_at(people, JTA22, x, y, 6) == expected
        hits.add(expected)
    assert hits == {0, 1, 2, None}


def test_same_person_is_the_best_overlap_or_nobody() -> None:
    box = np.array([10, 10, 30, 50], np.float32)
    boxes = np.array([[12, 12, 32, 52], [11, 10, 31, 50], [200, 10, 220, 50]], np.float32)
    assert same_person(box, boxes) == 1
    assert same_person(box, boxes[2:]) is None
    assert same_person(box, boxes[:0]) is None


def test_colours_follow_people_from_frame_to_frame() -> None:
    links = ColourLinks()
    boxes = np.array([walker_boxes(i) for i in range(3)], np.float32)
    first = links.of(0, np.array([0, 1, 2]), boxes[0])
    swapped = links.of(1, np.array([0, 1, 2]), boxes[1][[2, 0, 1]])
    assert swapped.tolist() == first[[2, 0, 1]].tolist()
    assert links.of(1, np.array([1]), boxes[1][[0]]).tolist() == [first[0]]
    newcomer = np.array([[0, 200, 20, 239]], np.float32)
    colours = links.of(2, np.arange(4), np.concatenate([boxes[2], newcomer]))
    assert len(set(colours.tolist())) == 4


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.05, 40), st.floats(-50, 400), st.floats(-50, 300), st.floats(0, 640),
    st.floats(0, 480), st.floats(0.2, 5),
)  # fmt: skip
def test_zooming_keeps_what_is_under_the_pointer(
    scale: float, x: float, y: float, at_x: float, at_y: float, factor: float
) -> None:
    viewport = Viewport(scale, x, y)
    before = viewport.to_picture(at_x, at_y)
    zoomed = viewport.zoomed(factor, at_x, at_y)
    assert zoomed.to_picture(at_x, at_y) == pytest.approx(before, abs=1e-6)
    assert zoomed.to_view(*before) == pytest.approx((at_x, at_y), abs=1e-4)


@pytest.mark.parametrize("scale", [0.7, 1.0, 1.7, 3.2])
def test_picture_is_drawn_where_the_viewport_says(scale: float) -> None:
    """Against bilinear interpolation written out, pixel centres at + 0.5 on both sides."""
    picture = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    viewport = Viewport(scale, 7.3, -2.6)
    drawn = draw_picture(picture, viewport, 80, 50, (9, 9, 9))
    for row, column in [(4, 3), (20, 31), (33, 40), (25, 12)]:
        x, y = viewport.to_picture(column + 0.5, row + 0.5)
        x, y = x - 0.5, y - 0.5
        left, top = int(np.floor(x)), int(np.floor(y))
        if not (0 <= left < 59 and 0 <= top < 39):
            continue
        right_share, low_share = x - left, y - top
        corners = picture[top : top + 2, left : left + 2].astype(float)
        upper = corners[0, 0] * (1 - right_share) + corners[0, 1] * right_share
        lower = corners[1, 0] * (1 - right_share) + corners[1, 1] * right_share
        expected = upper * (1 - low_share) + lower * low_share
        assert drawn[row, column] == pytest.approx(expected, abs=6)  # OpenCV rounds to 1/32 px


def test_a_fitted_picture_fills_the_view_and_nothing_lies_outside() -> None:
    picture = np.full((1080, 1920, 3), 200, np.uint8)
    viewport = Viewport.fitted(1920, 1080, 700, 500)
    drawn = draw_picture(picture, viewport, 700, 500, (0, 0, 0))
    shown = (drawn == 200).all(-1)
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    assert (columns.min(), columns.max()) == (0, 699)
    assert rows.max() - rows.min() + 1 == pytest.approx(700 * 1080 / 1920, abs=2)
    assert rows.min() == pytest.approx(499 - rows.max(), abs=1)


def test_the_look_keeps_still_until_somebody_would_be_out_of_sight() -> None:
    look = SteadyLook()
    person = np.random.default_rng(0).uniform(-0.5, 0.5, (22, 3)) + np.array([0, 1, -6])
    look.keep_in_sight(person, 600, 400)
    still = look.orbit
    look.keep_in_sight(person + np.array([0.05, 0, 0]), 600, 400)
    assert look.orbit == still
    far = person + np.array([8, 0, -4])
    look.keep_in_sight(far, 600, 400)
    for somebody in (person, far):
        pixels = look.orbit.project(somebody, 600, 400)
        assert ((pixels > 0) & (pixels < (600, 400))).all()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_text_can_be_read(theme) -> None:
    pairs = [
        (text, ground)
        for text in (theme.text, theme.quiet)
        for ground in (theme.window, theme.panel, theme.stage, theme.raised)
    ]
    pairs += [(theme.text, theme.hover), (theme.on_accent, theme.accent)]
    pairs += [(theme.error, theme.error_panel), (theme.accent, theme.stage)]
    for text, ground in pairs:
        assert contrast(text, ground) >= 4.5, (text, ground)


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)  # WebAIM's example


def test_every_command_is_in_the_table_once_and_no_key_twice() -> None:
    commands = [one.command for one in SHORTCUTS]
    assert sorted(commands, key=lambda c: c.value) == list(Command)
    keys = [key for one in SHORTCUTS for key in one.keys]
    assert len(keys) == len(set(keys))

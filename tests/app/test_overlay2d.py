"""What the overlay draws, against plain geometry; labels that never cover each other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandanet_app.drawing.colours import person_colours
from pandanet_app.drawing.labels import LabelPlaces, label_plate
from pandanet_app.drawing.overlay2d import OverlayStyle, draw_people
from pandanet_app.models.people import VisiblePeople
from pandanet_app.models.scene import Layers, Scene
from pandanet_app.models.viewport import Viewport
from pandanet_core.detections import Detections
from pandanet_core.skeleton import JTA22

WHOLE = Viewport(1.0, 0.0, 0.0)
SKELETONS = Layers(boxes=False, skeletons=True, labels=False)
BOXES = Layers(boxes=True, skeletons=False, labels=False)
LABELS = Layers(boxes=False, skeletons=False, labels=True)

_HALF = {
    "head top": (0, -48), "head centre": (0, -38), "neck": (0, -30), "spine 0": (0, -24),
    "spine 1": (0, -18), "spine 2": (0, -12), "spine 3": (0, -6), "spine 4": (0, 0),
    "clavicle": (4, -28), "shoulder": (14, -26), "elbow": (20, -12), "wrist": (22, 4),
    "hip": (8, 2), "knee": (10, 24), "ankle": (11, 46),
}  # fmt: skip


def standing(centre: tuple[float, float], height: float = 100.0) -> np.ndarray:
    """(22, 2) a person facing us: the left side is on the picture's right."""
    joints = []
    for name in JTA22.joints:
        side = {"left": 1, "right": -1}.get(name.split()[0], 0)
        x, y = _HALF[name.split(maxsplit=1)[1] if side else name]
        joints.append((x * (side or 1), y))
    return np.array(joints) * height / 100 + centre


def people(*poses: np.ndarray, scores: tuple[float, ...] | None = None) -> Detections:
    pose2d = np.array(poses, np.float32).reshape(-1, 22, 2)
    low, high = pose2d.min(1), pose2d.max(1)
    margin = 0.07 * (high - low).max(1, keepdims=True)
    count = len(pose2d)
    return Detections(
        boxes=np.concatenate([low - margin, high + margin], 1).astype(np.float32),
        scores=np.array(scores or [0.9] * count, np.float32),
        pose2d=pose2d,
        pose3d=np.zeros((count, 22, 3), np.float32),
        root_mm=np.zeros((count, 3), np.float32),
        scale_mm=np.ones(count, np.float32),
    )


def scene_of(found: Detections, layers: Layers = Layers(), selected: int | None = None) -> Scene:  # noqa: B008
    index = np.arange(len(found))
    visible = VisiblePeople(found, index, np.full(len(found), -1, np.int32), index)
    return Scene(people=visible, skeleton=JTA22, layers=layers, selected=selected)


def drawn(
    scene: Scene, size: tuple[int, int] = (320, 240), viewport: Viewport = WHOLE, grey: int = 90
) -> np.ndarray:
    canvas = np.full((size[1], size[0], 3), grey, np.uint8)
    draw_people(canvas, scene, viewport)
    return canvas


def changed(canvas: np.ndarray, grey: int = 90) -> np.ndarray:
    return (canvas != grey).any(2)


def distance_to_bones(pose: np.ndarray, width: int, height: int) -> np.ndarray:
    """(H, W) from each pixel's centre to the nearest bone, by brute force."""
    y, x = np.mgrid[:height, :width] + 0.5
    points = np.stack([x, y], -1)
    nearest = np.full((height, width), np.inf)
    for child, parent in JTA22.bones:
        start, along = pose[child], pose[parent] - pose[child]
        share = np.clip(((points - start) @ along) / max(along @ along, 1e-9), 0, 1)
        gap = points - start - share[..., None] * along
        nearest = np.minimum(nearest, np.linalg.norm(gap, axis=-1))
    return nearest


def test_skeletons_cover_the_bones_and_nothing_else() -> None:
    pose = standing((160.3, 120.7), 180)
    canvas = drawn(scene_of(people(pose), SKELETONS))
    distance = distance_to_bones(pose, 320, 240)
    assert changed(canvas)[distance < 1.0].all()
    assert not changed(canvas)[distance > 4.0].any()


@pytest.mark.parametrize(("scale", "x", "y"), [(2.0, 30.0, 20.0), (0.5, -50.0, -40.0), (1, 7, 3)])
def test_the_viewport_moves_people_with_the_picture(scale: float, x: float, y: float) -> None:
    pose = standing((110, 90), 120)
    canvas = drawn(scene_of(people(pose), SKELETONS), viewport=Viewport(scale, x, y))
    distance = distance_to_bones((pose - (x, y)) * scale, 320, 240)
    assert changed(canvas)[distance < 0.8].all()
    assert not changed(canvas)[distance > 4.0].any()


def test_boxes_are_where_they_should_be() -> None:
    found = people(standing((160, 120), 160))
    columns = np.flatnonzero(changed(drawn(scene_of(found, BOXES))).any(0))
    rows = np.flatnonzero(changed(drawn(scene_of(found, BOXES))).any(1))
    x0, y0, x1, y1 = found.boxes[0]
    np.testing.assert_allclose([columns[0], columns[-1]], [x0, x1], atol=3)
    np.testing.assert_allclose([rows[0], rows[-1]], [y0, y1], atol=3)
    assert not changed(drawn(scene_of(found, BOXES)))[115:125, 120:200].any(), "it is not filled"


def test_left_and_right_differ_without_colour() -> None:
    """The middles of both thighs, compared in brightness alone."""
    pose = standing((160, 120), 200)
    canvas = drawn(scene_of(people(pose), SKELETONS), size=(320, 240)).astype(float).mean(2)
    brightness = {}
    for side in ("left", "right"):
        hip, knee = (pose[JTA22.index(f"{side} {joint}")] for joint in ("hip", "knee"))
        x, y = ((hip + knee) / 2).astype(int)
        brightness[side] = canvas[y, x]
    assert brightness["left"] - brightness["right"] > 30


def test_a_person_keeps_the_colour_of_the_number() -> None:
    numbers = np.array([3, 0, 3, 10, 17])
    colours = person_colours(numbers)
    assert (colours[0] == colours[2]).all()
    assert (colours[3] == person_colours([10])[0]).all()
    assert not (colours[0] == colours[3]).all()
    assert (person_colours([3]) == person_colours([17])).all()
    assert person_colours([]).shape == (0, 3)
    assert colours.min() >= 0
    assert colours.max() <= 1


_MACHADO = {  # Machado, Oliveira, Fernandes 2009, severity 1.0, for linear RGB
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(rgb: np.ndarray, blindness: str | None) -> np.ndarray:
    """CIELAB of sRGB colours (N, 3) as seen with a colour blindness."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if blindness:
        linear = np.clip(linear @ np.array(_MACHADO[blindness]).T, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = linear @ np.array(to_xyz).T / (0.9505, 1.0, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], -1)


@pytest.mark.parametrize("blindness", [None, *_MACHADO])
def test_the_first_seven_colours_differ_for_everybody(blindness: str | None) -> None:
    """A difference of 2.3 is just noticeable; plain red and green come to under 10 for some."""
    colours = lab(person_colours(np.arange(7)), blindness)
    gaps = np.linalg.norm(colours[:, None] - colours[None], axis=-1)[np.triu_indices(7, 1)]
    assert gaps.min() > 11


def test_the_chosen_person_stands_out_and_is_on_top() -> None:
    pose = standing((160, 120), 200)
    found = people(pose, pose, scores=(0.9, 0.4))
    plain, chosen = (drawn(scene_of(found, SKELETONS, selected)) for selected in (None, 1))
    x, y = pose[JTA22.index("spine 2")].astype(int)
    assert np.abs(plain[y + 4, x] / 255 - person_colours([0])[0]).max() < 0.05
    assert np.abs(chosen[y + 4, x] / 255 - person_colours([1])[0]).max() < 0.05
    assert changed(chosen).sum() > 1.3 * changed(plain).sum()
    assert (chosen == 255).all(2).sum() > 200, "its outline is white"


def test_lines_grow_with_the_picture_but_less() -> None:
    """Widths of a box's left edge at 480p, 1080p and 4K."""
    widths = []
    for height in (480, 1080, 2160):
        width = height * 16 // 9
        found = people(standing((width / 2, height / 2), height * 0.6))
        row = changed(drawn(scene_of(found, BOXES), (width, height)))[height // 2]
        edge = np.flatnonzero(row)
        widths.append(int((edge < width / 2).sum()))
    assert widths[0] < widths[1] < widths[2]
    assert 3 <= widths[0] <= 5
    assert widths[2] < widths[0] * 2160 / 480


def test_small_people_keep_thin_lines() -> None:
    """A person of 40 px on a large picture stays readable: arms and body don't melt together."""
    pose = standing((960, 540), 60)
    mask = changed(drawn(scene_of(people(pose), SKELETONS), (1920, 1080)))
    x, y = ((pose[JTA22.index("left elbow")] + pose[JTA22.index("spine 2")]) / 2).astype(int)
    assert not mask[y, x]


def test_unknown_and_far_joints_and_nobody() -> None:
    pose = standing((160, 120), 100)
    pose[JTA22.index("left wrist")] = np.nan
    found = people(pose)
    found = replace(found, boxes=np.array([[110, 60, 210, 180]], np.float32))
    canvas = drawn(scene_of(found))
    elbow = standing((160, 120), 100)[JTA22.index("left elbow")].astype(int)
    assert changed(canvas)[elbow[1], elbow[0]]
    assert not changed(drawn(scene_of(Detections.empty(22)))).any()
    assert not changed(drawn(scene_of(people(standing((-900, 120)))))).any()
    assert not changed(drawn(Scene())).any()
    huge = people(standing((160, 120), 1e7))
    drawn(scene_of(huge), viewport=Viewport(64.0, 100.0, 100.0))


@given(
    st.lists(
        st.tuples(
            st.floats(-50, 350), st.floats(-50, 250), st.floats(0, 200), st.floats(0, 200),
            st.integers(5, 90), st.integers(5, 30),
        ),
        max_size=40,
    )
)  # fmt: skip
def test_labels_never_cover_each_other_or_the_edge(
    requests: list[tuple[float, float, float, float, int, int]],
) -> None:
    places, taken = LabelPlaces(320, 240), np.zeros((240, 320), int)
    for x, y, box_width, box_height, width, height in requests:
        box = np.array([x, y, x + box_width, y + box_height])
        if place := places.place(box, width, height):
            x0, y0, x1, y1 = place
            assert (x1 - x0, y1 - y0) == (width, height)
            assert min(x0, y0, 320 - x1, 240 - y1) >= 0
            taken[y0:y1, x0:x1] += 1
    assert taken.max(initial=0) <= 1


def test_the_best_people_get_their_labels_first() -> None:
    """Sixty people on one spot: only some labels fit, the best person's does."""
    found = people(*[standing((160, 120), 40)] * 60, scores=tuple(np.linspace(0.99, 0.3, 60)))
    canvas = drawn(scene_of(found, LABELS))
    best = label_plate("0  0.99", (230, 159, 0), 13)
    windows = np.lib.stride_tricks.sliding_window_view(canvas, best.shape)[:, :, 0]
    assert (windows == best).all((2, 3, 4)).any()
    assert changed(canvas).sum() < 20 * best.shape[0] * best.shape[1]


def test_labels_are_readable() -> None:
    """White on near black: contrast far over 4.5 to 1; larger text makes larger plates."""
    small, large = (label_plate("12  0.87", (0, 158, 115), font_px) for font_px in (13, 37))
    assert small.min() < 30
    assert small.max() == 255
    assert large.shape[0] > 2.3 * small.shape[0]
    assert (small[:, 0] == (0, 158, 115)).all()


def test_style_changes_the_drawing() -> None:
    canvas = np.full((240, 320, 3), 90, np.uint8)
    scene = scene_of(people(standing((160, 120), 200)), SKELETONS)
    draw_people(canvas, scene, WHOLE, style=OverlayStyle(line_px=6.0))
    assert changed(canvas).sum() > 1.5 * changed(drawn(scene)).sum()

"""Reading BVH: a hand-made file of CMU's rig, damaged ones, and real captures."""

from pathlib import Path

import numpy as np
import pytest

from pandanet_core.crowd.motion.bvh import read_bvh
from pandanet_core.crowd.motion.retarget import clip_of, read_clips
from pandanet_core.crowd.people.rig import DOWN, PARTS
from pandanet_core.crowd.rotations import unit
from pandanet_core.errors import UserError
from tests.shared_data import shared_data

TREE = {
    "hip": (None, (0, 0, 0)),
    "abdomen": ("hip", (0, 20, 0)),
    "chest": ("abdomen", (0, 12, 0)),
    "neck": ("chest", (0, 22, 0)),
    "head": ("neck", (0, 7, 0)),
} | {
    f"{side[0]}{name}": (side[0] + parent if parent[0].isupper() else parent, (side[1] * x, y, z))
    for side in (("r", -1), ("l", 1))
    for name, parent, (x, y, z) in (
        ("Collar", "chest", (3, 19, 0)),
        ("Shldr", "Collar", (9, 0, 0)),
        ("ForeArm", "Shldr", (28, 0, 0)),
        ("Hand", "ForeArm", (22, 0, 0)),
        ("Thigh", "hip", (9, 0, 0)),
        ("Shin", "Thigh", (0, -40, 0)),
        ("Foot", "Shin", (0, -42, 0)),
    )
}
ORDER = ("Z", "X", "Y")


def bvh_text(angles: dict[str, tuple[float, float, float]], heights: list[float]) -> str:
    """A file whose joints turn by constant (z, x, y) degrees while the hip rises to `heights`."""

    def block(joint: str, depth: int) -> list[str]:
        pad = "  " * depth
        _, offset = TREE[joint]
        position = "6 Xposition Yposition Zposition " if depth == 0 else "3 "
        lines = [
            f"{pad}{'ROOT' if depth == 0 else 'JOINT'} {joint}",
            f"{pad}{{",
            f"{pad}  OFFSET {' '.join(map(str, offset))}",
            f"{pad}  CHANNELS {position}{' '.join(f'{axis}rotation' for axis in ORDER)}",
        ]
        children = [name for name, (parent, _) in TREE.items() if parent == joint]
        for child in children:
            lines += block(child, depth + 1)
        if not children:
            lines += [f"{pad}  End Site", f"{pad}  {{", f"{pad}    OFFSET 0 -1 5", f"{pad}  }}"]
        return [*lines, f"{pad}}}"]

    written: list[str] = []

    def visit(joint: str) -> None:
        written.append(joint)
        for child, (parent, _) in TREE.items():
            if parent == joint:
                visit(child)

    visit("hip")
    rows = []
    for height in heights:
        numbers = [0.0, height, 0.0]
        for joint in written:
            numbers += angles.get(joint, (0.0, 0.0, 0.0))
        rows.append(" ".join(map(str, numbers)))
    motion = [f"Frames: {len(rows)}", "Frame Time: 0.0333333", *rows]
    return "\n".join(["HIERARCHY", *block("hip", 0), "MOTION", *motion]) + "\n"


def write(folder: Path, text: str, name: str = "a_1.bvh") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def direction(clip_parts: np.ndarray, part: str) -> np.ndarray:
    return clip_parts[PARTS.index(part)] @ DOWN


def test_the_t_pose_has_arms_to_the_sides_and_legs_straight(tmp_path: Path) -> None:
    clip = clip_of(read_bvh(write(tmp_path, bvh_text({}, [90.0] * 4))))
    parts = clip.parts[0]
    np.testing.assert_allclose(direction(parts, "left upper arm"), [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(direction(parts, "right forearm"), [-1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(direction(parts, "left thigh"), DOWN, atol=1e-6)
    np.testing.assert_allclose(parts[PARTS.index("chest")], np.eye(3), atol=1e-6)
    assert clip.fps == pytest.approx(30, rel=1e-4)
    assert not clip.walks


def test_turns_arrive_in_our_axes(tmp_path: Path) -> None:
    """BVH: a positive x turn of a knee that hangs down (-y) brings it to -z, which is our back (+y)."""
    text = bvh_text({"lShin": (0, 90, 0), "rShldr": (90, 0, 0)}, [90.0] * 2)
    parts = clip_of(read_bvh(write(tmp_path, text))).parts[0]
    np.testing.assert_allclose(direction(parts, "left shin"), [0, 1, 0], atol=1e-6)
    # z turns +x to +y: the right arm (-x) goes down.
    np.testing.assert_allclose(direction(parts, "right upper arm"), DOWN, atol=1e-6)


def test_only_a_short_leap_lifts_the_body(tmp_path: Path) -> None:
    still, leap = [83.0] * 30, [83.0 + 40 * np.sin(x) for x in np.linspace(0.1, 3.0, 15)]
    jump = clip_of(read_bvh(write(tmp_path, bvh_text({}, still + leap + still))))
    assert jump.lift.max() > 0.25
    assert jump.lift[:30].max() == 0
    assert jump.lift[-30:].max() == 0
    climb = clip_of(read_bvh(write(tmp_path, bvh_text({}, still + [120.0] * 60 + still))))
    assert climb.lift.max() == 0


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "is no sound BVH file"),
        (lambda text: "\n".join(text.splitlines()[:-1]), "cut off"),
        (lambda text: text.replace("Frame Time: 0.0333333", "Frame Time: 0"), "no frame time"),
        (lambda text: text.replace("0.0333333", "nan"), "no frame time"),
        (lambda text: text.replace("Frames: 5", "Frames: 0"), "no frames"),
        (lambda text: text[:-20] + "nan\n", "cut off|not finite"),
        (lambda text: text.replace("Zrotation", "Wrotation"), "is no sound BVH file"),
        (lambda text: text.replace("OFFSET 0 20 0", "OFFSET 0 20"), "is no sound BVH file"),
        (lambda text: "not a capture at all", "is no sound BVH file"),
        (lambda text: "", "is no sound BVH file"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, damage, message: str) -> None:  # type: ignore[no-untyped-def]
    path = write(tmp_path, damage(bvh_text({}, [90.0] * 5)))
    with pytest.raises(UserError, match=message) as raised:
        read_bvh(path)
    assert str(path) in str(raised.value)


def test_a_constant_knee_bend_is_taken_out(tmp_path: Path) -> None:
    text = bvh_text({"lShin": (0, 24, 0), "rShin": (0, 24, 0)}, [80.0] * 10)
    (clip,) = read_clips([write(tmp_path, text)])
    for side in ("left", "right"):
        thigh, shin = (
            direction(clip.parts[0], f"{side} thigh"),
            direction(clip.parts[0], f"{side} shin"),
        )
        assert np.degrees(np.arccos(thigh @ shin)) == pytest.approx(4, abs=0.5)
        assert np.degrees(np.arccos(unit(thigh + shin) @ DOWN)) == pytest.approx(
            12, abs=1
        )  # ankle stays


def test_real_captures_stand_upright_with_straight_knees() -> None:
    folder = shared_data("motion/cmu")
    clips = read_clips(sorted(folder.glob("07_0*.bvh")))
    for clip in clips:
        assert np.isfinite(clip.parts).all()
        upright = clip.parts[:, PARTS.index("chest"), 2, 2]
        assert np.median(upright) > 0.95
        for side in ("left", "right"):
            thigh = clip.parts[:, PARTS.index(f"{side} thigh"), :, 2]
            shin = clip.parts[:, PARTS.index(f"{side} shin"), :, 2]
            flexion = np.degrees(np.arccos(np.clip((thigh * shin).sum(1), -1, 1)))
            assert np.percentile(flexion, 10) < 12
    assert sum(clip.walks for clip in clips) >= 6

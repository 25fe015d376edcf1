"""How far standing feet slide and sink, for every clip on several bodies.

When a foot stands is told by the motion itself: heel or toe of the *captured* skeleton is slow and
low. How far it slides then is the diagonal of the places that the same end of the sole takes on our
body; how far it sinks is the depth of the lowest vertex of both shoes in any frame. `as captured`
follows the captured path with the lowest point on the ground; `performed` is what videos show.

    python benchmarks/planted_feet.py --help
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from scipy.ndimage import minimum_filter1d
from shared_data import SHARED_DATA

from pandanet_core.crowd.generate import CAST_SIZE
from pandanet_core.crowd.motion.builtin import builtin_clips
from pandanet_core.crowd.motion.bvh import Capture, read_bvh
from pandanet_core.crowd.motion.clip import Clip, stand
from pandanet_core.crowd.motion.performance import perform, skins_of
from pandanet_core.crowd.motion.retarget import read_clips
from pandanet_core.crowd.people.cast import Cast, load_cast, read_cast
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import PARTS, carry

SLOW, LOW = 0.5, 0.03
"""Leg lengths a second, and above the lowest place of either foot's same end within two seconds."""

LEG_M = 0.85
SHORTEST = 5
"""Frames."""

FRONT, BACK = (0, 1), (6, 7)
"""A foot's contact points at the front of the sole and at the heel, of 8."""

WANTED_SLIDE_MM, WANTED_SINK_MM = 20, 10


@dataclass(frozen=True)
class Options:
    """Slides and sinks of standing feet."""

    clips: int = 1000
    """Most captured clips, evenly chosen from the shared ones."""

    bodies: int = 3
    """Bodies that each clip is played on."""

    worst: int = 8
    """How many of the worst clips are named."""


def main(options: Options) -> None:
    """Print a line for each kind of clip and each way to play it."""
    cast = read_cast(load_cast("val", CAST_SIZE["val"], None))
    files = sorted((SHARED_DATA / "motion" / "cmu").glob("*.bvh"))
    step = max(1, len(files) // options.clips)
    files = files[::step]
    builtin = builtin_clips(np.random.default_rng(0), "builtin")
    print(f"{len(files)} captured and {len(builtin)} built-in clips on {options.bodies} bodies, mm")
    captured = [(clip, stands_of(clip, files)) for clip in read_clips(files)]
    moved = 1000 * LEG_M * np.concatenate([own_slides(clip, files) for clip, _ in captured])
    print(
        f"the captured skeletons' own stands, legs of {LEG_M} m: slide median {np.median(moved):.1f} "
        f"95 % {np.percentile(moved, 95):.1f} worst {moved.max():.1f}, "
        f"under {WANTED_SLIDE_MM}: {np.mean(moved < WANTED_SLIDE_MM):.1%}"
    )
    for kind, clips in (
        ("captured", captured),
        ("built-in", [(clip, clip.standing) for clip in builtin]),
    ):
        for way in ("as captured", "performed"):
            report(kind, way, cast, clips, options.bodies, options.worst)


def report(
    kind: str,
    way: str,
    cast: Cast,
    clips: list[tuple[Clip, np.ndarray]],
    bodies: int,
    worst: int,
) -> None:
    """One line of medians and extremes, and the worst clips."""
    slides, sinks, names = [], [], []
    for number, (clip, stands) in enumerate(clips):
        for body in range(bodies):
            character = cast.characters[(number + body * 5) % len(cast.characters)]
            skins = played(way, clip, cast, character)
            slides.append(1000 * np.array(list(slides_of(skins, character, stands))))
            sinks.append(-1000 * lowest_vertices(skins, cast, character))
            names.append(clip.name)
    every_slide, every_sink = np.concatenate(slides), np.concatenate(sinks)
    print(
        f"{kind:9} {way:12} {len(every_slide):6d} stands: slide median {np.median(every_slide):5.1f} "
        f"95 % {np.percentile(every_slide, 95):6.1f} worst {every_slide.max():6.1f}, "
        f"under {WANTED_SLIDE_MM}: {np.mean(every_slide < WANTED_SLIDE_MM):6.1%}; "
        f"sink median {np.median(every_sink):5.1f} 95 % {np.percentile(every_sink, 95):5.1f} "
        f"worst {every_sink.max():5.1f}, under {WANTED_SINK_MM}: "
        f"{np.mean(every_sink < WANTED_SINK_MM):6.1%}"
    )
    if way == "performed":
        by_slide = sorted(zip((s.max(initial=0) for s in slides), names, strict=True), reverse=True)
        by_sink = sorted(zip((s.max() for s in sinks), names, strict=True), reverse=True)
        print("    worst slides:", ", ".join(f"{n} {v:.0f}" for v, n in by_slide[:worst]))
        print("    worst sinks: ", ", ".join(f"{n} {v:.0f}" for v, n in by_sink[:worst]))


def played(way: str, clip: Clip, cast: Cast, character: Character) -> np.ndarray:
    """Skinning matrices (F, B, 3, 4) of a clip on a body."""
    if way == "performed":
        performance = perform(clip, cast.rig, character)
        count = len(performance)
        return skins_of(cast.rig, [character] * count, performance.parts, performance.places)
    travel = clip.travel * character.leg_length
    return stand(cast.rig, [character] * len(clip), clip.parts, clip.lift, travel)


def stands_of(clip: Clip, files: list[Path]) -> np.ndarray:
    """Whether heel and toe of either foot of the capture stand (F, 2, 2), told simply."""
    capture = read_bvh(next(file for file in files if file.stem == clip.name))
    ends = captured_feet(capture)[-len(clip) :]
    speed = np.linalg.norm(np.gradient(ends, axis=0), axis=-1) * clip.fps
    lowest = minimum_filter1d(ends[..., 2].min(1), round(2 * clip.fps), axis=0)
    height = ends[..., 2] - lowest[:, None]
    return (speed < SLOW) & (height < LOW)


def own_slides(clip: Clip, files: list[Path]) -> list[float]:
    """How far the captured skeleton's own heels and toes move while they stand, leg lengths."""
    capture = read_bvh(next(file for file in files if file.stem == clip.name))
    ends, stands = captured_feet(capture)[-len(clip) :, ..., :2], stands_of(clip, files)
    slides = []
    for foot, end in ((foot, end) for foot in range(2) for end in range(2)):
        edges = np.flatnonzero(np.diff(np.r_[0, stands[:, foot, end].astype(int), 0]))
        for start, stop in edges.reshape(-1, 2):
            if stop - start >= SHORTEST:
                slides.append(float(np.linalg.norm(np.ptp(ends[start:stop, foot, end], axis=0))))
    return slides


def captured_feet(capture: Capture) -> np.ndarray:
    """Ankle and toe of both feet (F, 2, 2, 3), leg lengths."""
    feet = []
    for side in "lr":
        joint = capture.names.index(f"{side}Foot")
        tip = capture.positions[:, joint] + capture.rotations[:, joint] @ capture.end_sites[joint]
        feet.append([capture.positions[:, joint], tip])
    shin, foot = capture.names.index("lShin"), capture.names.index("lFoot")
    leg = np.linalg.norm(capture.offsets[shin]) + np.linalg.norm(capture.offsets[foot])
    return np.moveaxis(np.array(feet), 2, 0) / leg


def slides_of(skins: np.ndarray, character: Character, stands: np.ndarray) -> Iterator[float]:
    """How far each end of each foot moves over the ground while it stands, m."""
    count = len(skins)
    points = carry(
        skins,
        np.tile(character.contact_bones, (count, 1)),
        np.tile(character.contact_points, (count, 1, 1)),
    )
    soles = points[:, character.contact_radii == 0, :2].reshape(count, 2, 8, 2)
    for foot in range(2):
        for end, corners in enumerate((BACK, FRONT)):
            place = soles[:, foot, corners].mean(1)
            edges = np.flatnonzero(np.diff(np.r_[0, stands[:, foot, end].astype(int), 0]))
            for start, stop in edges.reshape(-1, 2):
                if stop - start >= SHORTEST:
                    yield float(np.linalg.norm(np.ptp(place[start:stop], axis=0)))


def lowest_vertices(skins: np.ndarray, cast: Cast, character: Character) -> np.ndarray:
    """Height (F,) of the lowest vertex of both shoes, m."""
    strongest = np.take_along_axis(character.bones, character.shares.argmax(1)[:, None], 1)[:, 0]
    feet = [PARTS.index("left foot"), PARTS.index("right foot")]
    chosen = np.flatnonzero(np.isin(cast.rig.part_of[strongest], feet))
    low = character.vertices[chosen, 2] < 0.06
    chosen = chosen[low][:: max(1, int(low.sum()) // 400)]
    height = np.zeros((len(skins), len(chosen)))
    for corner in range(4):
        row = skins[:, character.bones[chosen, corner], 2]
        moved = (row[..., :3] * character.vertices[chosen]).sum(-1) + row[..., 3]
        height += character.shares[chosen, corner] * moved
    return height.min(1)


if __name__ == "__main__":
    main(tyro.cli(Options))

"""How far planted feet slide and sink, for every clip on several bodies.

A foot is *planted* while heel or toe of the *captured* skeleton is slow and low: told by the motion
itself, apart from the code that plants. It *slides* where what touches the ground moves over it: from
frame to frame as far as the stillest of the shoe's vertices that are on the ground, added up over a
step. Rolling over the toe is no sliding then, and neither is turning on the spot, about the ball, the
heel or anything between them. A step takes a second at most: longer stands are cut. A foot *sinks* by
the depth of the lowest vertex of both shoes in any frame. `as captured` follows the captured path with
the lowest point on the ground; `performed` is what videos show.

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
from pandanet_core.crowd.people.rig import PARTS

SLOW, LOW = 0.5, 0.03
"""Leg lengths a second, and above the lowest place of either foot's same end within two seconds."""

SHORTEST = 5
"""Frames."""

STEP_S = 1.0
CONTACT_M = 0.008
"""What is not higher above the lowest vertex of a shoe is on the ground."""

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
            shoes = shoes_of(skins, cast, character)
            slides.append(1000 * np.array(list(slides_of(shoes, stands, clip.fps))))
            sinks.append(-1000 * np.min([shoe[..., 2].min(1) for shoe in shoes], axis=0))
            names.append(clip.name)
    every_slide, every_sink = np.concatenate(slides), np.concatenate(sinks)
    print(
        f"{kind:9} {way:12} {len(every_slide):6d} steps: slide median {np.median(every_slide):5.1f} "
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


def slides_of(shoes: list[np.ndarray], stands: np.ndarray, fps: float) -> Iterator[float]:
    """How far each foot slides in each step, m: vertices (F, V, 3) of the left and the right shoe."""
    longest = round(fps * STEP_S)
    for foot, shoe in enumerate(shoes):
        planted = stands[:, foot].any(1)
        edges = np.flatnonzero(np.diff(np.r_[0, planted.astype(int), 0]))
        for start, stop in edges.reshape(-1, 2):
            for begin in range(start, stop, longest):
                end = min(begin + longest, stop)
                if end - begin >= SHORTEST:
                    yield slide_of(shoe[begin:end])


def slide_of(shoe: np.ndarray) -> float:
    """How far the stillest vertex on the ground goes from frame to frame, in all, of a shoe (F, V, 3)."""
    height = shoe[..., 2] - shoe[..., 2].min(1, keepdims=True)
    touches = np.maximum(height[1:], height[:-1]) < CONTACT_M
    way = np.linalg.norm(np.diff(shoe[..., :2], axis=0), axis=-1)
    stillest = np.where(touches, way, np.inf).min(1)
    return float(np.where(np.isfinite(stillest), stillest, way.min(1)).sum())


def shoes_of(skins: np.ndarray, cast: Cast, character: Character) -> list[np.ndarray]:
    """Low vertices (F, V, 3) of the left and the right shoe, m."""
    strongest = np.take_along_axis(character.bones, character.shares.argmax(1)[:, None], 1)[:, 0]
    shoes = []
    for part in ("left foot", "right foot"):
        of_foot = cast.rig.part_of[strongest] == PARTS.index(part)
        chosen = np.flatnonzero(of_foot & (character.vertices[:, 2] < 0.06))
        chosen = chosen[:: max(1, len(chosen) // 250)]
        moved = np.zeros((len(skins), len(chosen), 3))
        for corner in range(4):
            matrices = skins[:, character.bones[chosen, corner]]
            places = (matrices[..., :3] @ character.vertices[chosen][:, :, None])[..., 0]
            moved += character.shares[chosen, corner, None] * (places + matrices[..., 3])
        shoes.append(moved)
    return shoes


if __name__ == "__main__":
    main(tyro.cli(Options))

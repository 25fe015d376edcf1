"""Motions that go on for as long as a video needs: gait cycles that repeat, gestures back and forth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip, stand
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import PARTS, Rig, carry
from pandanet_core.crowd.rotations import about_z, power, unit

Floats = NDArray[np.floating[Any]]

CYCLE_S = (0.8, 2.4)
"""One or two steps with each leg."""

SLOWEST, FASTEST = 0.5, 2.6
"""Walking speeds that are taken, leg lengths a second."""

DISAGREEMENT = 0.25
GRIP_HEIGHT_M = 0.006
"""How fast the grip of a point of the sole fades above the lowest one."""

WORST_SEAM = 0.25
"""Largest mean difference of rotation matrices between the ends of a cycle."""

LARGEST_TURN_RAD = np.radians(20)
LARGEST_WANDERING = 0.7
"""Leg lengths that somebody who stands may move about."""

LARGEST_LIFT = 0.1


@dataclass(frozen=True)
class Cycle:
    """One period of a walk straight along -y.

    Attributes:
        fps: Frames per second.
        parts: (F, P, 3, 3); the frame after the last is the first.
        offset: (F, 2) place of the pelvis relative to steady progress, leg lengths.
        step: Leg lengths of progress per frame.
    """

    fps: float
    parts: Floats
    offset: Floats
    step: float

    def at(self, time_s: float) -> tuple[Floats, float, Floats]:
        """Parts (P, 3, 3), progress and offset (2,) in leg lengths at any time."""
        place = time_s * self.fps
        frame, share = int(np.floor(place)), place % 1.0
        now, later = frame % len(self.parts), (frame + 1) % len(self.parts)
        parts = _between(self.parts[now], self.parts[later], share)
        offset = self.offset[now] * (1 - share) + self.offset[later] * share
        return parts, place * self.step, offset


def cycle_of(clip: Clip) -> Cycle | None:
    """The most regular stretch of a walk as a cycle; None where the clip has no straight, steady walk."""
    if not clip.walks:
        return None
    shortest, longest = (round(seconds * clip.fps) for seconds in CYCLE_S)
    best = (WORST_SEAM, 0, 0)
    for length in range(shortest, min(longest, len(clip) - 2)):
        starts = np.arange(0, len(clip) - length - 1, 3)
        seams = _seams(clip, starts, starts + length)
        start = int(starts[seams.argmin()])
        best = min(best, (float(seams.min()), start, start + length))
    return _closed(clip, best[1], best[2]) if best[2] else None


def planted(cycle: Cycle, rig: Rig, character: Character) -> Cycle:
    """The cycle with the progress that this body's own feet make: what touches the ground stays.

    Where the feet disagree with the clip (a captured foot that drags on this body), the clip is right.
    """
    frames = np.concatenate([cycle.parts, cycle.parts[:1]])
    count = len(frames)
    skin = stand(rig, [character] * count, frames, np.zeros(count), np.zeros((count, 2)))
    is_sole = np.flatnonzero(character.contact_radii == 0)
    points = carry(
        skin,
        np.tile(character.contact_bones[is_sole], (count, 1)),
        np.tile(character.contact_points[is_sole], (count, 1, 1)),
    )
    height = (points[:-1, :, 2] + points[1:, :, 2]) / 2
    grip = np.exp(-(height - height.min(1, keepdims=True)) / GRIP_HEIGHT_M)
    slide = points[1:, :, :2] - points[:-1, :, :2]
    steps = -(slide * grip[..., None]).sum(1) / grip.sum(1, keepdims=True) / character.leg_length
    way = steps.sum(0)
    if np.linalg.norm(way - (0, -cycle.step * (count - 1))) > DISAGREEMENT * cycle.step * (
        count - 1
    ):
        return cycle
    turn = about_z(-np.arctan2(way[0], -way[1]))
    path = np.cumsum(steps, 0) - steps
    share = np.arange(count - 1)[:, None] / (count - 1)
    offset = (path - share * way) @ turn[:2, :2].T
    step = float(np.linalg.norm(way)) / (count - 1)
    return Cycle(cycle.fps, turn @ cycle.parts, offset - offset.mean(0), step)


def can_stand(clip: Clip) -> bool:
    """Whether a clip keeps to its place and to the ground, upright: good for somebody who stands."""
    upright = clip.parts[:, PARTS.index("chest"), 2, 2].min() > 0.8
    thighs = [clip.parts[:, PARTS.index(f"{side} thigh"), 2, 2].min() for side in ("left", "right")]
    still = np.ptp(clip.travel, axis=0).max() < LARGEST_WANDERING and clip.lift.max() < LARGEST_LIFT
    return bool(still and upright and min(thighs) > 0.7 and not clip.walks)


def back_and_forth(clip: Clip, time_s: float) -> tuple[Floats, Floats]:
    """Parts (P, 3, 3) and place (2,) in leg lengths of a clip that turns round at its ends."""
    last = len(clip) - 1
    place = np.abs((time_s * clip.fps) % (2 * last) - last)
    frame, share = int(place), place % 1.0
    later = min(frame + 1, last)
    travel = clip.travel[frame] * (1 - share) + clip.travel[later] * share
    return _between(clip.parts[frame], clip.parts[later], share), travel - clip.travel.mean(0)


def _seams(clip: Clip, starts: NDArray[np.intp], stops: NDArray[np.intp]) -> Floats:
    """How badly the ends of stretches (N,) fit; infinite where one is no straight walk forwards."""
    way = clip.travel[stops] - clip.travel[starts]
    speed = np.linalg.norm(way, axis=1) / (stops - starts) * clip.fps
    course = np.arctan2(way[:, 0], -way[:, 1])
    off_course = np.max(
        [
            np.abs((_heading(clip.parts[frames]) - course + np.pi) % (2 * np.pi) - np.pi)
            for frames in (starts, (starts + stops) // 2, stops)
        ],
        axis=0,
    )
    pose = np.abs(clip.parts[starts] - clip.parts[stops]).mean((1, 2, 3))
    before = clip.parts[starts + 1] - clip.parts[starts]
    after = clip.parts[stops + 1] - clip.parts[stops]
    seam = pose + 3 * np.abs(before - after).mean((1, 2, 3))
    is_walk = (speed > SLOWEST) & (speed < FASTEST) & (off_course < LARGEST_TURN_RAD)
    return np.where(is_walk, seam, np.inf)


def _closed(clip: Clip, start: int, stop: int) -> Cycle:
    """Turn a stretch to -y and spread the gap between its ends over all its frames."""
    way = clip.travel[stop] - clip.travel[start]
    turn = about_z(-np.arctan2(way[0], -way[1]))
    frames = np.arange(stop - start)
    share = frames / len(frames)
    gap = clip.parts[start] @ np.swapaxes(clip.parts[stop], -1, -2)
    parts = turn @ (power(gap[None], share[:, None]) @ clip.parts[start:stop])
    travel = (clip.travel[start:stop] - clip.travel[start] - share[:, None] * way) @ turn[:2, :2].T
    step = float(np.linalg.norm(way)) / len(frames)
    return Cycle(clip.fps, parts, travel - travel.mean(0), step)


def _heading(parts: Floats) -> Floats:
    """Direction (F,) that the pelvis faces, rad from -y towards +x."""
    front = -parts[:, PARTS.index("pelvis"), :, 1]
    return np.arctan2(front[:, 0], -front[:, 1])


def _between(first: Floats, second: Floats, share: float) -> Floats:
    """Rotations (P, 3, 3) between two neighbouring frames: the mean, made orthonormal again."""
    mixed = first * (1 - share) + second * share
    x = unit(mixed[..., 0])
    y = unit(mixed[..., 1] - x * (x * mixed[..., 1]).sum(-1, keepdims=True))
    return np.stack([x, y, np.cross(x, y)], -1)

"""Motions that go on for as long as a video needs: gait cycles that repeat, gestures back and forth."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.performance import Performance, perform
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import PARTS, Rig
from pandanet_core.crowd.rotations import about_z, power, unit

Floats = NDArray[np.floating[Any]]

CYCLE_S = (0.55, 2.4)
"""One or two steps with each leg; runners are the quick ones."""

SLOWEST, FASTEST, RUNNING = 0.5, 5.0, 2.5
"""Speeds that are taken, and from which on somebody runs; leg lengths a second."""

WORST_SEAM = 0.25
"""Largest mean difference of rotation matrices between the ends of a cycle."""

LARGEST_TURN_RAD = np.radians(20)
LARGEST_WANDERING = 0.7
"""Leg lengths that somebody who stands may move about."""

LARGEST_LIFT = 0.1
LONGEST_S = 20.0
"""So much of a clip is played by somebody who keeps to the place."""


@dataclass(frozen=True)
class Cycle:
    """One period of a walk or run: the frame after the last is the first, `way` (2,) leg lengths further."""

    clip: Clip
    way: Floats

    @property
    def speed(self) -> float:
        """Leg lengths a second."""
        return float(np.linalg.norm(self.way)) / len(self.clip) * self.clip.fps


@dataclass(frozen=True)
class Gait:
    """A cycle on one body, straight along -y, in metres.

    Attributes:
        fps: Frames per second.
        parts: (F, P, 3, 3); the frame after the last is the first.
        offsets: (F, 3) place of the pelvis relative to steady progress.
        step: Progress per frame.
    """

    fps: float
    parts: Floats
    offsets: Floats
    step: float

    @property
    def speed(self) -> float:
        """m/s."""
        return self.step * self.fps

    def at(self, time_s: float) -> tuple[Floats, float, Floats]:
        """Parts (P, 3, 3), progress and offset (3,) at any time."""
        place = time_s * self.fps
        frame, share = int(np.floor(place)), place % 1.0
        now, later = frame % len(self.parts), (frame + 1) % len(self.parts)
        parts = _between(self.parts[now], self.parts[later], share)
        offset = self.offsets[now] * (1 - share) + self.offsets[later] * share
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


def gait_of(cycle: Cycle, rig: Rig, character: Character) -> Gait:
    """The cycle on a body: the middle one of three, whose feet know what comes before and after."""
    clip, count = cycle.clip, len(cycle.clip)
    thrice = replace(
        clip,
        parts=np.tile(clip.parts, (3, 1, 1, 1)),
        travel=np.concatenate([clip.travel + number * cycle.way for number in range(3)]),
        lift=np.tile(clip.lift, 3),
        standing=np.tile(clip.standing, (3, 1, 1)),
    )
    played = perform(thrice, rig, character)
    way = played.places[2 * count] - played.places[count]
    turn = about_z(-np.arctan2(way[0], -way[1]))
    share = np.arange(count)[:, None] / count
    offsets = (played.places[count : 2 * count] - share * way) @ turn.T
    offsets[:, :2] -= offsets[:, :2].mean(0)
    step = float(np.linalg.norm(way[:2])) / count
    return Gait(clip.fps, turn @ played.parts[count : 2 * count], offsets, step)


def stay_of(clip: Clip, rig: Rig, character: Character) -> Performance:
    """What somebody does on the spot, about the place (0, 0): the first seconds of a clip on a body."""
    count = min(len(clip), round(LONGEST_S * clip.fps))
    played = perform(clip.cut(0, count), rig, character)
    middle = np.append(played.places[:, :2].mean(0), 0)
    return replace(played, places=played.places - middle)


def can_stand(clip: Clip) -> bool:
    """Whether a clip keeps to its place and to the ground, upright: good for somebody who stands."""
    upright = clip.parts[:, PARTS.index("chest"), 2, 2].min() > 0.8
    return bool(_stays(clip) and upright and _thighs_upright(clip).min() > 0.7)


def can_sit(clip: Clip) -> bool:
    """Whether a clip keeps to its place and sits at least half of the time, upright."""
    upright = clip.parts[:, PARTS.index("chest"), 2, 2].min() > 0.6
    return bool(_stays(clip) and upright and np.median(_thighs_upright(clip)) < 0.4)


def back_and_forth(played: Performance, time_s: float) -> tuple[Floats, Floats]:
    """Parts (P, 3, 3) and place (3,) of a performance that turns round at its ends."""
    last = len(played) - 1
    place = np.abs((time_s * played.fps) % (2 * last) - last) if last else 0.0
    frame, share = int(place), place % 1.0
    later = min(frame + 1, last)
    where = played.places[frame] * (1 - share) + played.places[later] * share
    return _between(played.parts[frame], played.parts[later], share), where


def _stays(clip: Clip) -> bool:
    still = np.ptp(clip.travel, axis=0).max() < LARGEST_WANDERING
    return bool(still and clip.lift.max() < LARGEST_LIFT and not clip.walks)


def _thighs_upright(clip: Clip) -> Floats:
    """How upright the less upright thigh is (F,): 1 hangs down, 0 is level."""
    thighs = [clip.parts[:, PARTS.index(f"{side} thigh"), 2, 2] for side in ("left", "right")]
    return np.asarray(np.minimum(*thighs))


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
    """Spread the gap between the ends of a stretch over all its frames."""
    frames = np.arange(stop - start)
    gap = clip.parts[start] @ np.swapaxes(clip.parts[stop], -1, -2)
    # The way stays as it is: _seams has taken care that it is the one that the person faces.
    parts = power(gap[None], (frames / len(frames))[:, None]) @ clip.parts[start:stop]
    stretch = replace(
        clip.cut(start, stop),
        parts=parts.astype(np.float32),
        travel=clip.travel[start:stop] - clip.travel[start],
    )
    return Cycle(stretch, clip.travel[stop] - clip.travel[start])


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

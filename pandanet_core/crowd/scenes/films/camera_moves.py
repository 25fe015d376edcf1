"""How the camera of a film moves: not at all, as a hand holds it, on a dolly, or panning."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.rotations import about_x, about_y, about_z
from pandanet_core.crowd.scenes.scene import View
from pandanet_core.crowd.settings import CameraKind

Floats = NDArray[np.floating[Any]]

SHARES: dict[CameraKind, float] = {"fixed": 0.4, "hand-held": 0.3, "moving": 0.3}
"""How many films have which camera where none is wished."""

WAVES = 5
WAVE_HZ = (0.15, 3.0)
"""Hands sway slowly and tremble fast; the faster, the less."""

HAND_RAD, HAND_M = (0.004, 0.014), (0.008, 0.03)
"""Standard deviations of a hand-held camera's turns and shifts."""

DOLLY_SHAKE = 0.15
"""What a dolly or tripod shakes, relative to a hand."""

PAN_RAD, DOLLY_M = (0.1, 0.35), (0.6, 3.0)
"""How far a camera pans and rolls to either side of its middle position."""

PERIOD_S = (14.0, 30.0)
"""There and back again: at most 3 m * 2 pi / 14 s = 1.3 m/s, a brisk walk."""

BOTH_SHARE = 0.4
"""Moving cameras that pan while they roll."""


@dataclass(frozen=True)
class Shake:
    """Sums of WAVES sines for the turns about x, y, z (rad) and the shifts along them (m)."""

    amplitudes: Floats  # (6, WAVES)
    frequencies_hz: Floats
    phases: Floats

    def at(self, time_s: float) -> Floats:
        """Turns and shifts (6,)."""
        waves = np.sin(2 * np.pi * self.frequencies_hz * time_s + self.phases)
        return np.asarray((self.amplitudes * waves).sum(1))


@dataclass(frozen=True)
class CameraMove:
    """A camera that swings about a middle position, there and back again, and shakes.

    Attributes:
        middle: The view half-way.
        pan_rad: Largest turn about the vertical to either side; positive to the right.
        dolly_m: (3,) largest shift to either side.
        period_s: There and back.
        phase: Of the swing at time 0, rad.
        shake: On top of it.
    """

    middle: View
    pan_rad: float
    dolly_m: Floats
    period_s: float
    phase: float
    shake: Shake

    def at(self, time_s: float) -> View:
        """The view at a time."""
        swing = float(np.sin(2 * np.pi * time_s / self.period_s + self.phase))
        shake = self.shake.at(time_s)
        trembling = about_z(shake[2]) @ about_y(shake[1]) @ about_x(shake[0])
        rotation = trembling @ self.middle.rotation @ about_z(self.pan_rad * swing)
        eye = self.middle.eye + self.dolly_m * swing + self.middle.rotation.T @ shake[3:]
        return replace(self.middle, rotation=rotation, eye=eye)

    def eyes(self, times_s: Floats) -> Floats:
        """Where the camera is at times (T,), (T, 3) m."""
        return np.stack([self.at(float(time)).eye for time in times_s])

    @property
    def keeps_its_place(self) -> bool:
        """Whether what lies far away stays in the picture: the camera neither pans nor rolls."""
        return self.pan_rad == 0 and not self.dolly_m.any()


def draw_camera_move(rng: np.random.Generator, view: View, kind: CameraKind | None) -> CameraMove:
    """A random move about a view; of any kind if None."""
    kinds = list(SHARES)
    kind = kind or kinds[int(rng.choice(len(kinds), p=list(SHARES.values())))]
    still = CameraMove(view, 0.0, np.zeros(3), 1.0, 0.0, _draw_shake(rng, 0.0))
    match kind:
        case "fixed":
            return still
        case "hand-held":
            return replace(still, shake=_draw_shake(rng, 1.0))
        case _:
            return _draw_swing(rng, still)


def _draw_swing(rng: np.random.Generator, still: CameraMove) -> CameraMove:
    """Rolling along the ground, panning, or both."""
    rolls = rng.random() < 0.6
    pans = not rolls or rng.random() < BOTH_SHARE
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(angle), np.sin(angle), 0.0])
    return replace(
        still,
        pan_rad=float(rng.choice([-1, 1]) * rng.uniform(*PAN_RAD)) if pans else 0.0,
        dolly_m=rng.uniform(*DOLLY_M) * along if rolls else np.zeros(3),
        period_s=float(rng.uniform(*PERIOD_S)),
        phase=float(rng.uniform(-1.2, 0.4)),
        shake=_draw_shake(rng, DOLLY_SHAKE),
    )


def _draw_shake(rng: np.random.Generator, strength: float) -> Shake:
    """A shake whose turns and shifts have standard deviations of HAND_RAD and HAND_M."""
    low, high = np.log(WAVE_HZ)
    frequencies = np.exp(rng.uniform(low, high, (6, WAVES)))
    amplitudes = frequencies**-0.8
    amplitudes *= np.sqrt(2 / (amplitudes**2).sum(1, keepdims=True))
    spread = np.array([rng.uniform(*HAND_RAD)] * 3 + [rng.uniform(*HAND_M)] * 3)
    phases = rng.uniform(0, 2 * np.pi, (6, WAVES))
    return Shake(strength * spread[:, None] * amplitudes, frequencies, phases)

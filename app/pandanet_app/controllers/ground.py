"""The floor that a film's people stand on, found once from many frames so that it keeps still."""

import numpy as np

from pandanet_app.drawing.floor import Floor, estimate_floor
from pandanet_app.models.overlay import DEFAULT_MIN_SCORE
from pandanet_app.models.people import People
from pandanet_core.camera import Camera

_FRAMES = 24
"""Frames looked at, spread over what is detected: some milliseconds of work."""
_ENOUGH_FRAMES = 200
"""The floor stays as it is once it was found from so many detected frames."""


class Ground:
    """Remembers the floor until there is clearly more to find it from, or the camera changes."""

    def __init__(self) -> None:
        """No floor yet."""
        self._floor: Floor | None = None
        self._camera: Camera | None = None
        self._known = 0

    def clear(self) -> None:
        """Another film: forget."""
        self._floor, self._camera, self._known = None, None, 0

    def floor(self, people: People | None, camera: Camera) -> Floor | None:
        """The floor in front of `camera`; None while nobody was found."""
        if people is None:
            return None
        done = int(people.done.sum())
        grown = self._known < _ENOUGH_FRAMES and done >= 2 * self._known
        if done and (grown or camera != self._camera):
            self._floor = _find(people, camera) or self._floor
            self._camera, self._known = camera, done
        return self._floor


def _find(people: People, camera: Camera) -> Floor | None:
    done = np.flatnonzero(people.done)
    frames = done[np.linspace(0, len(done) - 1, min(_FRAMES, len(done))).astype(int)]
    poses = [
        visible.detections.pose3d_mm
        for frame in frames.tolist()
        if (visible := people.visible(frame, camera, DEFAULT_MIN_SCORE)) is not None
    ]
    everybody = np.concatenate(poses)
    return estimate_floor(everybody, people.skeleton) if len(everybody) else None

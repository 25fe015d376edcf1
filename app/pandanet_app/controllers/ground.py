"""Where a film's people stand, found once from many frames so that floor and grid keep still."""

import numpy as np

from pandanet_app.drawing.floor import Site, estimate_floor
from pandanet_app.models.people import People
from pandanet_core.camera import Camera

_FRAMES = 24
"""Frames looked at, spread over what is detected: some milliseconds of work."""
_ENOUGH_FRAMES = 200
"""The floor stays as it is once it was found from so many detected frames."""


class Ground:
    """Remembers the site until there is clearly more to find it from, or the camera changes."""

    def __init__(self) -> None:
        """Nobody has been found yet."""
        self._site: Site | None = None
        self._found_with: tuple[Camera, float] | None = None
        self._known = 0

    def clear(self) -> None:
        """Another film: forget."""
        self._site, self._found_with, self._known = None, None, 0

    def site(self, people: People | None, camera: Camera, min_score: float) -> Site | None:
        """Where people stand in front of `camera`; None while nobody was found.

        Only people with at least `min_score` count: what is none stands anywhere.
        """
        if people is None:
            return None
        done = int(people.done.sum())
        enough = self._site is not None and self._known >= _ENOUGH_FRAMES
        grown = done > self._known and (self._site is None or done >= 2 * self._known)
        if (grown and not enough) or (done and self._found_with != (camera, min_score)):
            self._site = _find(people, camera, min_score) or self._site
            self._found_with, self._known = (camera, min_score), done
        return self._site


def _find(people: People, camera: Camera, min_score: float) -> Site | None:
    done = np.flatnonzero(people.done)
    frames = done[np.linspace(0, len(done) - 1, min(_FRAMES, len(done))).astype(int)]
    found = [people.candidates(frame, camera) for frame in frames.tolist()]
    sure = [detections.above(min_score) for detections in found if detections is not None]
    everybody = np.concatenate([detections.pose3d_mm for detections in sure])
    if len(everybody) == 0:
        return None
    places_mm = np.concatenate([detections.root_mm for detections in sure])
    return Site(estimate_floor(everybody, people.skeleton), places_mm)

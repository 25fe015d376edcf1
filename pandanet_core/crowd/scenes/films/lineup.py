"""Who finds room in a film: nobody meets anybody, and nobody runs into the camera."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.films.actors import Actor, Walker, track_of
from pandanet_core.crowd.scenes.films.parties import Party
from pandanet_core.crowd.scenes.places.rooms import Room

Floats = NDArray[np.floating[Any]]

APART_M = 0.6
"""Nearest that two people's paths come to each other at the same time."""

NEAREST_M = 1.5
"""Nearest that anybody comes to the camera."""

SWERVES_M = (0.7, -0.7, 1.0, -1.0)
"""How a walker who would meet somebody tries to step aside."""


class Lineup:
    """The parties that have found room so far."""

    def __init__(self, times_s: Floats, eyes: Floats, room: Room | None) -> None:
        """`times_s` (T,) are looked at; the camera is at eyes (T, 3) then, everybody in the room."""
        self._times_s, self._eyes, self._room = times_s, eyes, room
        self.parties: list[Party] = []
        self.tracks: list[Floats] = []

    @property
    def actors(self) -> list[Actor]:
        """All parties' actors."""
        return [actor for party in self.parties for actor in party.actors]

    @property
    def characters(self) -> list[int]:
        """The actors' indices into the cast."""
        return [character for party in self.parties for character in party.characters]

    def admit(self, party: Party) -> None:
        """Take a party in if it meets nobody; a walker alone may step aside for somebody."""
        tracks = [track_of(actor, self._times_s) for actor in party.actors]
        if all(self._is_free(track) for track in tracks):
            self.parties.append(party)
            self.tracks += tracks
        elif len(party.actors) == 1 and isinstance(walker := party.actors[0], Walker):
            self._admit_aside(walker, party.characters, tracks[0])

    def _admit_aside(self, walker: Walker, characters: list[int], track: Floats) -> None:
        if not self.tracks:
            return
        gaps = np.linalg.norm(np.stack(self.tracks) - track, axis=2).min(0)
        meets = walker.way_m(float(self._times_s[gaps.argmin()]))
        for aside in SWERVES_M:
            path = replace(walker.path, swerves=((meets, aside),))
            swerving = replace(walker, path=path)
            if self._is_free(tried := track_of(swerving, self._times_s)):
                self.parties.append(Party([swerving], characters))
                self.tracks.append(tried)
                return

    def _is_free(self, track: Floats) -> bool:
        """Whether a track (T, 2) keeps clear of the camera, of walls and, at every time, of the others."""
        if np.linalg.norm(track - self._eyes[:, :2], axis=1).min() < NEAREST_M:
            return False
        if self._room is not None and not self._room.holds(track).all():
            return False
        others = np.array(self.tracks).reshape(-1, *track.shape)
        return bool(np.linalg.norm(others - track, axis=2).min(initial=np.inf) >= APART_M)

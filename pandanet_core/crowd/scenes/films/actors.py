"""People of a video: who walks along a path, who keeps to a place, and where that is at any time."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.looping import Gait, back_and_forth
from pandanet_core.crowd.motion.performance import Performance
from pandanet_core.crowd.rotations import about_z

Floats = NDArray[np.floating[Any]]

SWERVE_M = 3.0
"""Standard deviation of a swerve along the path: gentle enough for feet not to slide on the ground."""


@dataclass(frozen=True)
class Path:
    """An arc on the ground through `point` (2,) m, with swerves to the side.

    Attributes:
        point: At 0 m of the path.
        heading_rad: There: 0 walks along -y, towards +x at 90 degrees.
        curvature: 1 / m; positive turns to the left.
        swerves: For each one where on the path it is greatest, and how far to the left, m.
    """

    point: Floats
    heading_rad: float
    curvature: float = 0.0
    swerves: tuple[tuple[float, float], ...] = ()

    def at(self, way_m: float) -> tuple[Floats, float]:
        """Place (2,) and heading, rad, after so many metres."""
        heading = self.heading_rad + self.curvature * way_m
        middle = self.heading_rad + self.curvature * way_m / 2
        chord = way_m * np.sinc(self.curvature * way_m / 2 / np.pi)
        place = self.point + chord * direction(middle)
        aside = slope = 0.0
        for where, most in self.swerves:
            from_there = (way_m - where) / SWERVE_M
            bump = most * float(np.exp(-(from_there**2) / 2))
            aside += bump
            slope -= bump * from_there / SWERVE_M
        return place + aside * direction(heading + np.pi / 2), heading + float(np.arctan(slope))

    def beside(self, left_m: float) -> "Path":
        """The path of somebody who goes `left_m` to the left of who takes this one."""
        side = direction(self.heading_rad + np.pi / 2)
        curvature = self.curvature / (1 - self.curvature * left_m)
        return replace(self, point=self.point + left_m * side, curvature=curvature)


@dataclass(frozen=True)
class Walker:
    """Walks or runs along a path: at `start_m` of it at time 0, with the gait played at `rate`."""

    gait: Gait
    path: Path
    start_m: float
    rate: float = 1.0
    phase_s: float = 0.0

    @property
    def speed(self) -> float:
        """m/s."""
        return self.gait.speed * self.rate

    def way_m(self, time_s: float) -> float:
        """Metres of the path at a time."""
        return self.start_m + self.speed * time_s

    def at(self, time_s: float) -> tuple[Floats, Floats]:
        """Parts (P, 3, 3) and place (3,) m at a time."""
        parts, _, offset = self.gait.at(self.phase_s + self.rate * time_s)
        place, heading = self.path.at(self.way_m(time_s))
        turn = about_z(heading)
        return turn @ parts, np.append(place, 0) + turn @ offset


@dataclass(frozen=True)
class Stayer:
    """Stays at `point`, facing `heading_rad`, and plays a performance back and forth from `start_s` on."""

    played: Performance
    start_s: float
    point: Floats
    heading_rad: float

    def at(self, time_s: float) -> tuple[Floats, Floats]:
        """Parts (P, 3, 3) and place (3,) m at a time."""
        parts, offset = back_and_forth(self.played, self.start_s + time_s)
        turn = about_z(self.heading_rad)
        return turn @ parts, np.append(self.point, 0) + turn @ offset


Actor = Walker | Stayer


def direction(heading_rad: float) -> Floats:
    """The unit vector (2,) of a heading."""
    return np.array([np.sin(heading_rad), -np.cos(heading_rad)])


def track_of(actor: Actor, times_s: Floats) -> Floats:
    """Where an actor is at times (T,), (T, 2) m: for walkers the path alone, without their sway."""
    if isinstance(actor, Walker):
        return np.array([actor.path.at(actor.way_m(float(time)))[0] for time in times_s])
    return np.tile(actor.point, (len(times_s), 1))

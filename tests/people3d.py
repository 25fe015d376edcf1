"""Plausible people for tests of the 3D view, on a floor of our choosing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.skeleton import JTA22

Floats = NDArray[np.floating[Any]]

# name -> x (to the person's left) and y (up), millimetres
_MIDDLE = {
    "head top": 1720,
    "head centre": 1600,
    "neck": 1480,
    "spine 0": 1360,
    "spine 1": 1250,
    "spine 2": 1130,
    "spine 3": 1020,
    "spine 4": 950,
}
_LEFT = {
    "clavicle": (50, 1420),
    "shoulder": (200, 1400),
    "elbow": (240, 1130),
    "wrist": (250, 880),
    "hip": (100, 900),
    "knee": (100, 500),
    "ankle": (100, 80),
}


def standing_person() -> Floats:
    """(22, 3) mm: JTA22 joints of a person of 1.72 m; x to its left, y up, z ahead, soles at 0."""
    person = np.zeros((22, 3))
    for joint, name in enumerate(JTA22.joints):
        if name in _MIDDLE:
            person[joint, 1] = _MIDDLE[name]
        else:
            side, part = name.split(" ", 1)
            person[joint, :2] = _LEFT[part]
            person[joint, 0] *= 1 if side == "left" else -1
    return person


def crowd_on_floor(places_m: Floats, random: np.random.Generator, lean_deg: float = 7.0) -> Floats:
    """(N, 22, 3) display space, metres: walkers, one foot lifted, at places (N, 2) x, z."""
    people = np.tile(standing_person() / 1000, (len(places_m), 1, 1))
    for person, (x, z) in zip(people, places_m, strict=True):
        lifted = JTA22.index(random.choice(["left ankle", "right ankle"]))
        person[lifted] += (0, random.uniform(0, 0.25), random.uniform(-0.3, 0.3))
        lean = np.radians(random.normal(0, lean_deg))
        tilt = np.array(
            [[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]]
        )
        turn = random.uniform(0, 2 * np.pi)
        heading = np.array(
            [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
        )
        person[:] = person @ (heading @ tilt).T
        ankles = person[[JTA22.index("left ankle"), JTA22.index("right ankle")]]
        person += (x, 0.08 - ankles[:, 1].min(), z)
    return people


def seen_from(people_m: Floats, camera_height_m: float, pitch_deg: float) -> Floats:
    """Display space, metres, to the space (mm) of a camera above the origin, looking down."""
    pitch = np.radians(pitch_deg)
    right = np.array([1.0, 0, 0])
    ahead = np.array([0, -np.sin(pitch), -np.cos(pitch)])
    axes = np.stack([right, np.cross(ahead, right), ahead])
    return 1000 * (people_m - (0, camera_height_m, 0)) @ axes.T

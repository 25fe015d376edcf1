"""A motion clip: how the 19 body parts of one person turn, and where the person goes."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import Rig, carry

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Clip:
    """F frames of one person's motion; lengths in leg lengths, so that it fits any body.

    Attributes:
        name: Where it came from.
        fps: Frames per second.
        parts: (F, P, 3, 3) global rotations of rig.PARTS from the neutral stance (facing -y).
        travel: (F, 2) where the pelvis is on the ground, x and y.
        lift: (F,) height of the body's lowest point above the ground: above 0 only in jumps.
        standing: (F, 2, 2) whether heel and toe of the left and the right foot stand on the ground.
        walks: Whether the feet carry the person somewhere.
    """

    name: str
    fps: float
    parts: Floats
    travel: Floats
    lift: Floats
    standing: NDArray[np.bool_]
    walks: bool

    def __len__(self) -> int:
        return len(self.parts)

    def cut(self, start: int, stop: int) -> "Clip":
        """The frames start <= frame < stop."""
        frames = slice(start, stop)
        return replace(
            self,
            parts=self.parts[frames],
            travel=self.travel[frames],
            lift=self.lift[frames],
            standing=self.standing[frames],
        )


def stand(
    rig: Rig, characters: list[Character], parts: Floats, lift: Floats, places: Floats
) -> Floats:
    """Skinning matrices (N, B, 3, 4) of N people whose lowest point is on the ground or `lift` above.

    Args:
        characters: The N bodies.
        parts: (N, P, 3, 3) rotations of their parts.
        lift: (N,) leg lengths.
        places: (N, 2) where their pelvis is on the ground, m.
    """
    heads = np.stack([character.heads for character in characters])
    to_neutral = np.stack([character.to_neutral for character in characters])
    skin = rig.pose(parts, to_neutral, heads)
    bones = np.stack([character.contact_bones for character in characters])
    points = np.stack([character.contact_points for character in characters])
    radii = np.stack([character.contact_radii for character in characters])
    feet = np.stack([character.soles[0] for character in characters])
    soles = np.stack([character.soles[1] for character in characters])
    lowest = np.minimum(
        (carry(skin, bones, points)[..., 2] - radii).min(1),
        carry(skin, np.repeat(feet, soles.shape[2], 1), soles.reshape(len(soles), -1, 3))[
            ..., 2
        ].min(1),
    )
    legs = np.array([character.leg_length for character in characters])
    shift = np.concatenate([places - heads[:, 0, :2], (lift * legs - lowest)[:, None]], 1)
    skin[..., 3] += shift[:, None].astype(np.float32)
    return skin

"""How long are the bones of JTA's skeleton, all together, beside a person's height?

Placement in metres needs the size of a person; people know statures, networks know bones. This
measures
the ratio on the generator's bodies: the number that `pandanet_core.detector` multiplies statures
by.

    python benchmarks/body_proportions.py --help
"""

from dataclasses import dataclass

import numpy as np
import tyro

from pandanet_core.crowd.people.cast import load_cast, read_cast
from pandanet_core.detector import BONE_SUM_PER_STATURE
from pandanet_core.skeleton import JTA22, bone_length_sum


@dataclass(frozen=True)
class Options:
    """Sum of bone lengths per stature."""

    people: int = 32
    """Bodies of the training split to measure; they are made first where none are kept."""


def main(options: Options) -> None:
    """Print the ratio and its spread."""
    cast = read_cast(load_cast("train", options.people, makehuman=None))
    joints = np.stack([character.joint_points for character in cast.characters])
    statures = np.array([character.stature for character in cast.characters])
    ratios = bone_length_sum(joints, JTA22) / statures
    adults = statures > 1.5
    print(f"{len(ratios)} bodies, {adults.sum()} of them taller than 1.50 m")
    print(f"bone sum per stature: mean {ratios.mean():.3f}, standard deviation {ratios.std():.3f}")
    print(f"of the taller ones: mean {ratios[adults].mean():.3f}")
    print(f"used by the detector: {BONE_SUM_PER_STATURE:.3f}")


if __name__ == "__main__":
    main(tyro.cli(Options))

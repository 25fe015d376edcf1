"""Which joints of two data sets are the same point of the body.

A name is not enough: the sets place some joints of one name at different points. What decided:

- Shoulders, elbows, wrists, hips, knees, ankles: every set means the joint's centre. COCO's
  annotators click where they see it, CMU Panoptic's are triangulated from detectors that learned
  those clicks, the others come from body models. Measured with such a detector on bodies whose
  joints are known (benchmarks/joint_definitions.py): clicks lie within 10 mm of the model's wrists
  and knees, 20 mm of hips and ankles, 30 mm of elbows and 45 mm of shoulders, which is clicked
  above the joint. The spread from person to person is about as large, and 3DPCK allows 150 mm.
- Neck: half-way between the shoulders in Panoptic (1 cm from it in its files), some 75 mm above
  that in JTA, some 40 mm in MPI-INF-3DHP, whose joints MuCo and MuPoTS have. Three points.
- Head: JTA's head centre, MuPoTS' head (the skull's base, 95 mm above its neck), and COCO's and
  Panoptic's nose, eyes and ears have nothing in common. The top of the head is one point.
- Pelvis, body centre, spines, clavicles: each set's own.
"""

from pandanet_core.skeleton import (
    COCO17,
    JTA22,
    MUCO21,
    MUPOTS17,
    PANOPTIC15,
    PANOPTIC19,
    Skeleton,
)

_LIMBS = tuple(
    f"{side} {joint}"
    for side in ("left", "right")
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
)
_FACE = ("nose", "left eye", "right eye", "left ear", "right ear")

_SAME_POINTS: tuple[tuple[tuple[Skeleton, ...], tuple[str, ...]], ...] = (
    ((JTA22, COCO17, PANOPTIC19, PANOPTIC15, MUPOTS17, MUCO21), _LIMBS),
    ((COCO17, PANOPTIC19, PANOPTIC15), _FACE),
    ((JTA22, MUPOTS17, MUCO21), ("head top",)),
    ((PANOPTIC19, PANOPTIC15), ("neck", "body centre")),
    ((MUPOTS17, MUCO21), ("neck", "spine", "pelvis", "head")),
)
"""Joints that a group of data sets agrees about."""


def joint_map(source: Skeleton, target: Skeleton) -> tuple[int, ...]:
    """For each joint of `target` the index of the joint of `source` that is the same point of the
    body, -1 where `source` has none."""
    if source == target:
        return tuple(range(target.joint_count))
    same = {
        joint
        for sets, joints in _SAME_POINTS
        if source in sets and target in sets
        for joint in joints
    }
    return tuple(
        source.index(joint) if joint in same and joint in source.joints else -1
        for joint in target.joints
    )

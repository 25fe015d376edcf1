"""Which joints of two data sets are the same point of the body.

A name is not enough: the sets place some joints of one name at different points. What decided:

- Shoulders, elbows, wrists, knees, ankles: every set means the joint's centre. COCO's annotators
  click where they see it; the others fit or triangulate it. Shoulders are 0.38 leg lengths apart
  in CMU Panoptic's files, 0.38 in MPI-INF-3DHP's and 0.41 in a published network's poses on JTA.
- Hips: COCO's are clicked on the picture, and CMU Panoptic's are triangulated from detectors that
  learned COCO. JTA's, MuCo's and MuPoTS' are the thigh bones' ends in a body model. Above the hips
  Panoptic's torso (to the middle of the shoulders) is 0.54 leg lengths long, JTA's 0.65; the thigh
  is 0.94 of the shank there and 1.09 here. So a clicked hip is not a body model's hip.
- Neck: half-way between the shoulders in Panoptic (1 cm from it in its files), 0.10 leg lengths
  above that in JTA, 0.05 in MPI-INF-3DHP, whose joints MuCo and MuPoTS have. Three different points.
- Head: JTA's head centre, MuPoTS' head (the skull's base, 0.11 leg lengths above the neck), and
  COCO's and Panoptic's nose, eyes and ears have nothing in common. The top of the head is one point.
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
    for joint in ("shoulder", "elbow", "wrist", "knee", "ankle")
)
_HIPS = ("left hip", "right hip")
_FACE = ("nose", "left eye", "right eye", "left ear", "right ear")

_SAME_POINTS: tuple[tuple[tuple[Skeleton, ...], tuple[str, ...]], ...] = (
    ((JTA22, COCO17, PANOPTIC19, PANOPTIC15, MUPOTS17, MUCO21), _LIMBS),
    ((COCO17, PANOPTIC19, PANOPTIC15), (*_HIPS, *_FACE)),
    ((JTA22, MUPOTS17, MUCO21), (*_HIPS, "head top")),
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

"""What the protocols have in common: which joints are compared, and how pictures are collected."""

from dataclasses import dataclass
from typing import Protocol

from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections
from pandanet_core.errors import UserError
from pandanet_core.evaluation.measure import Measurement
from pandanet_core.evaluation.table import Table
from pandanet_core.joint_maps import joint_map
from pandanet_core.skeleton import Skeleton


@dataclass(frozen=True)
class MeterSettings:
    """What a meter has to know.

    Attributes:
        skeleton: The joints of detections and samples.
        joints: Which of them the protocol compares, in the protocol's own order.
        pose_score: Score from which on a detection counts as a pose.
    """

    skeleton: Skeleton
    joints: tuple[int, ...]
    pose_score: float


class Meter(Protocol):
    """Collects what one protocol measures, picture after picture; keeps no picture."""

    def add(self, index: int, sample: Sample, found: Detections, measured: Measurement) -> None:
        """Take one picture: its number, annotations, all its detections, and their measurement."""

    def tables(self, whole: Measurement) -> tuple[Table, ...]:
        """The protocol's own tables, beside the paper's; `whole` is of all pictures together."""


def compared_joints(skeleton: Skeleton, compared: Skeleton, who: str) -> tuple[int, ...]:
    """Where the joints that a protocol compares are in a skeleton.

    Args:
        skeleton: Joints of the weights, the detections or the data.
        compared: Joints that the protocol compares.
        who: What has those joints, for the error.

    Raises:
        UserError: Some joints are missing, or mean another point of the body.
    """
    joints = joint_map(skeleton, compared)
    lacking = [name for name, joint in zip(compared.joints, joints, strict=True) if joint < 0]
    if lacking:
        raise UserError(
            f"{who} has the joints of {skeleton.name}, and this protocol compares those of "
            f"{compared.name}, of which it lacks {', '.join(lacking[:4])}"
            f"{' and others' if len(lacking) > 4 else ''}; name another protocol or other weights."
        )
    return joints

"""Annotated people as the anchor lab wants them."""

import numpy as np

from pandanet_core.data.convert import convert
from pandanet_core.data.sample import PeopleRule, Sample
from pandanet_core.errors import UserError
from pandanet_core.evaluation.people import AnnotatedPeople, annotated_people
from pandanet_core.joint_maps import joint_map
from pandanet_core.lab.frame_trace import Truth
from pandanet_core.skeleton import Skeleton


def truth_of_sample(sample: Sample, skeleton: Skeleton, rule: PeopleRule | None = None) -> Truth:
    """Who is to be found in an annotated picture, in its px, with the joints of a network.

    Args:
        sample: The picture; joints that only its own skeleton has are left out.
        skeleton: The network's joints.
        rule: Who counts; the others are ignored.

    Raises:
        UserError: The two skeletons have no joint in common.
    """
    if max(joint_map(sample.skeleton, skeleton)) < 0:
        raise UserError(
            f"{sample.name} has the joints {sample.skeleton.name}, none of which is one of "
            f"{skeleton.name}, the network's; choose weights that know them."
        )
    people = annotated_people(convert(sample, skeleton), rule or PeopleRule())
    return truth_of(people, skeleton, sample.name)


def truth_of(people: AnnotatedPeople, skeleton: Skeleton, name: str) -> Truth:
    """Those who count are to be found, the others ignored."""
    wanted, others = people.choose(people.counts), people.choose(~people.counts)
    return Truth(
        boxes=np.asarray(wanted.boxes, np.float32),
        pose2d=wanted.pose2d,
        has_2d=wanted.inside,
        skeleton=skeleton,
        name=name,
        pose3d_mm=wanted.pose3d_mm,
        has_3d=wanted.has_3d,
        height_px=wanted.height_px,
        ignored_boxes=np.asarray(others.boxes, np.float32),
    )

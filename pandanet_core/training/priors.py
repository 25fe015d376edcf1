"""What a network starts from, measured on the data it will see: anchors and mean poses."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid, cluster_anchors, to_anchor_space
from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.errors import UserError
from pandanet_core.selection import SelectionSettings, positive_anchors

LEAST_PEOPLE = 10
"""Fewer cannot be clustered into ten anchors."""


@dataclass(frozen=True)
class Priors:
    """Starting point of a network.

    Attributes:
        anchors: (N_A, 2) px.
        mean_pose2d: (K, 2) median pose over A+ in anchor space.
        mean_pose3d: (K, 3) mean root-relative pose, bone lengths summing to 1.
    """

    anchors: Tensor
    mean_pose2d: Tensor
    mean_pose3d: Tensor


def measure_priors(
    data: AugmentedBatches,
    stride: int,
    selection: SelectionSettings,
    pictures: int = 800,
    anchors: Tensor | None = None,
) -> Priors:
    """Cluster anchors and average poses over the first `pictures` pictures of a training; given
    anchors are kept.

    People whom the frame cuts count for the anchors, which must fit them too, but not for the mean
    poses.
    """
    batches = [data[number] for number in range(-(-pictures // data.batch_size))]
    sizes = torch.cat([batch.boxes[:, 2:] - batch.boxes[:, :2] for batch in batches])
    if len(sizes) < LEAST_PEOPLE:
        raise UserError(
            f"The training data shows fewer than {LEAST_PEOPLE} people; generate or add more "
            "pictures."
        )
    if anchors is None:
        anchors = torch.from_numpy(cluster_anchors(sizes.numpy()))
    height, width = batches[0].images.shape[1:3]
    grid = AnchorGrid(anchors, stride, height // stride, width // stride)
    poses2d, poses3d = [], []
    for batch in batches:
        positives = positive_anchors(batch.people_boxes, grid, selection)
        whole = ~batch.cut[positives.person]
        boxes = grid.boxes_at(
            positives.anchor[whole], positives.row[whole], positives.column[whole]
        )
        person = positives.person[whole]
        poses2d.append(to_anchor_space(batch.pose2d[person], boxes))
        poses3d.append(batch.pose3d[~batch.cut & batch.has_3d.all(1)])
    whole_poses2d, whole_poses3d = torch.cat(poses2d), torch.cat(poses3d)
    if min(len(whole_poses2d), len(whole_poses3d)) < LEAST_PEOPLE:
        raise UserError(
            f"The training data shows fewer than {LEAST_PEOPLE} people who are wholly inside; "
            "generate or add more pictures."
        )
    return Priors(
        anchors,
        torch.from_numpy(np.median(whole_poses2d.numpy(), 0)),
        whole_poses3d.mean(0),
    )

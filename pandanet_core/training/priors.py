"""What a network starts from, measured on the data it will see: anchors and mean poses."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import AnchorGrid, cluster_anchors, to_anchor_space
from pandanet_core.data.loader import AugmentedBatches, Batch, batches
from pandanet_core.errors import UserError
from pandanet_core.selection import SelectionSettings, positive_anchors

LEAST_PEOPLE = 10
"""Fewer cannot be clustered into ten anchors."""

ENOUGH_PEOPLE = 4000
"""More would hardly move anchors and means."""


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
    workers: int = 0,
    stop: Callable[[], bool] = lambda: False,
) -> Priors:
    """Cluster anchors and average poses over the first `pictures` pictures of a training; given
    anchors are kept.

    People whom the frame cuts count for the anchors, which must fit them too, but not for the mean
    poses; nor do joints that are not annotated. A joint that nobody has is 0.

    Args:
        data: The training's batches; the first ones are read, by `workers` processes.
        stride: Input pixels an output cell.
        selection: Chooses A+, over which 2D poses are averaged.
        pictures: Most pictures to read; fewer when they show ENOUGH_PEOPLE.
        anchors: (N_A, 2) px to keep instead of clustering.
        workers: Processes that prepare pictures, 0: this one.
        stop: Asked after each batch.

    Raises:
        UserError: Too few people.
        KeyboardInterrupt: `stop` said so.
    """
    seen = _first_batches(data, pictures, workers, stop)
    sizes = torch.cat([batch.boxes[:, 2:] - batch.boxes[:, :2] for batch in seen])
    whole = torch.cat([~batch.cut for batch in seen])
    for people, what in ((sizes, "people"), (sizes[whole], "people who are wholly inside")):
        if len(people) < LEAST_PEOPLE:
            raise UserError(
                f"The training data shows fewer than {LEAST_PEOPLE} {what}; generate or add more "
                "pictures."
            )
    if anchors is None:
        anchors = torch.from_numpy(cluster_anchors(sizes.numpy()))
    height, width = seen[0].images.shape[1:3]
    grid = AnchorGrid(anchors, stride, height // stride, width // stride)
    poses2d = torch.cat([_poses_in_anchors(batch, grid, selection) for batch in seen])
    poses3d = torch.cat([_unknown_as_nan(batch.pose3d, batch.has_3d) for batch in seen])[whole]
    return Priors(anchors, _centre(poses2d, np.nanmedian), _centre(poses3d, np.nanmean))


def _poses_in_anchors(batch: Batch, grid: AnchorGrid, selection: SelectionSettings) -> Tensor:
    """Poses (M, K, 2) of uncut people in the space of each of their anchors in A+."""
    positives = positive_anchors(batch.people_boxes, grid, selection)
    whole = ~batch.cut[positives.person]
    boxes = grid.boxes_at(positives.anchor[whole], positives.row[whole], positives.column[whole])
    person = positives.person[whole]
    return _unknown_as_nan(to_anchor_space(batch.pose2d[person], boxes), batch.has_2d[person])


def _unknown_as_nan(poses: Tensor, annotated: Tensor) -> Tensor:
    return poses.masked_fill(~annotated[..., None], torch.nan)


def _centre(poses: Tensor, over: Callable[..., NDArray[np.float32]]) -> Tensor:
    """Mean or median (K, D) of poses (N, K, D), joint by joint; 0 for joints that nobody has."""
    known = ~poses.isnan().all(0).numpy()
    centre = np.zeros(poses.shape[1:], np.float32)
    centre[known] = over(poses.numpy()[:, known], axis=0)
    return torch.from_numpy(centre)


def _first_batches(
    data: AugmentedBatches, pictures: int, workers: int, stop: Callable[[], bool]
) -> list[Batch]:
    """Batches that show enough people, of at most so many pictures; without the pictures."""
    kept: list[Batch] = []
    endless = batches(data, 0, workers)
    try:
        people = 0
        while len(kept) * data.batch_size < pictures and people < ENOUGH_PEOPLE:
            batch = next(endless)
            if stop():
                raise KeyboardInterrupt
            people += len(batch.cut)
            kept.append(replace(batch, images=batch.images.new_empty(0, *batch.images.shape[1:])))
    finally:
        endless.close()
    return kept

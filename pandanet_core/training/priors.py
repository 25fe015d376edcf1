"""What a network starts from, measured on the data it will see: anchors and mean poses."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
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
    """Starting point of a network (spec, section 5).

    Attributes:
        anchors: (N_A, 2) px.
        mean_pose2d: (K, 2) mean pose over A+ in anchor space.
        mean_pose3d: (K, 3) mean root-relative pose over A+, bone lengths summing to 1.
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
        selection: Chooses A+, over which poses are averaged.
        pictures: Most pictures to read; fewer when they show ENOUGH_PEOPLE.
        anchors: (N_A, 2) px to keep instead of clustering.
        workers: Processes that prepare pictures, 0: this one.
        stop: Asked after each batch.

    Raises:
        UserError: Too few people.
        KeyboardInterrupt: `stop` said so.
    """
    seen = first_batches(data, pictures, workers, stop)
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
    poses = [_poses_over_positives(batch, grid, selection) for batch in seen]
    poses2d, poses3d = (torch.cat(each) for each in zip(*poses, strict=True))
    return Priors(anchors, _mean(poses2d), _mean(poses3d))


def _poses_over_positives(
    batch: Batch, grid: AnchorGrid, selection: SelectionSettings
) -> tuple[Tensor, Tensor]:
    """The poses of uncut people, one for each of their M anchors in A+: 2D (M, K, 2) in the space
    of the anchor, and 3D (M, K, 3); NaN where a joint is not annotated."""
    positives = positive_anchors(batch.people_boxes, grid, selection)
    whole = ~batch.cut[positives.person]
    boxes = grid.boxes_at(positives.anchor[whole], positives.row[whole], positives.column[whole])
    person = positives.person[whole]
    pose2d = to_anchor_space(batch.pose2d[person], boxes)
    return (
        _unknown_as_nan(pose2d, batch.has_2d[person]),
        _unknown_as_nan(batch.pose3d[person], batch.has_3d[person]),
    )


def _unknown_as_nan(poses: Tensor, annotated: Tensor) -> Tensor:
    return poses.masked_fill(~annotated[..., None], torch.nan)


def _mean(poses: Tensor) -> Tensor:
    """Mean (K, D) of poses (M, K, D), joint by joint; 0 for joints that nobody has."""
    return poses.nanmean(0).nan_to_num()


def first_batches(
    data: AugmentedBatches,
    pictures: int,
    workers: int,
    stop: Callable[[], bool] = lambda: False,
) -> list[Batch]:
    """Batches that show enough people, of at most so many pictures; without the pictures.

    Raises KeyboardInterrupt when `stop`, asked after each batch, says so.
    """
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

"""What the network saw in one frame, kept so that other settings cost no second look."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.detector import Examination
from pandanet_core.network.pandanet import AnchorOutputs, HeadFeatures, PandaNet
from pandanet_core.skeleton import Skeleton


class Read(Protocol):
    """What is said at some anchors of the grid."""

    def __call__(
        self, anchor: Tensor, row: Tensor, column: Tensor, with_pose3d: bool = True
    ) -> AnchorOutputs:
        """At M anchors given by kind and cell, (M,) each; 3D poses only where asked for."""
        ...


@dataclass(frozen=True, eq=False)
class FrameMaps:
    """What the network saw in one frame.

    Attributes:
        name: What the frame is called.
        skeleton: What the network's joints are.
        grid: The network's anchors.
        scores: (N_A, rows, columns) after the sigmoid.
        read: Boxes and poses at some anchors of the grid.
        size_px: (width, height) of the picture within the network's input.
        stretch: (2,) from px of the network's input to the frame's own, x and y.
    """

    name: str
    skeleton: Skeleton
    grid: AnchorGrid
    scores: Tensor
    read: Read
    size_px: tuple[int, int]
    stretch: NDArray[np.float32]


@torch.inference_mode()
def maps_of(
    network: PandaNet, skeleton: Skeleton, examined: Examination, size: tuple[int, int], name: str
) -> FrameMaps:
    """The maps of a frame that a detector examined.

    Args:
        network: What examined it.
        skeleton: What its joints are.
        examined: Its features and anchors.
        size: (width, height) of the frame, px.
        name: What it is called.
    """
    width, height = np.rint(np.array(size) / examined.stretch).astype(int).tolist()
    features, grid = examined.features, examined.grid
    return maps_from(network, skeleton, features, grid, (width, height), examined.stretch, name)


@torch.inference_mode()
def maps_from(
    network: PandaNet,
    skeleton: Skeleton,
    features: HeadFeatures,
    grid: AnchorGrid,
    size_px: tuple[int, int],
    stretch: NDArray[np.float32],
    name: str,
) -> FrameMaps:
    """The maps of a frame whose features, a batch of one, are known; the rest as in FrameMaps."""
    scores = network.score_logits(features)[0].sigmoid()
    read = partial(_read, network, features, grid)
    return FrameMaps(name, skeleton, grid, scores, read, size_px, stretch)


def _read(
    network: PandaNet,
    features: HeadFeatures,
    grid: AnchorGrid,
    anchor: Tensor,
    row: Tensor,
    column: Tensor,
    with_pose3d: bool = True,
) -> AnchorOutputs:
    picture = torch.zeros_like(anchor)
    return network.read_at(features, grid, picture, anchor, row, column, with_pose3d)

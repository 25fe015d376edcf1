"""Pictures as the network wants them: padded to whole cells, normalised, channels last."""

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.network.pandanet import INPUT_MULTIPLE

GREY = 127
"""Value of padding; normalised to 0."""

GREY_LEVELS_A_UNIT = 128
"""Grey levels between a normalised 0 and 1."""


def pad_to_multiple(image: NDArray[Any]) -> NDArray[Any]:
    """Pad (H, W, 3) with grey at the right and bottom so that both sides are multiples of 32."""
    height, width = image.shape[:2]
    bottom, right = -height % INPUT_MULTIPLE, -width % INPUT_MULTIPLE
    if not bottom and not right:
        return image
    return cv2.copyMakeBorder(
        image, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=(GREY, GREY, GREY)
    )


def normalise(images: Tensor) -> Tensor:
    """Pictures (B, H, W, 3) uint8 RGB -> (B, 3, H, W) float32 of about -1..1, channels last in
    memory."""
    return ((images.permute(0, 3, 1, 2).float() - GREY) / GREY_LEVELS_A_UNIT).contiguous(
        memory_format=torch.channels_last
    )


def as_batch(image: NDArray[np.uint8]) -> Tensor:
    """One picture (H, W, 3) uint8 RGB as a padded, normalised batch of one."""
    return normalise(torch.from_numpy(np.ascontiguousarray(pad_to_multiple(image)))[None])

"""How much pictures are varied before a network sees them."""

import math
from dataclasses import dataclass

from pandanet_core.setting_ranges import refuse_outside

LEAST_SCALE = 0.01
"""Of pictures made smaller than this nothing is left."""


@dataclass(frozen=True)
class Augmentation:
    """How a picture is varied before the network sees it.

    Attributes:
        width_px, height_px: Size of the crop; multiples of 32 from 64 on.
        least_height_px, most_height_px: A person picked at random gets a height between these,
            log-uniformly ...
        least_scale, most_scale: ... as far as resizing by this much allows.
        centred_share: Share of crops laid round a person; the others lie anywhere.
        tried_crops: Of this many crops round people the one with the most whole people is taken.
        most_rotation_deg: Pictures are turned by up to this much either way.
        flip_share: Share of mirrored pictures.
        grey_share, blur_share, noise_share: Shares of pictures without colour, blurred, and noisy.
    """

    width_px: int = 384
    height_px: int = 288
    least_height_px: float = 32.0
    most_height_px: float = 200.0
    least_scale: float = 0.5
    most_scale: float = 1.8
    centred_share: float = 0.85
    tried_crops: int = 6
    most_rotation_deg: float = 0.0
    flip_share: float = 0.5
    grey_share: float = 0.1
    blur_share: float = 0.2
    noise_share: float = 0.25

    def __post_init__(self) -> None:
        """UserError names a setting that no picture could be varied with."""
        refuse_outside(self, 1, math.inf, "least_height_px", "most_height_px", "tried_crops")
        refuse_outside(self, LEAST_SCALE, math.inf, "least_scale", "most_scale")
        refuse_outside(self, 0, 180, "most_rotation_deg")
        shares = ("centred_share", "flip_share", "grey_share", "blur_share", "noise_share")
        refuse_outside(self, 0, 1, *shares)

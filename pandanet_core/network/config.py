"""What a PandaNet is made of; stored with its weights."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from pandanet_core.errors import UserError
from pandanet_core.setting_ranges import refuse_outside

BackboneName = Literal["darknet53", "efficientnet_lite0", "repvgg"]

MOST_CHANNELS = 4096
MOST_CONVOLUTIONS = 64
"""More in a weights file's description is damage, and would take minutes to build."""


@dataclass(frozen=True)
class NetworkConfig:
    """Shape of the network (Fig. 3; spec, section 2).

    Attributes:
        backbone: Feature extractor.
        pyramid_channels: Channels of every pyramid level.
        pyramid_convolutions: 3x3 convolutions on each level before the levels are joined.
        head_channels: Channels after joining, and of the four heads.
        head_convolutions: 3x3 convolutions of each head before its 1x1 output.
        sub_pixel: A pixel shuffle by 2 after joining: output stride 4 instead of 8.
        pose3d_sees_pose2d: The 2D head's features are added to the 3D head's.
    """

    backbone: BackboneName = "efficientnet_lite0"
    pyramid_channels: int = 96
    pyramid_convolutions: int = 2
    head_channels: int = 96
    head_convolutions: int = 2
    sub_pixel: bool = False
    pose3d_sees_pose2d: bool = True

    def __post_init__(self) -> None:
        """UserError names a setting that no network can be built with."""
        if self.backbone not in get_args(BackboneName):
            known = ", ".join(get_args(BackboneName))
            raise UserError(f"There is no backbone {self.backbone}; choose one of {known}.")
        refuse_outside(self, 1, MOST_CHANNELS, "pyramid_channels", "head_channels")
        refuse_outside(self, 1, MOST_CONVOLUTIONS, "pyramid_convolutions", "head_convolutions")

    @property
    def stride(self) -> int:
        """Input pixels an output cell."""
        return 4 if self.sub_pixel else 8

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored in files."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Any) -> "NetworkConfig":
        """Inverse of to_dict; UserError when a field is missing, unknown or of the wrong kind."""
        defaults = {field.name: field.default for field in fields(NetworkConfig)}
        wrong_names = not isinstance(values, dict) or set(values) != set(defaults)
        if wrong_names or any(
            type(values[name]) is not type(default) for name, default in defaults.items()
        ):
            raise UserError(
                "The network's description is not one that this version knows; use weights made "
                "for it."
            )
        try:
            return NetworkConfig(**values)
        except UserError as error:
            raise UserError(
                "The network's description holds a value out of range; use weights made for this "
                "version."
            ) from error


SMALL = NetworkConfig()
"""For two cores: EfficientNet-Lite0, two convolutions a level and head, stride 8."""

SMALL_REPVGG = NetworkConfig(backbone="repvgg")
"""The same pyramid and heads on plain 3x3 convolutions."""

FULL = NetworkConfig(
    backbone="darknet53",
    pyramid_channels=256,
    pyramid_convolutions=4,
    head_channels=256,
    head_convolutions=4,
    sub_pixel=True,
    pose3d_sees_pose2d=False,
)
"""The paper's network for JTA and Panoptic: output stride 4."""

FULL_STRIDE_8 = replace(FULL, sub_pixel=False)
"""The paper's network for MuPoTS-3D, without the sub-pixel step."""

NetworkName = Literal["small", "small-repvgg", "full", "full-stride-8"]

NETWORKS: dict[NetworkName, NetworkConfig] = {
    "small": SMALL,
    "small-repvgg": SMALL_REPVGG,
    "full": FULL,
    "full-stride-8": FULL_STRIDE_8,
}
"""The networks above, by the names that the command line gives them."""


def name_of(config: NetworkConfig) -> str:
    """A network's name on the command line; "its own" where it has none."""
    return next((name for name, network in NETWORKS.items() if network == config), "its own")

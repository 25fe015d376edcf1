"""COCO's keypoints, and MuCo-3DHP, whose annotations have the same form."""

from pandanet_core.data.coco.keypoints import CocoPictures
from pandanet_core.data.coco.muco import MucoPictures

__all__ = ["CocoPictures", "MucoPictures"]

"""CMU Panoptic: people in a dome, seen by 31 HD cameras."""

from pandanet_core.data.panoptic.pictures import PanopticPictures

__all__ = ["PanopticPictures"]

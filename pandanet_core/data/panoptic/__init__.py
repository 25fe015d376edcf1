"""CMU Panoptic: people in a dome, seen by 31 HD cameras."""

from pandanet_core.data.panoptic.pictures import SPLITS, PanopticPictures, belongs, splits

__all__ = ["SPLITS", "PanopticPictures", "belongs", "splits"]

"""MuPoTS-3D: 20 sequences of up to three people, to measure on."""

from pandanet_core.data.mupots.pictures import SPLITS, MupotsPictures

__all__ = ["SPLITS", "MupotsPictures"]

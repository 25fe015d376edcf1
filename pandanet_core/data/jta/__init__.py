"""JTA, and the generated crowds that are written in its layout."""

from pandanet_core.data.jta.pictures import JtaPictures, splits

__all__ = ["JtaPictures", "splits"]

"""PandaNet's core: everything that needs no window.

PandaNet finds many people in one picture at once and gives each of them a box, a 2D pose and a
3D pose (Benzine, Chabot, Luvison, Pham, Achard: PandaNet: Anchor-Based Single-Shot Multi-Person
3D Pose Estimation, CVPR 2020).
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("pandanet")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"

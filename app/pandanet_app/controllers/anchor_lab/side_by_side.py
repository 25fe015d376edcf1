"""Two traces of a frame beside each other, with what only one of them has marked in both."""

from dataclasses import replace

import numpy as np

from pandanet_app.controllers.anchor_lab.colours import truth_boxes
from pandanet_app.models.anchor_lab import AnchorMap, AnchorView
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_core.lab.difference import compare


def side_by_side(scene: AnchorScene) -> tuple[AnchorScene, AnchorScene | None]:
    """The scene with its differences marked, and the one it is compared with, if there is one."""
    if scene.other is None:
        return scene, None
    difference = compare(scene.other, scene.trace)
    masks = difference.selected if scene.view is AnchorView.SELECTED else difference.positives
    differs = frozenset(first.person for first, _ in difference.fates)
    other = replace(
        scene,
        trace=scene.other,
        scores=np.zeros(scene.other.grid.shape, np.float32),
        map_values=None,
        map=AnchorMap.NONE,
        colour=scene.colour[: len(truth_boxes(scene.other))],
        spot=None,
        hovered=None,
        reading=None,
        other=scene.trace,
        alone=masks[0],
        differs=differs,
    )
    return replace(scene, alone=masks[1], differs=differs), other

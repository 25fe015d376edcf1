"""What the anchors of a picture's people say: matched, selected, and how they score."""

from functools import partial

import numpy as np
import torch

from pandanet_core.boxes import clip_boxes
from pandanet_core.detector import Examination
from pandanet_core.evaluation.comparison import Comparison
from pandanet_core.evaluation.truth import truth_of
from pandanet_core.lab.fates import ReadAnchors
from pandanet_core.lab.frame_maps import maps_of
from pandanet_core.lab.positives import lab_anchors, trace_positives
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.selection import SelectionSettings, explain_person


@torch.inference_mode()
def anchors_of_people(
    network: PandaNet, examined: Examination, comparison: Comparison, settings: SelectionSettings
) -> ReadAnchors:
    """Match and select anchors for the people who count, as training would (Eq. 1, 9).

    Args:
        network: What examined the picture.
        examined: Its features, anchors and candidates.
        comparison: The people of the picture.
        settings: Rule and thresholds of the selection.

    Returns:
        A+ of those who count, numbered among themselves; boxes in px of the picture.
    """
    sample, stretch = comparison.sample, examined.stretch
    height, width = sample.image.shape[:2]
    truth = truth_of(comparison.people, sample.skeleton, sample.name).stretched(1 / stretch)
    maps = maps_of(network, sample.skeleton, examined, (width, height), sample.name)
    anchors = lab_anchors(maps.grid, None)
    trace, table = trace_positives(maps, truth, anchors, settings, examined.trace)
    boxes = clip_boxes(table.boxes * np.tile(stretch, 2), width, height)
    return ReadAnchors(table, boxes, partial(explain_person, trace), settings, sample.skeleton)

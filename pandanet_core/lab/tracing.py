"""From the network's maps of a frame to its trace: matching, selection and readout, as in training
and detection."""

from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pandanet_core.anchors import AnchorGrid
from pandanet_core.boxes import clip_boxes
from pandanet_core.detector import Detector
from pandanet_core.evaluation.matching import match, overlaps
from pandanet_core.lab.fate import Fate
from pandanet_core.lab.fates import Candidates, Finders, ReadAnchors, fates_of
from pandanet_core.lab.frame_maps import FrameMaps
from pandanet_core.lab.frame_trace import FrameTrace, Grid, LabSettings, PositiveTable, Truth
from pandanet_core.lab.positives import LabAnchors, lab_anchors, trace_positives
from pandanet_core.lab.right_poses import pose_errors, pose_is_right, wrong_pose_words
from pandanet_core.readout import best_anchors, trace_candidates
from pandanet_core.readout_trace import People, ReadoutTrace
from pandanet_core.selection import AnchorTrace, explain_person
from pandanet_core.selection.overlaps import overlaps_of
from pandanet_core.selection_settings import selection_of

Floats = NDArray[np.floating[Any]]


@torch.inference_mode()
def trace_frame(maps: FrameMaps, truth: Truth, settings: LabSettings) -> FrameTrace:
    """Everything from the anchors to the people, and what became of everybody.

    Other anchors than the network's are matched anew. The network has not learned them: what it
    says at one of them is what it says at the one of its own, at the same cell, that is most alike;
    its own that stand for none of them are not read.

    Args:
        maps: What the network saw.
        truth: Who is to be found; its joints are those of the network.
        settings: Anchors, rule and thresholds.
    """
    anchors = lab_anchors(maps.grid, settings.anchors_px)
    readout, people, pose2d = _read_out(maps, anchors, settings)
    trace, table = trace_positives(maps, truth, anchors, settings.selection, readout)
    fates = _fates(maps, truth, settings, readout, people, trace, table)
    largest = overlaps_of(trace.positives.person_boxes, anchors.grid).largest()
    return FrameTrace(
        maps.name,
        settings,
        truth,
        _plain(anchors.grid),
        _plain(maps.grid),
        maps.size_px,
        maps.stretch,
        table,
        trace.positives.best_iou.cpu().numpy(),
        largest.cpu().numpy(),
        readout,
        people,
        pose2d,
        fates,
    )


def settings_of(detector: Detector) -> LabSettings:
    """What a detector detects with, and the rule that its weights were trained with."""
    return LabSettings(
        selection_of(detector.notes).rule,
        min_score=detector.min_score,
        nms_iou=detector.options.nms_iou,
        top_k=detector.options.top_k,
    )


def _plain(grid: AnchorGrid) -> Grid:
    return Grid(grid.sizes.cpu().numpy(), grid.stride, grid.rows, grid.columns)


def _read_out(
    maps: FrameMaps, anchors: LabAnchors, settings: LabSettings
) -> tuple[ReadoutTrace, People, Floats]:
    """Candidates, people, and the candidates' 2D poses (C, K, 2) px."""
    scores = maps.scores
    if settings.anchors_px is not None:
        read = torch.zeros(len(scores), 1, 1, dtype=torch.bool, device=scores.device)
        read[anchors.own_kind] = True
        scores = scores * read
    at = best_anchors(scores, settings.readout)
    outputs = maps.read(*at)
    readout = trace_candidates(scores, at, outputs.boxes, settings.readout)
    pose2d, pose3d = (part.cpu().numpy() for part in (outputs.pose2d_px, outputs.pose3d))
    kept = readout.survivors
    people = People(readout.boxes[kept], readout.scores[kept], pose2d[kept], pose3d[kept])
    return readout, people, pose2d


def _fates(
    maps: FrameMaps,
    truth: Truth,
    settings: LabSettings,
    readout: ReadoutTrace,
    people: People,
    trace: AnchorTrace,
    table: PositiveTable,
) -> tuple[Fate, ...]:
    clipped = partial(clip_boxes, width=maps.size_px[0], height=maps.size_px[1])
    everybody = np.concatenate([truth.boxes, truth.ignored_boxes])
    boxes = clipped(readout.boxes)
    candidates = Candidates(
        boxes,
        readout.scores,
        readout.suppressed_by,
        everybody,
        overlaps(boxes, everybody)[0],
        settings.found_iou,
        settings.min_score,
    )
    finder = _finders(truth, everybody, clipped(people.boxes), people.scores, settings.found_iou)
    errors = pose_errors(truth, people, finder, maps.stretch)
    finders = Finders(
        np.where(finder >= 0, readout.survivors[finder], -1) if len(people.scores) else finder,
        pose_is_right(*errors),
        lambda person: wrong_pose_words(errors[0][person], errors[1][person]),
    )
    anchors = ReadAnchors(
        table,
        clipped(table.boxes),
        lambda person: explain_person(trace, person),
        trace.settings,
        truth.skeleton,
    )
    return fates_of(finders, candidates, anchors)


def _finders(
    truth: Truth, everybody: Floats, boxes: Floats, scores: Floats, found_iou: float
) -> NDArray[np.int64]:
    """(N,) which survivor found each person, -1 for none."""
    counts = np.arange(len(everybody)) < len(truth)
    matching = match(boxes, scores, everybody, counts, iou=found_iou)
    finder = np.full(len(truth), -1)
    found_someone = np.flatnonzero(matching.person >= 0)
    finder[matching.person[found_someone]] = found_someone
    return finder

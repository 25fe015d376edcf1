"""Numbers for the run log, as sums over anchors, people and pictures that can be added up over the
parts of a batch and over ranks."""

from collections.abc import Mapping

import torch
from torch import Tensor

from pandanet_core.data.loader import Batch
from pandanet_core.training.step import StepResult

LOSS_TERMS = ("classification", "box", "pose2d", "pose3d")


@torch.no_grad()
def tally(result: StepResult, batch: Batch, mean_pose3d: Tensor) -> dict[str, Tensor]:
    """Sums and counts over a part of a batch, scalars by name; nothing waits for the device.

    Pose errors are in mm with true scale, over the joints at A+ that are annotated in 3D; beside
    the network's stand those of the constant mean pose (K, 3).
    """
    trace = result.trace
    person = trace.positives.person
    annotated = batch.has_3d[person]
    scale = batch.scale_mm[person, None] * annotated
    error = (result.outputs.pose3d - batch.pose3d[person]).norm(dim=-1) * scale
    constant = (mean_pose3d - batch.pose3d[person]).norm(dim=-1) * scale
    bce = result.losses.classification
    counts = {
        "anchors": bce.numel(),
        "positives": len(person),
        "people": len(batch.pose2d),
        "pictures": len(batch.images),
    }
    sums = {
        **{f"loss_{name}": getattr(result.weighted, name) for name in LOSS_TERMS},
        "bce": bce.sum(),
        "box_iou": trace.box_overlap.sum(),
        "pose_overlap": trace.pose_overlap.sum(),
        "joints_3d": annotated.sum(),
        "error_mm": error.sum(),
        "mean_pose_error_mm": constant.sum(),
        "selected": trace.selected.sum(),
        "people_selected": trace.people_selected().sum(),
        "people_without_anchor": trace.people_without_anchor().sum(),
        "feature_spread": result.feature_spread * len(person),
    }
    return {
        **{name: bce.new_full((), count) for name, count in counts.items()},
        **{name: value.detach().to(bce.dtype) for name, value in sums.items()},
    }


def summarise(sums: Mapping[str, float]) -> dict[str, float]:
    """What the log says of a batch, from the sums over its parts; means over nothing are 0."""

    def mean(name: str, over: str) -> float:
        return sums[name] / sums[over] if sums[over] else 0.0

    return {
        "loss": sum(sums[f"loss_{name}"] for name in LOSS_TERMS),
        **{f"loss_{name}": sums[f"loss_{name}"] for name in LOSS_TERMS},
        "bce": mean("bce", "anchors"),
        "box_iou": mean("box_iou", "positives"),
        "pose_overlap": mean("pose_overlap", "positives"),
        "mpjpe_mm": mean("error_mm", "joints_3d"),
        "mean_pose_mpjpe_mm": mean("mean_pose_error_mm", "joints_3d"),
        "positives": sums["positives"],
        "selected_share": mean("selected", "positives"),
        "people": sums["people"],
        "people_with_selected_anchor": mean("people_selected", "people"),
        "people_without_anchor": sums["people_without_anchor"],
        "pose3d_feature_spread": mean("feature_spread", "positives"),
    }

"""What does it save to evaluate the output convolutions at A+ only?

The losses of boxes and poses are asked for at A+ alone. The output convolutions are 1x1, so they
can be evaluated there and nowhere else. The equations are written over whole maps with a mask, and
code that follows them makes these maps and their losses everywhere; a better one makes the maps and
picks A+ out of them. All three take the same whole training steps: forward, selection, losses,
backward, optimiser.

    python benchmarks/sparse_heads.py --help
"""

import json
import platform
import sys
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter

import torch
import tyro
from rich.console import Console
from rich.table import Table
from torch import Tensor

from benchmarks.random_training import BatchOptions, anchors_for, fresh_training, random_batch
from pandanet_core.anchors import AnchorGrid, from_anchor_space, to_anchor_space
from pandanet_core.boxes import decode_boxes
from pandanet_core.data.loader import Batch
from pandanet_core.losses import (
    AnchorLosses,
    box_loss,
    classification_loss,
    pose2d_loss,
    pose3d_loss,
    weigh,
)
from pandanet_core.network.config import SMALL
from pandanet_core.network.pandanet import AnchorOutputs, HeadFeatures, PandaNet
from pandanet_core.network.pictures import normalise
from pandanet_core.selection import ignored_anchors, select
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.state import Training
from pandanet_core.training.step import Portion


@dataclass(frozen=True)
class Options(BatchOptions):
    """Outputs at A+ against whole maps, in whole training steps of the small network."""

    steps: int = 6
    """Timed steps of each; the two take turns and the median counts."""
    threads: int = 2
    """CPU threads."""
    fp32: bool = False
    """Compute in float32 instead of bfloat16."""
    json: bool = False
    """Print JSON instead of a table."""


class DensePandaNet(PandaNet):
    """The same network, but it makes the whole maps and picks the anchors of A+ out of them."""

    def read_at(self, features: HeadFeatures, grid: AnchorGrid, *at: Tensor) -> AnchorOutputs:
        """As PandaNet's."""
        picture, anchor, row, column = at
        box, pose2d, pose3d = self.dense_outputs(features)
        anchor_boxes = grid.boxes_at(anchor, row, column)
        own2d = pose2d[picture, anchor, :, :, row, column]
        return AnchorOutputs(
            decode_boxes(box[picture, anchor, :, row, column], anchor_boxes),
            own2d,
            from_anchor_space(own2d, anchor_boxes),
            pose3d[picture, anchor, :, :, row, column],
        )


def loss_at_positives(training: Training, batch: Batch) -> Tensor:
    """L_total as the training computes it."""
    positives = training.objective.positives(batch)
    portion = Portion(1.0, len(positives))
    total: Tensor = training.objective(batch, positives, portion).weighted.total
    return total


def loss_masked(training: Training, batch: Batch) -> Tensor:
    """L_total with Eq. 1-8 on whole maps, masked by A+."""
    network, settings = training.network, training.objective.selection
    with torch.autocast("cpu", torch.bfloat16, enabled=training.objective.in_bfloat16):
        features = network(normalise(batch.images))
    grid = network.grid(*batch.images.shape[1:3])
    positives = training.objective.positives(batch)
    shape = (len(batch.images), *grid.shape)
    mask = torch.zeros(shape, dtype=torch.bool)
    person = torch.zeros(shape, dtype=torch.long)
    mask[positives.at], person[positives.at] = True, positives.person
    mask, person = mask.flatten(), person.flatten()
    kind = torch.arange(shape[1])[None, :, None, None].expand(shape).flatten()
    anchors = grid.all_boxes().expand(*shape, 4).reshape(-1, 4)

    maps = network.dense_outputs(features)
    box, pose2d, pose3d = (m.movedim((-2, -1), (2, 3)).flatten(0, 3) for m in maps)
    box_losses, box_overlap = box_loss(decode_boxes(box, anchors), batch.boxes[person], True)
    true_pose2d = to_anchor_space(batch.pose2d[person], anchors)
    pose2d_losses, overlap = pose2d_loss(
        pose2d, true_pose2d, batch.has_2d[person] & mask[:, None], True
    )
    pose3d_losses = pose3d_loss(pose3d, batch.pose3d[person], batch.has_3d[person] & mask[:, None])
    counted = (batch.has_2d & batch.inside)[person]
    trace = select(positives, box_overlap[mask], overlap[mask], counted[mask], settings)
    ignored = ignored_anchors(batch.ignored_boxes, positives, grid, settings)
    labels = trace.label_map(len(batch.images), grid)
    scores = classification_loss(network.score_logits(features), labels, ignored)
    losses = AnchorLosses(
        scores,
        torch.where(mask, box_losses, 0.0),
        pose2d_losses,
        pose3d_losses,
        box_overlap,
        overlap,
    )
    return weigh(losses, kind, training.loss_weights, torch.tensor(len(positives))).total


WAYS = (
    ("at A+ only", PandaNet, loss_at_positives),
    ("whole maps, A+ picked", DensePandaNet, loss_at_positives),
    ("whole maps and masked", PandaNet, loss_masked),
)


@dataclass(frozen=True)
class Row:
    """One way; differences are relative to the first way's, rates in pictures a second."""

    way: str
    loss_difference: float
    gradient_difference: float
    pictures_per_s: float
    times_slower: float


def main(options: Options) -> None:
    """Measure and print; fails where the losses differ by more than 1e-5 of their size."""
    torch.set_num_threads(options.threads)
    rows = measure(options)
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        table = Table("way", "loss differs by", "gradient by", "pictures/s", "times slower")
        for row in rows:
            table.add_row(
                row.way,
                f"{row.loss_difference:.1e}",
                f"{row.gradient_difference:.1e}",
                f"{row.pictures_per_s:.2f}",
                f"{row.times_slower:.2f}",
            )
        console = Console()
        console.print(
            f"small, {options.width}x{options.height}, batch {options.pictures}, "
            f"{'fp32' if options.fp32 else 'bf16'}, torch {torch.__version__}, "
            f"{options.threads} threads, {platform.machine()}"
        )
        console.print(table)
    if max(row.loss_difference for row in rows) > 1e-5:
        sys.exit("sparse_heads.py: the losses differ")


def measure(options: Options) -> list[Row]:
    """Loss and gradient of the first step each way, then the rates."""
    config = TrainingConfig(("random",), network=SMALL, bfloat16=not options.fp32, pretrained=False)
    anchors = anchors_for(options.width, options.height)
    batches = [random_batch(seed, options) for seed in range(3)]
    trainings = [fresh_training(config, anchors, torch.device("cpu"), kind) for _, kind, _ in WAYS]
    first: list[tuple[float, Tensor]] = []
    times: list[list[float]] = [[] for _ in WAYS]
    for step in range(options.steps + 1):
        for way, (training, (_, _, loss)) in enumerate(zip(trainings, WAYS, strict=True)):
            began = perf_counter()
            total = loss(training, batches[step % len(batches)])
            total.backward()
            if step == 0:
                first.append((float(total.detach()), gradient_of(training)))
            training.optimiser.step()
            training.optimiser.zero_grad(set_to_none=True)
            training.loss_weights.project()
            times[way].append(perf_counter() - began)
    seconds = [median(each[1:]) for each in times]
    expected, gradient = first[0]
    return [
        Row(
            name,
            abs(total - expected) / abs(expected),
            float((own - gradient).norm() / gradient.norm()),
            options.pictures / took,
            took / seconds[0],
        )
        for (name, _, _), (total, own), took in zip(WAYS, first, seconds, strict=True)
    ]


def gradient_of(training: Training) -> Tensor:
    """Everything's gradient as one vector."""
    parameters = training.objective.parameters()
    return torch.cat([p.grad.flatten() for p in parameters if p.grad is not None])


if __name__ == "__main__":
    main(tyro.cli(Options))

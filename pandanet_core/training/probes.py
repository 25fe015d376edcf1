"""Traces of the same few pictures every so many steps: how anchors and people come to be chosen."""

from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pandanet_core.data.loader import AugmentedBatches, Batch, batches
from pandanet_core.files import write_error
from pandanet_core.lab.files.header import FrameOrigin
from pandanet_core.lab.files.places import probe_path
from pandanet_core.lab.files.saving import save_trace
from pandanet_core.lab.frame_maps import maps_from
from pandanet_core.lab.frame_trace import LabSettings, Truth
from pandanet_core.lab.tracing import trace_frame
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.network.pictures import as_batch
from pandanet_core.skeleton import skeleton_named
from pandanet_core.training.config import TrainingConfig

PICTURES = 2
"""So many, the first of the training, in the crops that it saw them in."""


class Probes:
    """Writes RUN/probes; each trace is there as a whole or not at all."""

    def __init__(self, run: Path, data: AugmentedBatches, config: TrainingConfig) -> None:
        """Nothing is prepared until the first traces are due.

        Args:
            run: Run folder.
            data: The training's pictures.
            config: Its settings.
        """
        self._run, self._data, self._config = run, data, config
        self._pictures: list[tuple[NDArray[np.uint8], Truth]] = []

    def are_due(self, step: int) -> bool:
        """Whether it is time after so many steps; always after the last one."""
        every = self._config.probe_every_steps
        return every is not None and (step % every == 0 or step == self._config.steps)

    def write(self, network: PandaNet, step: int) -> None:
        """Trace the pictures with a network in evaluation mode; UserError where the disk does not
        take it."""
        if not self._pictures:
            with closing(batches(self._data, 0, min(self._config.workers, 1))) as first:
                self._pictures = _first_pictures(next(first), self._config.skeleton)
        folder = probe_path(self._run, step, 0).parent
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise write_error(error, folder) from error
        for number in range(len(self._pictures)):
            self._trace(network, step, number)

    @torch.inference_mode()
    def _trace(self, network: PandaNet, step: int, number: int) -> None:
        config, (image, truth) = self._config, self._pictures[number]
        height, width = image.shape[:2]
        on_device = as_batch(image).to(network.anchors.device)
        maps = maps_from(
            network,
            skeleton_named(config.skeleton),
            network(on_device),
            network.grid(*on_device.shape[2:]),
            (width, height),
            np.ones(2, np.float32),
            f"picture {number} after {step} steps",
        )
        settings = LabSettings(
            config.selection.rule,
            config.selection.positive_above,
            config.selection.selected_above,
        )
        trace = trace_frame(maps, truth, settings)
        origin = FrameOrigin(frame=number, weights=self._run.name, steps=step)
        save_trace(probe_path(self._run, step, number), maps, trace, origin, image)


def _first_pictures(batch: Batch, skeleton: str) -> list[tuple[NDArray[np.uint8], Truth]]:
    """So many of a batch, copied: the rest of it is not kept in memory."""
    count = min(PICTURES, len(batch.images))
    return [(batch.images[n].numpy().copy(), _truth(batch, n, skeleton)) for n in range(count)]


def _truth(batch: Batch, picture: int, skeleton: str) -> Truth:
    """The people of one picture of a batch."""
    first = sum(map(len, batch.people_boxes[:picture]))
    boxes = batch.people_boxes[picture].numpy()
    own = slice(first, first + len(boxes))
    scale_mm = batch.scale_mm[own, None, None]
    return Truth(
        boxes=boxes,
        pose2d=batch.pose2d[own].numpy(),
        has_2d=(batch.has_2d & batch.inside)[own].numpy(),
        skeleton=skeleton_named(skeleton),
        name="the training data",
        pose3d_mm=(batch.pose3d[own] * scale_mm).numpy(),
        has_3d=batch.has_3d[own].numpy(),
        height_px=boxes[:, 3] - boxes[:, 1],
        ignored_boxes=batch.ignored_boxes[picture].numpy(),
    )

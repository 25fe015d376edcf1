"""`pandanet anchors`: which anchors a data set wants, and how well they would fit it."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from pandanet_core.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pandanet_core.data.loader import Batch
    from pandanet_core.data.mixture import Mixture
    from pandanet_core.training.config import TrainingConfig

MOST_COUNT = 100


@dataclass(frozen=True)
class Anchors:
    """Cluster the sizes of people in a data set into anchors and say how well they fit.

    Prints the mean IoU for 1 to 20 anchors, the anchors, and for people of each height how many
    have a matching anchor with an IoU over 0.5 and how many have none.
    """

    data: Annotated[tuple[str, ...], tyro.conf.Positional]
    """Annotated pictures as KIND:FOLDER[:SPLIT][@SHARE], as for pandanet train; SPLIT train if left
    out."""

    count: int = 10
    """Number of anchors."""

    recipe: Literal["paper", "laptop"] = "paper"
    """Whose crops and output stride to use: see pandanet train."""

    size: str | None = None
    """Width x height of the network's input in px, such as 928x576, instead of the recipe's."""

    stride: Literal[4, 8] | None = None
    """Input pixels an output cell, instead of the recipe's."""

    whole: bool = False
    """Show pictures whole, resized to fit into the input, not in a training's random crops."""

    pictures: int = 800
    """Look at so many pictures."""

    seed: int = 0
    """Decides which pictures and crops are looked at, and where the clustering starts."""

    figure: Path | None = None
    """Draw the report to this file (.png, .svg or .pdf)."""

    json: Path | None = None
    """Write the report to this file for programs."""

    workers: int = 1
    """Processes that prepare crops; 0: none of their own."""

    progress: Literal["rich", "json", "none"] = "rich"
    """How to show progress."""

    def run(self) -> int:
        """Look at the pictures, cluster, print, and write what was asked for."""
        from pandanet_core.anchor_report import report_anchors
        from pandanet_core.files import write_text

        self._check()
        config = self._settings()
        width, height = config.augmentation.width_px, config.augmentation.height_px
        boxes = list(self._people_boxes(config))
        stride = self.stride or config.network.stride
        report = report_anchors(boxes, width, height, stride, self.count, self.seed)
        print(report.to_text())
        if self.json:
            values = {"data": list(self.data), "seed": self.seed, "whole": self.whole}
            write_text(self.json, json.dumps(values | report.to_dict(), indent=2) + "\n")
            print(f"\nThe report for programs: {self.json}")
        if self.figure:
            from pandanet_core.anchor_figure import save_figure

            save_figure(self.figure, report)
            print(f"\nThe figure: {self.figure}")
        return 0

    def _check(self) -> None:
        from pandanet_core.files import part_path

        if not self.data:
            raise UserError("No data is named; give KIND:FOLDER, such as crowd:FOLDER.")
        if not 1 <= self.count <= MOST_COUNT:
            raise UserError(f"--count {self.count} is out of range; give 1 to {MOST_COUNT}.")
        if self.pictures < 1 or self.seed < 0 or self.workers < 0:
            raise UserError("--pictures counts from 1, --seed and --workers from 0.")
        if self.json:
            part_path(self.json)
        if self.figure:
            from pandanet_core.anchor_figure import check_figure_path

            check_figure_path(self.figure)

    def _settings(self) -> "TrainingConfig":
        from pandanet_core.training.recipes import recipe_named

        config = replace(recipe_named(self.recipe), data=self.data, seed=self.seed)
        if self.size is None:
            return config
        match = re.fullmatch(r"(\d+)x(\d+)", self.size.strip())
        if match is None:
            raise UserError(
                f"--size {self.size} is not understood; give two whole numbers as in 928x576."
            )
        width, height = int(match[1]), int(match[2])
        crop = replace(config.augmentation, width_px=width, height_px=height)
        return replace(config, augmentation=crop)

    def _people_boxes(self, config: "TrainingConfig") -> Iterator["NDArray[np.float32]"]:
        """Boxes (N, 4) in px of the people to find in each picture, as the network gets it."""
        from threading import Event

        from pandanet_app.commands.evaluation_progress import counted
        from pandanet_core.data.sources import open_mixture
        from pandanet_core.skeleton import skeleton_named

        mixture = open_mixture(self.data, "train", skeleton_named(config.skeleton))
        batches = (self._whole if self.whole else self._crops)(mixture, config)
        pictures = (boxes.numpy() for batch in batches for boxes in batch.people_boxes)
        for _ in counted(range(self._count(mixture)), self.progress, Event()):
            yield next(pictures)

    def _count(self, mixture: "Mixture") -> int:
        """How many pictures to look at: whole ones would only come again."""
        from pandanet_core.data.mixture import part_size

        sizes = [part_size(part) for part in mixture.parts]
        endless = not self.whole or None in sizes
        return self.pictures if endless else min(self.pictures, len(mixture))

    def _crops(self, mixture: "Mixture", config: "TrainingConfig") -> Iterator["Batch"]:
        from pandanet_core.data.loader import AugmentedBatches, batches

        data = AugmentedBatches(mixture, config.batch_size, config.augmentation, self.seed)
        return batches(data, 0, self.workers)

    def _whole(self, mixture: "Mixture", config: "TrainingConfig") -> Iterator["Batch"]:
        import numpy as np

        from pandanet_core.data.geometry import crop
        from pandanet_core.data.loader import collate

        width, height = config.augmentation.width_px, config.augmentation.height_px
        for place in itertools.count():
            sample, _ = mixture.draw(self.seed, place)
            scale = min(width / sample.image.shape[1], height / sample.image.shape[0])
            yield collate([crop(sample, scale, 0, 0, width, height, np.zeros(3))])

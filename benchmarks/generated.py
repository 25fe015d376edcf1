"""Generated pictures with bodies, motions and skies that nobody trained on: AP, MPJPE and 3DPCK.

Makes 300 pictures of the split "test" once (`pandanet crowd`, 512x320, 1 to 30 people of 25 to 300
px) and measures on them as `pandanet evaluate` does. The mean pose to beat is that of the training
data, stored with the weights; MPJPE and 3DPCK are given each person's true size.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import tyro
from shared_data import SHARED_DATA

from pandanet_app.commands.crowd import Crowd
from pandanet_app.commands.evaluate import Evaluate
from pandanet_core.assets import asset_path
from pandanet_core.detector import DEFAULT_WEIGHTS
from pandanet_core.errors import UserError
from pandanet_core.evaluation.summary import Headline, headline
from pandanet_core.evaluation.table import table_to_markdown
from pandanet_core.weights_notes import DEFAULT_MIN_SCORE

WANTED_AP, WANTED_BETTER = 0.80, 0.15
CHECKOUT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Generated:
    """Average precision, MPJPE and 3DPCK on held-out generated pictures."""

    weights: Path | None = None
    """Weights to measure; those that come with PandaNet if none are given."""

    data: Path = CHECKOUT / "data-local" / "held-out"
    """Folder of the pictures; they are made if it does not exist."""

    pictures: int = 300
    """How many pictures."""

    min_score: float = DEFAULT_MIN_SCORE
    """Score from which on detections count in MPJPE and 3DPCK."""

    output: Path | None = None
    """Where to write the report too (.html and .json)."""

    def run(self) -> None:
        """Print every table and whether what is wanted is reached."""
        if not self.data.exists():
            self._make_pictures()
        evaluated = Evaluate(
            subject=self.weights or asset_path(DEFAULT_WEIGHTS),
            data=f"crowd:{self.data}:test",
            output=self.output or Path(),
            pictures=self.pictures,
            pose_score=self.min_score,
        ).evaluate()
        if self.output:
            evaluated.write(self.output)
        print("\n\n".join(table_to_markdown(table) for table in evaluated.report.tables))
        measurement = evaluated.measurement
        print(verdict(measurement.pictures, headline(measurement, self.min_score)))

    def _make_pictures(self) -> None:
        """With the shared data's motions, skies and clothes where they are, else built-in ones."""
        folders = (SHARED_DATA / name for name in ("motion/cmu", "hdri", "makehuman"))
        motion, hdri, makehuman = (folder if folder.exists() else None for folder in folders)
        unfinished = self.data.with_name(self.data.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        Crowd(
            output=unfinished,
            pictures=self.pictures,
            split="test",
            people="1:30",
            height_px="25:300",
            seed=2020,
            motion=motion,
            hdri=hdri,
            makehuman=makehuman,
        ).run()
        unfinished.rename(self.data)


def verdict(pictures: int, result: Headline) -> str:
    """Two sentences."""
    side = "under" if result.better_than_constant >= 0 else "over"
    words = {True: "reached", False: "not reached"}
    return (
        f"\n{pictures} pictures: AP {result.average_precision:.3f} (wanted {WANTED_AP:.2f}: "
        f"{words[result.average_precision >= WANTED_AP]}). MPJPE {result.mpjpe_mm:.1f} mm, "
        f"{abs(result.better_than_constant):.1%} {side} the constant pose's "
        f"{result.constant_mpjpe_mm:.1f} mm (wanted {WANTED_BETTER:.0%} under: "
        f"{words[result.better_than_constant >= WANTED_BETTER]}); 3DPCK {result.pck_3d:.3f}, "
        f"AUC {result.auc_3d:.3f}."
    )


if __name__ == "__main__":
    try:
        tyro.cli(Generated, description=__doc__).run()
    except UserError as error:
        sys.exit(f"generated.py: {error}")

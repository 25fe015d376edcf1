"""Are generated crowds as varied as JTA and CMU Panoptic? Scenes are drawn by lot, not rendered.

Wanted of the preset jta: 0-60 people a picture, 21 on average; 20-1100 px in 1080 rows; 0.1-100 m.
Of panoptic: 1-8 people, close, cut by the frame. Of both: fields of view of 30-100 degrees, eyes at
0.5-15 m.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from numpy.typing import NDArray

from pandanet_core.camera import project
from pandanet_core.crowd.folders import Skies, files_of_split, read_motions
from pandanet_core.crowd.generate import cast_of
from pandanet_core.crowd.people.cast import read_cast
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.scenes.scene import Scene, joints_of
from pandanet_core.crowd.settings import PEOPLE, CrowdSettings, Preset, usual_heights_px
from pandanet_core.crowd.statistics import LabelledPicture, statistics_of
from pandanet_core.crowd.studio import random_for

BAR = 40


@dataclass(frozen=True)
class CrowdStatisticsTable:
    """Histograms of people a picture, heights, distances, cameras."""

    preset: Preset = "jta"
    pictures: int = 300
    width: int = 512
    height: int = 320
    motion: Path | None = None
    seed: int = 0

    wanted_people: dict[str, float] = field(default_factory=lambda: {"jta": 21.0})
    """People a picture on average, where a figure is known."""

    def run(self) -> None:
        """Print the histograms."""
        settings = CrowdSettings(
            width=self.width,
            height=self.height,
            people=PEOPLE[self.preset],
            height_px=usual_heights_px(self.preset, self.height),
            preset=self.preset,
            seed=self.seed,
            motion=self.motion,
        )
        names = files_of_split(settings)
        cast = read_cast(cast_of(settings, lambda what, done, total: None))
        world = World(cast, read_motions(settings, names), Skies(settings, names).names)
        scenes = [
            draw_scene(random_for(settings, f"picture {index}"), settings, world)
            for index in range(self.pictures)
        ]
        size = (self.width, self.height)
        found = statistics_of((labelled(scene, world) for scene in scenes), size)
        mean = self.wanted_people.get(self.preset)
        wish = f", wanted {mean:g}" if mean else ""
        print(f"{self.preset}: {found.people.mean():.1f} people a picture{wish}\n")
        _histogram("people a picture", found.people, [0, 1, 2, 5, 10, 20, 30, 40, 50, 61])
        at_1080 = found.heights_px * 1080 / self.height
        octaves = [0, 10, 20, 40, 80, 160, 320, 640, 1100, 1e4]
        _histogram("height of the joints, px in 1080 rows", at_1080, octaves)
        metres = [0, 1, 2, 5, 10, 20, 30, 40, 60, 100, 1e4]
        _histogram("distance, m", found.distances_m, metres)
        _histogram("field of view, degrees", found.fov_deg, [0, 30, 45, 60, 75, 90, 100, 180])
        eyes = np.array([scene.view.eye[2] for scene in scenes])
        _histogram("height of the camera, m", eyes, [0, 0.5, 1, 1.5, 2, 3, 5, 8, 15, 99])
        pitch = np.degrees([np.arcsin(-scene.view.rotation[2, 2]) for scene in scenes])
        _histogram("downward pitch, degrees", pitch, [-90, -15, 0, 10, 20, 30, 45, 60, 90])
        roll = np.degrees([np.arcsin(-scene.view.rotation[0, 2]) for scene in scenes])
        _histogram("roll, degrees", np.abs(roll), [0, 1, 2, 5, 10, 15, 90])


def labelled(scene: Scene, world: World) -> LabelledPicture:
    """Everybody with a joint in the picture, as labels.label chooses; nothing says what is hidden."""
    camera = scene.view.camera
    joints = scene.view.to_camera(joints_of(scene.people, world.cast.characters))
    pixels = project(joints * 1000, camera)
    inside = ((pixels >= 0) & (pixels < (camera.width, camera.height))).all(-1)
    shown = inside.any(1) & (joints[..., 2].min(1) > 0.05)
    unknown = np.zeros((int(shown.sum()), 22), bool)
    return LabelledPicture(pixels[shown], joints[shown], unknown, unknown, camera.fx)


def _histogram(title: str, values: NDArray[Any], edges: list[float]) -> None:
    counts, _ = np.histogram(values, edges)
    tenth, middle, ninth = np.percentile(values, (10, 50, 90)) if len(values) else (0, 0, 0)
    print(f"{title}: {values.min():.3g} to {values.max():.3g}; ", end="")
    print(f"10 % below {tenth:.3g}, half below {middle:.3g}, 90 % below {ninth:.3g}")
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        share = count / max(1, len(values))
        print(f"  {low:>6g} to {high:<6g} {share:6.1%} {'#' * round(BAR * share)}")


if __name__ == "__main__":
    tyro.cli(CrowdStatisticsTable).run()

"""What is in a data set, in numbers."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from pandanet_core.data.sample import Sample, joints_inside, visible_people


@dataclass(frozen=True)
class Spread:
    """How a quantity is spread: least, 5 % below, half below, 95 % below, largest."""

    least: float
    low: float
    median: float
    high: float
    largest: float

    @staticmethod
    def of(values: list[float]) -> "Spread | None":
        """None of no values."""
        if not values:
            return None
        return Spread(*np.percentile(values, [0, 5, 50, 95, 100]).tolist())


@dataclass(frozen=True)
class Statistics:
    """Numbers of the pictures that were looked at.

    Attributes:
        pictures: How many.
        sequences: How many sequences, or cameras of sequences, they are from.
        sizes: How many pictures have each size, as "1920x1080".
        people: Everybody annotated.
        to_find: Those who are objects to find; the others are regions to ignore.
        people_a_picture: Of those to find.
        height_px: Of the boxes of those to find, also of what lies outside the picture.
        distance_m: Of the root joints of those to find, from the camera.
        fov_deg: Horizontal field of view of the cameras of pictures with 3D joints.
        joints_2d, joints_3d: Share of the joints of those to find that is annotated.
        inside, occluded, self_occluded: Share of the joints annotated in 2D that lies in the picture,
            is hidden by something else, by the person's own body.
    """

    pictures: int
    sequences: int
    sizes: dict[str, int]
    people: int
    to_find: int
    people_a_picture: Spread | None
    height_px: Spread | None
    distance_m: Spread | None
    fov_deg: Spread | None
    joints_2d: float
    joints_3d: float
    inside: float
    occluded: float
    self_occluded: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass
class Tally:
    """Gathers the numbers, picture after picture."""

    pictures: int = 0
    people: int = 0
    joints: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    sequences: set[str] = field(default_factory=set)
    people_a_picture: list[float] = field(default_factory=list)
    height_px: list[float] = field(default_factory=list)
    distance_m: list[float] = field(default_factory=list)
    fov_deg: list[float] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        """Count a picture."""
        height, width = sample.image.shape[:2]
        found = sample.people(visible_people(sample))
        self.pictures += 1
        self.people += len(sample)
        self.sizes[f"{width}x{height}"] += 1
        self.sequences |= {sequence_of(sample.name)} - {""}
        self.people_a_picture.append(len(found))
        self.height_px += (found.boxes[:, 3] - found.boxes[:, 1]).tolist()
        root = list(found.skeleton.root)
        placed = found.people(np.all(found.has_3d[:, root], axis=1))
        distance_mm = np.linalg.norm(placed.pose3d_mm[:, root].mean(1), axis=-1)
        self.distance_m += (distance_mm / 1000).tolist()
        if sample.has_3d.any():
            self.fov_deg.append(sample.camera.fov_deg)
        self.joints += found.has_2d.size
        for name, joints in (
            ("2d", found.has_2d),
            ("3d", found.has_3d),
            ("inside", found.has_2d & joints_inside(found)),
            ("occluded", found.has_2d & found.occluded),
            ("self occluded", found.has_2d & found.self_occluded),
        ):
            self.counts[name] += int(joints.sum())

    def statistics(self) -> Statistics:
        """The numbers so far."""
        annotated = max(self.counts["2d"], 1)
        return Statistics(
            pictures=self.pictures,
            sequences=len(self.sequences),
            sizes=dict(self.sizes.most_common()),
            people=self.people,
            to_find=int(sum(self.people_a_picture)),
            people_a_picture=Spread.of(self.people_a_picture),
            height_px=Spread.of(self.height_px),
            distance_m=Spread.of(self.distance_m),
            fov_deg=Spread.of(self.fov_deg),
            joints_2d=self.counts["2d"] / max(self.joints, 1),
            joints_3d=self.counts["3d"] / max(self.joints, 1),
            inside=self.counts["inside"] / annotated,
            occluded=self.counts["occluded"] / annotated,
            self_occluded=self.counts["self occluded"] / annotated,
        )


def sequence_of(name: str) -> str:
    """The sequence, and camera, that a picture belongs to: its name without the last part."""
    return name.rpartition("/")[0]

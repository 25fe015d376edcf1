"""Who can still be learned from when people get the joints of another skeleton."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.convert import ConvertedEndless, ConvertedSamples
from pandanet_core.data.mixture import Mixture
from pandanet_core.data.sample import has_known_size
from pandanet_core.joint_maps import joint_map
from pandanet_core.skeleton import Skeleton

PICTURES = 64
"""Of a data set so many are looked at, spread evenly, before a training."""

_MOST_NAMES = 4

Mask = NDArray[np.bool_]


@dataclass
class KeptJoints:
    """Counts people, and those who lose every 2D joint or the whole 3D pose.

    Attributes:
        source: The joints that they are annotated with.
        target: The joints that are learned.
        people: Everybody with a 2D joint of the source.
        without_2d: Those of them who have none of the target.
        poses3d: Everybody with a 3D pose in the source.
        without_3d: Those of them who have none in the target: their root or size is not known.
    """

    source: Skeleton
    target: Skeleton
    people: int = 0
    without_2d: int = 0
    poses3d: int = 0
    without_3d: int = 0

    def add(self, has_2d: Mask, has_3d: Mask) -> None:
        """Count the N people of a picture by which of their joints are annotated, (N, K) each."""
        joints = np.array(joint_map(self.source, self.target))
        in_picture, in_space = ((has[:, joints] & (joints >= 0)) for has in (has_2d, has_3d))
        seen, posed = has_2d.any(1), has_known_size(has_3d, self.source)
        self.people += int(seen.sum())
        self.without_2d += int((seen & ~in_picture.any(1)).sum())
        self.poses3d += int(posed.sum())
        self.without_3d += int((posed & ~has_known_size(in_space, self.target)).sum())

    def in_words(self) -> list[str]:
        """A sentence for each kind of loss; none where nothing is lost."""
        said = []
        if self.without_2d:
            said.append(
                f"{self.without_2d:,} of {self.people:,} people have none of the joints of "
                f"{self.target.name} in 2D; they are ignored"
            )
        if self.without_3d:
            said.append(
                f"{self.without_3d:,} of {self.poses3d:,} people have no 3D pose as "
                f"{self.target.name}{self._why()}; they teach boxes and 2D poses alone"
            )
        return said

    def _why(self) -> str:
        joints = joint_map(self.source, self.target)
        lacking = [name for name, own in zip(self.target.joints, joints, strict=True) if own < 0]
        if not lacking:
            return ""
        more = " and others" if len(lacking) > _MOST_NAMES else ""
        return f", as {self.source.name} lacks its {', '.join(lacking[:_MOST_NAMES])}{more}"


def lost_joints(specs: Sequence[str], mixture: Mixture) -> list[str]:
    """A sentence for everything that the people of a mixture lose with the joints that they get.

    Args:
        specs: What names the data sets, in the order of the mixture's parts.
        mixture: As open_mixture gives it.
    """
    converted = {
        spec: part.samples
        for spec, part in zip(specs, mixture.parts, strict=True)
        if isinstance(part.samples, ConvertedSamples | ConvertedEndless)
    }
    return [
        f"{spec}: {said}."
        for spec, samples in converted.items()
        for said in kept_joints(samples).in_words()
    ]


def kept_joints(samples: ConvertedSamples | ConvertedEndless) -> KeptJoints:
    """What the people of a data set keep of their joints, by the labels of some of its pictures.

    Of pictures without end it is what somebody keeps who is wholly annotated. UserError where a
    file of those pictures is damaged.
    """
    if isinstance(samples, ConvertedEndless):
        kept = KeptJoints(samples.source, samples.skeleton)
        everything = np.ones((1, samples.source.joint_count), bool)
        kept.add(everything, everything)
        return kept
    kept = KeptJoints(samples.original.labels(0).skeleton, samples.skeleton)
    if kept.source != kept.target:
        for index in _spread(len(samples)):
            labels = samples.original.labels(index)
            kept.add(labels.has_2d, labels.has_3d)
    return kept


def _spread(count: int) -> list[int]:
    """The numbers below `count`, or so many of them as are looked at."""
    return np.linspace(0, count - 1, min(PICTURES, count)).round().astype(int).tolist()

"""Pictures of one data set with the joints of another."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.sample import EndlessSamples, FiledSamples, Sample
from pandanet_core.joint_maps import joint_map
from pandanet_core.skeleton import Skeleton


def convert(sample: Sample, skeleton: Skeleton) -> Sample:
    """The sample with the joints of another skeleton.

    Joints that the sample's own skeleton does not have are not annotated (has_2d and has_3d are
    False) and their coordinates are 0. People keep their boxes.
    """
    if sample.skeleton == skeleton:
        return sample
    source = np.array(joint_map(sample.skeleton, skeleton))
    known = source >= 0

    def take(values: NDArray[Any]) -> NDArray[Any]:
        taken = values[:, source]
        taken[:, ~known] = 0
        return taken

    return replace(
        sample,
        pose2d=take(sample.pose2d),
        pose3d_mm=take(sample.pose3d_mm),
        occluded=take(sample.occluded),
        self_occluded=take(sample.self_occluded),
        has_2d=take(sample.has_2d),
        has_3d=take(sample.has_3d),
        skeleton=skeleton,
    )


class ConvertedSamples:
    """A data set whose people have the joints of another skeleton.

    Attributes:
        original: The data set as it is.
        skeleton: The joints that its people get.
    """

    def __init__(self, original: FiledSamples, skeleton: Skeleton) -> None:
        self.original = original
        self.skeleton = skeleton

    def __len__(self) -> int:
        return len(self.original)

    def __getitem__(self, index: int) -> Sample:
        return convert(self.original[index], self.skeleton)

    def labels(self, index: int) -> Sample:
        """As samples[index] with an empty picture of the same size: nothing is decoded."""
        return convert(self.original.labels(index), self.skeleton)

    def file(self, index: int) -> Path:
        """The picture or the video that number `index` is read from."""
        return self.original.file(index)


class ConvertedEndless:
    """Pictures without end whose people have the joints of another skeleton.

    Attributes:
        original: The pictures as they are.
        source: The joints of their people.
        skeleton: The joints that these get.
    """

    def __init__(self, original: EndlessSamples, source: Skeleton, skeleton: Skeleton) -> None:
        self.original = original
        self.source = source
        self.skeleton = skeleton

    def at(self, number: int) -> Sample:
        """Picture number `number`, from 0."""
        return convert(self.original.at(number), self.skeleton)

"""From samples to batches, in an order and with an augmentation that depend on the seed alone."""

import signal
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pandanet_core.boxes import clip_boxes
from pandanet_core.data.mixture import Mixture, Part
from pandanet_core.data.sample import (
    Sample,
    Samples,
    cut_by_frame,
    joints_inside,
    relative_poses,
    visible_people,
)
from pandanet_core.data.transforms import Augmentation, augment, clipped_boxes
from pandanet_core.errors import UserError


@dataclass(frozen=True)
class Batch:
    """B pictures with P people in all; people of one picture follow those of the picture before.

    Attributes:
        images: (B, H, W, 3) uint8 RGB.
        people_boxes: For each picture the boxes (N, 4) px of the people to find, clipped to it.
        ignored_boxes: For each picture the boxes (M, 4) px of people who are no objects to find and
            of regions where people are not annotated one by one.
        pose2d: (P, K, 2) px.
        pose3d: (P, K, 3) root-relative, bone lengths summing to 1.
        has_2d: (P, K) joints with a known place in the picture.
        has_3d: (P, K) joints with a known place in pose3d; elsewhere it is 0.
        inside: (P, K) joints inside the picture.
        scale_mm: (P,) sum of bone lengths, 0 where not known.
        cut: (P,) people whom the frame cuts.
    """

    images: Tensor
    people_boxes: tuple[Tensor, ...]
    ignored_boxes: tuple[Tensor, ...]
    pose2d: Tensor
    pose3d: Tensor
    has_2d: Tensor
    has_3d: Tensor
    inside: Tensor
    scale_mm: Tensor
    cut: Tensor

    @property
    def boxes(self) -> Tensor:
        """(P, 4) px, all pictures' people in one list."""
        return torch.cat(self.people_boxes)

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""

        def move(value: Any) -> Any:
            if isinstance(value, Tensor):
                return value.to(device, non_blocking=True)
            return tuple(part.to(device, non_blocking=True) for part in value)

        return Batch(**{name: move(value) for name, value in vars(self).items()})


def collate(samples: Sequence[Sample]) -> Batch:
    """One batch of samples of equal picture size."""
    people, boxes, ignored = [], [], []
    for sample in samples:
        visible = visible_people(sample)
        clipped = clipped_boxes(sample)
        people.append(sample.people(visible))
        boxes.append(torch.from_numpy(clipped[visible]))
        ignored.append(torch.from_numpy(_regions_to_ignore(sample, clipped[~visible])))
    relative = [relative_poses(sample) for sample in people]
    return Batch(
        images=torch.from_numpy(np.stack([sample.image for sample in samples])),
        people_boxes=tuple(boxes),
        ignored_boxes=tuple(ignored),
        pose2d=_joined(sample.pose2d for sample in people),
        pose3d=_joined(one.poses for one in relative),
        has_2d=_joined(sample.has_2d for sample in people),
        has_3d=_joined(one.known for one in relative),
        inside=_joined(joints_inside(sample) for sample in people),
        scale_mm=_joined(one.scale_mm for one in relative),
        cut=_joined(cut_by_frame(sample) for sample in people),
    )


def _regions_to_ignore(sample: Sample, people: NDArray[np.float32]) -> NDArray[np.float32]:
    """(M, 4) px: boxes of people (clipped) and the sample's own regions, as far as one sees them."""
    height, width = sample.image.shape[:2]
    boxes = np.concatenate([people, clip_boxes(sample.ignore_boxes, width, height)])
    extent = (boxes[:, 2:] - boxes[:, :2]).min(1, initial=np.inf)
    return boxes[extent > 1]


def _joined(parts: Iterable[NDArray[Any]]) -> Tensor:
    return torch.from_numpy(np.concatenate(list(parts)))


class AugmentedBatches(Dataset[Batch]):
    """Batch number n of a training: always the same pictures in the same crops.

    With several ranks each has its own part of every batch; the parts of all ranks, one after the
    other, are the batch that a single rank has.
    """

    def __init__(
        self,
        samples: Samples | Mixture,
        batch_size: int,
        augmentation: Augmentation,
        seed: int,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        """UserError when the batch cannot be divided among the ranks.

        Args:
            samples: Where pictures are drawn from.
            batch_size: Pictures of the whole batch.
            augmentation: How pictures are varied.
            seed: Decides which pictures come when, and how they are varied.
            rank: Which part of the batch to make, 0 to ranks - 1.
            ranks: Number of equal parts.
        """
        if batch_size % ranks:
            raise UserError(
                f"A batch of {batch_size} pictures cannot be divided among {ranks} processes; "
                f"make it a multiple of {ranks}."
            )
        self.mixture = samples if isinstance(samples, Mixture) else Mixture([Part(samples)])
        self.batch_size = batch_size
        self.augmentation = augmentation
        self.seed = seed
        self.rank = rank
        self.ranks = ranks

    def __len__(self) -> int:
        return 2**31

    def __getitem__(self, number: int) -> Batch:
        cv2.setNumThreads(1)
        own = self.batch_size // self.ranks
        first = number * self.batch_size + self.rank * own
        return collate([self._picture(place) for place in range(first, first + own)])

    def _picture(self, place: int) -> Sample:
        sample, random = self.mixture.draw(self.seed, place)
        return augment(sample, self.augmentation, random)


def batches(dataset: AugmentedBatches, first: int, workers: int) -> Generator[Batch]:
    """Batches from number `first` on, without end; made by `workers` processes (0: by this one).

    Raises UserError where a picture cannot be read.
    """
    endless = range(first, len(dataset))
    loader: DataLoader[Batch | UserError] = DataLoader(
        _ErrorsAsValues(dataset),
        batch_size=None,
        sampler=endless,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        prefetch_factor=4 if workers else None,
        persistent_workers=workers > 0,
        worker_init_fn=_leave_interrupts_to_parent,
        generator=torch.Generator(),  # of its own: it would draw from the training's
    )
    with _ready_to_fork():
        made = iter(loader)
    for batch in made:
        if isinstance(batch, UserError):
            raise batch
        yield batch


@contextmanager
def _ready_to_fork() -> Iterator[None]:
    """While worker processes are forked from this one.

    Other ways to start a process would give every worker its own copy of all annotations, gigabytes
    of a large data set. But a fork has none of the threads: OpenCV, which does not know that, would
    crash or wait for ever in the worker, so its threads end first. Python warns of locks that
    threads may hold; workers touch none, as they use NumPy, OpenCV and torch with one thread each.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        yield
    cv2.setNumThreads(threads)


class _ErrorsAsValues(Dataset[Batch | UserError]):
    """Hands on a UserError as a value: raised in a worker, it would arrive inside a traceback."""

    def __init__(self, batches: Dataset[Batch]) -> None:
        self.batches = batches

    def __getitem__(self, number: int) -> Batch | UserError:
        try:
            return self.batches[number]
        except UserError as error:
            return UserError(str(error))  # Its kinds need not survive the way between processes.


def _leave_interrupts_to_parent(_worker: int) -> None:
    """Ctrl+C reaches every process of a terminal; the training decides what it means and ends its
    workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

"""What the data sets with one annotation file in COCO's form have in common."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.coco.file import CocoFile, report_missing
from pandanet_core.data.damage import Report
from pandanet_core.data.frames import empty_image, picture_size, read_image
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError


class NamedPicture(Protocol):
    """What is kept of a picture's entry."""

    @property
    def name(self) -> str:
        """Its file, in the folder of the pictures."""


Picture = TypeVar("Picture", bound=NamedPicture)


class PicturesOfFile(ABC, Generic[Picture]):
    """The pictures of an annotation file, in its order."""

    def __init__(
        self, content: CocoFile[Picture], file: Path, folder: Path, report: Report
    ) -> None:
        """Looks for the pictures.

        Args:
            content: What the file holds, only with the pictures that are wanted.
            file: Where it was read from.
            folder: Holds the pictures.
            report: Told of missing ones.

        Raises:
            UserError: There is no picture; one is missing, unless `report` only takes note of it.
        """
        self._content, self._folder = content, folder
        report_missing(folder, [picture.name for picture in content.pictures], report)
        if not content.pictures:
            raise UserError(f"{file} has no picture of anybody with keypoints.")

    def __len__(self) -> int:
        return len(self._content.pictures)

    def __getitem__(self, index: int) -> Sample:
        """Decode one picture; UserError when its file is damaged, gone or of a wrong size."""
        return self._labelled(index, read_image(self.file(index)))

    def labels(self, index: int) -> Sample:
        """As samples[index] with an empty picture of the same size: nothing is decoded."""
        return self._labelled(index, empty_image(*picture_size(self.file(index))))

    def file(self, index: int) -> Path:
        """The picture that number `index` is read from."""
        return self._folder / self._content.pictures[index].name

    @abstractmethod
    def _labelled(self, index: int, image: NDArray[np.uint8]) -> Sample:
        """The picture's labels with `image`, which may be smaller than the labels say."""

"""Which annotated pictures a table of detections was made from: known from files, none is decoded."""

from collections.abc import Sequence
from pathlib import Path, PurePath

from pandanet_core.data.frames import picture_size
from pandanet_core.data.sample import FiledSamples
from pandanet_core.detections import DetectionTable
from pandanet_core.errors import UserError
from pandanet_core.files import sha256_of
from pandanet_core.video.pictures import is_picture, pictures_in

Pairs = list[tuple[int, int]]
"""(number of a picture in the data set, frame of the table)."""


def pictures_of(table: DetectionTable, samples: FiledSamples) -> Pairs:
    """The pictures of a data set that the table's detector looked at.

    The table's source is found by its name among the folders, pictures and videos that the data set
    is read from. A video may also have been taken apart into a folder of its name, whose pictures
    are then numbered from 1, as JTA's are, and as large as the video.

    Raises:
        UserError: The data set does not have the source, has another one of that name or at another
            size, or nobody looked at any of its pictures.
    """
    files = [samples.file(index) for index in range(len(samples))]
    pairs = _found(table, files)
    if pairs is None:
        places = sorted({file.parent.name for file in files})
        raise UserError(
            f"The detections are of {table.header.source}, which this data does not have; it has "
            f"{', '.join(places[:3])}{' and others' if len(places) > 3 else ''}. Detect in one of "
            "its folders of pictures and name that table."
        )
    looked_at = [(index, frame) for index, frame in pairs if table.header.is_done(frame)]
    if not looked_at:
        raise UserError(
            f"The detector looked at no annotated picture of {table.header.source}; detect again, "
            "without --range."
        )
    return looked_at


def _found(table: DetectionTable, files: Sequence[Path]) -> Pairs | None:
    """Every annotated picture of the source with its frame; None where the source is not there."""
    source = PurePath(table.header.source)
    numbered = list(enumerate(files))
    if folders := {file.parent for file in files if file.parent.name == source.name}:
        listed = {folder: pictures_in(folder) for folder in folders}
        frames = {file: frame for frame, file in enumerate(listed[_the_same(table, listed)])}
        return [(index, frames[file]) for index, file in numbered if file in frames]
    if named := {file for file in files if file.name == source.name}:
        file = _the_same(table, {file: (file,) for file in named})
        own = [index for index, other in numbered if other == file]
        return list(zip(own, range(len(own)), strict=True))
    if source.suffix and (taken := [file for file in files if file.parent.name == source.stem]):
        _refuse_other_size(table, taken[0])
        return [
            (index, int(file.stem) - 1)
            for index, file in numbered
            if file.parent.name == source.stem and is_picture(file) and file.stem.isdecimal()
        ]
    return None


def _refuse_other_size(table: DetectionTable, picture: Path) -> None:
    """UserError where a picture of a video is not as large as the video, whose px the detections
    are in."""
    width, height = picture_size(picture)
    camera = table.header.camera
    if (width, height) != (camera.width, camera.height):
        raise UserError(
            f"The detections are of {table.header.source} at {camera.width}x{camera.height} px, but "
            f"{picture} has {width}x{height} px. Detect in {picture.parent} and name that table."
        )


def _the_same(table: DetectionTable, places: dict[Path, tuple[Path, ...]]) -> Path:
    """The place whose files are those that the detector saw.

    A table that does not tell the source's hash is believed where the number of pictures agrees.
    """
    header = table.header
    for place, files in places.items():
        if header.source_sha256:
            if sha256_of(files) == header.source_sha256:
                return place
        elif len(files) == 1 or len(files) == header.frame_count:
            return place
    raise UserError(
        f"The detections are of another {header.source} than {next(iter(places))}: its files are "
        "not the same. Detect again in that one, or name the data that the detections are of."
    )

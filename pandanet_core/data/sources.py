"""Data sets named on the command line: KIND:FOLDER[:SPLIT][@SHARE], or crowd:live[:FOLDER][@SHARE]."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol, TypeVar

from pandanet_core.data.coco import CocoPictures, MucoPictures
from pandanet_core.data.convert import ConvertedEndless, ConvertedSamples
from pandanet_core.data.damage import DamagedFile, Report, refuse
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.mixture import Mixture, Part
from pandanet_core.data.mupots import MupotsPictures
from pandanet_core.data.panoptic import PanopticPictures
from pandanet_core.data.sample import EndlessSamples, FiledSamples
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22, Skeleton

Endless = TypeVar("Endless", bound=EndlessSamples)

READERS: dict[str, Callable[[Path, str, Report], FiledSamples]] = {
    "jta": JtaPictures,
    "crowd": JtaPictures,
    "coco": CocoPictures,
    "muco": MucoPictures,
    "panoptic": PanopticPictures,
    "mupots": MupotsPictures,
}
"""What reads a folder and split of each kind, and reports damage."""


@dataclass(frozen=True)
class Source:
    """A data specification, taken apart.

    Attributes:
        kind: Format of the folder.
        folder: Where it is.
        split: The split that the specification names, None where it names none.
        share: Of every batch, None where the specification names none.
    """

    kind: str
    folder: Path
    split: str | None = None
    share: Fraction | None = None


LIVE = "live"
"""The kind of pictures that are drawn while a training goes on."""


def parse_source(spec: str) -> Source:
    """Take KIND:FOLDER[:SPLIT][@SHARE] apart; UserError where it has another form.

    A share is a number or a fraction, as 0.25 or 1/3. What follows the last colon is a split unless
    it holds a slash. crowd:live and crowd:live:FOLDER have the kind LIVE.
    """
    kind, colon, rest = spec.partition(":")
    if not colon or kind not in READERS or not rest:
        raise UserError(
            f"'{spec}' names no data; write KIND:FOLDER, where KIND is one of {', '.join(READERS)}."
        )
    before, at, after = rest.rpartition("@")
    share = _fraction(after) if at else None
    place = rest if share is None else before
    if kind == "crowd" and (place == LIVE or place.startswith(f"{LIVE}:")):
        return Source(LIVE, Path(place.removeprefix(LIVE).removeprefix(":")), share=share)
    folder, _, split = place.rpartition(":")
    if not folder or "/" in split or "\\" in split:
        folder, split = place, ""
    return Source(kind, Path(folder), split or None, share)


def open_samples(spec: str, split: str = "train", skeleton: Skeleton | None = None) -> FiledSamples:
    """The pictures that a specification names; its share is ignored.

    Args:
        spec: KIND:FOLDER[:SPLIT][@SHARE].
        split: Where the specification names none.
        skeleton: Joints that people get; None: the data set's own.

    Raises:
        UserError: There are no pictures, they have no end, or the kind is unknown.
    """
    source = parse_source(spec)
    if source.kind == LIVE:
        raise UserError(
            "crowd:live has no end and serves training alone; make a folder with 'pandanet crowd'."
        )
    return _open(source, split, skeleton)


class Once(Protocol):
    """Decides which of several processes on a machine makes something, and gives it to all."""

    def __call__(self, make: Callable[[], Endless]) -> Endless: ...


def open_mixture(
    specs: Sequence[str],
    split: str = "train",
    skeleton: Skeleton | None = None,
    once: Once = lambda make: make(),
) -> Mixture:
    """The pictures that several specifications name, each with its share of every batch.

    A data set that is named several times counts as often, and is opened once.

    Args:
        specs: KIND:FOLDER[:SPLIT][@SHARE] or crowd:live[:FOLDER][@SHARE].
        split: Where a specification names none.
        skeleton: Joints that people get; None: the data set's own.
        once: Begins the drawing of live crowds: one process of a machine draws for all.

    Raises:
        UserError: As open_samples; or the shares do not fit together.
    """
    opened: dict[Source, FiledSamples | EndlessSamples] = {}
    parts = []
    for source in map(parse_source, specs):
        place = replace(source, share=None)
        if place not in opened:
            live = place.kind == LIVE
            opened[place] = (
                _live(place, split, skeleton, once) if live else _open(place, split, skeleton)
            )
        parts.append(Part(opened[place], source.share))
    return Mixture(parts)


def _open(source: Source, split: str, skeleton: Skeleton | None) -> FiledSamples:
    try:
        samples = READERS[source.kind](source.folder, source.split or split, refuse)
    except DamagedFile as error:
        check = f"'pandanet data check {source.kind}:{source.folder}'"
        raise DamagedFile(
            error.file, f"{error.reason}; {check} lists everything that is damaged"
        ) from error
    return samples if skeleton is None else ConvertedSamples(samples, skeleton)


def _live(source: Source, split: str, skeleton: Skeleton | None, once: Once) -> EndlessSamples:
    from pandanet_core.crowd.live import LiveCrowd
    from pandanet_core.crowd.settings import CrowdSettings, settings_of_folder

    named = source.folder != Path()
    settings = settings_of_folder(source.folder, split) if named else CrowdSettings()
    live = once(lambda: LiveCrowd(settings))
    return live if skeleton is None else ConvertedEndless(live, JTA22, skeleton)


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None

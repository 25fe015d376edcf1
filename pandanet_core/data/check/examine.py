"""Looks at every picture of a data set and gathers what is wrong, instead of stopping at it."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pandanet_core.camera import project
from pandanet_core.data.check.findings import Damage, Findings, SplitFindings
from pandanet_core.data.check.splits import splits_there
from pandanet_core.data.check.statistics import Tally, sequence_of
from pandanet_core.data.damage import DamagedFile
from pandanet_core.data.kept_joints import KeptJoints
from pandanet_core.data.sample import FiledSamples, Sample, joints_inside
from pandanet_core.data.sources import READERS, parse_source
from pandanet_core.errors import UserError
from pandanet_core.skeleton import Skeleton

MOST_SIDES_OUTSIDE = 10
"""A joint so many picture sides outside the picture was not projected but miscalculated."""

MOST_MISFIT = 0.01
"""Between 2D joints and projected 3D joints, as a share of the picture's longer side."""

SEQUENCES = ("jta", "crowd", "panoptic", "mupots")
"""Kinds of data whose pictures of one sequence have one size."""


@dataclass(frozen=True)
class Looked:
    """How far a check is.

    Attributes:
        part: Which split.
        done, total: Pictures of the split.
        sample: The picture that was just looked at; None where it is damaged.
    """

    part: str
    done: int
    total: int
    sample: Sample | None


def check_data(
    spec: str,
    pictures: int | None,
    on_picture: Callable[[Looked], None],
    stop: Callable[[], bool],
    skeleton: Skeleton | None = None,
) -> Findings:
    """Check the data that KIND:FOLDER[:SPLIT] names; without a split, all splits that are there.

    Args:
        spec: What to check; a share is ignored.
        pictures: Look at so many of each split, spread evenly; all when None. Annotations are read
            wholly in any case.
        on_picture: Called after each picture.
        stop: Asked before each picture; what was found until then is returned.
        skeleton: Joints that somebody wants to learn: who would lose all that is annotated?

    Raises:
        UserError: There is nothing of that kind in the folder.
    """
    source = parse_source(spec)
    if source.kind not in READERS:
        raise UserError(f"{spec} is no folder: there is nothing to check.")
    splits = splits_there(source)
    found: list[SplitFindings] = []
    refused: list[UserError] = []
    for split in splits:
        check = _SplitCheck(skeleton)
        try:
            samples = READERS[source.kind](source.folder, split, check.note)
        except UserError as error:
            refused.append(error)
            if len(refused) == len(splits):
                raise refused[0] from None
            check.damage.append(Damage("", str(error)))
            found.append(check.findings(split, 0))
            continue
        chosen = _spread(len(samples), pictures)
        for done, index in enumerate(chosen, 1):
            if stop():
                break
            sample = check.look(samples, index, source.kind in SEQUENCES)
            on_picture(Looked(split, done, len(chosen), sample))
        found.append(check.findings(split, len(samples)))
        if stop():
            break
    return Findings(spec, tuple(found))


def _spread(count: int, wanted: int | None) -> list[int]:
    """So many of the numbers below `count`, evenly spread."""
    if wanted is None or wanted >= count:
        return list(range(count))
    return np.unique(np.linspace(0, count - 1, wanted).round().astype(int)).tolist()


@dataclass
class _SplitCheck:
    """What was found in one split so far."""

    target: Skeleton | None
    damage: list[Damage] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    looked_at: int = 0
    skeleton: str = ""
    kept: KeptJoints | None = None
    sizes: dict[str, dict[str, list[Path]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def note(self, file: Path, reason: str) -> None:
        """Take note of a damaged file."""
        self.damage.append(Damage(str(file), reason))

    def look(self, samples: FiledSamples, index: int, has_sequences: bool) -> Sample | None:
        """Examine one picture; None where it cannot be read."""
        self.looked_at += 1
        try:
            sample = samples[index]
        except DamagedFile as error:
            self.note(error.file, error.reason)
            return None
        except UserError as error:
            self.damage.append(Damage("", str(error)))
            return None
        self.skeleton = sample.skeleton.name
        self.tally.add(sample)
        if self.target is not None:
            self.kept = self.kept or KeptJoints(sample.skeleton, self.target)
            self.kept.add(sample.has_2d, sample.has_3d)
        file = samples.file(index)
        for reason in _doubts(sample):
            self.note(file, reason)
        if has_sequences and len(sample):
            height, width = sample.image.shape[:2]
            self.sizes[sequence_of(sample.name)][f"{width}x{height}"].append(file)
        return sample

    def findings(self, split: str, pictures: int) -> SplitFindings:
        """Everything found; of several sizes in one sequence the commonest is the right one."""
        for sequence, sizes in self.sizes.items():
            counted = Counter({size: len(files) for size, files in sizes.items()}).most_common()
            right = counted[0][0]
            for size, _ in counted[1:]:
                for file in sizes[size]:
                    self.note(file, f"has {size} px, most of {sequence} have {right} px")
        return SplitFindings(
            split=split,
            skeleton=self.skeleton,
            pictures=pictures,
            looked_at=self.looked_at,
            damage=tuple(self.damage),
            statistics=self.tally.statistics(),
            lost=tuple(self.kept.in_words()) if self.kept else (),
        )


def _doubts(sample: Sample) -> list[str]:
    """What is wrong with a picture's labels."""
    doubts = []
    height, width = sample.image.shape[:2]
    side = max(height, width)
    outside = np.maximum(-sample.pose2d, sample.pose2d - (width, height)).max(-1)
    far = sample.has_2d & (outside > MOST_SIDES_OUTSIDE * side)
    if far.any():
        person, joint = np.argwhere(far)[0]
        doubts.append(
            f"shows a person whose {sample.skeleton.joints[joint]} is annotated "
            f"{outside[person, joint]:.0f} px outside ({sample.name}, {far.sum()} such joints)"
        )
    misfit_px = _misfit_px(sample)
    if misfit_px > MOST_MISFIT * side:
        doubts.append(
            f"has 2D joints that lie {misfit_px:.0f} px from the 3D joints' projections "
            f"({sample.name}, median): labels or camera are another picture's"
        )
    return doubts


def _misfit_px(sample: Sample) -> float:
    """Median distance of 2D joints in the picture from the projections of their 3D joints."""
    known = sample.has_2d & sample.has_3d & joints_inside(sample)
    known &= sample.pose3d_mm[..., 2] > 0
    if not known.any():
        return 0.0
    projected = project(sample.pose3d_mm[known].astype(np.float64), sample.camera)
    return float(np.median(np.linalg.norm(sample.pose2d[known] - projected, axis=-1)))

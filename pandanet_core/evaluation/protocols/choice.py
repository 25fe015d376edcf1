"""Which protocol measures which data, and how its meter is begun."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from pandanet_core.data.coco import CocoPictures
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.mupots import MupotsPictures
from pandanet_core.data.panoptic import PanopticPictures
from pandanet_core.data.sample import FiledSamples
from pandanet_core.data.sources import parse_source
from pandanet_core.errors import UserError
from pandanet_core.evaluation.protocols.coco import CocoMeter
from pandanet_core.evaluation.protocols.jta import JtaMeter
from pandanet_core.evaluation.protocols.meter import Meter, MeterSettings
from pandanet_core.evaluation.protocols.mupots import MupotsMeter, own_poses, universal_poses
from pandanet_core.evaluation.protocols.panoptic import PanopticMeter
from pandanet_core.skeleton import COCO17, JTA22, MUPOTS17, PANOPTIC15, Skeleton


@dataclass(frozen=True)
class EvaluationProtocol:
    """How the numbers of one benchmark are measured.

    Attributes:
        name: As on the command line.
        kinds: Kinds of data that it measures.
        split: The split of these where none is named.
        compared: The joints that it compares.
        measures_files: Whether pictures are measured as they are in their files, so that detections
            made from the files fit.
        read: Reads a folder and split, with the data set's own joints.
        start: Begins a meter for data that `read` gave.
    """

    name: str
    kinds: tuple[str, ...]
    split: str
    compared: Skeleton
    measures_files: bool
    read: Callable[[Path, str], FiledSamples]
    start: Callable[[MeterSettings, FiledSamples], Meter]

    def open(self, spec: str) -> FiledSamples:
        """The data that KIND:FOLDER[:SPLIT] names, with its own joints.

        Raises UserError where there is none, or it is of a kind that is measured differently.
        """
        source = parse_source(spec)
        if source.kind not in self.kinds:
            raise UserError(
                f"The protocol {self.name} measures data of the kind {' or '.join(self.kinds)}, not "
                f"{source.kind}; name another protocol, or none."
            )
        return self.read(source.folder, source.split or self.split)


JTA = EvaluationProtocol(
    name="jta",
    kinds=("jta", "crowd"),
    split="test",
    compared=JTA22,
    measures_files=True,
    read=JtaPictures,
    start=lambda settings, samples: JtaMeter(settings),
)

PANOPTIC = EvaluationProtocol(
    name="panoptic",
    kinds=("panoptic",),
    split="test",
    compared=PANOPTIC15,
    measures_files=False,  # they are made straight
    read=PanopticPictures,
    start=lambda settings, samples: PanopticMeter(settings),
)

MUPOTS = EvaluationProtocol(
    name="mupots",
    kinds=("mupots",),
    split="test",
    compared=MUPOTS17,
    measures_files=True,
    read=MupotsPictures,
    start=lambda settings, samples: MupotsMeter(
        settings, universal_poses(cast(MupotsPictures, samples))
    ),
)

MUPOTS_ANNOT3 = replace(
    MUPOTS,
    name="mupots-annot3",
    start=lambda settings, samples: MupotsMeter(settings, own_poses(cast(MupotsPictures, samples))),
)
"""The same against people in their own sizes."""

COCO = EvaluationProtocol(
    name="coco",
    kinds=("coco",),
    split="val",
    compared=COCO17,
    measures_files=True,
    read=lambda folder, split: CocoPictures(folder, split, everything=True),
    start=lambda settings, samples: CocoMeter(settings, cast(CocoPictures, samples)),
)

PROTOCOLS = (JTA, PANOPTIC, MUPOTS, MUPOTS_ANNOT3, COCO)


def protocol_for(name: str | None, spec: str) -> EvaluationProtocol:
    """The protocol of that name; without a name the one for the kind of data.

    Raises UserError where the kind of data has none.
    """
    if name is not None:
        return next(protocol for protocol in PROTOCOLS if protocol.name == name)
    kind = parse_source(spec).kind
    for protocol in PROTOCOLS:
        if kind in protocol.kinds:
            return protocol
    if kind == "muco":
        raise UserError(
            "MuCo-3DHP has pictures to train with only; measure on mupots:FOLDER, which shows the "
            "same joints."
        )
    measured = ", ".join(dict.fromkeys(kind for each in PROTOCOLS for kind in each.kinds))
    raise UserError(f"No protocol measures data of the kind {kind}; name one of {measured}.")

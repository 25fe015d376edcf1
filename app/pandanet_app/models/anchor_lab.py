"""What the anchor lab shows: which anchors, of whom, traced with which settings."""

from dataclasses import dataclass
from enum import Enum

from pandanet_app.models.base import Model
from pandanet_core.lab.frame_trace import LabSettings


class AnchorView(Enum):
    """Which anchors are on the picture; `value` is what the view is called."""

    OFF = "Off"
    GRID = "A"
    POSITIVE = "A+"
    SELECTED = "A++"
    DIFFERENCE = "A+ − A++"

    def next(self) -> "AnchorView":
        """The view after this one; after the last, off."""
        views = list(AnchorView)
        return views[(views.index(self) + 1) % len(views)]


class AnchorMap(Enum):
    """What is laid over the picture under the anchors; `value` is what it is called."""

    NONE = "No map"
    SCORE = "Score"
    OFFSETS = "Box offsets"
    PONO = "PONO"
    POSE_OVERLAP = "Pose overlap"


class TruthChoice(Enum):
    """Whom anchors are matched with; `value` is what it is called."""

    GROUND_TRUTH = "Ground truth"
    FINAL_PEOPLE = "The final people"


@dataclass(frozen=True)
class AnchorSpot:
    """One anchor of a frame: its kind and output cell."""

    anchor: int
    row: int
    column: int


class AnchorLab(Model):
    """What the anchor lab shows.

    Attributes:
        view: Which anchors are on the picture.
        boxes: Whether they are drawn as boxes rather than as dots.
        kind: The one kind of anchor that is shown; None: all.
        map: What is laid under them.
        truth: Whom anchors are matched with, where there is a choice.
        settings: What frames are traced with.
        person: The chosen person, numbered among the truth's.
        spot: The chosen anchor.
        hovered: The anchor under the pointer.
        busy: What is being waited for, in words; empty when nothing is.
        problem: Why there is nothing to see, in one sentence; empty when all is well.
    """

    view: AnchorView = AnchorView.OFF
    boxes: bool = False
    kind: int | None = None
    map: AnchorMap = AnchorMap.NONE
    truth: TruthChoice = TruthChoice.GROUND_TRUTH
    settings: LabSettings = LabSettings()
    person: int | None = None
    spot: AnchorSpot | None = None
    hovered: AnchorSpot | None = None
    busy: str = ""
    problem: str = ""

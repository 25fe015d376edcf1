"""What is to be seen right now: one frozen description that every view draws."""

from dataclasses import dataclass

from pandanet_app.drawing.floor import Site
from pandanet_app.models.people import VisiblePeople
from pandanet_core.camera import Camera
from pandanet_core.detections import Detections
from pandanet_core.skeleton import Skeleton
from pandanet_core.video import Frame


@dataclass(frozen=True, eq=False)
class Layers:
    """Which parts of the overlay are drawn."""

    boxes: bool = True
    skeletons: bool = True
    labels: bool = True


@dataclass(frozen=True, eq=False)
class Scene:
    """One frame with its people.

    Attributes:
        frame: The picture; None before the first one is decoded.
        people: The people to draw; None where nobody has looked for people in this frame.
        selected: Row of the chosen person in `people`; None when nobody visible is chosen.
        camera: Intrinsics that the people are placed with.
        skeleton: Their joints.
        layers: Parts of the overlay to draw.
        site: Where people stand in the whole film; None before anybody was found.
    """

    frame: Frame | None = None
    people: VisiblePeople | None = None
    selected: int | None = None
    camera: Camera | None = None
    skeleton: Skeleton | None = None
    layers: Layers = Layers()
    site: Site | None = None

    @property
    def detections(self) -> Detections | None:
        """The people to draw, or None."""
        return self.people.detections if self.people else None

"""From the lab's model and what was traced to the scene that its views draw."""

from pandanet_app.controllers.anchor_lab.colours import truth_colours
from pandanet_app.controllers.anchor_lab.messages import Looked
from pandanet_app.models.anchor_lab import AnchorLab, AnchorSpot
from pandanet_app.models.anchor_scene import AnchorScene, Reading
from pandanet_app.models.people import VisiblePeople
from pandanet_app.models.scene import Layers


def compose(
    lab: AnchorLab,
    looked: Looked,
    people: VisiblePeople | None,
    layers: Layers,
    reading: Reading | None,
) -> AnchorScene:
    """The anchors of a frame as the model wants them to be seen.

    Args:
        lab: What is to be seen.
        looked: The frame.
        people: Who is shown by the other views: the truth's people get their colours.
        layers: What is drawn of people.
        reading: What the network says at the anchors in hand, as far as it is known.
    """
    trace = looked.trace
    shape, people_count = trace.grid.shape, len(trace.truth)
    return AnchorScene(
        frame=looked.request.subject.frame,
        trace=trace,
        scores=looked.scores,
        map_values=looked.map_values if looked.request.map is lab.map else None,
        colour=truth_colours(trace, people),
        view=lab.view,
        boxes=lab.boxes,
        kind=lab.kind if lab.kind is not None and lab.kind < shape[0] else None,
        map=lab.map,
        layers=layers,
        person=lab.person if lab.person is not None and lab.person < people_count else None,
        spot=on_grid(lab.spot, shape),
        hovered=on_grid(lab.hovered, shape),
        reading=reading,
        other=looked.other,
    )


def on_grid(spot: AnchorSpot | None, shape: tuple[int, int, int]) -> AnchorSpot | None:
    """The anchor, if a grid of this shape has one there."""
    if spot is None or spot.anchor >= shape[0] or spot.row >= shape[1] or spot.column >= shape[2]:
        return None
    return spot

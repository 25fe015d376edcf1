"""Who was not found in a frame."""

from pandanet_app.models.lost_people import LostPerson
from pandanet_core.lab.frame_trace import FrameTrace


def lost_in(frame: int, trace: FrameTrace) -> tuple[LostPerson, ...]:
    """Everybody of the truth who was not found, or with a wrong pose."""
    return tuple(
        LostPerson(frame, fate.person, fate.reason.value, fate.evidence, fate.score)
        for fate in trace.fates
        if fate.reason is not None
    )

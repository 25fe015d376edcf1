"""Where in the film we are, and how it moves."""

from pydantic import Field

from pandanet_app.models.base import Model

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Speeds offered, as multiples of the film's own; negative ones play backwards."""


class Playback(Model):
    """Frame numbers start at 0.

    Attributes:
        frame: The frame that is wanted.
        shown: The frame whose picture is on screen; -1 before the first. Differs from `frame`
            while the wanted one is being decoded.
        shown_time_s: Time of the shown frame in the film, seconds.
        playing: Whether frames go by.
        speed: Multiple of the film's own speed; negative plays backwards.
        loop: Start again at the other end of the range.
        range_start: First frame of the range in work.
        range_stop: Frame after the last of the range in work; 0 when nothing is open.
    """

    frame: int = Field(default=0, ge=0)
    shown: int = Field(default=-1, ge=-1)
    shown_time_s: float = 0.0
    playing: bool = False
    speed: float = Field(default=1.0, ge=-8.0, le=8.0)
    loop: bool = False
    range_start: int = Field(default=0, ge=0)
    range_stop: int = Field(default=0, ge=0)

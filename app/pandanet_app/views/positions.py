"""Reading a position in a film as people write it."""

import re

from pandanet_core.errors import UserError

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)\s*(s?)")


def parse_position(text: str, fps: float, frame_count: int) -> int:
    """The frame meant by "374", "12.5 s", "1:02.5" or "1:00:02".

    A whole number alone is a frame; with a colon, a point or "s" it is a time.

    Args:
        text: What the person wrote.
        fps: Frames a second of the film.
        frame_count: Number of frames.

    Raises:
        UserError: The text is no position, or outside the film.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise UserError(f"'{text}' is no position: write a frame (374) or a time (12.5 s, 1:02.5).")
    hours, minutes, seconds, unit = match.groups()
    if minutes is None and not unit and "." not in seconds:
        frame = int(seconds)
    else:
        time_s = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)
        frame = round(time_s * fps)
    if frame >= frame_count:
        raise UserError(f"'{text}' is after the end: the last frame is {frame_count - 1}.")
    return frame

"""What is open: the source, its camera, the weights, and what there is to tell about them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from pandanet_app.models.base import Model
from pandanet_core.camera import Camera
from pandanet_core.weights_notes import DEFAULT_MIN_SCORE


@dataclass(frozen=True)
class SourceInfo:
    """A video or a picture as it was opened.

    Attributes:
        path: Where its frames come from; None where only detections are at hand.
        name: The file's name, for titles.
        frame_count: Number of frames, at least 1.
        fps: Frames a second, greater than 0.
        width: Picture width, px.
        height: Picture height, px.
    """

    path: Path | None
    name: str
    frame_count: int
    fps: float
    width: int
    height: int


@dataclass(frozen=True)
class Message:
    """One sentence for the person in front of the screen."""

    kind: Literal["info", "error"]
    text: str


class Session(Model):
    """What is open.

    Attributes:
        source: The opened source; None before anything is open.
        opening: Name of the file that is being opened; empty otherwise.
        camera: Intrinsics that people are placed with; None before anything is open.
        camera_assumed: Whether `camera` is the default field of view, not a known one.
        weights: Name of the weights that find the people.
        recommended_score: From this score on, their detections are mostly people, 0 to 1.
        engine: What the network runs on, in words.
        unsaved: Whether there are detections that no file holds yet.
        scale_source: Where metric scale comes from, in words; empty before there are people.
        cache_bytes: Decoded frames in memory, bytes.
        message: The latest sentence to show; None when there is nothing to say.
    """

    source: SourceInfo | None = None
    opening: str = ""
    camera: Camera | None = None
    camera_assumed: bool = True
    weights: str = ""
    recommended_score: float = Field(default=DEFAULT_MIN_SCORE, ge=0.0, le=1.0)
    engine: str = ""
    unsaved: bool = False
    scale_source: str = ""
    cache_bytes: int = Field(default=0, ge=0)
    message: Message | None = None

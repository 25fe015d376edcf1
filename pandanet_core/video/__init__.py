"""Frames in and films out: exact frames of videos, pictures, folders of pictures, live cameras."""

from pandanet_core.video.live import LiveSource
from pandanet_core.video.open import open_source, open_writer
from pandanet_core.video.pictures import Pictures, PictureWriter, is_picture, read_picture
from pandanet_core.video.source import Frame, FrameSource
from pandanet_core.video.video import Video
from pandanet_core.video.writer import VideoWriter

__all__ = [
    "Frame",
    "FrameSource",
    "LiveSource",
    "PictureWriter",
    "Pictures",
    "Video",
    "VideoWriter",
    "is_picture",
    "open_source",
    "open_writer",
    "read_picture",
]

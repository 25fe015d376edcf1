"""From what somebody types or drops to the source that it names, and to the film made of it."""

from pathlib import Path

from pandanet_core.errors import UserError
from pandanet_core.video.live import open_stream, open_webcam
from pandanet_core.video.pictures import Pictures, PictureWriter, is_picture
from pandanet_core.video.source import FrameSource
from pandanet_core.video.video import Video
from pandanet_core.video.writer import VideoWriter


def open_source(text: str | Path) -> FrameSource:
    """Open a video, a picture, a folder of pictures, a webcam ("0") or an address ("rtsp://...").

    Raises UserError, one sentence, where that is not possible.
    """
    path = Path(text)
    if "://" in str(text):
        return open_stream(str(text))
    if path.is_dir():
        return Pictures.of_folder(path)
    if path.is_file():
        return Pictures.of_file(path) if is_picture(path) else Video(path)
    if str(text).isdecimal():
        return open_webcam(int(str(text)))
    raise UserError(f"There is no file or folder {text}: check the name.")


def open_writer(path: Path, source: FrameSource) -> VideoWriter | PictureWriter:
    """What writes `source`'s frames, drawn on, to `path`: a film, or a picture for one picture.

    Raises UserError where `path` cannot be written or does not fit the source.
    """
    if not is_picture(path):
        return VideoWriter(path, source.width, source.height, source.fps)
    if source.frame_count != 1:
        raise UserError(
            f"{path.name} is a picture, {source.name} is more than one: name a film, "
            f"{path.stem}.mp4."
        )
    return PictureWriter(path)

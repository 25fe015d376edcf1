"""From what somebody types or drops to the source that it names."""

from pathlib import Path

from pandanet_core.errors import UserError
from pandanet_core.video.live import open_stream, open_webcam
from pandanet_core.video.pictures import Pictures, is_picture
from pandanet_core.video.source import FrameSource
from pandanet_core.video.video import Video


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

"""Draw the pictures of docs/ again: the window on the demo clip, and pictures of other films.

.venv/bin/python tools/screenshots.py [VIDEO ...]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pandanet_app.commands.detect import Detect
from pandanet_app.qt.screenshot import save_window_picture
from pandanet_core.assets import asset_path
from pandanet_core.detections import read_table

_ROOT = Path(__file__).parents[1]


def picture(video: Path, png_path: Path, fov_deg: float | None = None) -> None:
    """Detect a film and draw the window on its middle frame, with a person chosen."""
    png_path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        table = Path(folder) / "people.parquet"
        Detect((video,), output=table, fov=fov_deg).run()
        save_window_picture(video, table, png_path, person=0)
    print(png_path)


if __name__ == "__main__":
    truth = read_table(asset_path("demo.parquet"))
    picture(asset_path("demo.mp4"), _ROOT / "docs" / "window.png", truth.header.camera.fov_deg)
    for name in sys.argv[1:]:
        picture(Path(name), _ROOT / "out" / f"{Path(name).stem}.png")

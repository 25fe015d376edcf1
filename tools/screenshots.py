"""Draw the pictures of docs/ again: the window on the demo clip, its anchors, what the λ of the
packaged weights say, and pictures of other films.

.venv/bin/python tools/screenshots.py [VIDEO ...]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pandanet_app.commands.detect import Detect
from pandanet_app.controllers.lambda_lab.saving import save_figure
from pandanet_app.drawing.lambda_figure.content import LambdaContent
from pandanet_app.drawing.lambda_figure.look import light_look
from pandanet_app.drawing.lambda_figure.runs import LambdaRun
from pandanet_app.qt.screenshot import save_window_picture
from pandanet_core.assets import asset_path
from pandanet_core.detections import read_table
from pandanet_core.lab.lambda_reader import read_lambda_history

_ROOT = Path(__file__).parents[1]


def picture(video: Path, png_path: Path, fov_deg: float | None = None) -> None:
    """Detect a film and draw the window on its middle frame, with a person chosen."""
    png_path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        table = Path(folder) / "people.parquet"
        Detect((video,), output=table, fov=fov_deg).run()
        save_window_picture(video, table, png_path, person=0)
    print(png_path)


def lambda_figure(weights: Path, png_path: Path) -> None:
    """Draw what the λ of weights say at the end of their training."""
    history = read_lambda_history(weights)
    content = LambdaContent(LambdaRun(history.name, history))
    save_figure(content, int(history.steps[-1]), light_look(), png_path, width=1440)
    print(png_path)


if __name__ == "__main__":
    lambda_figure(asset_path("weights/pandanet-small.safetensors"), _ROOT / "docs" / "lambda.png")
    truth = read_table(asset_path("demo.parquet"))
    picture(asset_path("demo.mp4"), _ROOT / "docs" / "window.png", truth.header.camera.fov_deg)
    anchors = _ROOT / "docs" / "anchors.png"
    save_window_picture(
        asset_path("demo.mp4"), asset_path("demo.parquet"), anchors, (1280, 800), 60, anchors_of=2
    )
    print(anchors)
    for name in sys.argv[1:]:
        picture(Path(name), _ROOT / "out" / f"{Path(name).stem}.png")

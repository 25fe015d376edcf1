"""Make assets/demo.mp4 and its truth assets/demo.parquet again.

.venv/bin/python tools/demo_clip.py [DATA]

DATA is a folder with motion/ (CMU's captures as BVH), hdri/ (Poly Haven's panoramas) and makehuman/
(clothes, hair and skins), ../shared/data unless given. The split is test: nobody trains on its bodies,
motions and skies.
"""

import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pandanet_app.commands.crowd import Crowd
from pandanet_core.crowd.truth import write_truth
from pandanet_core.crowd.video import FPS

_ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT = 1280, 720


def make_demo_clip(data: Path, assets: Path) -> None:
    """Render the clip (some minutes) and put it and its truth into the folder `assets`."""
    with TemporaryDirectory() as folder:
        Crowd(
            Path(folder),
            seconds=10,
            size=f"{WIDTH}x{HEIGHT}",
            people="16:18",
            height_px="120:560",
            seed=8,
            light="day",
            camera="hand-held",
            split="test",
            motion=data / "motion",
            hdri=data / "hdri",
            makehuman=data / "makehuman",
        ).run()
        rows, cameras = (
            json.loads((Path(folder) / kind / "test" / "seq_0.json").read_text())
            for kind in ("annotations", "cameras")
        )
        shutil.copyfile(Path(folder) / "videos" / "test" / "seq_0.mp4", assets / "demo.mp4")
    write_truth(assets / "demo.mp4", rows, cameras, (WIDTH, HEIGHT), FPS)


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else _ROOT.parent / "shared" / "data"
    make_demo_clip(chosen, _ROOT / "assets")

"""`pandanet demo`: the main job on the clip that comes with PandaNet."""

from dataclasses import dataclass
from pathlib import Path

from pandanet_app.display import has_display
from pandanet_core.assets import asset_path


@dataclass(frozen=True)
class Demo:
    """Open the window on the demo clip; without a screen, write what it would show to files."""

    output: Path = Path("out")
    """Folder for the files that are written without a screen."""

    window: bool = True
    """Open the window where there is a screen; --no-window writes the files there too."""

    def run(self) -> int:
        from pandanet_core.detections import read_table

        clip = asset_path("demo.mp4")
        fov_deg = read_table(asset_path("demo.parquet")).header.camera.fov_deg
        if self.window and has_display():
            from pandanet_app.commands.app import App

            return App(clip, fov=fov_deg, detect=True).run()
        return self._write_files(clip, fov_deg)

    def _write_files(self, clip: Path, fov_deg: float) -> int:
        from pandanet_app.commands.detect import Detect

        table, overlay, picture = (
            self.output / name for name in ("demo.parquet", "demo.mp4", "window.png")
        )
        self.output.mkdir(parents=True, exist_ok=True)
        code = Detect((clip,), output=table, overlay=overlay, fov=fov_deg).run()
        if code:
            return code
        from pandanet_app.qt.screenshot import save_window_picture

        save_window_picture(clip, table, picture)
        print("Without a window, what it would show is here:")
        for path, what in (
            (overlay, "the clip with everybody found drawn on it"),
            (table, "everybody found, a row a person a frame"),
            (picture, "the window as it would look"),
        ):
            print(f"  {path.resolve()}  {what}")
        return 0

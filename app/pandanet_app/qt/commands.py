"""What each command does in the window."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QFileDialog, QInputDialog

from pandanet_app.qt.actions import Handlers
from pandanet_app.qt.dialogs import ShortcutsDialog, show_about
from pandanet_app.qt.theme import DARK, LIGHT
from pandanet_app.views.positions import parse_position
from pandanet_app.views.shortcuts import Command
from pandanet_core.assets import asset_path
from pandanet_core.errors import UserError

if TYPE_CHECKING:
    from pandanet_app.qt.main_window import MainWindow

_SCORE_STEP = 0.05
_OPEN_FILTER = (
    "Videos, pictures, detections and weights (*.mp4 *.mov *.avi *.mkv *.webm *.m4v *.mpg *.mpeg "
    "*.ts *.wmv *.jpg *.jpeg *.png *.bmp *.tif *.tiff *.webp *.parquet *.safetensors "
    "*.trace);;All files (*)"
)


class WindowCommands:
    """The handlers of all commands."""

    def __init__(self, window: "MainWindow") -> None:
        """Commands of this window."""
        self._window = window
        self._workspace = window.workspace

    def handlers(self) -> Handlers:
        """One function a command."""
        return self._file() | self._play() | self._detect() | self._view() | self._help()

    def show_checks(self) -> None:
        """Tick what is switched on."""
        overlay, playback = self._workspace.state.overlay, self._workspace.state.playback
        checks = {
            Command.SHOW_PEOPLE: overlay.people,
            Command.SHOW_BOXES: overlay.boxes,
            Command.SHOW_SKELETONS: overlay.skeletons,
            Command.SHOW_LABELS: overlay.labels,
            Command.LOOP: playback.loop,
            Command.SHOW_3D: self._workspace.state.view.show_3d,
        }
        for command, checked in checks.items():
            self._window.actions_[command].setChecked(checked)

    def _file(self) -> dict:
        return {
            Command.OPEN: self._open,
            Command.OPEN_FOLDER: self._open_folder,
            Command.OPEN_TRAINING: self._open_training,
            Command.OPEN_DEMO: self._open_demo,
            Command.SAVE_DETECTIONS: self._save_detections,
            Command.SAVE_OVERLAY: self._save_overlay,
            Command.QUIT: self._window.close,
        }

    def _play(self) -> dict:
        frames, playback = self._workspace.frames, self._workspace.state.playback
        return {
            Command.PLAY_PAUSE: frames.toggle,
            Command.PLAY_BACKWARDS: lambda: frames.shuttle(-1),
            Command.PAUSE: frames.pause,
            Command.PLAY_FORWARDS: lambda: frames.shuttle(1),
            Command.NEXT_FRAME: lambda: frames.step(1),
            Command.PREVIOUS_FRAME: lambda: frames.step(-1),
            Command.FORWARD_10: lambda: frames.step(10),
            Command.BACK_10: lambda: frames.step(-10),
            Command.FORWARD_100: lambda: frames.step(100),
            Command.BACK_100: lambda: frames.step(-100),
            Command.FIRST_FRAME: lambda: frames.go_to(playback.range_start),
            Command.LAST_FRAME: lambda: frames.go_to(playback.range_stop - 1),
            Command.GO_TO: self._go_to,
            Command.LOOP: lambda: setattr(playback, "loop", not playback.loop),
        }

    def _detect(self) -> dict:
        workspace = self._workspace
        return {
            Command.DETECT: workspace.detect,
            Command.CANCEL: workspace.detection.cancel,
            Command.RANGE_IN: workspace.frames.start_range_here,
            Command.RANGE_OUT: workspace.frames.end_range_here,
            Command.RANGE_ALL: workspace.frames.clear_range,
            Command.SCORE_UP: lambda: workspace.change_min_score(_SCORE_STEP),
            Command.SCORE_DOWN: lambda: workspace.change_min_score(-_SCORE_STEP),
        }

    def _view(self) -> dict:
        window, scenes = self._window, self._workspace.scenes
        overlay, view = self._workspace.state.overlay, self._workspace.state.view
        return {
            Command.NEXT_PERSON: lambda: scenes.select_neighbour(1),
            Command.PREVIOUS_PERSON: lambda: scenes.select_neighbour(-1),
            Command.SELECT_NOBODY: lambda: scenes.select_row(None),
            Command.SHOW_PEOPLE: lambda: setattr(overlay, "people", not overlay.people),
            Command.SHOW_BOXES: lambda: setattr(overlay, "boxes", not overlay.boxes),
            Command.SHOW_SKELETONS: lambda: setattr(overlay, "skeletons", not overlay.skeletons),
            Command.SHOW_LABELS: lambda: setattr(overlay, "labels", not overlay.labels),
            Command.ZOOM_IN: lambda: window.video.zoom(1),
            Command.ZOOM_OUT: lambda: window.video.zoom(-1),
            Command.FIT: lambda: window.video.fit(),
            Command.ANCHOR_VIEW: lambda: window.anchors.next_view(),
            Command.SHOW_3D: lambda: setattr(view, "show_3d", not view.show_3d),
            Command.VIEW_CAMERA: lambda: window.view3d.look_from_camera(),
            Command.VIEW_TOP: lambda: window.view3d.look_from_above(),
            Command.VIEW_FIT: lambda: window.view3d.fit(),
            Command.LIGHT_STYLE: self._switch_style,
        }

    def _help(self) -> dict:
        return {
            Command.SHORTCUTS: lambda: ShortcutsDialog(self._window).open(),
            Command.ABOUT: lambda: show_about(self._window),
        }

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", "", _OPEN_FILTER)
        if name:
            self._window.open(Path(name))

    def _open_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder of pictures")
        if name:
            self._window.open(Path(name))

    def _open_training(self) -> None:
        name = QFileDialog.getExistingDirectory(self._window, "Open the run folder of a training")
        if name:
            self._window.open(Path(name))

    def _open_demo(self) -> None:
        try:
            self._window.open(asset_path("demo.mp4"))
        except UserError as error:
            self._workspace.say("error", str(error))

    def _save_detections(self) -> None:
        path = self._ask_name("Save detections", "Detections (*.parquet)", ".parquet")
        if path is not None:
            self._workspace.save_detections(path)

    def _save_overlay(self) -> None:
        source = self._workspace.state.session.source
        one_picture = source is not None and source.frame_count == 1
        ending = "-people.png" if one_picture else "-people.mp4"
        path = self._ask_name("Save with overlay", "Films and pictures (*.mp4 *.png *.jpg)", ending)
        if path is not None:
            self._workspace.save_overlay(path)

    def _ask_name(self, title: str, kinds: str, ending: str) -> Path | None:
        source = self._workspace.state.session.source
        if source is None:
            self._workspace.say("error", "There is nothing to save yet: open a video first.")
            return None
        folder = source.path.parent if source.path else Path()
        proposal = folder / (Path(source.name).stem + ending)
        name, _ = QFileDialog.getSaveFileName(self._window, title, str(proposal), kinds)
        if not name:
            return None
        path = Path(name)
        return path if path.suffix else path.with_suffix(Path(ending).suffix)

    def _go_to(self) -> None:
        source = self._workspace.state.session.source
        if source is None:
            return
        text, chosen = QInputDialog.getText(
            self._window, "Go to", "Frame (374) or time (12.5 s, 1:02.5):"
        )
        if not chosen or not text.strip():
            return
        try:
            self._workspace.frames.go_to(parse_position(text, source.fps, source.frame_count))
        except UserError as error:
            self._workspace.say("error", str(error))

    def _switch_style(self) -> None:
        self._window.set_theme(LIGHT if self._window.theme.dark else DARK)

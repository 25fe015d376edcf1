"""The main window: puts the views together and gives every command its effect."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QSettings, QSize, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.controllers.detection_worker import LoadDetector, load_detector
from pandanet_app.controllers.lambda_lab.run_files import is_training
from pandanet_app.controllers.workspace import Workspace
from pandanet_app.qt.actions import Actions
from pandanet_app.qt.anchor_lab.desk import AnchorDesk
from pandanet_app.qt.commands import WindowCommands
from pandanet_app.qt.detection_bar import DetectionBar
from pandanet_app.qt.docks import add_dock, show_in_front
from pandanet_app.qt.export_bar import ExportBar
from pandanet_app.qt.lambda_lab.panel import LambdaPanel
from pandanet_app.qt.message_bar import MessageBar
from pandanet_app.qt.people_panel import PeoplePanel
from pandanet_app.qt.post import UiThread
from pandanet_app.qt.recent import recent_files, remember
from pandanet_app.qt.status_line import StatusLine
from pandanet_app.qt.theme import (
    DARK,
    LIGHT,
    TEXT_PX,
    Theme,
    palette,
    style_sheet,
    text_px_for,
)
from pandanet_app.qt.training.panel import TrainingPanel
from pandanet_app.qt.transport_bar import TransportBar
from pandanet_app.qt.unsaved import Answer, ask_to_save
from pandanet_app.qt.video_view import VideoView
from pandanet_app.qt.view3d import View3D
from pandanet_app.qt.welcome import Welcome
from pandanet_app.views.protocols import SceneView
from pandanet_app.views.shortcuts import Command, Menu
from pandanet_core.errors import UserError

_DOCK_LINES = 11
"""Height of the list of people, in lines of text."""
_TICK_MS = 8
"""The timer that moves a playing film; twice as fast as most screens."""


class MainWindow(QMainWindow):
    """Video with people on the left, the same people in 3D on the right, the film's bar below."""

    def __init__(
        self,
        store: QSettings,
        weights: Path | None = None,
        load: LoadDetector = load_detector,
        ask: Callable[[QWidget], Answer] = ask_to_save,
    ) -> None:
        """An empty window.

        Args:
            store: Where the window remembers recent files and its style.
            weights: Weights file; None for the packaged one.
            load: Makes the detector, in the detection's child process.
            ask: Asks what to do with detections that are not saved.
        """
        super().__init__()
        self._store = store
        self._ask = ask
        self._closed = False
        self._ui_thread = UiThread()
        self.workspace = Workspace(self._ui_thread.post, weights, load)
        self.theme = LIGHT if store.value("light", False, bool) else DARK
        self.commands = WindowCommands(self)
        self.actions_ = Actions(self, self.commands.handlers(), self.theme)
        self._make_views()
        self._lay_out()
        self._connect()
        self.set_theme(self.theme)
        self.resizeDocks(
            [self.dock], [_DOCK_LINES * self.fontMetrics().height()], Qt.Orientation.Vertical
        )
        self.setAcceptDrops(True)
        screen = self.screen()
        room = screen.availableSize() if screen else QSize(1280, 720)
        self.resize(QSize(1280, 720).boundedTo(room))
        self._show_source()

    def _make_views(self) -> None:
        state = self.workspace.state
        self.video = VideoView(state.view, self.theme)
        self.compared = VideoView(state.view, self.theme)
        self.anchors = AnchorDesk(self.workspace.anchor_lab, self.video, self.compared, self.theme)
        self.view3d = View3D(state.view, self._ui_thread.post, self.theme)
        for command in (Command.VIEW_CAMERA, Command.VIEW_TOP, Command.VIEW_FIT):
            self.view3d.add_button(self.actions_.button(command))
        self.people_panel = PeoplePanel()
        self.detection_bar = DetectionBar(self.workspace, self.actions_)
        self.transport = TransportBar(self.workspace, self.actions_, self.theme)
        self.welcome = Welcome(state.session, self.actions_)
        self.message_bar = MessageBar(state.session)
        self.export_bar = ExportBar(self.workspace)
        self.lambda_panel = LambdaPanel(self.workspace.lambda_lab, self.theme)
        self.training_panel = TrainingPanel(state.training, self.workspace.training, self.theme)
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        self._ticker.setTimerType(Qt.TimerType.PreciseTimer)

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.anchors.picture)
        splitter.addWidget(self.view3d)
        splitter.setSizes([56, 44])
        splitter.setStretchFactor(0, 56)
        splitter.setStretchFactor(1, 44)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(5)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(splitter)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.message_bar, self.export_bar):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        self.setCentralWidget(middle)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.detection_bar)
        self.dock = QDockWidget("People")
        self.dock.setObjectName("people")
        self.dock.setWidget(self.people_panel)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.dock)
        bottom = QToolBar("Film")
        bottom.setMovable(False)
        bottom.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bottom.addWidget(self.transport)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, bottom)
        self.setStatusBar(StatusLine(self.workspace))
        bar = self.menuBar()
        assert bar is not None
        menus = self.actions_.fill(bar)
        menus[Menu.VIEW].addAction(self.dock.toggleViewAction())
        self.anchors.add_dock(self, menus[Menu.VIEW], self.dock)
        self.lambda_dock = add_dock(self, "λ", self.lambda_panel, menus[Menu.VIEW], self.dock)
        self.training_dock = add_dock(
            self, "Training", self.training_panel, menus[Menu.VIEW], self.dock
        )
        self._recent = QMenu("Open recent", menus[Menu.FILE])
        self._recent.setToolTipsVisible(True)
        menus[Menu.FILE].insertMenu(self.actions_[Command.OPEN_DEMO], self._recent)
        self._show_recent(recent_files(self._store))

    def _connect(self) -> None:
        workspace = self.workspace
        views: tuple[SceneView, ...] = (self.video, self.compared, self.view3d, self.people_panel)
        for view in views:
            workspace.scenes.changed.connect(view.show_scene)
        self.video.clicked.connect(workspace.scenes.select_at)
        self.view3d.picked.connect(workspace.scenes.select_row)
        self.people_panel.chosen.connect(workspace.scenes.select_row)
        self.welcome.chosen.connect(self.open)
        for opened in (workspace.opened, workspace.training_opened):
            opened.connect(self._remember)
        workspace.training_opened.connect(lambda path: self._show_lambdas())
        workspace.training.run_opened.connect(lambda run: self._show_training())
        for dock in (self.lambda_dock, self.training_dock):
            for moved in (dock.visibilityChanged, dock.topLevelChanged):
                moved.connect(self._make_room)
        workspace.state.session.events.source.connect(self._show_source)
        workspace.state.playback.events.playing.connect(self._run_ticker)
        workspace.state.playback.events.loop.connect(self.commands.show_checks)
        for model in (workspace.state.overlay, workspace.state.view):
            model.events.connect(self.commands.show_checks)
        workspace.state.view.events.show_3d.connect(lambda shown: self.view3d.setVisible(shown))
        self._ticker.timeout.connect(lambda: workspace.frames.tick(time.monotonic()))
        self.commands.show_checks()

    def set_theme(self, theme: Theme) -> None:
        """Show everything in these colours."""
        self.theme = theme
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setPalette(palette(theme))
        screen = self.screen()
        text_px = text_px_for(screen.availableSize().height()) if screen else TEXT_PX
        app.setStyleSheet(style_sheet(theme, text_px))
        self.actions_.set_theme(theme)
        for view in (self.video, self.anchors, self.view3d, self.transport):
            view.set_theme(theme)
        for panel in (self.lambda_panel, self.training_panel):
            panel.set_theme(theme)
        self._store.setValue("light", not theme.dark)
        self.actions_[Command.LIGHT_STYLE].setChecked(not theme.dark)

    def _run_ticker(self, playing: bool) -> None:
        if playing:
            self._ticker.start()
        else:
            self._ticker.stop()

    def _show_source(self) -> None:
        source = self.workspace.state.session.source
        self._pages.setCurrentIndex(0 if source is None else 1)
        self._make_room()
        self.setWindowTitle(f"{source.name} — PandaNet" if source else "PandaNet")
        self.dock.setVisible(source is not None)
        self.video.setFocus()

    def _show_lambdas(self) -> None:
        self._show_tall(self.lambda_dock, self.lambda_panel)

    def _make_room(self) -> None:
        """Without a film, a training that is looked at has all the room; beside one, half of it."""
        alone = self.workspace.state.session.source is None
        docks = (self.lambda_dock, self.training_dock)
        docked = [dock for dock in docks if dock.isVisible() and not dock.isFloating()]
        whole = alone and bool(docked)
        if whole != self._pages.isHidden():
            self._pages.setHidden(whole)
            height = self.height() if whole else self.height() // 2
            # Not before the layout knows that there is more room now, or less.
            self._ui_thread.post(lambda: self._resize_dock(docked[:1], height))

    def _resize_dock(self, docks: list[QDockWidget], height: int) -> None:
        self.resizeDocks(docks, [height] * len(docks), Qt.Orientation.Vertical)

    def _show_training(self) -> None:
        self._show_tall(self.training_dock, self.training_panel)

    def _show_tall(self, dock: QDockWidget, panel: QWidget) -> None:
        """Show a dock in front, as high as its panel needs where the window allows it."""
        show_in_front(dock)
        wanted = min(panel.sizeHint().height(), round(0.65 * self.height()))
        if dock.height() < wanted:
            self._resize_dock([dock], wanted)

    def _remember(self, path: Path) -> None:
        self._show_recent(remember(self._store, path))

    def _show_recent(self, paths: tuple[Path, ...]) -> None:
        self.welcome.set_recent(paths)
        self._recent.clear()
        self._recent.setEnabled(bool(paths))
        for path in paths:
            action = self._recent.addAction(path.name)
            if action is not None:
                action.setToolTip(str(path))
                action.triggered.connect(lambda checked=False, path=path: self.open(path))

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files and folders."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and any(url.isLocalFile() for url in data.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open what was dropped: the first file."""
        data = event.mimeData() if event is not None else None
        if event is None or data is None:
            return
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open(paths[0])

    def open(self, path: Path) -> None:
        """Open a file or folder, unless there are detections that want to be saved first; the film
        stays where a training is looked at."""
        if is_training(path) or self._may_leave():
            self.workspace.open(path)

    def _may_leave(self) -> bool:
        """Whether the open film may be left; asks where detections would be lost."""
        if not self.workspace.state.session.unsaved:
            return True
        answer = self._ask(self)
        if answer is Answer.SAVE:
            self.actions_[Command.SAVE_DETECTIONS].trigger()
        return answer is Answer.DISCARD

    def end(self) -> None:
        """Close without a question: detections that are not saved are kept in a file, which the
        terminal is told. Where that fails, the question is asked after all."""
        try:
            kept = self.workspace.keeper.keep_now()
        except UserError as error:
            print(f"pandanet: {error}", file=sys.stderr)
        else:
            if kept is not None:
                print(f"pandanet: The detections are kept in {kept}.", file=sys.stderr)
            self._closed = True
            dialog = QApplication.activeModalWidget()
            if dialog is not None:
                dialog.close()
        self.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """End every thread and process, then go."""
        if not self._closed:
            leave = self._may_leave()  # while it asks, `end` may be called
            if not leave and not self._closed:
                if event is not None:
                    event.ignore()
                return
            if leave:
                self.workspace.keeper.drop()
        self._closed = True
        self.hide()
        self._ticker.stop()
        self._ui_thread.close()
        self.workspace.close()
        self.view3d.close_renderer()
        super().closeEvent(event)

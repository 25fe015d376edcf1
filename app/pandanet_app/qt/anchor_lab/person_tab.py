"""Why this person: every anchor that matched, what suppressed what, and the pose that any of the
anchors would have given."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.controllers.anchor_lab.words.anchors import WINNER, candidate_at, outcome
from pandanet_app.controllers.anchor_lab.words.people import candidate_spot, sentence, telling_spot
from pandanet_app.drawing.anchors.graph import Look, draw_graph, graph_places
from pandanet_app.drawing.anchors.people import rgb_of
from pandanet_app.drawing.anchors.pose3d import draw_poses3d
from pandanet_app.models.anchor_scene import AnchorScene, spot_of
from pandanet_app.qt.anchor_lab.figure import Figure
from pandanet_app.qt.anchor_lab.sorted_table import Row, SortedTable
from pandanet_core.lab.suppression import SuppressionGraph, suppression_around

_HEADERS = (
    "Anchor",
    "What became of it",
    "Score",
    "PONO",
    "Pose overlap",
    "Product",
    "In",
    "IoU",
    "Row",
    "Column",
)
_SCORE = _HEADERS.index("Score")
_NOBODY = "Click a person in the picture to see every anchor that matched, and who won."
_GREY = (140, 146, 156)


class PersonTab(QWidget):
    """Shows the chosen person of the truth."""

    def __init__(self, controller: AnchorLabController) -> None:
        """For the anchor lab."""
        super().__init__()
        self._controller = controller
        self._scene: AnchorScene | None = None
        self._graph: tuple[int, int, SuppressionGraph] | None = None
        self.summary = QLabel(_NOBODY)
        self.summary.setWordWrap(True)
        self.table = SortedTable("Anchors that matched the person", _HEADERS, _SCORE, 9)
        self.graph = Figure(
            "Who suppressed whom: every candidate that lost, by the overlap of its box and of its "
            "pose with the winner's. Click one to see what it would have given",
            (10, 5),
        )
        self.pose = Figure(
            "3D pose at the chosen anchor in the person's colour, the winner's in grey", (5, 5)
        )
        self._build()
        self.table.chosen.connect(controller.choose)
        self.graph.clicked.connect(self._choose_in_graph)
        controller.changed.connect(self._show)

    def _build(self) -> None:
        right = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.graph, 3)
        row.addWidget(self.pose, 2)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.table)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 5)
        splitter.setStretchFactor(1, 3)
        splitter.setSizes([500, 300])
        splitter.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(3)
        column.addWidget(self.summary)
        column.addWidget(splitter, 1)

    def _show(self, scene: AnchorScene | None) -> None:
        before, self._scene = self._scene, scene
        if scene is None or scene.person is None:
            self.summary.setText(_NOBODY)
            self.table.show_rows([])
            self.graph.show_figure(None)
            self.pose.show_figure(None)
            return
        same = before is not None and before.trace is scene.trace and before.person == scene.person
        if not same or before is None or before.colour.tolist() != scene.colour.tolist():
            self.summary.setText(sentence(scene.trace, scene.person))
            graph = suppression_around(scene.trace, scene.person)
            self._graph = (id(scene.trace), scene.person, graph)
            self._rows = _rows(scene, scene.person)
        if not same or before is None or before.spot != scene.spot:
            self.table.show_rows(self._rows, scene.spot)
        if (
            not same
            or before is None
            or before.spot != scene.spot
            or before.reading is not scene.reading
        ):
            self.graph.show_figure(self._draw_graph)
            self.pose.show_figure(self._draw_pose)

    def _draw_graph(self, size: tuple[int, int], look: Look) -> NDArray[np.uint8]:
        scene = self._scene
        assert scene is not None
        assert self._graph is not None
        chosen = candidate_at(scene.trace, scene.spot) if scene.spot is not None else -1
        return draw_graph(self._graph[2], scene.trace, rgb_of(scene.colour), size, look, chosen)

    def _draw_pose(self, size: tuple[int, int], look: Look) -> NDArray[np.uint8]:
        scene = self._scene
        assert scene is not None
        assert scene.person is not None
        poses = []
        own = tuple(rgb_of(scene.colour)[scene.person].tolist())
        spots = ((telling_spot(scene.trace, scene.person), _GREY), (scene.spot, own))
        for spot, colour in spots:
            place = scene.reading.place_of(spot) if scene.reading is not None else None
            if scene.reading is not None and place is not None:
                poses.append((scene.reading.pose3d[place], colour))
        return draw_poses3d(poses, scene.trace.truth.skeleton, size, look)

    def _choose_in_graph(self, x: float, y: float) -> None:
        if self._scene is None or self._graph is None or self._scene.person is None:
            return
        graph = self._graph[2]
        look = self.graph.look()
        places = graph_places(graph, *self.graph.figure_size(), look.font_px)
        if len(places):
            distance = np.hypot(*(places - (x, y)).T)
            nearest = int(distance.argmin())
            if distance[nearest] <= 2 * look.font_px:
                spot = candidate_spot(self._scene.trace, int(graph.candidate[nearest]))
                self._controller.take_in_hand(spot)


def _rows(scene: AnchorScene, person: int) -> list[Row]:
    trace = scene.trace
    positives = trace.positives
    mark = tuple(rgb_of(scene.colour)[person].tolist())
    rows = []
    for place in positives.of(person).tolist():
        width, height = trace.grid.sizes_px[positives.anchor[place]]
        became = outcome(trace, place)
        values = (
            f"{positives.anchor[place]}: {width:.0f} × {height:.0f}",
            became,
            float(positives.scores[place]),
            float(positives.pono[place]),
            float(positives.pose_overlap[place]),
            float(positives.quality[place]),
            "A++" if positives.selected[place] else "A+",
            float(positives.iou[place]),
            int(positives.row[place]),
            int(positives.column[place]),
        )
        rows.append(Row(values, spot_of(positives, place), mark, became == WINNER))
    return rows

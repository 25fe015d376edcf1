"""From state to scene: what is to be seen right now, and who of it is chosen.

Everything here runs on the front end's thread.
"""

from psygnal import Signal

from pandanet_app.controllers.colour_links import ColourLinks
from pandanet_app.controllers.frames import FrameController
from pandanet_app.controllers.ground import Ground
from pandanet_app.controllers.picking import person_at, same_person
from pandanet_app.models.people import People
from pandanet_app.models.scene import Layers, Scene
from pandanet_app.models.state import AppState
from pandanet_app.views.protocols import Post
from pandanet_core.video import Frame

FOLLOWED_FRAMES = 10
"""The chosen person is looked for again across a jump of at most so many frames."""


class SceneController:
    """Puts the scene together whenever something in it changes."""

    changed = Signal(Scene)

    def __init__(self, state: AppState, frames: FrameController, post: Post) -> None:
        """An empty scene; several changes in one go make one new scene, by way of `post`."""
        self._state = state
        self._frames = frames
        self._post = post
        self._ground = Ground()
        self._colours = ColourLinks()
        self._stale = False
        self._last_shown = -1
        self.people: People | None = None
        frames.shown.connect(self._frame_shown)
        for model in (state.overlay, state.selection):
            model.events.connect(self.refresh_soon)
        state.session.events.camera.connect(self.refresh_soon)

    def start(self, people: People | None) -> None:
        """Another film, with these people."""
        self._state.selection.person = None
        self._ground.clear()
        self._colours = ColourLinks()
        self.people = people
        self.refresh_soon()

    def scene(self) -> Scene:
        """What is to be seen right now."""
        overlay, camera = self._state.overlay, self._state.session.camera
        frame = self._frames.current
        if frame is None or camera is None:
            return Scene()
        visible = None
        if self.people is not None and overlay.people:
            visible = self.people.visible(frame.index, camera, overlay.min_score)
        if visible is not None:
            visible = self._colours.coloured(frame.index, visible)
        return Scene(
            frame=frame,
            people=visible,
            selected=visible.row_of(self._state.selection.person) if visible else None,
            camera=camera,
            skeleton=self.people.skeleton if self.people else None,
            layers=self.layers(),
            site=self._ground.site(self.people, camera, self._state.session.recommended_score),
        )

    def layers(self) -> Layers:
        """Parts of the overlay that are switched on."""
        overlay = self._state.overlay
        return Layers(overlay.boxes, overlay.skeletons, overlay.labels)

    def select_at(self, x_px: float, y_px: float, reach_px: float) -> None:
        """Choose the person at a point of the picture, or nobody."""
        scene = self.scene()
        if scene.people is not None and scene.skeleton is not None:
            people = scene.people.detections
            self.select_row(person_at(people, scene.skeleton, x_px, y_px, reach_px))

    def select_row(self, row: int | None) -> None:
        """Choose the person in this row of the scene's people, or nobody."""
        people = self.scene().people
        if people is None or row is None or not 0 <= row < len(people.index):
            self._state.selection.person = None
        else:
            self._state.selection.person = int(people.index[row])

    def select_neighbour(self, step: int) -> None:
        """Choose the next (1) or the previous (-1) person of the scene."""
        scene = self.scene()
        if scene.people is None or len(scene.people.index) == 0:
            return
        first = 0 if step > 0 else -1
        row = first if scene.selected is None else scene.selected + step
        self.select_row(row % len(scene.people.index))

    def refresh_soon(self) -> None:
        """Put the scene together again, once, when everything that changes now has changed."""
        if not self._stale:
            self._stale = True
            self._post(self._refresh)

    def _frame_shown(self, frame: Frame) -> None:
        self._follow(self._last_shown, frame)
        self._last_shown = frame.index
        self._refresh()

    def _follow(self, before: int, frame: Frame) -> None:
        """Keep the same person chosen from frame to frame, by overlap of the boxes."""
        person, camera = self._state.selection.person, self._state.session.camera
        if person is None or self.people is None or camera is None or before == frame.index:
            return
        was = self.people.candidates(before, camera)
        now = self.people.visible(frame.index, camera, self._state.overlay.min_score)
        near = abs(frame.index - before) <= FOLLOWED_FRAMES
        row = same_person(was.boxes[person], now.detections.boxes) if near and was and now else None
        self._state.selection.person = None if row is None or now is None else int(now.index[row])

    def _refresh(self) -> None:
        self._stale = False
        self.changed.emit(self.scene())

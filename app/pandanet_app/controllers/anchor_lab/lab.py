"""The anchor lab as the person sees it: what is looked at, chosen and shown.

Everything here runs on the front end's thread.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from psygnal import Signal

from pandanet_app.controllers.anchor_lab.colours import truth_boxes
from pandanet_app.controllers.anchor_lab.composing import compose, on_grid
from pandanet_app.controllers.anchor_lab.conversation import Conversation
from pandanet_app.controllers.anchor_lab.messages import (
    Answer,
    Clustered,
    ClusterRequest,
    Failed,
    Looked,
    LookRequest,
    Other,
    ReadRequest,
    ScanRequest,
    Subject,
    WasRead,
)
from pandanet_app.controllers.anchor_lab.search import LostSearch
from pandanet_app.controllers.anchor_lab.side_by_side import side_by_side
from pandanet_app.controllers.anchor_lab.words.people import telling_spot
from pandanet_app.controllers.frames import FrameController
from pandanet_app.controllers.picking import same_person
from pandanet_app.controllers.scenes import SceneController
from pandanet_app.models.anchor_lab import AnchorSpot, AnchorView
from pandanet_app.models.anchor_scene import AnchorScene, Reading, place_of
from pandanet_app.models.lost_people import LostPeople, LostPerson
from pandanet_app.models.scene import Scene
from pandanet_app.models.state import AppState
from pandanet_app.views.protocols import Post
from pandanet_core.lab.frame_trace import LabSettings


class AnchorLabController:
    """Asks the lab's child process for what the model wants to be seen."""

    changed = Signal(object)
    """An AnchorScene, or None: what is to be seen now."""
    other_changed = Signal(object)
    """An AnchorScene, or None: what it is compared with."""

    def __init__(
        self,
        state: AppState,
        frames: FrameController,
        scenes: SceneController,
        post: Post,
        weights: Path | None,
    ) -> None:
        """Nothing is looked at yet; the child starts with the first look."""
        self.lab = state.anchor_lab
        self.weights = weights
        self.looked: Looked | None = None
        self._state, self._frames, self._scenes, self._post = state, frames, scenes, post
        self._child = Conversation(post, self._receive)
        self._wanted: LookRequest | None = None
        self._reading: Reading | None = None
        self.other: Other | None = None
        self.lost = LostSearch(LostPeople(), post)
        self._jump: LostPerson | None = None
        self._scene: AnchorScene | None = None
        self._seen = Scene()
        self._stale = False
        self._score_chosen = False
        lab = self.lab
        for event in (lab.events.view, lab.events.truth, lab.events.settings, lab.events.map):
            event.connect(self._look_soon)
        for event in (lab.events.boxes, lab.events.kind, lab.events.person):
            event.connect(self._refresh_soon)
        for event in (lab.events.spot, lab.events.hovered):
            event.connect(self._in_hand_changed)
        scenes.changed.connect(self._scene_changed)
        state.session.events.source.connect(self._source_changed)
        state.session.events.recommended_score.connect(self._recommend)
        state.playback.events.playing.connect(self._look_soon)

    @property
    def scene(self) -> AnchorScene | None:
        """What is to be seen now."""
        return self._scene

    def next_view(self) -> None:
        """A, A+, A++, what A++ lacks of A+, off."""
        self.lab.view = self.lab.view.next()

    def hover(self, spot: AnchorSpot | None) -> None:
        """The pointer is over this anchor."""
        if self.lab.hovered != spot:
            self.lab.hovered = spot

    def choose(self, spot: AnchorSpot | None) -> None:
        """Take this anchor in hand, and the person whom it matched."""
        self.lab.spot = spot
        scene = self._scene
        place = None if scene is None or spot is None else place_of(scene.trace.positives, spot)
        if scene is not None and place is not None:
            self.lab.person = int(scene.trace.positives.person[place])

    def take_in_hand(self, spot: AnchorSpot) -> None:
        """Take this anchor in hand; the person stays chosen."""
        self.lab.spot = spot

    def choose_person(self, person: int | None) -> None:
        """Choose somebody of the truth, here and in all other views, and take the anchor in hand
        that tells most about the person."""
        scene = self._scene
        spot = telling_spot(scene.trace, person) if scene and person is not None else None
        self.lab.update({"person": person, "spot": spot})
        if person is None or self._scene is None or self._seen.people is None:
            return
        box = truth_boxes(self._scene.trace)[person]
        self._scenes.select_row(same_person(box, self._seen.people.detections.boxes))

    def choose_at(self, x_px: float, y_px: float) -> None:
        """Choose the anchor in hand, or whoever of the truth has the smallest box around a point of
        the picture."""
        if self._scene is None:
            return
        hovered = self.lab.hovered
        if hovered is not None and place_of(self._scene.trace.positives, hovered) is not None:
            self.choose(hovered)
            return
        boxes = truth_boxes(self._scene.trace)
        inside = (boxes[:, :2] <= (x_px, y_px)).all(1) & (boxes[:, 2:] >= (x_px, y_px)).all(1)
        area = np.where(inside, (boxes[:, 2:] - boxes[:, :2]).prod(1), np.inf)
        self.choose_person(int(area.argmin()) if inside.any() else None)

    def change(self, **settings: object) -> None:
        """Trace with these settings instead: fields of LabSettings."""
        self._score_chosen |= "min_score" in settings
        changed = replace(self.lab.settings, **settings)  # type: ignore[arg-type]
        self.lab.update({"settings": changed, "problem": ""})

    def reset(self) -> None:
        """The settings as they were at first: the paper's, and the score that suits the weights."""
        self._score_chosen = False
        score = self._state.session.recommended_score
        self.lab.update({"settings": LabSettings(min_score=score), "problem": ""})

    def cluster(self, count: int) -> None:
        """Take so many anchors, clustered from the people of the film, instead of the network's."""
        subject = self.subject()
        if subject is not None and self.lab.view is not AnchorView.OFF:
            self.lab.busy = "Clustering anchors …"
            self._child.cluster(ClusterRequest(subject, count))

    def compare(self, other: Other | None) -> None:
        """Show every frame as it is seen this other way, too; None: no more."""
        self.other = other
        self._look_soon()

    def search(self) -> None:
        """Look for everybody who is not found in the range of the film."""
        subject, playback = self.subject(), self._state.playback
        if subject is not None:
            self.lost.start(
                ScanRequest(subject, self.lab.settings, playback.range_start, playback.range_stop)
            )

    def jump(self, lost: LostPerson) -> None:
        """Show the frame of somebody who was not found, and choose the person there."""
        self._jump = lost
        if self.lab.view is AnchorView.OFF:
            self.lab.view = AnchorView.POSITIVE
        if self._state.playback.shown == lost.frame:
            self._arrive()
        else:
            self._frames.go_to(lost.frame)

    def close(self, timeout_s: float) -> None:
        """End the children and wait until they are gone."""
        self.lost.close(timeout_s)
        self._child.close(timeout_s)

    def subject(self) -> Subject | None:
        """The frame on screen; None where there is none that could be looked at."""
        source, frame = self._state.session.source, self._frames.current
        if source is None or source.path is None or frame is None:
            return None
        above = self._state.session.recommended_score
        return Subject(source.path, frame.index, self.weights, self.lab.truth, above)

    def _recommend(self, score: float) -> None:
        if not self._score_chosen:
            self.lab.settings = replace(self.lab.settings, min_score=score)

    def _arrive(self) -> None:
        """Choose the person whose frame was jumped to, once it is there."""
        lost, looked = self._jump, self.looked
        if lost is None or looked is None or looked.request.subject.frame != lost.frame:
            return
        self._jump = None
        if lost.person < len(looked.trace.truth):
            self.choose_person(lost.person)

    def _source_changed(self) -> None:
        self.lost.forget()
        self.looked = self._wanted = self._reading = None
        self.lab.update({"person": None, "spot": None, "hovered": None, "problem": ""})
        self._look_soon()

    def _scene_changed(self, scene: Scene) -> None:
        self._seen = scene
        self._look()

    def _look_soon(self) -> None:
        self._post(self._look)

    def _look(self) -> None:
        """Ask for what is to be seen, unless it is there already."""
        subject = self.subject()
        if self.lab.view is AnchorView.OFF or subject is None or self._state.playback.playing:
            self._wanted = None
        else:
            self._wanted = LookRequest(subject, self.lab.settings, self.lab.map, self.other)
        there = self.looked is not None and self.looked.request == self._wanted
        if self._child.look(None if there else self._wanted):
            self.lab.busy = "Looking at the frame …" if self.looked else "Loading the network …"
        self._refresh()

    def _receive(self, answer: Answer) -> None:
        if isinstance(answer, Looked):
            self._show(answer)
        elif isinstance(answer, WasRead):
            self._reading = answer.reading
            self._refresh()
            self._read()
        elif isinstance(answer, Clustered):
            self.lab.busy = ""
            self.change(anchors_px=answer.anchors_px)
        elif isinstance(answer, Failed):
            self._fail(answer)

    def _show(self, looked: Looked) -> None:
        """Take what came, also of settings that have changed since: a slider is followed."""
        wanted = self._wanted
        if wanted is None or looked.request.subject != wanted.subject:
            return
        before = self.looked
        self.looked = looked
        new_frame = before is None or before.request.subject != looked.request.subject
        if new_frame:
            self._follow(before, looked)
        if new_frame or before is None or before.trace.grid.shape != looked.trace.grid.shape:
            self._reading = None
        self.lab.update({"busy": "", "problem": looked.note})
        self._refresh()
        self._arrive()
        self._read()

    def _follow(self, before: Looked | None, now: Looked) -> None:
        """Keep the same person chosen from frame to frame, by overlap of the boxes."""
        person = self.lab.person
        if before is None or person is None or person >= len(before.trace.truth):
            self.lab.person = None
        else:
            box = truth_boxes(before.trace)[person]
            self.lab.person = same_person(box, truth_boxes(now.trace))
        person = self.lab.person
        self.lab.spot = None if person is None else telling_spot(now.trace, person)

    def _fail(self, failed: Failed) -> None:
        if not isinstance(failed.request, ClusterRequest):
            self.looked = None
        self.lab.update({"busy": "", "problem": failed.text})
        self._refresh()

    def _in_hand_changed(self) -> None:
        self._refresh_soon()
        self._read()

    def _read(self) -> None:
        """Ask what the network says at the anchors in hand."""
        if self._child.reading or self.looked is None:
            return
        trace, person = self.looked.trace, self.lab.person
        winner = None if person is None else telling_spot(trace, person)
        spots = tuple(
            spot
            for spot in dict.fromkeys((winner, self.lab.spot, self.lab.hovered))
            if spot is not None and on_grid(spot, trace.grid.shape)
        )
        known = self._reading.spots if self._reading is not None else ()
        if not spots or all(spot in known for spot in spots):
            return
        request = self.looked.request
        self._child.read(ReadRequest(request.subject, request.settings, spots))

    def _refresh_soon(self) -> None:
        if not self._stale:
            self._stale = True
            self._post(self._refresh)

    def _refresh(self) -> None:
        self._stale = False
        looked, wanted, other = self.looked, self._wanted, None
        self._scene = None
        if looked and wanted and looked.request.subject == wanted.subject:
            people, layers = self._seen.people, self._scenes.layers()
            whole = compose(self.lab, looked, people, layers, self._reading)
            self._scene, other = side_by_side(whole)
        self.changed.emit(self._scene)
        self.other_changed.emit(other)

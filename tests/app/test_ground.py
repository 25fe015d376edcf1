"""Floor and grid are found once from many frames, from people whom the network is sure of."""

import numpy as np
import pytest

from pandanet_app.controllers.ground import Ground
from pandanet_app.models.people import People
from pandanet_core.camera import Camera, project
from pandanet_core.detections import Detections
from pandanet_core.skeleton import JTA22
from tests.people3d import crowd_on_floor, seen_from

CAMERA = Camera.from_fov(1280, 720)
HEIGHT_M, PITCH_DEG, FRAMES = 4.0, 20.0, 400


def found_in(frame: int) -> Detections:
    """Six people on the floor, of score 0.9, and six of score 0.4 that hang in the air anyhow."""
    random = np.random.default_rng(frame)
    people = crowd_on_floor(random.uniform((-4, -18), (4, -6), (12, 2)), random)
    people[6:, :, 1] += random.uniform(1, 4, (6, 1))
    pose3d_mm = seen_from(people, HEIGHT_M, PITCH_DEG)
    root_mm = pose3d_mm[:, list(JTA22.root)].mean(1)
    pose2d = project(pose3d_mm, CAMERA)
    return Detections(
        boxes=np.concatenate([pose2d.min(1), pose2d.max(1)], 1).astype(np.float32),
        scores=np.repeat(np.float32([0.9, 0.4]), 6),
        pose2d=pose2d.astype(np.float32),
        pose3d=((pose3d_mm - root_mm[:, None]) / 4000).astype(np.float32),
        root_mm=root_mm.astype(np.float32),
        scale_mm=np.full(12, 4000, np.float32),
    )


def test_the_floor_keeps_still_while_a_film_is_detected() -> None:
    people, ground = People(JTA22, FRAMES, CAMERA), Ground()
    floors = []
    for frame in range(FRAMES):
        people.add([(frame, frame / 25, found_in(frame))], CAMERA)
        site = ground.site(people, CAMERA, 0.5)
        assert site is not None
        floors.append((site.floor.camera_height_mm, site.floor.pitch_deg))
    assert len(set(floors)) < 11, "it is looked for again when there is twice as much to go by"
    assert len(set(floors[256:])) == 1
    heights, pitches = np.array(floors).T
    assert heights[4:] == pytest.approx(1000 * HEIGHT_M, abs=250)
    assert pitches[4:] == pytest.approx(PITCH_DEG, abs=1.5)


def test_it_does_not_wait_once_somebody_is_there() -> None:
    people, ground = People(JTA22, FRAMES, CAMERA), Ground()
    for frame in range(300):
        people.add([(frame, frame / 25, Detections.empty(22))], CAMERA)
        assert ground.site(people, CAMERA, 0.5) is None
    for frame in range(300, FRAMES):
        people.add([(frame, frame / 25, found_in(frame))], CAMERA)
    site = ground.site(people, CAMERA, 0.5)
    assert site is not None
    assert site.floor.pitch_deg == pytest.approx(PITCH_DEG, abs=1.5)


def test_another_camera_and_another_film_are_looked_at_anew() -> None:
    people, ground = People(JTA22, FRAMES, CAMERA), Ground()
    people.add([(frame, 0.0, found_in(frame)) for frame in range(FRAMES)], CAMERA)
    site = ground.site(people, CAMERA, 0.5)
    assert ground.site(people, CAMERA, 0.5) is site
    other = ground.site(people, Camera.from_fov(1280, 720, 30), 0.5)
    assert site is not None
    assert other is not None
    assert np.median(other.places_mm[:, 2]) > 1.8 * np.median(site.places_mm[:, 2])
    ground.clear()
    assert ground.site(None, CAMERA, 0.5) is None

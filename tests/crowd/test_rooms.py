"""Rooms of a wished size hold everybody, and their walls stand where they should."""

import numpy as np
import pytest

from pandanet_core.crowd.scenes.films.street import draw_street
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.scenes.places.rooms import room_before
from pandanet_core.crowd.scenes.scene import Box, pelvises_of
from pandanet_core.crowd.settings import CrowdSettings, Preset


@pytest.mark.parametrize(("preset", "side_m"), [("panoptic", 5.0), ("jta", 14.0)])
def test_everybody_is_between_the_walls(preset: Preset, side_m: float, world: World) -> None:
    settings = CrowdSettings(
        width=480, height=320, people=(3, 8), height_px=(40, 300), preset=preset, room_m=side_m
    )
    people = 0
    for seed in range(6):
        scene = draw_scene(np.random.default_rng(seed), settings, world)
        assert scene.roofed
        places = pelvises_of(scene.people, world.cast.characters)[:, :2]
        apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
        assert apart.max() < side_m * np.sqrt(2)
        walls = [
            solid
            for solid in scene.solids
            if isinstance(solid, Box) and max(solid.half_width, solid.half_depth) > side_m / 2
        ]
        assert len(walls) >= 4
        # Sides of the room as its ceiling has them.
        ceiling = max(walls, key=lambda wall: wall.bottom)
        assert 2 * ceiling.half_width == pytest.approx(side_m + 0.4)
        sine, cosine = np.sin(ceiling.yaw_rad), np.cos(ceiling.yaw_rad)
        offset = places - (ceiling.x, ceiling.y)
        inside = np.abs([offset @ (cosine, sine), offset @ (-sine, cosine)])
        assert inside.max() < side_m / 2
        people += len(scene.people)
    assert people > 15


def test_nobody_walks_through_a_wall(world: World) -> None:
    settings = CrowdSettings(
        width=480, height=320, people=(3, 3), height_px=(60, 300), preset="panoptic", room_m=8.0
    )
    street = draw_street(np.random.default_rng(2), settings, world, 4.0)
    room = room_before(street.camera.middle, 8.0)
    for time in np.arange(0, 4, 0.5):
        people = street.scene_at(float(time)).people
        places = pelvises_of(people, world.cast.characters)[:, :2]
        centre = room.corner + 4.0 * np.array([-np.sin(room.heading_rad), np.cos(room.heading_rad)])
        assert np.linalg.norm(places - centre, axis=1).max() < 4 * np.sqrt(2)

"""Coarser meshes keep the shape and the vertices."""

import numpy as np
import pytest
import trimesh

from pandanet_core.crowd.people.detail import coarser


@pytest.mark.parametrize("share", [0.35, 0.12, 0.04])
def test_a_coarser_sphere_is_still_the_sphere(share: float) -> None:
    sphere = trimesh.creation.icosphere(subdivisions=5, radius=1.0)
    faces = coarser(sphere.faces, sphere.vertices, share)
    reduced = trimesh.Trimesh(sphere.vertices, faces, process=False)
    reduced.remove_unreferenced_vertices()
    assert len(faces) == pytest.approx(share * len(sphere.faces), rel=0.05)
    assert reduced.is_watertight
    assert reduced.volume == pytest.approx(sphere.volume, rel=0.06)


def test_groups_choose_their_nearest_member_even_if_parts_do_not_touch() -> None:
    near = trimesh.creation.icosphere(subdivisions=3)
    far = near.copy()
    far.apply_translation((10, 0, 0))
    both = trimesh.util.concatenate([near, far])
    faces = coarser(both.faces, both.vertices, 0.2)
    corners = both.vertices[faces]
    assert np.ptp(corners[..., 0], axis=1).max() < 2
    assert {bool(x > 5) for x in corners[:, 0, 0]} == {True, False}

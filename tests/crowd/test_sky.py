"""The light of skies against brute-force integrals and known suns."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pandanet_core.crowd.scenes.sky import (
    HEIGHT_PX,
    WIDTH_PX,
    draw_sky,
    irradiance,
    painted_sky,
    read_sky,
    sky_of,
)
from pandanet_core.errors import UserError
from tests.shared_data import shared_data


def pixel_of(x: float, y: float, z: float) -> tuple[int, int]:
    """Row and column of a direction, from the convention's words alone."""
    row = np.arccos(z / np.sqrt(x * x + y * y + z * z)) / np.pi * HEIGHT_PX
    return int(row), int((0.5 + np.arctan2(x, y) / (2 * np.pi)) * WIDTH_PX) % WIDTH_PX


def test_an_even_sky_gives_every_surface_the_same_light() -> None:
    sky = sky_of("even", np.full((HEIGHT_PX, WIDTH_PX, 3), 0.37, np.float32))
    for normal in (*np.eye(3), -np.eye(3)[2], np.array([0.6, 0, 0.8])):
        np.testing.assert_allclose(irradiance(sky.harmonics, normal), np.pi, rtol=0.01)
    np.testing.assert_allclose(sky.sun_irradiance, 0, atol=1e-3)


@pytest.mark.parametrize("towards", [(0.6, 0.3, 0.74), (-0.5, 0.6, 0.62), (0.1, -0.8, 0.6)])
def test_the_sun_is_found_where_it_is(towards: tuple[float, float, float]) -> None:
    panorama = np.full((HEIGHT_PX, WIDTH_PX, 3), 0.2, np.float32)
    row, column = pixel_of(*towards)
    panorama[row - 4 : row + 5, column - 4 : column + 5] = 900
    sky = sky_of("sun", panorama)
    wanted = np.array(towards) / np.linalg.norm(towards)
    assert sky.sun_direction @ wanted > 0.999
    assert (sky.sun_irradiance > 0.3).all()


def test_level_ground_receives_pi_and_walls_what_they_see() -> None:
    """Harmonics of band 2 approximate a smooth sky's irradiance to a few per cent."""
    heading = ((np.arange(WIDTH_PX) + 0.5) / WIDTH_PX - 0.5) * 2 * np.pi
    polar = ((np.arange(HEIGHT_PX) + 0.5) / HEIGHT_PX * np.pi)[:, None]
    brightness = 1 + 0.5 * np.cos(polar) + 0.4 * np.sin(polar) * np.sin(heading)
    panorama = np.repeat(brightness[..., None], 3, 2).astype(np.float32)
    sky = sky_of("smooth", panorama)
    direction = np.stack(
        np.broadcast_arrays(
            np.sin(polar) * np.sin(heading), np.sin(polar) * np.cos(heading), np.cos(polar)
        ),
        -1,
    )
    solid_angle = np.sin(polar) * (np.pi / HEIGHT_PX) * (2 * np.pi / WIDTH_PX)
    for normal in (np.array([0, 0, 1.0]), np.array([1.0, 0, 0]), np.array([0, -1.0, 0])):
        facing = np.clip(direction @ normal, 0, None) * solid_angle
        seen = (sky.panorama * facing[..., None]).sum((0, 1))
        ours = irradiance(sky.harmonics, normal) + sky.sun_irradiance * max(
            0, sky.sun_direction @ normal
        )
        np.testing.assert_allclose(ours, seen, rtol=0.03)
    up = (
        irradiance(sky.harmonics, np.array([0, 0, 1.0])) + sky.sun_irradiance * sky.sun_direction[2]
    )
    assert up.mean() == pytest.approx(np.pi, rel=1e-6)


def test_real_panoramas_are_read() -> None:
    sky = read_sky(shared_data("hdri/kiara_1_dawn_1k.hdr"))
    assert sky.panorama.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert np.isfinite(sky.panorama).all()


def test_a_damaged_panorama_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "sky.hdr"
    cv2.imwrite(str(path), np.ones((64, 128, 3), np.float32))
    read_sky(path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(UserError, match="no readable HDR panorama"):
        read_sky(path)
    path.write_bytes(b"")
    with pytest.raises(UserError, match="no readable HDR panorama"):
        read_sky(path)


def test_panoramas_damaged_anywhere_are_refused_or_sound(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = shared_data("hdri/kiara_1_dawn_1k.hdr").read_bytes()
    path, rng, refused = tmp_path / "sky.hdr", np.random.default_rng(8), 0
    for number in range(12):
        data = bytearray(whole)
        if number % 2:
            data = data[: int(rng.integers(len(data)))]
        for place in rng.integers(0, min(len(data), 100 if number % 4 else 10**6), 6):
            data[place] = int(rng.integers(256))
        path.write_bytes(data)
        try:
            assert np.isfinite(read_sky(path).panorama).all()
        except UserError:
            refused += 1
    assert refused >= 6
    assert capfd.readouterr().err == ""


def test_a_picture_of_another_shape_is_no_panorama(tmp_path: Path) -> None:
    path = tmp_path / "square.hdr"
    cv2.imwrite(str(path), np.ones((64, 64, 3), np.float32))
    with pytest.raises(UserError, match="has 64x64 pixels, but a panorama is twice as wide"):
        read_sky(path)
    with pytest.raises(UserError, match="no readable HDR panorama"):
        read_sky(tmp_path / "gone.hdr")


def test_painted_skies_differ_and_repeat() -> None:
    first, second, again = (painted_sky("x", np.random.default_rng(seed)) for seed in (1, 2, 1))
    assert not np.array_equal(first.panorama, second.panorama)
    np.testing.assert_array_equal(first.panorama, again.panorama)


def test_no_ceiling_stands_above_a_street() -> None:
    rng = np.random.default_rng(0)
    names = ["potsdamer_platz_1k", "st_fagans_interior_1k", "studio_small_03_1k"]
    assert {draw_sky(rng, names, roofed=False) for _ in range(30)} == {names[0]}
    assert {draw_sky(rng, names, roofed=True) for _ in range(60)} == set(names)
    assert draw_sky(rng, names[1:2], roofed=False) == names[1]

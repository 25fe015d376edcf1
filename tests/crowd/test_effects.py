"""What lens and sensor do, against closed forms: edges, lines, variances, means."""

from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.camera import Camera
from pandanet_core.crowd.drawing import effects
from pandanet_core.crowd.drawing.backdrops import can_stand_before_plates, plate_of_sky, put_before
from pandanet_core.crowd.drawing.photo import developed, draw_shot, in_light
from pandanet_core.crowd.scenes.light import DAY, TIMES, Light, draw_light
from pandanet_core.crowd.scenes.scene import view_from
from pandanet_core.crowd.scenes.sky import HEIGHT_PX, WIDTH_PX, Sky


def grey(value: float, height: int = 60, width: int = 80) -> np.ndarray:
    return np.full((height, width, 3), value, np.float32)


def point(size: int = 41) -> np.ndarray:
    values = grey(0, size, size)
    values[size // 2, size // 2] = 255
    return values


def test_grey_stays_grey_without_saturation_and_takes_the_tint() -> None:
    values = np.random.default_rng(0).uniform(0, 255, (5, 7, 3)).astype(np.float32)
    np.testing.assert_allclose(effects.tinted(values, (1, 1, 1), 1), values, rtol=1e-5)
    pale = effects.tinted(values, (1.2, 1, 0.5), 0)
    np.testing.assert_allclose(pale[..., 0], 1.2 * pale[..., 1], rtol=1e-4)
    np.testing.assert_allclose(pale[..., 2], 0.5 * pale[..., 1], rtol=1e-4)


def test_haze_leaves_one_eth_at_its_range() -> None:
    depth = np.full((60, 80), 50.0)
    hazy = effects.hazy(grey(0), depth, 1 / 50, 200.0)
    np.testing.assert_allclose(hazy, 200 * (1 - np.exp(-1)), rtol=1e-5)
    np.testing.assert_allclose(effects.hazy(grey(80), depth * 1e5, 0.01, 200.0), 200, rtol=1e-5)


def test_a_flash_falls_with_the_square_of_the_distance() -> None:
    depth = np.array([[4.0, 8.0, 16.0]])
    linear = (effects.flashed(grey(100, 1, 3), depth, 4.0) / 100)[0, :, 0] ** 2.2
    np.testing.assert_allclose(linear - 0.15, 0.85 / np.array([1, 4, 16]), rtol=1e-4)


@pytest.mark.parametrize("wish", [0.15, 0.4, 0.6])
def test_exposure_reaches_a_brightness(wish: float) -> None:
    even = effects.exposed(grey(0.3 * 255), wish)
    np.testing.assert_allclose(even / 255, wish, rtol=1e-4)


def test_what_is_in_focus_stays_sharp_and_what_is_not_spreads() -> None:
    focused = effects.defocused(point(), np.full((41, 41), 5.0), 5.0, 3.0)
    np.testing.assert_array_equal(focused, point())
    far = effects.defocused(point(), np.full((41, 41), 1e6), 5.0, 3.0)
    assert far.max() < 20
    assert far.sum() == pytest.approx(point().sum(), rel=0.01)


@pytest.mark.parametrize("angle", [0.0, 0.6, np.pi / 2, 2.5])
def test_shaking_draws_a_line_of_its_length_and_direction(angle: float) -> None:
    shaken = effects.shaken(point(), 12.0, angle)[..., 0]
    assert shaken.sum() == pytest.approx(255, rel=0.01)
    rows, columns = np.mgrid[-20:21, -20:21]
    along = columns * np.cos(angle) + rows * np.sin(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    # The standard deviation of a uniform line of length L is L / sqrt(12).
    assert np.sqrt((shaken * along**2).sum() / 255) == pytest.approx(12 / np.sqrt(12), rel=0.1)
    assert np.sqrt((shaken * across**2).sum() / 255) < 0.8


def test_a_vignette_darkens_corners_alone() -> None:
    values = effects.vignetted(grey(100, 61, 81), 0.4)
    assert values[30, 40, 0] == pytest.approx(100)
    assert values[0, 0, 0] == pytest.approx(60)
    assert values[30, 0, 0] == pytest.approx(80)


def test_lamps_glow_and_the_dark_does_not() -> None:
    np.testing.assert_array_equal(effects.glowing(grey(150), 4.0, 1.0), grey(150))
    glow = effects.glowing(point(), 2.0, 1.0) - point()
    assert glow.sum() == pytest.approx(55 * 3, rel=0.01)


def test_low_resolution_keeps_means_and_loses_detail() -> None:
    checks = np.zeros((64, 64, 3), np.float32)
    checks[::2, ::2] = checks[1::2, 1::2] = 200
    assert effects.coarse(checks, 0.5).std() < 1
    assert effects.coarse(checks, 0.5).mean() == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize("value", [20.0, 120.0, 240.0])
def test_noise_has_its_variance(value: float) -> None:
    noisy = effects.grainy(np.random.default_rng(1), grey(value, 300, 300), 2.0, 5.0)
    assert noisy.std() == pytest.approx(np.sqrt(4 + 25 * value / 255), rel=0.01)
    assert noisy.mean() == pytest.approx(value, abs=0.1)


def test_night_is_darker_than_rain_and_rain_than_day() -> None:
    rng = np.random.default_rng(2)
    image = rng.integers(60, 200, (120, 160, 3), dtype=np.uint8)
    depth = np.full((120, 160), 12.0)
    means = {}
    for name, light in {
        "day": DAY,
        "night": Light(brightness=0.15, noise=4, flash_m=5),
        "rain": Light(brightness=0.35, saturation=0.6, haze_per_m=0.01),
    }.items():
        rng = np.random.default_rng(3)
        shot = draw_shot(rng, light, 160, depth)
        means[name] = developed(rng, image, depth, shot).mean()
    assert means["night"] < 0.6 * means["rain"] < 0.9 * means["day"]


def test_all_kinds_of_light_are_drawn_and_never_rain_indoors() -> None:
    rng = np.random.default_rng(4)
    outdoors = [draw_light(rng, False) for _ in range(400)]
    assert len({round(light.brightness, 1) for light in outdoors}) >= 5
    assert 0.1 < np.mean([light.sun < 0.13 and light.saturation < 0.9 for light in outdoors]) < 0.5
    assert all(light.haze_per_m < 0.005 for light in (draw_light(rng, True) for _ in range(200)))
    assert len(TIMES) == 4


def test_daylight_without_haze_only_exposes() -> None:
    image = np.random.default_rng(5).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    depth = np.full((40, 50), 9.0)
    plain = in_light(image, depth, replace(DAY, brightness=0.5))
    np.testing.assert_allclose(plain, effects.exposed(image.astype(np.float32), 0.5), rtol=1e-4)


def test_a_backdrop_meets_the_horizon_and_spares_people() -> None:
    """A panorama that is red above its horizon and green below, behind a grey picture."""
    panorama = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.float32)
    panorama[: HEIGHT_PX // 2, :, 0], panorama[HEIGHT_PX // 2 :, :, 1] = 0.5, 0.5
    flat = np.zeros(3)
    sky = Sky("halves", panorama, np.zeros((9, 3)), flat, flat)
    image = np.full((240, 320, 3), 90, np.uint8)
    identity = np.zeros((240, 320), np.int16)
    identity[100:200, 150:170] = 3
    camera = Camera.from_fov(320, 240, 60)
    for pitch in (-0.1, 0.0, 0.15):
        view = view_from(camera, np.array([0, 0, 1.6]), 0.0, pitch, 0.0)
        row = view.pixels(np.array([0, 1e7, 1.6]))[1]
        plate = plate_of_sky(np.random.default_rng(1), sky, 1.0, view)
        assert plate is not None
        seen = put_before(image, identity, plate.picture)
        assert (seen[int(row) - 6, :100, 0] > 100).all()
        assert (seen[int(row) + 6, :100, 1] > 100).all()
        assert (abs(seen[120:180, 155:165].astype(int) - 90) <= 1).all()
        assert can_stand_before_plates(view, 8.0)
        assert not can_stand_before_plates(view, 72.0)
    down = view_from(camera, np.array([0, 0, 5.0]), 0.0, 0.8, 0.0)
    assert not can_stand_before_plates(down, 8.0)

"""What a real camera adds to a drawn picture: backdrop, colour cast, blur, noise, compression."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.scene import View
from pandanet_core.crowd.scenes.sky import HEIGHT_PX, WIDTH_PX, Sky

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

BACKDROP_SHARE = 0.4
"""Pictures whose ground and sky are replaced by a sharp piece of the panorama."""


def with_backdrop(
    rng: np.random.Generator,
    image: Picture,
    identity: NDArray[np.int16],
    sky: Sky,
    exposure: float,
    view: View,
) -> Picture:
    """The people and things of a picture in front of a piece of its panorama, horizons aligned."""
    height, width = image.shape[:2]
    scale = rng.uniform(0.55, 1.0)
    cut_width, cut_height = int(width * scale), int(height * scale)
    if cut_width > WIDTH_PX or cut_height > HEIGHT_PX:
        scale = min(WIDTH_PX / width, HEIGHT_PX / height)
        cut_width, cut_height = int(width * scale), int(height * scale)
    pitch = np.arcsin(-view.rotation[2, 2])
    horizon_row = view.camera.cy - view.camera.fy * np.tan(pitch)
    top = int(np.clip(HEIGHT_PX / 2 - horizon_row * scale, 0, HEIGHT_PX - cut_height))
    left = int(rng.integers(WIDTH_PX))
    columns = np.arange(left, left + cut_width) % WIDTH_PX
    radiance = sky.panorama[top : top + cut_height, columns] * exposure
    curve = radiance * (2.51 * radiance + 0.03) / (radiance * (2.43 * radiance + 0.59) + 0.14)
    picture = (np.clip(curve, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    backdrop = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
    empty = cv2.resize(
        (identity == 0).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA
    )
    share = cv2.GaussianBlur(empty, (3, 3), 0)[..., None]
    return (image * (1 - share) + backdrop * share).astype(np.uint8)


def developed(rng: np.random.Generator, image: Picture) -> Picture:
    """A picture with random white balance, contrast, vignette, sharpness and noise."""
    height, width = image.shape[:2]
    values = image.astype(np.float32) * np.array(
        [rng.uniform(0.92, 1.08), 1, rng.uniform(0.92, 1.08)], np.float32
    )
    if rng.random() < 0.05:
        values[:] = values.mean(-1, keepdims=True)
    values = _exposed(rng, values)
    values = (values - 128) * rng.uniform(0.8, 1.2) + 128
    if rng.random() < 0.3:
        y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
        values *= (1 - rng.uniform(0.1, 0.4) * (x * x + y * y) / 2)[..., None].astype(np.float32)
    values = _blurred(rng, values)
    noise = rng.standard_normal(values.shape, dtype=np.float32)
    values += noise * rng.uniform(0.5, 7)
    return np.clip(values, 0, 255).astype(np.uint8)


def jpeg(rng: np.random.Generator, image: Picture) -> bytes:
    """The picture as a JPEG file of random quality."""
    return encode_jpeg(image, int(rng.integers(50, 96)))


def encode_jpeg(image: Picture, quality: int) -> bytes:
    """An RGB picture as the bytes of a JPEG file."""
    encoded, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        raise ValueError(f"a picture of shape {image.shape} cannot be encoded")
    return data.tobytes()


def _exposed(rng: np.random.Generator, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """A camera's automatic exposure, not always right: the mean comes near a drawn brightness."""
    share = np.clip(values / 255, 0, 1)
    wish = rng.uniform(0.3, 0.6)
    gamma = np.log(wish) / np.log(np.clip(share.mean(), 0.02, 0.95))
    return (255 * share ** np.clip(gamma, 0.45, 1.6)).astype(np.float32)


def _blurred(rng: np.random.Generator, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Soft focus always, low resolution sometimes."""
    height, width = values.shape[:2]
    if rng.random() < 0.15:
        scale = rng.uniform(0.5, 0.85)
        small = cv2.resize(
            values, (int(width * scale), int(height * scale)), interpolation=cv2.INTER_AREA
        )
        small = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(small, np.float32)
    sigma = rng.uniform(0.25, 0.9) if rng.random() < 0.85 else rng.uniform(0.9, 1.8)
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)

"""Texture pictures of people: skin, eyes, hair and leather, painted or read from files."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import SKIN_VERTICES, BodyModel, mask_image
from pandanet_core.errors import UserError

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

SIZE_PX = 512
GRID = np.mgrid[0:SIZE_PX, 0:SIZE_PX]
SHOE_TONES = ((40, 36, 34), (96, 66, 46), (205, 202, 196), (70, 60, 55))
SKIN_TONES = (
    (232, 190, 165),
    (219, 172, 140),
    (198, 145, 110),
    (160, 108, 76),
    (112, 72, 50),
    (75, 48, 36),
)


def read_texture(path: Path) -> Picture:
    """A picture file as (512, 512, 4) RGBA with the first row at the bottom, as OpenGL has it."""
    encoded = np.fromfile(path, np.uint8)
    picture = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED) if len(encoded) else None
    if picture is None or picture.ndim != 3:
        raise UserError(f"The texture {path} cannot be read; remove its folder or copy it again.")
    code = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    resized = cv2.resize(
        cv2.cvtColor(picture, code), (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA
    )
    return np.ascontiguousarray(resized[::-1])


def plain(colour: tuple[float, float, float], grain: float, rng: np.random.Generator) -> Picture:
    """One colour with a grain, for leather and hair."""
    return opaque(np.array(colour) * (1 + grain * noise(rng, 1.5)[..., None]))


def skin(model: BodyModel, tone: tuple[float, float, float], rng: np.random.Generator) -> Picture:
    """A painted skin: lips, cheeks, brows and cropped hair on one tone."""
    canvas = np.array(tone) * (
        1 + 0.03 * noise(rng, 30)[..., None] + 0.02 * noise(rng, 2)[..., None]
    )
    hair = np.array(tone) * rng.uniform(0.15, 0.45)
    scalp, brows = _head_fields(model)
    for strength, mask in ((0.85, scalp), (0.7, brows)):
        canvas += (hair - canvas) * (strength * _paint(model, mask))[..., None]
    for name, colour, strength in (
        ("lips", (0.85, 0.55, 0.55), 0.8),
        ("face", (1.03, 0.95, 0.93), 0.7),
    ):
        painted = cv2.imread(str(mask_image(name)), cv2.IMREAD_GRAYSCALE)
        if painted is None:
            continue
        resized = cv2.resize(painted, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
        share = resized[::-1, :, None] / 255
        canvas *= 1 + strength * share * (np.array(colour) - 1)
    return opaque(canvas)


def eyes(model: BodyModel, rng: np.random.Generator) -> Picture:
    """White eyeballs with an iris where the eye layer is foremost."""
    canvas = np.full((SIZE_PX, SIZE_PX, 3), 225.0)
    layer = model.eyes
    colour = np.array([60.0, 40, 25]) * rng.uniform(0.6, 2.0)
    for side in (1, -1):
        ours = model.template[layer.faces, 0].mean(1) * side > 0
        corner = model.template[layer.faces[ours], 1].argmin()
        u, v = model.uvs[layer.uv_faces[ours].ravel()[corner]] * SIZE_PX
        span = np.ptp(model.uvs[layer.uv_faces[ours].ravel()], axis=0).max() * SIZE_PX
        distance = np.hypot(GRID[1] - u, GRID[0] - v)
        canvas[distance < 0.16 * span] = colour
        canvas[distance < 0.07 * span] = 12
    return opaque(canvas)


def above_hairline(model: BodyModel) -> Floats:
    """(13380,) how far each skin vertex of the template lies above the hairline, m; ears are below."""
    _, depth, height = model.template[:SKIN_VERTICES].T
    eye = model.template[model.eyes.faces.ravel()]
    eye_height, eye_front = eye[:, 2].mean(), eye[:, 1].min()
    hairline = eye_height + 0.066 - 0.62 * (depth - eye_front)
    return np.minimum(height - hairline, height - (eye_height - 0.06))


def _head_fields(model: BodyModel) -> tuple[Floats, Floats]:
    """(13380,) how much each skin vertex belongs to the scalp and to the eyebrows, 0 to 1."""
    across, depth, height = model.template[:SKIN_VERTICES].T
    eye = model.template[model.eyes.faces.ravel()]
    eye_height, eye_front = eye[:, 2].mean(), eye[:, 1].min()
    scalp = np.clip(above_hairline(model) / 0.012, 0, 1)
    lifted = np.abs(height - (eye_height + 0.031 - 0.15 * (np.abs(across) - 0.03))) < 0.0045
    brows = (
        lifted & (np.abs(across) > 0.013) & (np.abs(across) < 0.048) & (depth < eye_front + 0.02)
    )
    return scalp, brows.astype(float)


def _paint(model: BodyModel, field: Floats) -> Floats:
    """A field over the skin's vertices as a picture in texture space, (512, 512)."""
    canvas = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    values = field[model.skin.faces].mean(1)
    corners = np.round(model.uvs[model.skin.uv_faces] * SIZE_PX).astype(np.int32)
    for triangle in np.flatnonzero(values > 0):
        cv2.fillConvexPoly(canvas, corners[triangle], float(values[triangle]))
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 1.2))


def noise(rng: np.random.Generator, sigma_px: float) -> Floats:
    """Smooth noise (512, 512) of mean 0 and standard deviation 1 that tiles."""
    coarse = max(8, int(SIZE_PX / max(sigma_px / 2, 1)))
    noise = cv2.resize(
        rng.standard_normal((coarse, coarse)), (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_LINEAR
    )
    return (noise - noise.mean()) / noise.std()


def opaque(colour: Floats) -> Picture:
    """Colours (512, 512, 3) from 0 to 255 as a texture without holes."""
    alpha = np.full((SIZE_PX, SIZE_PX, 1), 255.0)
    return np.concatenate([np.clip(colour, 0, 255), alpha], 2).astype(np.uint8)

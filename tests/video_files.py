"""Small videos of every awkward kind, made on the spot, and the plainest way to decode them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

FRAME_MS = 40
_TIME_BASE = Fraction(1, 1000)


@dataclass(frozen=True)
class Recipe:
    """How a video is coded; pictures come every 40 ms unless `times_ms` says otherwise."""

    suffix: str = "mp4"
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=dict)
    container: dict[str, str] = field(default_factory=dict)
    count: int = 60
    size: tuple[int, int] = (96, 64)
    pixels: str = "yuv420p"
    times_ms: Sequence[int] | None = None
    rotation: tuple[int, bool, bool] | None = None
    """Degrees, flipped left-right, flipped upside down."""
    aspect: Fraction | None = None


def pictures(count: int, width: int, height: int) -> Iterator[np.ndarray]:
    """Pictures (H, W, 3) uint8 that move and flicker: no two look the same."""
    random = np.random.default_rng(7)
    noise = random.integers(0, 255, (height + 2 * count, width + 3 * count, 3), np.uint8)
    noise = cv2.GaussianBlur(noise, (0, 0), 2)
    for number in range(count):
        picture = noise[2 * number :, 3 * number :][:height, :width].copy()
        picture[: height // 4, : width // 4] = random.integers(0, 255, 3)
        yield picture


def write_video(path: Path, recipe: Recipe = Recipe()) -> Path:
    """Encode `pictures` as the recipe says; skips the test where this PyAV has no such encoder."""
    if recipe.codec not in av.codecs_available:
        pytest.skip(f"this PyAV has no encoder {recipe.codec}")
    times_ms = recipe.times_ms or range(0, recipe.count * FRAME_MS, FRAME_MS)
    with av.open(str(path), "w", container_options=recipe.container) as container:
        stream = container.add_stream(recipe.codec, rate=25, options=recipe.options)
        stream.width, stream.height = recipe.size
        stream.pix_fmt = recipe.pixels
        if recipe.times_ms:
            stream.codec_context.time_base = _TIME_BASE
        if recipe.aspect:
            stream.codec_context.sample_aspect_ratio = recipe.aspect
        if recipe.rotation:
            stream.set_display_rotation(*recipe.rotation)
        for picture, time_ms in zip(pictures(recipe.count, *recipe.size), times_ms, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time_ms, _TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decode_all(path: Path) -> list[np.ndarray]:
    """Every frame from the start to the end, by nothing but PyAV's own loop."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]

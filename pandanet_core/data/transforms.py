"""Random crops, scales, rotations, flips and colours; a function of the random generator alone."""

import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.data.augmentation import Augmentation
from pandanet_core.data.geometry import corners_of, crop, mirror, rotate_labels, turn_points
from pandanet_core.data.sample import Sample


def augment(sample: Sample, settings: Augmentation, random: np.random.Generator) -> Sample:
    """A random crop of the sample at a random scale, perhaps turned and mirrored, with other
    colours."""
    angle_deg = 0.0
    if settings.most_rotation_deg > 0:
        angle_deg = random.uniform(-settings.most_rotation_deg, settings.most_rotation_deg)
    scale, left, top = _choose_crop(sample, angle_deg, settings, random)
    cropped = crop(
        sample,
        scale,
        left,
        top,
        settings.width_px,
        settings.height_px,
        random.integers(0, 256, 3),
        angle_deg,
    )
    if random.random() < settings.flip_share:
        cropped = mirror(cropped)
    return replace(cropped, image=_vary_colours(cropped.image, settings, random))


def _choose_crop(
    sample: Sample, angle_deg: float, settings: Augmentation, random: np.random.Generator
) -> tuple[float, float, float]:
    """Scale, and left and top edge of the crop in px of the turned and resized picture.

    Of several crops at one scale the one with the most whole people is taken: each picture then
    teaches more, and people whom the frame cuts stay few.
    """
    height, width = sample.image.shape[:2]
    camera, sample = sample.camera, rotate_labels(sample, angle_deg)
    corners = turn_points(corners_of(np.array([[0, 0, width, height]])), camera, angle_deg)[0]
    low, high = corners.min(0), corners.max(0)
    centred = len(sample) > 0 and random.random() < settings.centred_share
    scale = _choose_scale(sample, settings, random, centred)
    crops = []
    for _ in range(settings.tried_crops if centred else 1):
        focus = np.array([random.uniform(0, width), random.uniform(0, height)])
        focus = turn_points(focus, camera, angle_deg)
        if centred:
            box = sample.boxes[random.integers(len(sample))]
            focus = (box[:2] + box[2:]) / 2
        corner = focus * scale - (
            settings.width_px * random.uniform(0.2, 0.8),
            settings.height_px * random.uniform(0.2, 0.8),
        )
        left = _keep_inside(corner[0], settings.width_px, low[0] * scale, high[0] * scale)
        top = _keep_inside(corner[1], settings.height_px, low[1] * scale, high[1] * scale)
        crops.append((left, top))
    left, top = max(crops, key=lambda crop: _whole_minus_cut(sample.boxes * scale, crop, settings))
    return scale, left, top


def _choose_scale(
    sample: Sample, settings: Augmentation, random: np.random.Generator, centred: bool
) -> float:
    """Any scale, or one that gives a random person a random height."""
    if not centred:
        lowest, highest = math.log(settings.least_scale), math.log(settings.most_scale)
        return math.exp(random.uniform(lowest, highest))
    box = sample.boxes[random.integers(len(sample))]
    lowest, highest = math.log(settings.least_height_px), math.log(settings.most_height_px)
    wanted = math.exp(random.uniform(lowest, highest)) / max(float(box[3] - box[1]), 1.0)
    return min(max(wanted, settings.least_scale), settings.most_scale)


def _whole_minus_cut(
    boxes: NDArray[Any], corner: tuple[float, float], settings: Augmentation
) -> int:
    """People of resized boxes (N, 4) wholly inside a crop, minus those whom its edges cut."""
    low = np.array(corner)
    high = low + np.array([settings.width_px, settings.height_px])
    whole = ((boxes[:, :2] >= low) & (boxes[:, 2:] <= high)).all(1)
    seen = ((boxes[:, 2:] > low) & (boxes[:, :2] < high)).all(1)
    return int(whole.sum()) - int((seen & ~whole).sum())


def _keep_inside(start: float, length: float, low: float, high: float) -> float:
    """Shift a crop so that it covers as much as it can of what lies between low and high."""
    first, last = min(low, high - length), max(low, high - length)
    return float(min(max(start, first), last))


def _vary_colours(
    image: NDArray[np.uint8], settings: Augmentation, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Contrast, brightness, tint; sometimes grey, blurred or noisy."""
    contrast, brightness = random.uniform(0.6, 1.35), random.uniform(-35, 35)
    tint = random.uniform(0.85, 1.15, 3)
    levels = np.arange(256)[:, None] * tint
    table = np.clip((levels - 128) * contrast + 128 + brightness, 0, 255).astype(np.uint8)
    varied = cv2.LUT(image, table[None])
    if random.random() < settings.grey_share:
        varied = cv2.cvtColor(cv2.cvtColor(varied, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if random.random() < settings.blur_share:
        varied = cv2.GaussianBlur(varied, (0, 0), random.uniform(0.4, 1.2))
    if random.random() < settings.noise_share:
        noise = random.standard_normal(varied.shape, dtype=np.float32) * random.uniform(2, 10)
        varied = np.clip(varied + noise, 0, 255)
    result: NDArray[np.uint8] = varied.astype(np.uint8)
    return result


def clipped_boxes(sample: Sample) -> NDArray[np.float32]:
    """(N, 4) boxes cut at the sample's edges, px."""
    height, width = sample.image.shape[:2]
    return clip_boxes(sample.boxes, width, height)

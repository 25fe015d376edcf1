"""Are COCO's joints the same points of the body as ours?

A detector that learned COCO's clicks (MoveNet Thunder) looks at people whose joints are known from
their bodies, the generator's. Where it systematically sees a joint elsewhere, the two data sets do
not mean the same point. `pandanet_core.joint_maps` rests on this table.

    python benchmarks/joint_definitions.py --help
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tyro
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from shared_data import SHARED_DATA

from pandanet_core.data.sample import FiledSamples, Sample, visible_people
from pandanet_core.data.sources import open_samples
from pandanet_core.errors import UserError
from pandanet_core.skeleton import COCO17, JTA22

Floats = NDArray[np.float64]

INPUT_PX = 256
JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
LEAST_SCORE = 0.4


@dataclass(frozen=True)
class Options:
    """Median offset of COCO's joints from the generator's, in mm along the body."""

    data: str = "crowd:data-local/crowd"
    """Annotated people, KIND:FOLDER; `pandanet crowd data-local/crowd --pictures 5000` makes them."""
    detector: Path = SHARED_DATA / "weights" / "movenet-thunder.onnx"
    """MoveNet Thunder as ONNX."""
    people: int = 120
    """Whole and unhidden people seen from the front or back, and as many from the side."""
    least_height_px: float = 170.0
    """Height of their boxes."""


@dataclass(frozen=True)
class Person:
    """Somebody whom nothing hides.

    Attributes:
        sample: The picture.
        number: Which of its people.
        frontal: The hips lie side by side; False: one behind the other.
    """

    sample: Sample
    number: int
    frontal: bool

    def axes(self) -> Floats:
        """(2, 2) unit vectors in the picture: up the back, and across towards the person's left, or
        forward where one sees them from the side."""
        pose2d, pose3d = self.sample.pose2d[self.number], self.sample.pose3d_mm[self.number]
        up = middle(pose2d, "shoulder") - middle(pose2d, "hip")
        up = up / np.linalg.norm(up)
        left = pose3d[JTA22.index("left hip")] - pose3d[JTA22.index("right hip")]
        spine = middle(pose3d, "shoulder") - middle(pose3d, "hip")
        towards = left if self.frontal else np.cross(left, spine)
        across = np.array([-up[1], up[0]])
        return np.stack([up, across * np.sign(across @ towards[:2])])


def middle(pose: NDArray[np.float32], joint: str) -> NDArray[np.float32]:
    """The point half-way between left and right."""
    return (pose[JTA22.index(f"left {joint}")] + pose[JTA22.index(f"right {joint}")]) / 2


def main(options: Options) -> None:
    """Measure and print."""
    offsets: dict[bool, list[Floats]] = {True: [], False: []}
    network = read_detector(options.detector)
    for person in upright_people(open_samples(options.data), options.least_height_px):
        if len(offsets[person.frontal]) < options.people:
            offsets[person.frontal].append(offsets_mm(network, person))
        if min(map(len, offsets.values())) >= options.people:
            break
    table = Table(
        "joint", "front: up", "outward", "spread", "side: up", "forward", "spread", title="mm"
    )
    for joint in JOINTS:
        front, side = (
            summary(np.array(offsets[frontal]), joint, frontal) for frontal in (True, False)
        )
        table.add_row(joint, *front, *side)
    counts = (
        f"{len(offsets[True])} people from the front or back, {len(offsets[False])} from the side"
    )
    Console(width=100).print(table, counts)


def upright_people(samples: FiledSamples, least_height_px: float) -> Iterator[Person]:
    """People whom one sees whole from the front, the back or the side, in a fixed random order."""
    for index in np.random.default_rng(0).permutation(len(samples)):
        sample = samples[int(index)]
        height, width = sample.image.shape[:2]
        boxes = sample.boxes
        whole = (boxes[:, :2] >= 0).all(1) & (boxes[:, 2:] <= (width, height)).all(1)
        whole &= ~sample.occluded.any(1) & visible_people(sample)
        for number in np.flatnonzero(whole & (boxes[:, 3] - boxes[:, 1] >= least_height_px)):
            pose = sample.pose3d_mm[number]
            hips = pose[JTA22.index("left hip")] - pose[JTA22.index("right hip")]
            sideways = abs(hips[0]) / np.linalg.norm(hips)
            spine = middle(pose, "shoulder") - middle(pose, "hip")
            if np.linalg.norm(spine[:2]) > 350 and not 0.4 < sideways < 0.8:
                yield Person(sample, int(number), bool(sideways > 0.5))


def read_detector(path: Path) -> Any:
    """MoveNet, on one thread; UserError when it or ONNX Runtime is not there."""
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError("ONNX Runtime is needed; pip install onnxruntime.") from error
    if not path.is_file():
        raise UserError(f"{path} is missing; name MoveNet Thunder by --detector.")
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, settings)


def offsets_mm(network: Any, person: Person) -> Floats:
    """(17, 2) from our joint to COCO's, along the person's axes; NaN where COCO's is unsure, or has
    no counterpart."""
    sample, number = person.sample, person.number
    box = sample.boxes[number].astype(np.float64)
    centre, size = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]).max() * 1.25
    scale = INPUT_PX / size
    shift = INPUT_PX / 2 - centre * scale
    # Pixel centres lie at half-integers here and at integers in OpenCV.
    warp = np.column_stack([np.eye(2) * scale, 0.5 * scale + shift - 0.5])
    picture = cv2.warpAffine(sample.image, warp, (INPUT_PX, INPUT_PX))
    found = network.run(None, {network.get_inputs()[0].name: picture[None].astype(np.int32)})[0]
    points = found.reshape(17, 3)
    theirs = (points[:, 1::-1] * INPUT_PX - shift) / scale
    mm_per_px = sample.pose3d_mm[number, :, 2].mean() / sample.camera.fx
    result = np.full((17, 2), np.nan)
    for joint, name in enumerate(COCO17.joints):
        if name in JTA22.joints and points[joint, 2] > LEAST_SCORE:
            ours = sample.pose2d[number, JTA22.index(name)]
            result[joint] = person.axes() @ (theirs[joint] - ours) * mm_per_px
    return result


def summary(offsets: Floats, joint: str, frontal: bool) -> tuple[str, str, str]:
    """Median along both axes over both sides of the body, and the median distance from it."""
    left, right = (offsets[:, COCO17.index(f"{side} {joint}")] for side in ("left", "right"))
    if frontal:
        right = right * (1, -1)  # Outward is to the left on the left, to the right on the right.
    both = np.concatenate([left, right])
    both = both[np.isfinite(both).all(1)]
    centre = np.median(both, 0)
    spread = np.median(np.linalg.norm(both - centre, axis=1))
    return f"{centre[0]:.0f}", f"{centre[1]:.0f}", f"{spread:.0f}"


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except UserError as error:
        sys.exit(f"joint_definitions.py: {error}")

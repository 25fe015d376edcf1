"""Traces of the frames that are detected in: what the anchor lab opens later, or elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pandanet_core.camera import Camera
from pandanet_core.detections import Detections
from pandanet_core.files import write_error
from pandanet_core.video import Frame

if TYPE_CHECKING:  # torch, which takes seconds to load
    from pandanet_core.detector import Detector


class TracedDetector:
    """Detects as its detector does, and writes the trace of each frame; the people who were found
    are taken as truth."""

    def __init__(self, detector: "Detector", folder: Path, source: str) -> None:
        """Makes the folder; UserError where the disk does not take it.

        Args:
            detector: What finds people.
            folder: Where traces go.
            source: Name of the video, picture or folder that frames come from.
        """
        self._detector, self._folder, self._source = detector, folder, source
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(error, folder) from error

    def __call__(self, frame: Frame, camera: Camera) -> Detections:
        """The people of a frame; pictures too small for the network have no trace."""
        from pandanet_core.lab.files.header import FrameOrigin
        from pandanet_core.lab.files.places import frame_path
        from pandanet_core.lab.files.saving import save_trace
        from pandanet_core.lab.frame_maps import maps_of
        from pandanet_core.lab.tracing import settings_of, trace_frame
        from pandanet_core.lab.truths import truth_of_people

        detector = self._detector
        examined = detector.examine(frame.image, camera)
        if examined is None:
            return Detections.empty(detector.skeleton.joint_count)
        height, width = frame.image.shape[:2]
        name = f"{self._source}, frame {frame.index}"
        maps = maps_of(detector.network, detector.skeleton, examined, (width, height), name)
        truth = truth_of_people(examined.detections, detector.skeleton, (width, height))
        trace = trace_frame(maps, truth.stretched(1 / maps.stretch), settings_of(detector))
        origin = FrameOrigin(
            self._source,
            frame.index,
            frame.time_s,
            detector.weights_name,
            detector.weights_sha256,
        )
        picture = np.asarray(
            cv2.resize(frame.image, maps.size_px, interpolation=cv2.INTER_AREA), np.uint8
        )
        save_trace(frame_path(self._folder, frame.index), maps, trace, origin, picture)
        return examined.detections

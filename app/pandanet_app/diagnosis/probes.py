"""The probes of `pandanet doctor`. Each imports what it looks at, alone in its process."""

import os
import platform
import sys
from collections.abc import Iterable

from pandanet_app.diagnosis.examination import Probe
from pandanet_app.display import has_display
from pandanet_app.system_libraries import install_line, missing_packages
from pandanet_core.assets import asset_path

_REINSTALL = "install PandaNet again: `make setup` in a checkout, or `pip install pandanet`."
_LIBRARIES = install_line(missing_packages() or ("libgl1", "libegl1", "libgl1-mesa-dri"))
_DECODERS = ("h264", "hevc", "mpeg4", "mjpeg", "vp9", "av1")
_ENCODER = "libx264"


def python_version() -> str:
    if not (3, 11) <= sys.version_info < (3, 14):
        raise RuntimeError(f"this is Python {platform.python_version()}, and 3.11 to 3.13 work")
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def system_libraries() -> str:
    missing = missing_packages()
    if missing:
        raise RuntimeError(f"missing: {' '.join(missing)}")
    return "all there"


def torch_engine() -> str:
    import torch

    pixels = torch.rand(1, 3, 32, 32, dtype=torch.bfloat16)
    torch.nn.Conv2d(3, 8, 3, dtype=torch.bfloat16)(pixels)
    return f"torch {torch.__version__}, {torch.get_num_threads()} threads"


def onnxruntime_engine() -> str:
    import onnxruntime

    return (
        f"onnxruntime {onnxruntime.__version__}: {_listed(onnxruntime.get_available_providers())}"
    )


def openvino_engine() -> str:
    import openvino

    return f"openvino {openvino.__version__}: {_listed(openvino.Core().available_devices)}"


def gpu() -> str:
    import torch

    if not torch.cuda.is_available():
        built = torch.version.cuda or torch.version.hip
        raise RuntimeError("none that torch can use" if built else "this torch is a CPU build")
    return _listed(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))


def default_weights() -> str:
    from safetensors import safe_open

    path = asset_path("weights/pandanet-small.safetensors")
    with safe_open(path, framework="numpy") as file:
        return f"{path.name}, {len(file.keys())} tensors, {path.stat().st_size / 1e6:.1f} MB"


def video_codecs() -> str:
    import av

    missing = [name for name in _DECODERS if name not in av.codecs_available]
    if missing:
        raise RuntimeError(f"cannot decode {_listed(missing)}")
    av.Codec(_ENCODER, "w")
    return f"av {av.__version__}: reads {_listed(_DECODERS)}; writes {_ENCODER}"


def qt_after_opencv() -> str:
    from pandanet_app.qt.environment import prepare_environment

    prepare_environment()
    import cv2

    return f"opencv {cv2.__version__} first, then {qt_window()}"


def qt_window() -> str:
    if sys.platform.startswith("linux") and not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PyQt6.QtCore import PYQT_VERSION_STR
    from PyQt6.QtGui import QGuiApplication

    application = QGuiApplication([])
    return f"PyQt {PYQT_VERSION_STR} with the platform plugin {application.platformName()!r}"


def open3d_view() -> str:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(variable, None)
    import numpy as np
    import open3d

    visualizer = open3d.visualization.Visualizer()
    if not visualizer.create_window(width=64, height=64, visible=False):
        raise RuntimeError("open3d got no OpenGL context")
    visualizer.add_geometry(open3d.geometry.TriangleMesh.create_sphere())
    picture = np.asarray(visualizer.capture_screen_float_buffer(do_render=True))
    visualizer.destroy_window()
    if picture.std() == 0:
        raise RuntimeError("open3d drew nothing")
    return f"open3d {open3d.__version__} draws without a screen"


def crowd_generator() -> str:
    import anny
    import moderngl

    context = moderngl.create_standalone_context(backend="egl")  # type: ignore[arg-type]
    return f"{anny.__name__}; OpenGL {context.version_code} on {context.info['GL_RENDERER']}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


PROBES = (
    Probe("Python", python_version, "install Python 3.11, 3.12 or 3.13 and set up again."),
    Probe("system libraries", system_libraries, f"run `{_LIBRARIES}`."),
    Probe("network engine", torch_engine, _REINSTALL),
    Probe("default weights", default_weights, _REINSTALL),
    Probe("video codecs", video_codecs, _REINSTALL),
    Probe("Qt window", qt_window, f"run `{_LIBRARIES}`, or start it where a screen is."),
    Probe("Qt after OpenCV", qt_after_opencv, f"run `{_LIBRARIES}`; keep one OpenCV package only."),
    Probe("3D view", open3d_view, f"run `{_LIBRARIES}`; the 2D part works without it."),
    Probe("GPU", gpu, "nothing to mend without one: the CPU does the work, slower.", True),
    Probe("ONNX Runtime", onnxruntime_engine, "`pip install 'pandanet[speed]'`.", True),
    Probe("OpenVINO", openvino_engine, "`pip install 'pandanet[speed]'`.", True),
    Probe(
        "crowd generator",
        crowd_generator,
        "`pip install 'pandanet[crowd]'`, then `pip install --no-deps anny`.",
        True,
    ),
)

"""Libraries of the operating system that the packages from pip need but do not bring.

Uses the standard library alone, so that `make` can run this file before anything is installed:
`python3 app/pandanet_app/system_libraries.py --install`.
"""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PACKAGE_OF_LIBRARY = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libusb-1.0.so.0": "libusb-1.0-0",
}
"""The file that the loader looks for, and the Debian package that holds it."""

_OPENGL_DRIVERS = ("/usr/lib/*/dri/*_dri.so", "/usr/lib*/dri/*_dri.so", "/usr/lib/*/libEGL_nvidia*")


def missing_packages(
    package_of_library: Mapping[str, str] = PACKAGE_OF_LIBRARY,
) -> tuple[str, ...]:
    """Name the Debian packages that have to be installed; none on anything but Linux."""
    if not sys.platform.startswith("linux"):
        return ()
    missing = [package for library, package in package_of_library.items() if not _loads(library)]
    if not any(any(Path("/").glob(pattern[1:])) for pattern in _OPENGL_DRIVERS):
        missing.append("libgl1-mesa-dri")
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    return tuple(missing)


def install_line(packages: tuple[str, ...]) -> str:
    """Return the command that installs the packages on Debian and Ubuntu."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def install(packages: tuple[str, ...]) -> None:
    """Install Debian packages; needs root.

    Raises:
        subprocess.CalledProcessError: apt-get failed, and has said why.
    """
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "--quiet", *command], check=True, env=environment)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Say what is missing; with `--install` and as root, install it."""
    missing = missing_packages()
    if not missing:
        return 0
    print(f"These system libraries are missing: {' '.join(missing)}", file=sys.stderr)
    may_install = "--install" in arguments and os.geteuid() == 0 and shutil.which("apt-get")
    if not may_install:
        print(f"Install them with:\n  {install_line(missing)}", file=sys.stderr)
        return 1
    install(missing)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

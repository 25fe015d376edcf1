"""Where the files that come with PandaNet lie: default weights and the demo clip."""

from pathlib import Path

from pandanet_core.errors import UserError

_PACKAGE = Path(__file__).parent
_WHEEL_ASSETS = _PACKAGE / "assets"
_CHECKOUT_ASSETS = _PACKAGE.parent / "assets"


def asset_path(name: str) -> Path:
    """Find a file that comes with PandaNet, in a checkout as in an installed wheel.

    Args:
        name: the path below `assets/`, such as "weights/pandanet-small.safetensors" or "demo.mp4".

    Returns:
        The file's path.

    Raises:
        UserError: the file is in neither place.
    """
    for folder in (_WHEEL_ASSETS, _CHECKOUT_ASSETS):
        path = folder / name
        if path.is_file():
            return path
    raise UserError(
        f"The file {name}, which comes with PandaNet, is missing: install PandaNet again, "
        f"or restore assets/{name} in your checkout."
    )

"""Settings that nothing could work with, said before they are used."""

import math

from pandanet_core.errors import UserError


def refuse_outside(settings: object, least: float, most: float, *names: str) -> None:
    """UserError tells which of the named settings is below `least`, above `most` or no number.

    Args:
        settings: What has them as attributes; those that are None are not set.
        least, most: What is allowed, in the settings' own unit; `most` may be infinite.
        names: The attributes.
    """
    for name in names:
        value = getattr(settings, name)
        if value is not None and not least <= value <= most:
            allowed = f"{least:g} to {most:g}" if most < math.inf else f"at least {least:g}"
            raise UserError(f"The setting {name} is {value}; give {allowed}.")

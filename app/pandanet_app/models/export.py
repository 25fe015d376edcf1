"""How far the saving of a file has come."""

from pydantic import Field

from pandanet_app.models.base import Model


class ExportProgress(Model):
    """Progress of saving.

    Attributes:
        active: Whether something is being saved.
        name: Name of the file.
        unit: What is counted, in the plural.
        done: How many are written.
        total: How many are to be written.
        left_s: Seconds left; None while unknown.
    """

    active: bool = False
    name: str = ""
    unit: str = "frames"
    done: int = Field(default=0, ge=0)
    total: int = Field(default=0, ge=0)
    left_s: float | None = None

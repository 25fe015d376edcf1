"""The one person chosen in every view."""

from pandanet_app.models.base import Model


class Selection(Model):
    """The chosen person.

    Attributes:
        person: Index among the candidates of the shown frame; None when nobody is chosen.
    """

    person: int | None = None

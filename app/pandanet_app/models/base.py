"""The strict evented model that every piece of state is made of."""

from psygnal import EventedModel
from pydantic import ConfigDict


class Model(EventedModel):
    """A pydantic model that tells its listeners of every change: `model.events.field.connect(f)`.

    Unknown fields and values of a wrong type are refused when they are set, not when they are used.
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", validate_assignment=True, arbitrary_types_allowed=True
    )

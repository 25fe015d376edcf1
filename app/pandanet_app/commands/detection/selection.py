"""Which frames of a source are looked at."""

from dataclasses import dataclass

from pandanet_core.errors import UserError
from pandanet_core.video import FrameSource


@dataclass(frozen=True)
class Selection:
    """Which frames of a source: start, start + step, ... below stop; None: to its end."""

    start: int = 0
    stop: int | None = None
    step: int = 1

    @staticmethod
    def parse(text: str | None, step: int) -> "Selection":
        """From "A:B", where either may be missing; raises UserError where that makes no sense."""
        if step < 1:
            raise UserError(f"--every is {step}; give 1 for every frame, 2 for every second.")
        start, colon, stop = (text or ":").partition(":")
        numbers = [part.strip() for part in (start, stop)]
        if not colon or any(part and not part.isdecimal() for part in numbers):
            raise UserError(f"--range {text} is not A:B; give two frame numbers, such as 100:200.")
        first, last = (int(part) if part else None for part in numbers)
        return Selection(first or 0, last, step)

    def count(self, source: FrameSource) -> int | None:
        """How many; None where nobody knows."""
        if source.frame_count is None:
            return None if self.stop is None else len(range(self.start, self.stop, self.step))
        stop = source.frame_count if self.stop is None else min(self.stop, source.frame_count)
        return len(range(self.start, stop, self.step))

"""Learning rate over a training."""

from pandanet_core.training.config import OptimiserSettings


def learning_rate_factor(step: int, steps: int, settings: OptimiserSettings) -> float:
    """What the learning rates are multiplied by at a step (counted from 0) of a training of `steps`
    steps."""
    warm_up = min(1.0, (step + 1) / max(settings.warm_up_steps, 1))
    if settings.schedule == "polynomial":
        return warm_up * max(0.0, 1 - step / steps) ** 0.9
    return warm_up * min(1.0, max(0.0, (steps - step) / max(settings.cool_down_steps, 1)))

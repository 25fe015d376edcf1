"""All state of the training window in one place."""

from dataclasses import dataclass, field

from pandanet_app.models.training.forecast import TrainingForecast
from pandanet_app.models.training.form import TrainingForm
from pandanet_app.models.training.probes import TrainingProbes
from pandanet_app.models.training.runs import TrainingRuns


@dataclass(frozen=True)
class TrainingState:
    """The models of the training window."""

    form: TrainingForm = field(default_factory=TrainingForm)
    forecast: TrainingForecast = field(default_factory=TrainingForecast)
    runs: TrainingRuns = field(default_factory=TrainingRuns)
    probes: TrainingProbes = field(default_factory=TrainingProbes)

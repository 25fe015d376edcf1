"""All state of one window or notebook in one place."""

from dataclasses import dataclass, field

from pandanet_app.models.anchor_lab import AnchorLab
from pandanet_app.models.detection import DetectionProgress
from pandanet_app.models.export import ExportProgress
from pandanet_app.models.lambda_lab import LambdaLab
from pandanet_app.models.overlay import Overlay
from pandanet_app.models.playback import Playback
from pandanet_app.models.selection import Selection
from pandanet_app.models.session import Session
from pandanet_app.models.training.state import TrainingState
from pandanet_app.models.view import ViewState


@dataclass(frozen=True)
class AppState:
    """The models that both front ends show and edit."""

    session: Session = field(default_factory=Session)
    playback: Playback = field(default_factory=Playback)
    overlay: Overlay = field(default_factory=Overlay)
    selection: Selection = field(default_factory=Selection)
    detection: DetectionProgress = field(default_factory=DetectionProgress)
    view: ViewState = field(default_factory=ViewState)
    export: ExportProgress = field(default_factory=ExportProgress)
    anchor_lab: AnchorLab = field(default_factory=AnchorLab)
    lambda_lab: LambdaLab = field(default_factory=LambdaLab)
    training: TrainingState = field(default_factory=TrainingState)

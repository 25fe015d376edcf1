"""CMU Panoptic: MPJPE by scenario (Table 5), over the 15 joints without eyes and ears."""

from dataclasses import dataclass, field

from pandanet_core.data.panoptic.pictures import TEST_SCENARIOS, scenario_of
from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections
from pandanet_core.evaluation.measure import Measurement, together
from pandanet_core.evaluation.pose_metrics import mpjpe, pck_3d
from pandanet_core.evaluation.protocols import published
from pandanet_core.evaluation.protocols.meter import MeterSettings
from pandanet_core.evaluation.table import Table, Value

OTHER = "other"

_NOTE = (
    "Mean distance from the true joints, root-aligned, each person's true size given, over the "
    "people found. The paper measures 9600 frames of the HD cameras 16 and 30. Its mean is over "
    "people or frames, not over scenarios: that would be 41.3 mm. Best before: Benzine et al. [2]."
)


@dataclass
class PanopticMeter:
    """Table 5."""

    settings: MeterSettings
    _by_scenario: dict[str, list[Measurement]] = field(default_factory=dict)

    def add(self, index: int, sample: Sample, found: Detections, measured: Measurement) -> None:
        """Put the picture to those of its scenario."""
        scenario = (scenario_of(sample.name) or OTHER).capitalize()
        self._by_scenario.setdefault(scenario, []).append(measured)

    def tables(self, whole: Measurement) -> tuple[Table, ...]:
        """MPJPE of each scenario that there are pictures of, and of everybody."""
        parts = {
            scenario: together(self._by_scenario[scenario])
            for scenario in [name.capitalize() for name in (*TEST_SCENARIOS, OTHER)]
            if scenario in self._by_scenario
        }
        rows = [self._row(name, part) for name, part in {**parts, "everybody": whole}.items()]
        return (Table("Table 5: MPJPE by scenario", _NOTE, tuple(rows)),)

    def _row(self, scenario: str, part: Measurement) -> dict[str, Value]:
        people = part.people.at(self.settings.pose_score)
        errors = people.errors_mm[:, list(self.settings.joints)]
        paper, before = published.SCENARIO_MPJPE_MM.get(scenario, (None, None))
        return {
            "scenario": scenario,
            "pictures": part.pictures,
            "people": len(people),
            "found %": 100 * float(people.found.mean()) if len(people) else None,
            "MPJPE mm": mpjpe(errors),
            "paper mm": paper,
            "best before mm": before,
            "3DPCK %": 100 * pck_3d(errors),
        }

"""JTA: average precision and 3DPCK, by camera distance and by joint (Tables 1 to 4)."""

from dataclasses import dataclass

from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections
from pandanet_core.evaluation import breakdown
from pandanet_core.evaluation.measure import MeasuredPeople, Measurement
from pandanet_core.evaluation.pose_metrics import pck_3d
from pandanet_core.evaluation.protocols import published
from pandanet_core.evaluation.protocols.meter import MeterSettings
from pandanet_core.evaluation.table import Table, Value

_OTHER_PICTURES = "The paper's figures are of JTA's test set; other pictures are easier or harder."


@dataclass(frozen=True)
class JtaMeter:
    """Tables 1 to 4; everything comes from the measurement of all pictures."""

    settings: MeterSettings

    def add(self, index: int, sample: Sample, found: Detections, measured: Measurement) -> None:
        """Nothing beyond the measurement is needed."""

    def tables(self, whole: Measurement) -> tuple[Table, ...]:
        """AP and 3DPCK, then 3DPCK by distance and by joint, each beside the paper's."""
        people = whole.people.at(self.settings.pose_score)
        return (
            self._headline(whole, people),
            self._by_distance(people),
            self._by_joint(people),
        )

    def _headline(self, whole: Measurement, people: MeasuredPeople) -> Table:
        joints = list(self.settings.joints)
        average_precision = 100 * whole.curve().average_precision()
        right = 100 * pck_3d(people.errors_mm[:, joints])
        return Table(
            "Tables 1 and 2: detection and poses",
            "Average precision (PASCAL VOC, IoU 0.5), and share of joints within 150 mm, where a "
            f"person who is not found has none. {_OTHER_PICTURES}",
            (
                {"%": "AP", "here": average_precision, "paper": published.PANDANET_AP},
                {"%": "3DPCK", "here": right, "paper": published.PANDANET_3DPCK},
            ),
        )

    def _by_distance(self, people: MeasuredPeople) -> Table:
        joints = list(self.settings.joints)
        groups = {name: people.choose(who) for name, who in breakdown.by_distance(people)}
        groups["everybody"] = people
        rows = [
            {
                "distance": name,
                "people": len(group),
                **_beside(pck_3d(group.errors_mm[:, joints]), published.DISTANCE_3DPCK[name]),
            }
            for name, group in groups.items()
        ]
        return Table("Table 3: 3DPCK by camera distance", _OTHER_PICTURES, tuple(rows))

    def _by_joint(self, people: MeasuredPeople) -> Table:
        groups = breakdown.joint_groups(self.settings.skeleton)
        compared = set(self.settings.joints)
        rows = [
            {
                "joints": name,
                **_beside(pck_3d(people.errors_mm[:, joints]), published.JOINT_3DPCK[name]),
            }
            for name, joints in [*groups, ("all joints", sorted(compared))]
            if compared.issuperset(joints)
        ]
        return Table("Table 4: 3DPCK by joint", _OTHER_PICTURES, tuple(rows))


def _beside(share: float, paper: tuple[float, float]) -> dict[str, Value]:
    ours, before = paper
    return {"3DPCK %": 100 * share, "paper %": ours, f"{published.BEFORE} %": before}

"""Groups of joints by their names: the words that tables and charts sum joints up by."""

from collections.abc import Sequence

_GROUPS = (
    ("head", {"head", "nose", "eye", "ear"}),
    ("neck", {"neck"}),
    ("clavicles", {"clavicle"}),
    ("shoulders", {"shoulder"}),
    ("elbows", {"elbow"}),
    ("wrists", {"wrist"}),
    ("spines", {"spine"}),
    ("hips", {"hip", "pelvis", "centre"}),
    ("knees", {"knee"}),
    ("ankles", {"ankle"}),
    ("hands", {"hand"}),
    ("feet", {"foot", "toe"}),
)
"""Table 4's groups, and hands and feet, from head to foot; the first that fits a name counts."""

_OTHERS = "others"


def joint_groups(joint_names: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Table 4's groups of joints, and hands and feet: name and joint indices, those that there are.

    Joints whose names say none of them come last, as "others".
    """
    groups: dict[str, list[int]] = {name: [] for name, _ in _GROUPS}
    groups[_OTHERS] = []
    for joint, joint_name in enumerate(joint_names):
        words = set(joint_name.split())
        fitting = (name for name, any_of in _GROUPS if words & any_of)
        groups[next(fitting, _OTHERS)].append(joint)
    return [(name, joints) for name, joints in groups.items() if joints]

"""What the learned loss weights say, in words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.lab.lambda_history import TASKS, LambdaHistory

_NAMED = 2
"""So many of the surest and of the least sure are named."""


def in_words(history: LambdaHistory, step: int) -> tuple[str, ...]:
    """Sentences about the λ at a step: which joints, sizes and tasks are surest, which least.

    A λ grows where the loss that it weighs has become small, so it tells what the network is sure
    of. Left and right count as one joint.
    """
    at = history.index_at(step)
    groups, members = _joint_groups(history.joint_names)
    sizes = [f"{width:.0f} × {height:.0f} px" for width, height in history.anchor_sizes_px]
    sentences = []
    for task, values in (("2D", history.joint_2d[at]), ("3D", history.joint_3d[at])):
        logs = np.log(values)
        by_joint = np.array([logs[:, own].mean() for own in members])
        sentences.append(_ranked(f"Joints in {task}", groups, by_joint))
        sentences.append(_ranked(f"Sizes in {task}", sizes, logs.mean(1)))
    sentences.append(_ranked("Sizes in score", sizes, np.log(history.anchor_cls[at])))
    sentences.append(_ranked("Sizes in box", sizes, np.log(history.anchor_loc[at])))
    sentences.append(_ranked("Tasks", list(TASKS), np.log(history.task[at])))
    return tuple(sentences)


def _ranked(what: str, names: list[str], logs: NDArray[np.floating[Any]]) -> str:
    if len(names) < 2 or np.ptp(logs) < 1e-3:
        return f"{what}: all λ are alike, {np.exp(logs.mean()):.2f}."
    order = np.argsort(-logs, kind="stable")
    count = min(_NAMED, len(names) // 2)
    surest = ", ".join(f"{names[n]} ({np.exp(logs[n]):.2f})" for n in order[:count])
    least = ", ".join(f"{names[n]} ({np.exp(logs[n]):.2f})" for n in order[::-1][:count])
    return f"{what}: surest {surest}; least sure {least}."


def _joint_groups(joints: tuple[str, ...]) -> tuple[list[str], list[list[int]]]:
    """Joints of both sides together: their names and members."""
    members: dict[str, list[int]] = {}
    for number, joint in enumerate(joints):
        side, _, rest = joint.partition(" ")
        members.setdefault(f"{rest}s" if side in ("left", "right") else joint, []).append(number)
    return list(members), list(members.values())

"""What `pandanet data check` says in the end."""

import json
from pathlib import Path

from pandanet_core.data.check import Findings, SplitFindings
from pandanet_core.data.check.statistics import Spread, Statistics
from pandanet_core.files import write_text

MOST_DAMAGE = 50
"""So many damaged files are listed on the terminal; the JSON file has all."""


def report(findings: Findings, interrupted: bool) -> str:
    """Everything that was found, to read."""
    lines = [findings.data]
    for split in findings.splits:
        lines += _split(split)
    damage = findings.damage
    lines += [f"damaged: {each}" for each in damage[:MOST_DAMAGE]]
    if len(damage) > MOST_DAMAGE:
        lines.append(f"damaged: {len(damage) - MOST_DAMAGE} more; --json FILE lists them all")
    if interrupted:
        lines.append("Interrupted: this is what was seen until then.")
    elif damage:
        lines.append(f"{len(damage)} {'thing is' if len(damage) == 1 else 'things are'} damaged.")
    else:
        lines.append("Everything that was looked at is sound.")
    return "\n".join(lines)


def print_json(findings: Findings, interrupted: bool, files: list[Path]) -> None:
    """The last JSON line: everything that was found."""
    end = {"done": True, "interrupted": interrupted, "files": [str(file) for file in files]}
    print(json.dumps(findings.to_dict() | end), flush=True)


def write_json(path: Path, findings: Findings) -> None:
    """Write everything that was found; UserError where the disk does not take it."""
    write_text(path, json.dumps(findings.to_dict(), indent=1) + "\n")


def _split(split: SplitFindings) -> list[str]:
    looked = "" if split.looked_at == split.pictures else f", {split.looked_at} looked at"
    lines = [f"{split.split}: {split.pictures} pictures{looked}"]
    if split.statistics.pictures:
        lines += [f"  {line}" for line in _statistics(split.statistics, split.skeleton)]
    lines += [f"  {lost}" for lost in split.lost]
    return lines


def _statistics(found: Statistics, skeleton: str) -> list[str]:
    sizes = list(found.sizes.items())
    shown = ", ".join(f"{size} ({count})" for size, count in sizes[:4])
    more = f" and {len(sizes) - 4} other sizes" if len(sizes) > 4 else ""
    sequences = [f"sequences or cameras: {found.sequences}"] if found.sequences else []
    lines = [
        *sequences,
        f"sizes in px: {shown}{more}",
        f"people: {found.people}, {found.to_find} of them to find, the others ignored",
    ]
    if not found.to_find:
        return lines
    lines += [
        f"joints ({skeleton}): {found.joints_2d:.1%} annotated in 2D, {found.joints_3d:.1%} in 3D",
        f"  of those in 2D: {found.inside:.1%} inside the picture, {found.occluded:.1%} hidden by "
        f"something else, {found.self_occluded:.1%} by the own body",
        f"{'':26}{'least':>9}{'5 %':>9}{'median':>9}{'95 %':>9}{'largest':>9}",
    ]
    rows = (
        ("people to find a picture", found.people_a_picture),
        ("height, px", found.height_px),
        ("distance, m", found.distance_m),
        ("horizontal view, degrees", found.fov_deg),
    )
    return lines + [_row(name, spread) for name, spread in rows if spread is not None]


def _row(name: str, spread: Spread) -> str:
    return f"{name:26}" + "".join(f"{value:9.1f}" for value in vars(spread).values())

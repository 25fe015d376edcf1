"""Which splits a folder has."""

from pathlib import Path

from pandanet_core.data import jta, mupots, panoptic
from pandanet_core.data.sources import Source

COCO_PREFIX = "person_keypoints_"


def splits_there(source: Source) -> tuple[str, ...]:
    """The split that a source names, or all that its folder has; never none: opening one then says
    what is missing."""
    if source.split:
        return (source.split,)
    found: dict[str, tuple[str, ...]] = {
        "jta": jta.splits(source.folder),
        "crowd": jta.splits(source.folder),
        "coco": _coco_splits(source.folder),
        "panoptic": panoptic.splits(source.folder),
        "mupots": mupots.SPLITS,
    }
    return found.get(source.kind) or ("train",)


def _coco_splits(folder: Path) -> tuple[str, ...]:
    files = {*folder.glob(f"{COCO_PREFIX}*.json"), *folder.glob(f"*/{COCO_PREFIX}*.json")}
    return tuple(sorted(file.stem.removeprefix(COCO_PREFIX) for file in files))

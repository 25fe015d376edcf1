"""A data card beside a crowd: how it was made, from what, under which licences, and what it is like."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pandanet_core.crowd.people.clothes.outfits import BAG_SHARE, HAT_SHARE, OUTFITS
from pandanet_core.crowd.people.population import AGE_GROUPS
from pandanet_core.crowd.settings import INDEX_FILE
from pandanet_core.crowd.statistics import MOST_SEQUENCES, CrowdStatistics, statistics_of_folder
from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error, write_text

CARD_FILE, FIGURE_FILE = "README.md", "statistics.png"

_ASSETS = {
    "motion": ("Motions", "built-in motions of PandaNet (Apache-2.0)"),
    "hdri": ("Skies", "skies painted by PandaNet (Apache-2.0)"),
    "makehuman": ("Clothes, hair, skins", "clothes cut by PandaNet from anny's bodies (CC0)"),
    "backgrounds": ("Photographs behind people", "none"),
}
_TELLING_NAMES = ("licen", "copying", "origin", "readme", "notice")
_TELLING_WORDS = ("licen", "cc0", "public domain", "creative commons", "copyright")
_MOST_CHARACTERS, _MOST_LINES = 200, 40
_COLOURS = {"train": "#5b8db8", "val": "#c8553d", "test": "#6a994e"}


_PEOPLE = (
    f"Half of the bodies are men, half women; {AGE_GROUPS[0][2]:.0%} are 4 to 17 years old and "
    f"{AGE_GROUPS[2][2]:.0%} 65 to 90. Statures are normal about WHO's growth references for children, "
    "and about 1.755 m (standard deviation 0.072) for men and 1.63 m (0.066) for women, who shrink "
    f"with age. They wear {len(OUTFITS)} kinds of outfits in random fabrics and colours, or MakeHuman's "
    f"clothes where these were given; {HAT_SHARE:.0%} or more have a hat, hood or headscarf, "
    f"{BAG_SHARE:.0%} a bag. Hats and bags count as their wearer: what they hide is self-occluded."
)


def write_card(folder: Path) -> Path:
    """Write README.md and statistics.png for all splits of a crowd on disk.

    Raises UserError where there is no crowd, it is damaged, or the disk does not take the files.
    """
    try:
        splits = json.loads((folder / INDEX_FILE).read_bytes())["splits"]
    except OSError as error:
        raise UserError(f"There is no crowd in {folder}: {INDEX_FILE} is missing.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder / INDEX_FILE} is damaged; make the crowd again.") from error
    found = {
        split: _statistics(folder, split, entry["settings"]) for split, entry in splits.items()
    }
    _save_figure(folder / FIGURE_FILE, found)
    write_text(folder / CARD_FILE, card_text(splits, found))
    return folder / CARD_FILE


def card_text(splits: Mapping[str, Mapping[str, Any]], found: Mapping[str, CrowdStatistics]) -> str:
    """The card in Markdown: splits as crowd.json records them, and their statistics."""
    sections = [
        "# A generated crowd\n\nPictures of computer-made people with exact joints, by `pandanet "
        "crowd`. No real person is shown. Joints are JTA's 22, in JTA's file layout: 2D in px, 3D in "
        "metres in camera space, with flags for what hides them; `cameras/` holds each picture's "
        "intrinsics [frame, fx, fy, cx, cy] in px, `extrinsics/` where its camera stands and looks: "
        "[frame, R (9 numbers, row by row), t (3)] brings points of the world, z up, in metres, into "
        "camera space.",
        f"## What it is like\n\n{_statistics_table(found)}\n\n![Histograms]({FIGURE_FILE})\n\nPeople "
        "count when at least one joint lies in the picture. Heights are from the highest joint to the "
        "lowest; distances are the hips' depth. Of more than "
        f"{100 * MOST_SEQUENCES:,} pictures so many, evenly spread, were measured.",
        f"## Who is in it\n\n{_PEOPLE}",
        f"## How it was made\n\n{_settings_table(splits)}\n\nThe same settings with the same "
        f"versions make the same labels. `{INDEX_FILE}` lists every body, clip and sky of each split; "
        "no split shares any with another.",
        f"## What went into it\n\n{_assets_table(splits)}\n\nWhoever passes the pictures on "
        "minds these licences. PandaNet itself asks for nothing.",
        "## What it cannot tell\n\nTextures, light and faces are simpler than photographs; crowds are "
        "placed by chance, without the purposes of real ones. Measure on real pictures before relying "
        "on what was learnt here.",
    ]
    return "\n\n".join(sections) + "\n"


def licence_of(folder: Path) -> str:
    """What a folder's own files say of their licence, quoted; or that nothing is said.

    Looked at: files named like a licence or a read-me, and the heads of MakeHuman's clothes files.
    """
    named = [
        file
        for pattern in ("*", "*/*")
        for file in sorted(folder.glob(pattern))
        if file.is_file() and file.name.lower().startswith(_TELLING_NAMES)
    ]
    for file in [*named, *sorted(folder.glob("*/*/*.mhclo"))[:3]]:
        for line in _first_lines(file):
            if any(word in line.lower() for word in _TELLING_WORDS):
                return f'"{line[:_MOST_CHARACTERS]}" ({file.relative_to(folder)})'
    return "that of the folder's owner: no file in it says"


def _first_lines(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[:_MOST_LINES]
    except OSError:
        return []
    return [line.strip(" #*|\t") for line in lines]


def _statistics(folder: Path, split: str, settings: Mapping[str, Any]) -> CrowdStatistics:
    return statistics_of_folder(folder, split, (settings["width"], settings["height"]))


def _statistics_table(found: Mapping[str, CrowdStatistics]) -> str:
    rows = []
    for split, of_split in found.items():
        rows.append(
            [
                split,
                f"{len(of_split.people):,}",
                f"{of_split.people.mean():.1f} ({of_split.people.min()}-{of_split.people.max()})"
                if len(of_split.people)
                else "-",
                _spread(of_split.heights_px),
                _spread(of_split.distances_m),
                _spread(of_split.fov_deg),
                f"{of_split.occluded:.0%}, {of_split.self_occluded:.0%}",
            ]
        )
    return _table(
        [
            "split",
            "pictures measured",
            "people a picture (range)",
            "height, px",
            "distance, m",
            "field of view, °",
            "joints hidden by others, by oneself",
        ],
        rows,
    )


def _spread(values: np.ndarray[Any, Any]) -> str:
    """Median and the middle nine tenths."""
    if not len(values):
        return "-"
    low, middle, high = np.percentile(values, (5, 50, 95))
    return f"{middle:.3g} ({low:.3g}-{high:.3g})"


def _settings_table(splits: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for split, entry in splits.items():
        settings = entry["settings"]
        rows.append(
            [
                split,
                f"{entry['made']:,}",
                str(settings["seed"]),
                f"{settings['width']}x{settings['height']}",
                settings["preset"],
                "{}-{}".format(*settings["people"]),
                "{:g}-{:g}".format(*settings["height_px"]),
                str(len(entry["characters"])),
                str(len(entry["clips"])) if settings["motion"] else "built-in",
                str(len(entry["skies"])) if settings["hdri"] else "painted",
                f"{entry['version']}, anny {_version_of('anny')}",
            ]
        )
    heads = (
        "split, pictures, seed, size, preset, people, height in px, bodies, clips, skies, pandanet"
    )
    return _table(heads.split(", "), rows)


def _assets_table(splits: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [["Bodies", "anny (Apache-2.0), with MakeHuman's shapes (CC0)"]]
    for name, (what, builtin) in _ASSETS.items():
        folders = {entry["settings"].get(name) for entry in splits.values()}
        for place in sorted(folders, key=str):
            given = f"`{Path(place).name}/`: {licence_of(Path(place))}" if place else builtin
            rows.append([what, given])
    return _table(["what", "from, and under which licence"], rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in r] for r in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _save_figure(path: Path, found: Mapping[str, CrowdStatistics]) -> None:
    part = part_path(path)
    try:
        draw_statistics(found).savefig(part, format="png")
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error


def draw_statistics(found: Mapping[str, CrowdStatistics]) -> Figure:
    """Histograms of people a picture, heights, distances and fields of view, one line a split."""
    figure = Figure(figsize=(9, 6), dpi=110, layout="constrained")
    axes = figure.subplots(2, 2)
    titles = ("people a picture", "height, px", "distance, m", "horizontal field of view, °")
    names = ("people", "heights_px", "distances_m", "fov_deg")
    for panel, title, name in zip(axes.flat, titles, names, strict=True):
        values = {split: getattr(of_split, name) for split, of_split in found.items()}
        _draw_histogram(panel, title, values, logarithmic=name in ("heights_px", "distances_m"))
    axes[0, 0].set_ylabel("share of pictures")
    axes[0, 1].set_ylabel("share of people")
    axes[1, 0].set_ylabel("share of people")
    axes[1, 1].set_ylabel("share of pictures")
    axes[0, 0].legend()
    return figure


def _draw_histogram(
    axes: Axes, title: str, values: Mapping[str, np.ndarray[Any, Any]], logarithmic: bool
) -> None:
    together = np.concatenate(list(values.values()))
    together = together[together > 0] if logarithmic else together
    if len(together):
        low, high = float(together.min()), float(together.max()) * 1.001 + 1e-6
        edges = np.geomspace(low, high, 31) if logarithmic else np.linspace(low, high, 31)
        if together.dtype.kind == "i":
            edges = np.arange(together.min(), together.max() + 2) - 0.5
        for split, of_split in values.items():
            counts, _ = np.histogram(of_split, edges)
            share = counts / max(1, len(of_split))
            axes.stairs(share, edges, label=split, color=_COLOURS.get(split), linewidth=1.5)
    if logarithmic:
        axes.set_xscale("log")
    axes.set_title(title)

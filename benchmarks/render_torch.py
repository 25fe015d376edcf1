"""How many pictures a second does the torch renderer draw, and does it draw what OpenGL draws?

Scenes are drawn lots of beforehand; what counts is from scenes to pictures, identities and depths,
once left on the device (where a training wants them) and once brought to the host. JPEG is not
part of it. Where OpenGL can be had, person ids of pixels and flags of joints are compared.

    python benchmarks/render_torch.py --help
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np
import torch
import tyro
from shared_data import SHARED_DATA

from pandanet_core.crowd.drawing.render_gl import Renderer
from pandanet_core.crowd.drawing.torch_renderer.renderer import TorchRenderer
from pandanet_core.crowd.folders import Skies, files_of_split, read_motions
from pandanet_core.crowd.generate import cast_of
from pandanet_core.crowd.labels import label
from pandanet_core.crowd.people.cast import read_cast
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.scenes.scene import Scene
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.errors import UserError

WANTED_PICTURES_A_SECOND = 300
WANTED_IDS, WANTED_FLAGS = 0.995, 0.99


@dataclass(frozen=True)
class Options:
    """A batch of pictures."""

    width: int = 512
    """Width of a picture, px."""
    height: int = 320
    """Height of a picture, px."""
    people: int = 20
    """People that each picture is planned for."""
    batch: int | None = None
    """Pictures drawn at once; 64 on CUDA, 4 on the CPU."""
    repeats: int = 5
    """Timed runs, of which the median counts."""
    compared: int = 8
    """Pictures also drawn with OpenGL."""
    device: str = "cuda" if torch.cuda.is_available() else "cpu"
    """cuda or cpu."""


def main(options: Options) -> None:
    """Measure and print."""
    batch = options.batch or (64 if options.device.startswith("cuda") else 4)
    settings, world, skies = studio(options)
    count = max(batch, options.compared)
    scenes = [draw_scene(np.random.default_rng([4, n]), settings, world) for n in range(count)]
    torch_draws = TorchRenderer(world.cast, skies, options.width, options.height, options.device)
    people = np.mean([len(scene.people) for scene in scenes[:batch]])
    print(f"{where(options.device)}, torch {torch.__version__}")
    print(f"{batch} pictures of {options.width}x{options.height} with {people:.1f} people each")
    chosen = scenes[:batch]
    speeds = {
        "on the device": lambda: list(torch_draws.render_on_device(chosen)),
        "on the host": lambda: torch_draws.render(chosen),
    }
    for name, work in speeds.items():
        rate = batch / seconds(work, options)
        print(f"{name}: {rate:.1f} pictures/s (wanted on CUDA: {WANTED_PICTURES_A_SECOND})")
    if options.device.startswith("cuda"):
        print(f"most memory on the device: {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")
    compare(options, world, skies, scenes[: options.compared], torch_draws)


def studio(options: Options) -> tuple[CrowdSettings, World, Skies]:
    """People, motions and skies of the split "test"; the shared data's where they are."""
    folders = (SHARED_DATA / name for name in ("motion/cmu", "hdri", "makehuman"))
    motion, hdri, makehuman = (folder if folder.exists() else None for folder in folders)
    settings = CrowdSettings(
        width=options.width,
        height=options.height,
        people=(options.people, options.people),
        split="test",
        motion=motion,
        hdri=hdri,
        makehuman=makehuman,
    )
    names = files_of_split(settings)
    skies = Skies(settings, names)
    cast = read_cast(cast_of(settings, lambda what, done, total: None))
    return settings, World(cast, read_motions(settings, names), skies.names), skies


def seconds(work: Callable[[], object], options: Options) -> float:
    """Median time of one run after one to warm up."""
    times = []
    for _ in range(options.repeats + 1):
        began = perf_counter()
        work()
        if options.device.startswith("cuda"):
            torch.cuda.synchronize()
        times.append(perf_counter() - began)
    return median(times[1:])


def compare(
    options: Options, world: World, skies: Skies, scenes: list[Scene], torch_draws: TorchRenderer
) -> None:
    """Print how much of the pictures and flags is the same as OpenGL's."""
    try:
        opengl = Renderer(world.cast, skies, options.width, options.height)
    except UserError as error:
        print(f"Not compared with OpenGL: {error}")
        return
    pixels, persons, flags, colours = [], [], [], []
    for scene, ours in zip(scenes, torch_draws.render(scenes), strict=True):
        theirs = opengl.render(scene)
        same = ours.identity == theirs.identity
        pixels.append(same.ravel())
        persons.append(same[(ours.identity > 0) | (theirs.identity > 0)])
        mine, other = (
            label(scene, world.cast.characters, drawn.identity, drawn.depth)
            for drawn in (ours, theirs)
        )
        equal = (mine.occluded == other.occluded) & (mine.self_occluded == other.self_occluded)
        flags.append(equal.ravel())
        colours.append(np.abs(ours.image.astype(float) - theirs.image).mean())
    print(f"against OpenGL ({len(scenes)} pictures):")
    print(f"  ids, all pixels equal: {np.concatenate(pixels).mean():.3%}")
    print(
        f"  ids, people's pixels equal: {np.concatenate(persons).mean():.3%} (wanted {WANTED_IDS:.1%})"
    )
    print(f"  joint flags equal: {np.concatenate(flags).mean():.3%} (wanted {WANTED_FLAGS:.0%})")
    print(f"  mean difference of colours: {np.mean(colours):.2f} of 255")


def where(device: str) -> str:
    """The device's name."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"


if __name__ == "__main__":
    main(tyro.cli(Options))

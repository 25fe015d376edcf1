"""Which renderer draws: OpenGL, or torch where no OpenGL is to be had or a CUDA device is."""

from collections.abc import Callable, Sequence

from pandanet_core.crowd.drawing.render_gl import Renderer, SkyByName, open_device
from pandanet_core.crowd.drawing.targets import Rendering
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.scenes.scene import Scene
from pandanet_core.crowd.settings import CrowdSettings, RendererName
from pandanet_core.errors import UserError

Draw = Callable[[Sequence[Scene]], list[Rendering]]


def open_renderer(
    settings: CrowdSettings, cast: Cast, skies: SkyByName, supersampling: int = 1
) -> Draw:
    """What draws scenes for these settings; UserError where OpenGL is wished and cannot be used."""
    size = (settings.width, settings.height)
    if settings.renderer == "gl":
        one_by_one = Renderer(cast, skies, *size, supersampling)
        return lambda scenes: [one_by_one.render(scene) for scene in scenes]
    # Only here: who draws with OpenGL does not wait for torch.
    import torch

    from pandanet_core.crowd.drawing.torch_renderer.renderer import TorchRenderer

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return TorchRenderer(cast, skies, *size, device, supersampling).render


def why_no_opengl() -> str | None:
    """A sentence that says why OpenGL cannot be used here, or None where it can."""
    try:
        open_device().release()
    except UserError as error:
        return str(error)
    return None


def usable_renderer(wish: RendererName) -> tuple[RendererName, str | None]:
    """The renderer that is wished, or torch where OpenGL cannot be used, with a sentence that says why."""
    reason = why_no_opengl() if wish == "gl" else None
    return ("torch", reason) if reason else (wish, None)

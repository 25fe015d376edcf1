"""Icons in the colours of the theme."""

import qtawesome
from PyQt6.QtGui import QIcon

from pandanet_app.qt.theme import Theme
from pandanet_app.views.shortcuts import Command

ICONS = {
    Command.OPEN: "mdi6.folder-open-outline",
    Command.SAVE_DETECTIONS: "mdi6.content-save-outline",
    Command.SAVE_OVERLAY: "mdi6.movie-open-outline",
    Command.DETECT: "mdi6.account-search-outline",
    Command.CANCEL: "mdi6.close",
    Command.FIRST_FRAME: "mdi6.skip-backward",
    Command.PREVIOUS_FRAME: "mdi6.step-backward",
    Command.NEXT_FRAME: "mdi6.step-forward",
    Command.LAST_FRAME: "mdi6.skip-forward",
    Command.PLAY_PAUSE: "mdi6.play",
    Command.PAUSE: "mdi6.pause",
    Command.LOOP: "mdi6.repeat",
    Command.SHOW_PEOPLE: "mdi6.eye-outline",
    Command.SHOW_BOXES: "mdi6.vector-square",
    Command.SHOW_SKELETONS: "mdi6.human",
    Command.SHOW_LABELS: "mdi6.label-outline",
    Command.VIEW_CAMERA: "mdi6.video-outline",
    Command.VIEW_TOP: "mdi6.arrow-collapse-down",
    Command.VIEW_FIT: "mdi6.fit-to-page-outline",
}


def icon(command: Command, theme: Theme) -> QIcon:
    """The command's icon; an empty one where it has none."""
    name = ICONS.get(command)
    if name is None:
        return QIcon()
    return qtawesome.icon(name, color=theme.text, color_disabled=theme.border)

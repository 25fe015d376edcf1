"""Every command of the window with its keys: one table, shown in the menus and by F1."""

from dataclasses import dataclass
from enum import Enum, auto


class Command(Enum):
    """What a person can ask the window to do."""

    OPEN = auto()
    OPEN_FOLDER = auto()
    OPEN_TRAINING = auto()
    OPEN_DEMO = auto()
    SAVE_DETECTIONS = auto()
    SAVE_OVERLAY = auto()
    QUIT = auto()
    PLAY_PAUSE = auto()
    PLAY_BACKWARDS = auto()
    PAUSE = auto()
    PLAY_FORWARDS = auto()
    NEXT_FRAME = auto()
    PREVIOUS_FRAME = auto()
    FORWARD_10 = auto()
    BACK_10 = auto()
    FORWARD_100 = auto()
    BACK_100 = auto()
    FIRST_FRAME = auto()
    LAST_FRAME = auto()
    GO_TO = auto()
    LOOP = auto()
    RANGE_IN = auto()
    RANGE_OUT = auto()
    RANGE_ALL = auto()
    DETECT = auto()
    CANCEL = auto()
    SCORE_UP = auto()
    SCORE_DOWN = auto()
    NEXT_PERSON = auto()
    PREVIOUS_PERSON = auto()
    SELECT_NOBODY = auto()
    SHOW_PEOPLE = auto()
    SHOW_BOXES = auto()
    SHOW_SKELETONS = auto()
    SHOW_LABELS = auto()
    ZOOM_IN = auto()
    ZOOM_OUT = auto()
    FIT = auto()
    ANCHOR_VIEW = auto()
    SHOW_3D = auto()
    VIEW_CAMERA = auto()
    VIEW_TOP = auto()
    VIEW_FIT = auto()
    LIGHT_STYLE = auto()
    SHORTCUTS = auto()
    ABOUT = auto()


class Menu(Enum):
    """The menus, in their order."""

    FILE = "&File"
    PLAY = "&Play"
    DETECT = "&Detect"
    VIEW = "&View"
    HELP = "&Help"


@dataclass(frozen=True)
class Shortcut:
    """A command as the person sees it.

    Attributes:
        command: What it does.
        menu: Where it stands.
        text: Its words.
        keys: Keys in Qt's portable notation; the first is shown in the menu.
        checkable: Whether it is switched on and off.
    """

    command: Command
    menu: Menu
    text: str
    keys: tuple[str, ...] = ()
    checkable: bool = False


SHORTCUTS = (
    Shortcut(Command.OPEN, Menu.FILE, "Open…", ("Ctrl+O",)),
    Shortcut(Command.OPEN_FOLDER, Menu.FILE, "Open a folder of pictures…", ("Ctrl+Shift+O",)),
    Shortcut(Command.OPEN_TRAINING, Menu.FILE, "Open a training…", ("Ctrl+Shift+T",)),
    Shortcut(Command.OPEN_DEMO, Menu.FILE, "Open the demo clip"),
    Shortcut(Command.SAVE_DETECTIONS, Menu.FILE, "Save detections…", ("Ctrl+S",)),
    Shortcut(Command.SAVE_OVERLAY, Menu.FILE, "Save video with overlay…", ("Ctrl+E",)),
    Shortcut(Command.QUIT, Menu.FILE, "Quit", ("Ctrl+Q",)),
    Shortcut(Command.PLAY_PAUSE, Menu.PLAY, "Play or pause", ("Space",)),
    Shortcut(Command.PLAY_BACKWARDS, Menu.PLAY, "Play backwards; again: faster", ("J",)),
    Shortcut(Command.PAUSE, Menu.PLAY, "Pause", ("K",)),
    Shortcut(Command.PLAY_FORWARDS, Menu.PLAY, "Play forwards; again: faster", ("L",)),
    Shortcut(Command.NEXT_FRAME, Menu.PLAY, "Next frame", ("Right",)),
    Shortcut(Command.PREVIOUS_FRAME, Menu.PLAY, "Previous frame", ("Left",)),
    Shortcut(Command.FORWARD_10, Menu.PLAY, "10 frames forward", ("Ctrl+Right",)),
    Shortcut(Command.BACK_10, Menu.PLAY, "10 frames back", ("Ctrl+Left",)),
    Shortcut(Command.FORWARD_100, Menu.PLAY, "100 frames forward", ("Ctrl+Alt+Right",)),
    Shortcut(Command.BACK_100, Menu.PLAY, "100 frames back", ("Ctrl+Alt+Left",)),
    Shortcut(Command.FIRST_FRAME, Menu.PLAY, "First frame of the range", ("Home",)),
    Shortcut(Command.LAST_FRAME, Menu.PLAY, "Last frame of the range", ("End",)),
    Shortcut(Command.GO_TO, Menu.PLAY, "Go to frame or time…", ("Ctrl+J",)),
    Shortcut(Command.LOOP, Menu.PLAY, "Loop", (), checkable=True),
    Shortcut(Command.DETECT, Menu.DETECT, "Detect people in the range", ("Ctrl+D",)),
    Shortcut(Command.CANCEL, Menu.DETECT, "Cancel", ("Ctrl+.",)),
    Shortcut(Command.RANGE_IN, Menu.DETECT, "Range starts here", ("I",)),
    Shortcut(Command.RANGE_OUT, Menu.DETECT, "Range ends here", ("O",)),
    Shortcut(Command.RANGE_ALL, Menu.DETECT, "Range is everything", ("Ctrl+A",)),
    Shortcut(Command.SCORE_UP, Menu.DETECT, "Fewer people: higher least score", ("]",)),
    Shortcut(Command.SCORE_DOWN, Menu.DETECT, "More people: lower least score", ("[",)),
    Shortcut(Command.NEXT_PERSON, Menu.VIEW, "Choose the next person", ("Ctrl+Down",)),
    Shortcut(Command.PREVIOUS_PERSON, Menu.VIEW, "Choose the previous person", ("Ctrl+Up",)),
    Shortcut(Command.SELECT_NOBODY, Menu.VIEW, "Choose nobody", ("Esc",)),
    Shortcut(Command.SHOW_PEOPLE, Menu.VIEW, "Show people (hide all)", ("H",), checkable=True),
    Shortcut(Command.SHOW_BOXES, Menu.VIEW, "Boxes", ("B",), checkable=True),
    Shortcut(Command.SHOW_SKELETONS, Menu.VIEW, "Skeletons", ("S",), checkable=True),
    Shortcut(Command.SHOW_LABELS, Menu.VIEW, "Numbers and scores", ("D",), checkable=True),
    Shortcut(Command.ZOOM_IN, Menu.VIEW, "Zoom in", ("Ctrl++", "Ctrl+=")),
    Shortcut(Command.ZOOM_OUT, Menu.VIEW, "Zoom out", ("Ctrl+-",)),
    Shortcut(Command.FIT, Menu.VIEW, "Fit the picture", ("Ctrl+0",)),
    Shortcut(Command.ANCHOR_VIEW, Menu.VIEW, "Anchors: A, A+, A++, ambiguous, off", ("A",)),
    Shortcut(Command.SHOW_3D, Menu.VIEW, "3D view", (), checkable=True),
    Shortcut(Command.VIEW_CAMERA, Menu.VIEW, "3D: what the camera sees", ("Ctrl+1",)),
    Shortcut(Command.VIEW_TOP, Menu.VIEW, "3D: from above", ("Ctrl+2",)),
    Shortcut(Command.VIEW_FIT, Menu.VIEW, "3D: everybody", ("Ctrl+3",)),
    Shortcut(Command.LIGHT_STYLE, Menu.VIEW, "Light style", (), checkable=True),
    Shortcut(Command.SHORTCUTS, Menu.HELP, "Keys and mouse", ("F1",)),
    Shortcut(Command.ABOUT, Menu.HELP, "About PandaNet"),
)

MOUSE = (
    ("Click a person", "choose that person everywhere"),
    ("Ctrl + wheel on the picture", "zoom about the pointer"),
    ("Drag the picture", "move it"),
    ("Double click the picture", "fit it"),
    ("Drag in the 3D view", "turn it; with Shift or the right button: move it"),
    ("Wheel in the 3D view", "nearer or farther"),
    ("Double click the 3D view", "show everybody"),
    ("Drop a video, a folder of pictures, detections, a run folder or weights", "open it"),
    ("Point at an anchor", "read what became of it; click it to choose it and its person"),
    ("Point at a cell of λ", "read its value; with the focus there, the arrow keys do"),
)
"""What the mouse does: (gesture, effect)."""

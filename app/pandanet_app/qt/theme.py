"""Colours and the style sheet, dark and light. One accent colour; text at least 4.5:1."""

from dataclasses import dataclass

from PyQt6.QtGui import QColor, QPalette

TEXT_PX = 13
"""Height of text on a screen of 1080 logical pixels."""
LARGEST_TEXT_PX = 22


@dataclass(frozen=True)
class Theme:
    """Colours as "#rrggbb".

    Attributes:
        dark: Whether the background is dark.
        window: Background of the window.
        panel: Background of bars and panels.
        stage: Background of the picture.
        raised: Buttons and fields.
        hover: Buttons under the pointer.
        border: Lines between things; decoration, carries no meaning.
        text: Text.
        quiet: Text of less weight.
        accent: What is chosen, done or to be pressed next.
        on_accent: Text on the accent colour.
        error: Text of errors.
        error_panel: Background of errors.
    """

    dark: bool
    window: str
    panel: str
    stage: str
    raised: str
    hover: str
    border: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    error: str
    error_panel: str


DARK = Theme(
    dark=True,
    window="#16181c",
    panel="#1d2025",
    stage="#0f1114",
    raised="#2a2e35",
    hover="#363b44",
    border="#3a3f48",
    text="#e8eaed",
    quiet="#a7adb8",
    accent="#4db8ff",
    on_accent="#06131d",
    error="#ffb4ab",
    error_panel="#4a1f1c",
)
LIGHT = Theme(
    dark=False,
    window="#eef0f3",
    panel="#f8f9fb",
    stage="#dfe3e8",
    raised="#ffffff",
    hover="#e3e8ef",
    border="#c3cad4",
    text="#191c20",
    quiet="#525a66",
    accent="#00629d",
    on_accent="#ffffff",
    error="#8c1d18",
    error_panel="#fde4e1",
)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_px_for(screen_height: int) -> int:
    """Height of text that can be read on a screen of so many logical pixels: 4K without scaling
    would make 13 pixels too small."""
    return min(LARGEST_TEXT_PX, max(TEXT_PX, round(TEXT_PX * screen_height / 1080)))


def palette(theme: Theme) -> QPalette:
    """Colours of what the style sheet does not reach."""
    colours = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.quiet,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
    }
    for role, colour in roles.items():
        colours.setColor(role, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
    ):
        colours.setColor(disabled, role, QColor(theme.quiet))
    return colours


def style_sheet(theme: Theme, text_px: int = TEXT_PX) -> str:
    """The style sheet of the whole window, with text of this height in logical pixels."""
    em = text_px / TEXT_PX
    return f"""
* {{ font-size: {text_px}px; }}
QMainWindow, QDialog, QMessageBox {{ background: {theme.window}; }}
QWidget {{ color: {theme.text}; }}
QMenuBar, QStatusBar, QToolBar {{ background: {theme.panel}; border: none; }}
QToolBar {{ padding: 4px 8px; spacing: 6px; }}
QStatusBar QLabel {{ color: {theme.quiet}; }}
QStatusBar::item {{ border: none; }}
QMenuBar::item {{ padding: 4px 10px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {theme.hover}; }}
QMenu {{ background: {theme.panel}; border: 1px solid {theme.border}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {theme.hover}; }}
QMenu::item:disabled {{ color: {theme.quiet}; }}
QMenu::separator {{ height: 1px; background: {theme.border}; margin: 4px 8px; }}
QPushButton, QToolButton {{
    background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 5px;
    padding: 4px 9px; min-height: {18 * em:.0f}px; }}
QPushButton:hover, QToolButton:hover {{ background: {theme.hover}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {theme.quiet}; background: {theme.panel}; }}
QPushButton:focus, QToolButton:focus, QTableView:focus {{ border: 1px solid {theme.accent}; }}
QPushButton:flat {{ background: transparent; border-color: transparent; color: {theme.accent}; }}
QPushButton:flat:hover {{ background: {theme.hover}; }}
QPushButton[primary="true"] {{
    background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent};
    font-weight: 600; }}
QPushButton[primary="true"]:disabled {{
    background: {theme.raised}; color: {theme.quiet}; border-color: {theme.border}; }}
QToolButton {{ qproperty-iconSize: {round(18 * em)}px {round(18 * em)}px; }}
QToolButton[flat="true"] {{ background: transparent; border-color: transparent; padding: 4px; }}
QToolButton {{ qproperty-iconSize: {round(18 * em)}px {round(18 * em)}px; }}
QToolButton[flat="true"]:hover {{ background: {theme.hover}; }}
QToolButton:checked {{ background: {theme.hover}; border-color: {theme.accent}; }}
QToolTip {{
    background: {theme.raised}; color: {theme.text};
    border: 1px solid {theme.border}; padding: 4px; }}
QSplitter::handle {{ background: {theme.window}; }}
QSplitter::handle:hover {{ background: {theme.accent}; }}
QProgressBar {{
    background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 5px;
    text-align: center; min-height: {18 * em:.0f}px; color: {theme.text}; }}
QProgressBar::chunk {{ background: {theme.hover}; border-bottom: 3px solid {theme.accent}; }}
QTableView {{
    background: {theme.panel}; alternate-background-color: {theme.window};
    border: 1px solid {theme.border}; gridline-color: {theme.border};
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
QHeaderView::section {{
    background: {theme.panel}; color: {theme.quiet}; border: none;
    border-bottom: 1px solid {theme.border}; padding: 3px 8px; }}
QTableCornerButton::section {{ background: {theme.panel}; border: none; }}
QDockWidget {{ color: {theme.quiet}; }}
QDockWidget::title {{ background: {theme.panel}; padding: 4px 8px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; }}
QScrollBar::handle {{
    background: {theme.border}; border-radius: 4px; margin: 2px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QSlider {{ min-width: {round(80 * em)}px; }}
QSlider::groove:horizontal {{
    height: {round(4 * em)}px; background: {theme.border}; border-radius: {round(2 * em)}px; }}
QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {theme.text}; width: {14 * em:.0f}px; margin: -{5 * em:.0f}px 0;
    border-radius: {7 * em:.0f}px; }}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {theme.accent}; }}
QToolButton[inline="true"] {{
    background: transparent; border: none; padding: 0 4px; min-height: 0; color: {theme.accent}; }}
QLabel[quiet="true"] {{ color: {theme.quiet}; }}
QLabel[changed="true"] {{ color: {theme.accent}; font-weight: 600; }}
QLabel[wrong="true"] {{ color: {theme.error}; font-weight: 600; }}
QLabel[title="true"] {{ font-size: {20 * em:.0f}px; font-weight: 600; }}
QFrame[stage="true"] {{ background: {theme.stage}; }}
QFrame[message="info"] {{ background: {theme.raised}; border-left: 4px solid {theme.accent}; }}
QFrame[message="error"] {{ background: {theme.error_panel}; border-left: 4px solid {theme.error}; }}
QFrame[message="error"] QLabel {{ color: {theme.error}; }}
"""


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

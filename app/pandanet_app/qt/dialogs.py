"""Small dialogs: every key, and what this program is."""

from html import escape

from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.qt.actions import keys_text
from pandanet_app.views.shortcuts import MOUSE, SHORTCUTS, Menu
from pandanet_core import __version__


class ShortcutsDialog(QDialog):
    """Every key and every gesture of the mouse."""

    def __init__(self, parent: QWidget) -> None:
        """A page made from the one table of shortcuts."""
        super().__init__(parent)
        self.setWindowTitle("Keys and mouse")
        self.resize(620, 600)
        self.page = QTextBrowser()
        self.page.setHtml(shortcuts_html())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.page)
        column.addWidget(buttons)


def shortcuts_html() -> str:
    """The table of shortcuts as HTML."""
    parts = ["<p>Frame numbers start at 0, here and in every file.</p>"]
    for menu in Menu:
        rows = [(keys_text(one), one.text) for one in SHORTCUTS if one.menu is menu and one.keys]
        parts.append(_table(menu.value.replace("&", ""), rows))
    parts.append(_table("Mouse", MOUSE))
    return "".join(parts)


def show_about(parent: QWidget) -> None:
    """Version, paper and licences."""
    QMessageBox.about(
        parent,
        "About PandaNet",
        f"<b>PandaNet {escape(__version__)}</b>"
        "<p>Single-shot 3D pose estimation of many people.</p>"
        "<p>Benzine, Chabot, Luvison, Pham, Achard: <i>PandaNet: Anchor-Based Single-Shot "
        "Multi-Person 3D Pose Estimation</i>, CVPR 2020.</p>"
        "<p>Apache-2.0. This window uses PyQt6, which is under the GPL, version 3.</p>",
    )


def _table(title: str, rows: object) -> str:
    lines = "".join(
        f"<tr><td width='190'><b>{escape(keys)}</b></td><td>{escape(text)}</td></tr>"
        for keys, text in rows  # type: ignore[attr-defined]
    )
    return f"<h3>{escape(title)}</h3><table cellpadding='3'>{lines}</table>"

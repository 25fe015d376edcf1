"""Docks: the panels around the picture, which may be torn off, closed and tabbed."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QMenu, QWidget


def add_dock(
    window: QMainWindow,
    title: str,
    widget: QWidget,
    menu: QMenu,
    tabbed_with: QDockWidget | None = None,
    area: Qt.DockWidgetArea = Qt.DockWidgetArea.BottomDockWidgetArea,
) -> QDockWidget:
    """A hidden dock around `widget`; `menu` gets an entry that shows it in front.

    Args:
        window: Whose dock it is.
        title: Its title; in lower case it names the dock where layouts are kept.
        widget: What it holds.
        menu: Where it can be shown and hidden.
        tabbed_with: A dock that it shares its place with, as tabs.
        area: Its place where it shares none.
    """
    dock = QDockWidget(title)
    dock.setObjectName(title.lower())
    dock.setWidget(widget)
    window.addDockWidget(area, dock)
    if tabbed_with is not None:
        window.tabifyDockWidget(tabbed_with, dock)
    dock.hide()
    entry = dock.toggleViewAction()
    assert entry is not None
    entry.triggered.connect(lambda shown: dock.raise_() if shown else None)
    menu.addAction(entry)
    return dock


def show_in_front(dock: QDockWidget) -> None:
    """Show a dock, before the ones it is tabbed with."""
    dock.show()
    dock.raise_()

"""Qt actions for every command: menus, buttons and keys share them."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QToolButton, QWidget

from pandanet_app.qt.icons import icon
from pandanet_app.qt.theme import Theme
from pandanet_app.views.shortcuts import SHORTCUTS, Command, Menu, Shortcut

Handlers = Mapping[Command, Callable[[], None]]


class Actions:
    """One QAction a command."""

    def __init__(self, window: QWidget, handlers: Handlers, theme: Theme) -> None:
        """Actions of `window`; each command calls its handler."""
        self._actions = {
            shortcut.command: _action(shortcut, handlers[shortcut.command], window)
            for shortcut in SHORTCUTS
        }
        self.set_theme(theme)

    def __getitem__(self, command: Command) -> QAction:
        return self._actions[command]

    def set_theme(self, theme: Theme) -> None:
        """Icons in these colours."""
        for command, action in self._actions.items():
            action.setIcon(icon(command, theme))
            action.setIconVisibleInMenu(False)

    def fill(self, bar: QMenuBar) -> dict[Menu, QMenu]:
        """Put every command into its menu; return the menus."""
        menus = {menu: QMenu(menu.value, bar) for menu in Menu}
        for menu in menus.values():
            bar.addMenu(menu)
        for shortcut in SHORTCUTS:
            menus[shortcut.menu].addAction(self._actions[shortcut.command])
        return menus

    def button(self, command: Command, text: str = "") -> QToolButton:
        """A button for a command; without text it is an icon with a tooltip."""
        button = QToolButton()
        action = self._actions[command]
        button.setDefaultAction(action)
        button.setProperty("flat", not text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if text:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button


def keys_text(shortcut: Shortcut) -> str:
    """The command's keys as this system writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(native) for key in shortcut.keys)


def _action(shortcut: Shortcut, handler: Callable[[], None], window: QWidget) -> QAction:
    action = QAction(shortcut.text, window)
    action.setShortcuts([QKeySequence(key) for key in shortcut.keys])
    action.setCheckable(shortcut.checkable)
    keys = keys_text(shortcut)
    action.setToolTip(f"{shortcut.text.rstrip('…')} ({keys})" if keys else shortcut.text)
    action.triggered.connect(lambda checked=False: handler())
    window.addAction(action)
    return action

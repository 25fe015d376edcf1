"""One field of the form: its name, an editor of its kind, its unit, and a way back."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)

from pandanet_app.controllers.training.form import FormController
from pandanet_app.models.training.form import Origin, TrainingForm
from pandanet_app.models.training.settings import Kind, Setting
from pandanet_core.errors import UserError

_LIST_LINES = 4
_NARROW, _WIDE = 9, 20
"""Widths of editors in the form's letters."""

Editor = QCheckBox | QComboBox | QLineEdit | QPlainTextEdit


class FieldRow(QObject):
    """Shows and edits one setting."""

    def __init__(
        self,
        setting: Setting,
        form: TrainingForm,
        controller: FormController,
        on_focus: Callable[[Setting], None],
        parent: QWidget,
    ) -> None:
        """Widgets for a setting, not yet laid out.

        Args:
            setting: What is edited.
            form: Where its value is.
            controller: Takes edits.
            on_focus: Told when a person comes to the editor.
            parent: What the widgets belong to.
        """
        super().__init__(parent)
        self.setting = setting
        self._form, self._controller, self._on_focus = form, controller, on_focus
        self.label = QLabel(parent)
        self.editor = self._make_editor(parent)
        self.unit = QLabel(setting.unit, parent)
        self.unit.setProperty("quiet", True)
        self.back = QToolButton(parent)
        self.back.setText("↺")
        self.back.setProperty("inline", True)
        self.back.setAccessibleName(f"Put {setting.label} back")
        self.back.clicked.connect(lambda: controller.reset(setting.path))
        self.editor.setAccessibleName(f"{setting.label} {setting.unit}".strip())
        self.editor.installEventFilter(self)
        self.label.setBuddy(self.editor)

    def place(self, grid: QGridLayout, row: int) -> None:
        """Take a row of a form's grid."""
        if self.setting.kind is Kind.LIST:
            grid.addWidget(self.label, row, 0, 1, 3)
            grid.addWidget(self.back, row, 3)
            grid.addWidget(self.editor, row + 1, 0, 1, 4)
            return
        grid.addWidget(self.label, row, 0)
        grid.addWidget(self.editor, row, 1)
        grid.addWidget(self.unit, row, 2)
        grid.addWidget(self.back, row, 3)

    def show_value(self) -> None:
        """Show what the form holds; a text that is being written stays as it is."""
        path, form = self.setting.path, self._form
        wrong, changed = form.wrong.get(path, ""), path in form.changed
        self.editor.blockSignals(True)
        self._fill()
        self.editor.blockSignals(False)
        self.editor.setEnabled(path not in form.fixed)
        mark = "▲ " if wrong else "● " if changed else ""
        self.label.setText(f"{mark}{self.setting.label}")
        for name, state in (("wrong", bool(wrong)), ("changed", changed and not wrong)):
            if self.label.property(name) != state:
                self.label.setProperty(name, state)
                style = self.label.style()
                assert style is not None
                style.polish(self.label)
        size = self.back.sizePolicy()
        size.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(size)
        self.back.setVisible(changed and path not in form.fixed)
        usual = self.setting.text_of(form.usual.get(path)) or "nothing"
        where = "the run" if form.origin is Origin.RUN else f"the recipe {form.origin.value}"
        self.back.setToolTip(f"Put it back: in {where} it is {usual}")
        tip = f"{wrong}\n{self.setting.help}" if wrong else self.setting.help
        if path in form.fixed:
            tip += "\nThe run has begun with this; it stays."
        for widget in (self.label, self.editor):
            widget.setToolTip(tip)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Tell when a person comes to the editor; wheels that only pass by change nothing."""
        if event is not None and event.type() == QEvent.Type.FocusIn:
            self._on_focus(self.setting)
        passing = event is not None and event.type() == QEvent.Type.Wheel
        if passing and isinstance(self.editor, QComboBox) and not self.editor.hasFocus():
            assert event is not None
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _make_editor(self, parent: QWidget) -> Editor:
        setting, controller = self.setting, self._controller
        if setting.kind is Kind.SWITCH:
            switch = QCheckBox(parent)
            switch.clicked.connect(lambda on: controller.set(setting.path, bool(on)))
            return switch
        if setting.kind is Kind.LIST:
            lines = QPlainTextEdit(parent)
            lines.setPlaceholderText("crowd:FOLDER, one a line")
            lines.setTabChangesFocus(True)
            lines.setFixedHeight((_LIST_LINES + 1) * lines.fontMetrics().lineSpacing())
            lines.textChanged.connect(lambda: controller.edit(setting.path, lines.toPlainText()))
            return lines
        if setting.choices:
            choice = QComboBox(parent)
            choice.addItems(setting.choices)
            choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            choice.setEditable(setting.kind is Kind.TEXT)
            choice.currentTextChanged.connect(lambda text: controller.edit(setting.path, text))
            return choice
        text = QLineEdit(parent)
        letters = _WIDE if setting.kind is Kind.TEXT else _NARROW
        text.setMinimumWidth(letters * text.fontMetrics().averageCharWidth())
        text.setPlaceholderText("none" if setting.optional else "")
        text.textEdited.connect(lambda written: controller.edit(setting.path, written))
        return text

    def _fill(self) -> None:
        path, editor = self.setting.path, self.editor
        if isinstance(editor, QCheckBox):
            editor.setChecked(bool(self._form.values.get(path)))
            return
        text = self._controller.text_of(path)
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit):
            if not self._same(editor.text()):
                editor.setText(text)
        elif not self._same(editor.toPlainText()):
            editor.setPlainText(text)

    def _same(self, written: str) -> bool:
        """Whether what is written means what the form holds: "1e-3" is not changed to "0.001"."""
        path = self.setting.path
        if written == self._form.texts.get(path):
            return True
        try:
            return self.setting.parse(written) == self._form.values.get(path)
        except UserError:  # it was written before the form was filled anew
            return False

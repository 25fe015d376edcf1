"""Asking before detections are thrown away."""

from enum import Enum, auto

from PyQt6.QtWidgets import QMessageBox, QWidget


class Answer(Enum):
    """What to do with detections that are not saved."""

    SAVE = auto()
    DISCARD = auto()
    STAY = auto()


def ask_to_save(parent: QWidget) -> Answer:
    """Ask, and wait for the answer."""
    box = QMessageBox(
        QMessageBox.Icon.Question,
        "PandaNet",
        "The detections of this film are not saved.",
        parent=parent,
    )
    save = box.addButton("Save …", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Throw them away", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton("Go back", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    if box.clickedButton() is save:
        return Answer.SAVE
    return Answer.DISCARD if box.clickedButton() is discard else Answer.STAY

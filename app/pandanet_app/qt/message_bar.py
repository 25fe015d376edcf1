"""One sentence above the views: what went wrong and what to do, or what was done."""

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from pandanet_app.models.session import Message, Session


class MessageBar(QFrame):
    """Shows the session's message until it is closed or replaced."""

    def __init__(self, session: Session) -> None:
        """Hidden while there is nothing to say."""
        super().__init__()
        self._session = session
        self.label = QLabel()
        self.label.setWordWrap(True)
        close = QToolButton()
        close.setText("Close")
        close.setToolTip("Close this message")
        close.clicked.connect(self._close)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self.label, 1)
        row.addWidget(close)
        session.events.message.connect(self._show)
        self._show(session.message)

    def _show(self, message: Message | None) -> None:
        self.setVisible(message is not None)
        if message is None:
            return
        self.label.setText(message.text)
        self.setAccessibleName(message.text)
        self.setProperty("message", message.kind)
        style = self.style()
        assert style is not None
        for widget in (self, self.label):
            style.unpolish(widget)
            style.polish(widget)

    def _close(self) -> None:
        self._session.message = None

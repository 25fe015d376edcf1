"""Talking to the lab's child process: one look and one reading are under way at a time.

Whatever else is wanted meanwhile, only the latest is asked for: what is stale is never computed.
Everything here runs on the front end's thread.
"""

from collections.abc import Callable

from pandanet_app.controllers.anchor_lab.child.process import ProbeProcess
from pandanet_app.controllers.anchor_lab.messages import (
    Answer,
    ClusterRequest,
    Failed,
    LookRequest,
    ReadRequest,
)
from pandanet_app.views.protocols import Post


class Conversation:
    """Asks, and hands answers over."""

    def __init__(self, post: Post, on_answer: Callable[[Answer], None]) -> None:
        """The child starts with the first request; `on_answer` runs on the front end's thread."""
        self._post = post
        self._on_answer = on_answer
        self._process: ProbeProcess | None = None
        self._look: LookRequest | None = None
        self._wanted: LookRequest | None = None
        self._read: ReadRequest | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._process.pid if self._process else None

    @property
    def reading(self) -> bool:
        """Whether a reading is under way."""
        return self._read is not None

    def look(self, wanted: LookRequest | None) -> bool:
        """Trace this as soon as what is under way is done, unless something else is wanted by then;
        whether it is being waited for."""
        self._wanted = wanted
        if wanted is not None and self._look is None:
            self._look, self._wanted = wanted, None
            self._running().ask(wanted)
        return wanted is not None

    def read(self, request: ReadRequest) -> None:
        """Read some anchors, unless a reading is under way."""
        if self._read is None:
            self._read = request
            self._running().ask(request)

    def cluster(self, request: ClusterRequest) -> None:
        """Cluster anchors."""
        self._running().ask(request)

    def close(self, timeout_s: float) -> None:
        """End the child and wait until it is gone."""
        if self._process is not None:
            self._process.close()
            self._process.join(timeout_s)
            self._process = None

    def _running(self) -> ProbeProcess:
        if self._process is None or not self._process.alive:
            self._process = ProbeProcess(lambda answer: self._post(lambda: self._receive(answer)))
        return self._process

    def _receive(self, answer: Answer) -> None:
        died = isinstance(answer, Failed) and answer.request is None
        looked = died or answer.request == self._look
        if looked:
            self._look = None
        if died or answer.request == self._read:
            self._read = None
        self._on_answer(answer)
        if looked and self._wanted is not None and self._wanted != answer.request:
            self.look(self._wanted)

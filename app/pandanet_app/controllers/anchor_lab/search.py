"""The search for everybody who was not found, over the range of the film, in the background.

Everything here runs on the front end's thread; the frames are traced in a child process of its own,
which cancelling ends.
"""

from pandanet_app.controllers.anchor_lab.child.process import ProbeProcess
from pandanet_app.controllers.anchor_lab.messages import Answer, Failed, Scanned, ScanRequest
from pandanet_app.models.lost_people import LostPeople
from pandanet_app.views.protocols import Post


class LostSearch:
    """Runs one search at a time."""

    def __init__(self, found: LostPeople, post: Post) -> None:
        """Nothing was searched yet; what is found goes into `found`."""
        self.found = found
        self._post = post
        self._process: ProbeProcess | None = None
        self._ending: list[ProbeProcess] = []

    def start(self, request: ScanRequest) -> None:
        """Search instead of whatever is searched."""
        self.cancel()
        total = request.stop - request.start
        self.found.update(
            {"active": True, "done": 0, "total": total, "people": 0, "lost": (), "problem": ""}
        )
        process = ProbeProcess(lambda answer: self._post(lambda: self._receive(process, answer)))
        self._process = process
        process.ask(request)

    def cancel(self) -> None:
        """End the search now; what was found stays."""
        if self._process is not None:
            self._process.close()
            self._ending = [one for one in self._ending if one.running] + [self._process]
            self._process = None
            self.found.active = False

    def forget(self) -> None:
        """Another film: nothing is known of it."""
        self.cancel()
        self.found.update({"done": 0, "total": 0, "people": 0, "lost": (), "problem": ""})

    def close(self, timeout_s: float) -> None:
        """Cancel and wait until every child is gone."""
        self.cancel()
        for process in self._ending:
            process.join(timeout_s)

    def _receive(self, process: ProbeProcess, answer: Answer) -> None:
        if process is not self._process:
            return
        found = self.found
        if isinstance(answer, Scanned):
            found.update(
                {
                    "done": found.done + 1,
                    "people": found.people + answer.people,
                    "lost": found.lost + answer.lost,
                }
            )
            if found.done == found.total:
                self.cancel()
        elif isinstance(answer, Failed):
            found.problem = answer.text
            self.cancel()

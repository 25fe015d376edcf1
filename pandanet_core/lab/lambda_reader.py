"""The learned loss weights λ of a run folder or a weights file, and again when they have grown."""

from pathlib import Path

from pandanet_core.errors import UserError
from pandanet_core.lab.lambda_history import LAMBDA_FILE, LambdaHistory, Report
from pandanet_core.lab.lambda_log import LambdaLog
from pandanet_core.lab.lambda_weights import read_weights_history

WEIGHTS_FILE = "weights.safetensors"
"""A run folder's newest weights: what older versions keep λ in."""


class LambdaReader:
    """Reads one run folder or weights file as often as it is asked to."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.path = path
        self._log = LambdaLog(path / LAMBDA_FILE)
        self._weights_seen: tuple[int, int, int] | None = None

    def read(self, report: Report = lambda share: None) -> LambdaHistory | None:
        """All λ there are, also while a training writes; None where nothing came since the last
        reading.

        Raises:
            UserError: There is nothing of that kind, no λ in it, it is damaged, or it was made for
                a newer version.
        """
        path = self.path
        try:
            if not path.is_dir():
                return self._read_weights(path, path.stem)
            if (path / LAMBDA_FILE).is_file():
                return self._log.read(report)
            if (path / WEIGHTS_FILE).is_file():
                return self._read_weights(path / WEIGHTS_FILE, path.name)
        except OSError as error:
            raise UserError(f"{path} cannot be read ({error.strerror}); check the path.") from error
        raise UserError(
            f"{path} holds neither {LAMBDA_FILE} nor {WEIGHTS_FILE}; name the run folder of a "
            "training that has begun."
        )

    def _read_weights(self, file: Path, name: str) -> LambdaHistory | None:
        """Weights are replaced as a whole, so a new file is another file."""
        if file.is_file():
            status = file.stat()
            seen = (status.st_ino, status.st_size, status.st_mtime_ns)
            if seen == self._weights_seen:
                return None
            self._weights_seen = seen
        return read_weights_history(file, name)


def read_lambda_history(path: Path, report: Report = lambda share: None) -> LambdaHistory:
    """The λ of a run folder or a weights file, once; raises as `LambdaReader.read` does."""
    history = LambdaReader(path).read(report)
    assert history is not None
    return history

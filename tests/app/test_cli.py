"""The command line: light to start, one sentence an error, the promised exit codes."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from pandanet_app import cli
from pandanet_core.errors import UserError

HEAVY = {"torch", "cv2", "PyQt6", "open3d", "av", "pyarrow", "onnxruntime", "openvino", "anny"}


@dataclass(frozen=True)
class Raises:
    error: BaseException

    def run(self) -> int:
        raise self.error


@dataclass(frozen=True)
class Returns:
    code: int | None

    def run(self) -> int | None:
        return self.code


def test_the_help_loads_nothing_heavy() -> None:
    script = "import sys, pandanet_app.cli; print(*(name.split('.')[0] for name in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
    assert "tyro" in loaded.stdout.split()
    assert HEAVY.isdisjoint(loaded.stdout.split())


def test_the_help_names_every_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pandanet_app", "--help"], capture_output=True, text=True
    )
    assert shown.returncode == 0
    for command in ("app", "crowd", "data", "demo", "detect", "doctor", "evaluate", "train"):
        assert f"• {command} " in shown.stdout


def test_an_unknown_command_is_wrong_use() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pandanet_app", "fly"], capture_output=True, text=True
    )
    assert shown.returncode == 2
    assert "fly" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(("code", "expected"), [(None, 0), (0, 0), (1, 1), (130, 130)])
def test_a_command_decides_its_exit_code(code: int | None, expected: int) -> None:
    assert cli.run(Returns(code)) == expected


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (UserError("There is no such file."), 2, "pandanet: There is no such file.\n"),
        (KeyboardInterrupt(), 130, "pandanet: Interrupted.\n"),
    ],
)
def test_an_expected_error_is_one_sentence(
    error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(Raises(error)) == code
    assert capsys.readouterr().err == sentence


def test_an_unexpected_error_says_how_to_see_the_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(Raises(ZeroDivisionError("division by zero"))) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ZeroDivisionError: division by zero" in said
    assert "--debug" in said


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(Raises(UserError("No.")), debug=True) == 2
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert "raise self.error" in said
    assert said.endswith("pandanet: No.\n")

"""The command line: `pandanet COMMAND ...`."""

import sys
import traceback
from typing import Annotated, Protocol

import tyro

from pandanet_app.commands.ablate import Ablate
from pandanet_app.commands.anchors import Anchors
from pandanet_app.commands.app import App
from pandanet_app.commands.crowd import Crowd
from pandanet_app.commands.data import Data
from pandanet_app.commands.demo import Demo
from pandanet_app.commands.detect import Detect
from pandanet_app.commands.doctor import Doctor
from pandanet_app.commands.evaluate import Evaluate
from pandanet_app.commands.train import Train
from pandanet_core.errors import UserError

_DESCRIPTION = (
    "Find many people in pictures and videos, in 2D and 3D. `pandanet COMMAND --help` explains a "
    "command; --debug, added to any command, shows the traceback of an error."
)

FAILED, WRONG_USE, INTERRUPTED = 1, 2, 130


class Command(Protocol):
    """What every module of `pandanet_app.commands` offers: options as fields, and `run`."""

    def run(self) -> int | None:
        """Do the work and return the exit code; None is 0."""


AnyCommand = (
    Annotated[Ablate, tyro.conf.subcommand("ablate")]
    | Annotated[Anchors, tyro.conf.subcommand("anchors")]
    | Annotated[App, tyro.conf.subcommand("app")]
    | Annotated[Crowd, tyro.conf.subcommand("crowd")]
    | Annotated[Data, tyro.conf.subcommand("data")]
    | Annotated[Demo, tyro.conf.subcommand("demo")]
    | Annotated[Detect, tyro.conf.subcommand("detect")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
    | Annotated[Train, tyro.conf.subcommand("train")]
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 failed, 2 wrong use, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    command: Command = tyro.cli(
        AnyCommand,
        prog="pandanet",
        description=_DESCRIPTION,
        args=[argument for argument in arguments if argument != "--debug"] or ["--help"],
    )
    return run(command, debug)


def run(command: Command, debug: bool = False) -> int:
    """Run a command and turn whatever it raises into one sentence and an exit code."""
    try:
        return command.run() or 0
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            traceback.print_exception(error)
        message, code = explain(error)
        print(f"pandanet: {message}", file=sys.stderr)
        return code


def explain(error: BaseException) -> tuple[str, int]:
    """Return the sentence for the user and the exit code that an error means."""
    if isinstance(error, UserError):
        return str(error), WRONG_USE
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted.", INTERRUPTED
    return (
        f"Something unexpected went wrong ({type(error).__name__}: {error}); "
        "run the command again with --debug to see where.",
        FAILED,
    )


if __name__ == "__main__":
    sys.exit(main())

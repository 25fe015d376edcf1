"""`pandanet data ...`: look after the data sets that one trains and measures on."""

from dataclasses import dataclass
from typing import Annotated

import tyro

from pandanet_app.commands.data.check import Check
from pandanet_app.commands.data.extract import Extract


@dataclass(frozen=True)
class Data:
    """Check data sets, and make pictures of their videos."""

    command: Annotated[
        Annotated[Check, tyro.conf.subcommand("check")]
        | Annotated[Extract, tyro.conf.subcommand("extract")],
        tyro.conf.arg(name=""),
    ]

    def run(self) -> int | None:
        """Run the command that was named."""
        return self.command.run()

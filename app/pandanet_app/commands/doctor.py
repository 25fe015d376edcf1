"""`pandanet doctor`: what works on this machine, what does not, and how to mend it."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pandanet_app.diagnosis.examination import Finding, examine
from pandanet_app.diagnosis.probes import PROBES

_MARK_GOOD, _MARK_MISSING, _MARK_BAD = "[green]works[/]", "[yellow]absent[/]", "[red]broken[/]"


@dataclass(frozen=True)
class Doctor:
    """Say what works on this machine, what does not, and how to mend it.

    Exit code 0 if everything works that detection and the window need, 1 otherwise.
    """

    timeout_s: float = 60.0
    """Seconds after which a check that hangs counts as broken."""

    def run(self) -> int:
        console = Console()
        with console.status("Examining this machine ..."):
            findings = examine(PROBES, self.timeout_s)
        console.print(_table(findings))
        for finding in findings:
            if not finding.works:
                advice = Text.assemble((finding.probe.name, "bold"), ": ", finding.probe.mend)
                console.print(advice, soft_wrap=True)
        return 0 if all(finding.works or finding.probe.optional for finding in findings) else 1


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for finding in findings:
        table.add_row(finding.probe.name, _mark(finding), Text(finding.says))
    return table


def _mark(finding: Finding) -> str:
    if finding.works:
        return _MARK_GOOD
    return _MARK_MISSING if finding.probe.optional else _MARK_BAD

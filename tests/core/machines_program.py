"""What each rank gets from the first rank of its machine, written to FOLDER/RANK.json.

python -m torch.distributed.run --standalone --nproc-per-node 2 -m tests.core.machines_program FOLDER
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from pandanet_core.errors import UserError
from pandanet_core.training.distributed.ranks import Ranks, joined_ranks


def from_first_here(ranks: Ranks) -> dict[str, Any]:
    """This process, and what the first one of its machine gives and raises."""
    seen = {"local": ranks.local_rank, "own": os.getpid()}
    seen["first"] = ranks.from_first_here(os.getpid)
    try:
        ranks.from_first_here(_refuse)
    except UserError as error:
        return {**seen, "said": str(error)}
    return seen


def _refuse() -> None:
    raise UserError(f"process {os.getpid()} says no")


if __name__ == "__main__":
    with joined_ranks() as ranks:
        seen = from_first_here(ranks)
        (Path(sys.argv[1]) / f"{ranks.rank}.json").write_text(json.dumps(seen))

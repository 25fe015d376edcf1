"""An error of one rank is every rank's: real processes that talk over gloo."""

import os
import socket
import subprocess
import sys

PROGRAM = """
from pandanet_core.errors import UserError
from pandanet_core.training.distributed.ranks import joined_ranks
from pandanet_core.training.distributed.shared_errors import in_step

def pictures(rank):
    yield 10 + rank
    yield 20 + rank
    if rank == 1:
        raise UserError("picture 7 is damaged")
    yield 30 + rank

with joined_ranks() as ranks:
    try:
        for picture in in_step(pictures(ranks.rank), ranks):
            print(picture)
    except UserError as error:
        print(error)
"""


def start_ranks(count: int) -> list[subprocess.Popen[str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, **shared, "RANK": str(rank), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]


def test_a_damaged_picture_of_one_rank_is_said_by_all() -> None:
    ended = [process.communicate(timeout=120) for process in start_ranks(2)]
    said = [stdout.splitlines() for stdout, _ in ended]
    assert said == [
        ["10", "20", "picture 7 is damaged"],
        ["11", "21", "picture 7 is damaged"],
    ], ended

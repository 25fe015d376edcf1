"""torchrun as tests start it: real processes on one machine, or on several that are all this one."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAUNCHER = (sys.executable, "-m", "torch.distributed.run")
DEADLINE_S = 600


def torchrun(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Two processes on one machine."""
    command = [*LAUNCHER, "--standalone", "--nproc-per-node", "2", "-m", module, *arguments]
    with _started(command) as program:
        out, err = program.communicate(timeout=DEADLINE_S)
    return subprocess.CompletedProcess(command, program.returncode, out, err)


def torchrun_on_machines(
    machines: int, processes: int, module: str, *arguments: str
) -> list[subprocess.CompletedProcess[str]]:
    """So many processes on each of several machines, which meet at a free port of this one."""
    options = ("--nnodes", str(machines), "--nproc-per-node", str(processes))
    meet = ("--rdzv-backend", "c10d", "--rdzv-endpoint", f"127.0.0.1:{_free_port()}")
    named = ("--rdzv-id", "test", "--local-addr", "127.0.0.1")
    command = [*LAUNCHER, *options, *meet, *named, "-m", module, *arguments]
    programs = [_started(command) for _ in range(machines)]
    try:
        said = [program.communicate(timeout=DEADLINE_S) for program in programs]
    finally:
        for program in programs:
            program.kill()
    return [
        subprocess.CompletedProcess(command, program.returncode, out, err)
        for program, (out, err) in zip(programs, said, strict=True)
    ]


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port

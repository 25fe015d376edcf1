"""Child processes that carry out orders: one at a time each, results as they come."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar, cast

from pandanet_core.errors import UserError

OrderT = TypeVar("OrderT")
ResultT = TypeVar("ResultT")
Skill = Callable[[OrderT], ResultT]

_ONE_THREAD = {"LP_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_PATIENCE_S = 5.0


class Workers(Generic[OrderT, ResultT]):
    """Runs `learn()` once in each of `count` processes; what it returns then carries out orders.

    `learn`, orders and results travel between processes, so they must be picklable.
    """

    def __init__(self, learn: Callable[[], Skill[OrderT, ResultT]], count: int) -> None:
        self._learn, self._count = learn, max(1, count)

    def carry_out(self, orders: Sequence[OrderT]) -> Generator[ResultT, None, None]:
        """Results of all orders in the order they are finished.

        Closing the iterator, or an exception, ends the processes. UserErrors of a worker are raised
        here; a worker that dies (the machine is out of memory, say) is a UserError as well.
        """
        waiting = list(reversed(orders))
        context = multiprocessing.get_context("spawn")
        links: dict[Connection, multiprocessing.process.BaseProcess] = {}
        try:
            with one_thread_each():
                for _ in range(min(self._count, len(orders))):
                    ours, theirs = context.Pipe()
                    process = context.Process(target=_work, args=(theirs, self._learn), daemon=True)
                    process.start()
                    theirs.close()
                    links[ours] = process
                    ours.send(waiting.pop())
            busy = set(links)
            while busy:
                for link in cast(list[Connection], wait(list(busy))):
                    yield self._receive(link)
                    if waiting:
                        link.send(waiting.pop())
                    else:
                        busy.remove(link)
        finally:
            _end(links)

    @staticmethod
    def _receive(link: Connection) -> ResultT:
        try:
            result, error = link.recv()
        except (EOFError, ConnectionError):
            raise UserError(
                "A drawing process died, perhaps for want of memory; try again with fewer --workers."
            ) from None
        if error is not None:
            raise error
        return result


def _work(link: Connection, learn: Callable[[], Skill[OrderT, ResultT]]) -> None:
    """The life of a worker. Ctrl+C is left to the process that gives the orders."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        skill = learn()
        while True:
            link.send((skill(link.recv()), None))
    except EOFError:
        return
    except BrokenPipeError:
        return
    except Exception as error:
        link.send((None, error))


def _end(links: dict[Connection, multiprocessing.process.BaseProcess]) -> None:
    """Closing a link tells its process to stop after the order at hand."""
    for link in links:
        link.close()
    for process in links.values():
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.terminate()
            process.join()


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Two processes of one thread draw half as much again as one process of two threads."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

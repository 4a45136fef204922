"""A dask cluster as the executor of a run."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from sipscope.errors import EngineUnavailable, UsageError
from sipscope.values import dataclass

_PATIENCE_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What a run needs of a cluster.

    Attributes:
        executor: Runs examinations on its workers, which read the captures themselves.
        threads: Of all its workers: how many captures it takes at the same time.
    """

    executor: Executor
    threads: int


@contextmanager
def cluster_at(address: str) -> Iterator[Cluster]:
    """An existing cluster by the address of its scheduler, such as `tcp://192.0.2.1:8786`.

    Raises:
        EngineUnavailable: dask.distributed isn't installed.
        UsageError: No scheduler answers there, or it has no workers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise EngineUnavailable("a cluster needs dask.distributed: pip install 'sipscope[dask]'") from error
    try:
        client = Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"no dask scheduler answers at {address}: {error}") from error
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UsageError(f"the dask scheduler at {address} has no workers")
        yield Cluster(executor=client.get_executor(pure=False, retries=0), threads=threads)
    finally:
        client.close()

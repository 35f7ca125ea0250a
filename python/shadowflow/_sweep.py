"""Many simulations, on any executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ._errors import ShadowflowError
from ._loss import Loss, Point, _count, _several
from ._numbers import Number, exact, names
from ._optimizer import OptimizerLike, optimizer as _optimizer
from ._progress import Progress, shown
from ._results import Simulation

__all__ = ["Case", "Sweep"]


class Case(NamedTuple):
    """One case of a sweep."""

    number: int
    """Its number, from 0."""
    loss: int
    """Which loss."""
    optimizer: int
    """Which optimizer."""
    h: str
    """The step size, exactly."""
    seed: int
    """The seed of what the loss draws."""
    start: int
    """Which start."""


class Sweep:
    """Step sizes × starts × seeds × losses × optimizers, simulated with flows beside them.

    The cases have an order: losses, in each optimizers, step sizes, seeds and starts, the last varying fastest. :meth:`map` computes
    them, in pieces that can be pickled, on any executor of :mod:`concurrent.futures` or what looks like one: process pools, Dask's client, Ray's, joblib's.

    >>> sweep = sf.Sweep(sf.loss("x^2/2"), h=["1/10", "1/5"], steps=3, starts=[[1.0], [-1.0]], flows="pf")
    >>> [float(run["pf"].error[-1]) < 1e-9 for run in sweep.map()]
    [True, True, True, True]
    """

    losses: list[Loss]
    h: list[str]
    starts: list[Point]
    seeds: list[int]
    flows: list[str] | None
    steps: int
    optimizers: list[Any]
    options: dict[str, Any]

    def __init__(
        self,
        loss: Loss | Sequence[Loss],
        h: Number | Sequence[Number],
        steps: int,
        starts: Sequence[Point] | None = None,
        flows: str | Sequence[str] | None = None,
        *,
        seeds: int | Sequence[int] | None = None,
        optimizer: OptimizerLike | Sequence[OptimizerLike] = "gradient-descent",
        values: Mapping[str, Number] | None = None,
        **options: Any,
    ) -> None:
        """``options`` are those of :meth:`Loss.simulate`, such as ``tolerance`` and ``flow_seconds``; ``values`` are numbers for hyper-parameters."""
        unknown = set(options) - {"tolerance", "max_steps", "at_cut", "restart", "record", "flow_seconds", "max_seconds"}
        if unknown:
            raise ShadowflowError(f"a sweep has no option {', '.join(sorted(unknown))}; those of `Loss.simulate` are taken")
        self.losses = [loss] if isinstance(loss, Loss) else list(loss)
        self.h = [exact(x, "h") for x in _several(h)]
        self.starts = [None] if starts is None else list(starts)
        self.seeds = [] if seeds is None else [_count(seed, "seeds") for seed in _several(seeds)]
        self.flows = None if flows is None else names(flows)
        self.steps = _count(steps, "steps")
        self.optimizers = [_optimizer(one, **(values or {})) for one in _several(optimizer)]
        self.options = options

    def __len__(self) -> int:
        return len(self.losses) * len(self.optimizers) * len(self.h) * max(len(self.seeds), 1) * len(self.starts)

    def case(self, index: int) -> Case:
        """One case."""
        if not 0 <= index < len(self):
            raise ShadowflowError(f"there is no case {index}: the sweep has {len(self)}")
        rest, start = divmod(index, len(self.starts))
        rest, seed = divmod(rest, max(len(self.seeds), 1))
        rest, h = divmod(rest, len(self.h))
        loss, optimizer = divmod(rest, len(self.optimizers))
        return Case(index, loss, optimizer, self.h[h], self.seeds[seed] if self.seeds else 0, start)

    def cases(self) -> list[Case]:
        """All cases, in order."""
        return [self.case(index) for index in range(len(self))]

    def run(self, index: int) -> Simulation:
        """Computes one case."""
        case = self.case(index)
        loss = self.losses[case.loss]
        if self.seeds:
            loss = loss._with_seed(case.seed)
        return loss.simulate(
            case.h, self.steps, self.starts[case.start], self.flows, self.optimizers[case.optimizer], **self.options
        )

    def map(
        self,
        digest: Callable[[Simulation], Any] | None = None,
        *,
        executor: Any = None,
        cases: Sequence[int] | None = None,
        chunk: int | None = None,
        ahead: int | None = None,
        progress: Progress = None,
    ) -> Iterator[Any]:
        """Computes the cases and gives their simulations in order, or what ``digest`` makes of each where it is computed.

        Without an executor they are computed here. With one, pieces of ``chunk`` cases are handed on, at most ``ahead`` of them at a time, so that
        memory does not grow with the sweep; what is pickled is the sweep and ``digest``, which must be a function that can be pickled.
        ``cases`` takes some of them, ``range(100, 200)``, for a part of the work on each of several machines.
        """
        wanted = list(range(len(self)) if cases is None else cases)
        for index in wanted[:1] + wanted[-1:]:
            self.case(index)
        size = max(1, chunk) if chunk is not None else max(1, min(16, len(wanted) // 32 or 1))
        parts = [wanted[k : k + size] for k in range(0, len(wanted), size)]
        return self._mapped(parts, digest, executor, ahead, progress, len(wanted))

    def _mapped(
        self,
        parts: list[list[int]],
        digest: Callable[[Simulation], Any] | None,
        executor: Any,
        ahead: int | None,
        progress: Progress,
        total: int,
    ) -> Iterator[Any]:
        with shown(progress) as callback:
            done = 0
            for found in self._parts(parts, digest, executor, ahead):
                for one in found:
                    done += 1
                    if callback is not None:
                        callback(done, total, "cases")
                    yield one

    def _parts(
        self, parts: list[list[int]], digest: Callable[[Simulation], Any] | None, executor: Any, ahead: int | None
    ) -> Iterator[Any]:
        if executor is None:
            for part in parts:
                for index in part:
                    yield _computed(self, [index], digest)
            return
        # An executor does not tell how many workers it has, but most do.
        workers = getattr(executor, "_max_workers", None) or 8
        most = max(1, ahead) if ahead is not None else 4 * int(workers)
        waiting: deque[Any] = deque()
        rest: Iterator[list[int]] = iter(parts)
        try:
            while True:
                while len(waiting) < most:
                    wanted = next(rest, [])
                    if not wanted:
                        break
                    waiting.append(executor.submit(_computed, self, wanted, digest))
                if not waiting:
                    return
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _computed(sweep: Sweep, part: list[int], digest: Callable[[Simulation], Any] | None) -> list[Any]:
    """A piece of a sweep, where it is computed."""
    found = [sweep.run(index) for index in part]
    return found if digest is None else [digest(one) for one in found]

"""Losses."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._errors import ShadowflowError
from ._numbers import Number, exact, names, pairs
from ._optimizer import OptimizerLike, optimizer as _optimizer
from ._progress import Progress, shown

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ._equation import LossEquation
    from ._results import Evaluation, FlowMap, Record, Simulation, Stability

__all__ = ["Loss", "examples", "loss"]

Point = Any
"""A point of parameter space: all its numbers in order, ``{"x": 0.3, "w": [0.1, -2]}``, or a text as the command takes it, ``"x=0.3,w=[0.1,-2]"``."""


class Loss:
    """A loss, a function of parameters, as the loss language states it.

    Made by :func:`shadowflow.loss`, :meth:`from_file`, :meth:`example` and :meth:`from_sympy`. It can be called on NumPy arrays of any batch shape, and
    pickled: what is stored is its text, so that data files must be at hand where it is loaded.

    >>> Loss.example("banana")(np.ones((3, 2))).tolist()
    [0.0, 0.0, 0.0]
    """

    __slots__ = ("_held", "_slope")
    _held: _core.Loss
    _slope: Any

    def __init__(
        self,
        text: str,
        /,
        *,
        name: str = "loss",
        constants: Mapping[str, Number] | None = None,
        seed: int = 0,
        folder: str | os.PathLike[str] | None = None,
        allow_path: bool = False,
    ) -> None:
        """A loss from a text in the loss language; paths of data files are relative to ``folder``."""
        where = os.path.abspath(os.fspath(folder)) if folder is not None else os.getcwd()
        self._held = _core.parse_loss(text, name, pairs(constants), seed, where, allow_path)
        self._slope = None

    @classmethod
    def _of(cls, core: _core.Loss) -> Loss:
        made = cls.__new__(cls)
        made._held = core
        made._slope = None
        return made

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        /,
        *,
        constants: Mapping[str, Number] | None = None,
        seed: int = 0,
        allow_path: bool = False,
    ) -> Loss:
        """A loss from a ``.loss`` file, whose data lie beside it."""
        path = os.fspath(path)
        folder = os.path.dirname(os.path.abspath(path))
        return cls._of(_core.read_loss(path, pairs(constants), seed, folder, allow_path))

    @classmethod
    def example(cls, name: str, /, *, constants: Mapping[str, Number] | None = None, seed: int = 0) -> Loss:
        """One of the losses that come with shadowflow: see :func:`shadowflow.examples`."""
        return cls._of(_core.example_loss(name, pairs(constants), seed))

    @classmethod
    def from_sympy(cls, expression: Any, params: Sequence[Any] | None = None) -> Loss:
        """A loss from a SymPy expression; its parameters are ``params``, or its free symbols by name."""
        from ._sympy import from_sympy

        return from_sympy(expression, params)

    def to_sympy(self) -> Any:
        """The loss as a SymPy expression, entries of arrays as symbols ``w[0]``."""
        from ._sympy import loss_to_sympy

        return loss_to_sympy(self)

    # What it is.

    @property
    def source(self) -> str:
        """The text in the loss language."""
        return self._held.source

    @property
    def name(self) -> str:
        """Its name in messages."""
        return self._held.name

    @property
    def parameters(self) -> list[str]:
        """The names of the entries of θ, arrays row by row, as ``W[0, 1]``."""
        return self._held.parameters

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The parameters as they are declared, with their shapes."""
        return {name: tuple(shape) for name, shape in self._held.declared}

    @property
    def dimension(self) -> int:
        """The number of entries of θ."""
        return len(self._held.parameters)

    @property
    def constants(self) -> dict[str, str | None]:
        """The constants with their exact values; ``None`` for those that have none or are not rational."""
        return dict(self._held.constants)

    @property
    def symbols(self) -> list[str]:
        """The constants that are left symbolic."""
        return self._held.symbols

    @property
    def start(self) -> NDArray[np.float64]:
        """Where the loss says that each entry of θ starts; NaN where it does not."""
        return self._held.start

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What is to be known of its data."""
        return [{"code": code, "message": message} for code, message in self._held.warnings]

    def point(self, point: Point) -> NDArray[np.float64]:
        """A point of any form as an array; what it leaves out is where the loss starts, and NaN where it does not say."""
        values = self._partial(point)
        return np.where(np.isnan(values), self._held.start, values)

    # Its values.

    def __call__(self, theta: ArrayLike) -> Any:
        """The loss at each point of an array, whose last axis are the parameters."""
        found = self._held.value(theta)
        return found[()] if found.ndim == 0 else found

    def gradient(self, theta: ArrayLike) -> NDArray[np.float64]:
        """The gradient at each point of an array, whose last axis are the parameters."""
        if self._slope is None:
            self._slope = self.field(0, 1)
        found: NDArray[np.float64] = np.negative(self._slope(theta))
        return found

    # What is derived of it.

    def modified_equation(
        self,
        order: int = 3,
        optimizer: OptimizerLike = "gradient-descent",
        *,
        simplify: str | None = "reading",
        progress: Progress = None,
        max_seconds: float | None = None,
        **values: Number,
    ) -> LossEquation:
        """The modified equation ``f_0, …, f_order`` of an optimizer on this loss, in components."""
        from ._equation import LossEquation

        bound = _optimizer(optimizer, **values)
        with shown(progress) as callback:
            return LossEquation._of(
                _core.derive_for(self._held, bound._held, _order(order), simplify, callback, max_seconds)
            )

    derive = modified_equation

    def field(
        self,
        order: int = 3,
        h: Number | None = None,
        optimizer: OptimizerLike = "gradient-descent",
        **values: Number,
    ) -> _core.Field:
        """The truncated field ``Σ_{n ≤ order} h^n f_n``, compiled: called on arrays of any batch shape whose last axis are the parameters.

        With a step size it is compiled for that one; without it for every one, which is then given at each call, ``field(theta, h)``, or put in
        by ``field.at(h)``.
        """
        bound = _optimizer(optimizer, **values)
        if h is None:
            return _core.compile_family(self._held, bound._held, _order(order))
        return _core.compile_field(self._held, bound._held, _order(order), exact(h, "h"))

    def evaluate(
        self,
        at: Point = None,
        order: int | None = 3,
        h: Number | None = None,
        optimizer: OptimizerLike = "gradient-descent",
        *,
        spectrum: int | None = None,
        flows: str | Sequence[str] | None = None,
        tolerance: float | None = None,
        digits: int | None = None,
        max_seconds: float | None = None,
        **values: Number,
    ) -> Evaluation:
        """The loss, ``f_0, …, f_order``, leading eigenvalues and the fields of flows at one exact point.

        Doubles of the orders are the nearest ones, certified, where the loss is small; see ``bounds`` of a network.
        """
        from ._results import Evaluation

        bound = _optimizer(optimizer, **values)
        document, text = _core.evaluate(
            self._held,
            bound._held,
            self._exact(at),
            order=None if order is None else _order(order),
            h=None if h is None else exact(h, "h"),
            spectrum=spectrum,
            flows=None if flows is None else names(flows),
            tolerance=tolerance,
            digits=digits,
            max_seconds=max_seconds,
        )
        return Evaluation(document, text)

    # What is run on it.

    def simulate(
        self,
        h: Number,
        steps: int,
        start: Point = None,
        flows: str | Sequence[str] | None = None,
        optimizer: OptimizerLike = "gradient-descent",
        *,
        tolerance: float | None = None,
        max_steps: int | None = None,
        at_cut: str = "slide",
        restart: str = "never",
        record: bool = False,
        flow_seconds: float | None = None,
        progress: Progress = None,
        max_seconds: float | None = None,
        **values: Number,
    ) -> Simulation:
        """The optimizer and flows from the same start, compared at every step.

        ``flows`` are names such as ``"ngf,bea:4,pf"`` or ``["pf", "alpha:log(1-z)/z"]``; those of ``shadowflow simulate`` unless told.
        """
        from ._results import Simulation

        bound = _optimizer(optimizer, **values)
        integration = _integration(tolerance, max_steps, flow_seconds, at_cut, restart, record)
        with shown(progress) as callback:
            found = _core.simulate(
                self._held,
                bound._held,
                exact(h, "h"),
                _count(steps, "steps"),
                self._whole(start, "start"),
                None if flows is None else names(flows),
                integration=integration,
                progress=callback,
                max_seconds=max_seconds,
            )
        return Simulation(found)

    def stability(
        self,
        h: Number,
        *,
        near: Point = None,
        box: Mapping[str, tuple[Number, Number]] | str | None = None,
        starts: int | None = None,
        start: Point = None,
        steps: int | None = None,
        flows: str | Sequence[str] = "ngf,igr,third,bea:4,pf",
        top: int | None = None,
        optimizer: OptimizerLike = "gradient-descent",
        progress: Progress = None,
        max_seconds: float | None = None,
        **values: Number,
    ) -> Stability:
        """Critical points and what the optimizer and its flows do there, or stability coefficients along a trajectory.

        Points are searched ``near`` a point, in a ``box`` such as ``{"x": (-2, 2)}``, or from many ``starts``; with ``start`` or ``steps`` the
        optimizer's trajectory is taken apart in eigendirections.
        """
        from ._results import Stability

        bound = _optimizer(optimizer, **values)
        along = start is not None or steps is not None
        search = {
            "near": None if near is None else self._whole(near, "near").tolist(),
            "region": _region(box),
            "starts": None if starts is None else _count(starts, "starts"),
            "start": self._whole(start, "start").tolist() if along else None,
            "steps": None if steps is None else _count(steps, "steps"),
            "top": top,
        }
        with shown(progress) as callback:
            document, text = _core.stability(
                self._held,
                bound._held,
                exact(h, "h"),
                names(flows),
                search,
                progress=callback,
                max_seconds=max_seconds,
            )
        return Stability(document, text)

    def map(
        self,
        h: Number,
        flow: str,
        grid: Mapping[str, Sequence[Number]] | str,
        show: str = "error",
        at: Point = None,
        *,
        steps: int = 1,
        optimizer: OptimizerLike = "gradient-descent",
        tolerance: float | None = None,
        max_steps: int | None = None,
        at_cut: str = "slide",
        threads: int | None = None,
        progress: Progress = None,
        max_seconds: float | None = None,
        **values: Number,
    ) -> FlowMap:
        """A flow over a grid of two parameters, ``{"x": (-2, 2, 100), "y": (-1, 3, 100)}``: its ``"field"``, ``"error"`` or ``"stability"``."""
        from ._results import FlowMap

        bound = _optimizer(optimizer, **values)
        if not isinstance(grid, (str, Mapping)):
            raise ShadowflowError(f"a grid is a dictionary such as {{\"x\": (-2, 2, 100), \"y\": (-1, 3, 100)}}, not {_short(grid)}", "grid")
        text = grid if isinstance(grid, str) else ",".join(_side(name, side) for name, side in grid.items())
        point = self.point(at) if at is not None else self._held.start
        with shown(progress) as callback:
            found = _core.map(
                self._held,
                bound._held,
                exact(h, "h"),
                flow,
                show,
                text,
                # Those of the grid are not read.
                np.nan_to_num(point, nan=0.0),
                steps=_count(steps, "steps"),
                integration=_integration(tolerance, max_steps, None, at_cut, "never", False),
                threads=threads,
                progress=callback,
                max_seconds=max_seconds,
            )
        return FlowMap(found)

    def train(
        self,
        h: Number | Sequence[Number] = (),
        steps: int = 100,
        optimizer: OptimizerLike | Sequence[OptimizerLike] = "gd",
        *,
        start: Point = None,
        seeds: int | Sequence[int] = 0,
        batch: int | None = None,
        shuffled: bool = True,
        every: int = 1,
        record: str | Sequence[str] | None = None,
        momentum: Number | None = None,
        h_max: Number | None = None,
        h_at: Mapping[int, Number] | None = None,
        dal_factor: Number | None = None,
        hg_difference: float | None = None,
        eigenvalues: int | None = 2,
        eigenvalues_above: float | None = None,
        eigenvalues_every: int = 1,
        flows: str | Sequence[str] = (),
        flows_every: int | Sequence[int] = (),
        branches: str | Sequence[str] = (),
        branch_at: int | Sequence[int] = (),
        branch_steps: int = 20,
        loss_goal: float | None = None,
        accuracy_goal: float | None = None,
        tolerance: float = 1e-10,
        max_steps: int = 5000,
        row_seconds: float | None = None,
        progress: Progress = None,
        max_seconds: float | None = None,
        **values: Number,
    ) -> Record:
        """Trains the loss and records what its flows, its spectrum and its drift say of each step.

        Optimizers are those of ``shadowflow train``: ``gd``, ``sgd``, ``dal``, ``dal-p:P``, ``dal-per-parameter`` and all that have a modified flow; every
        one is run with every step size ``h`` and every seed. ``record`` names columns, ``"all"`` or ``"none"``; ``eigenvalues=None`` takes all of them.
        """
        from ._results import Record

        asked = _several(optimizer)
        made: list[Any] = []
        for one in asked:
            made.append(one if isinstance(one, str) and not one.endswith(".toml") else _optimizer(one)._held)
        settings = {
            "momentum": None if momentum is None else exact(momentum, "momentum"),
            "dal_factor": None if dal_factor is None else float(dal_factor),
            "values": pairs(values),
            "h": [_double(x, "h") for x in _several(h)],
            "h_at": [(_count(step, "h_at"), _double(x, "h_at")) for step, x in _changes(h_at)],
            "h_max": None if h_max is None else _double(h_max, "h_max"),
            "seeds": [_count(seed, "seeds") for seed in _several(seeds)],
            "steps": _count(steps, "steps"),
            "every": _count(every, "every"),
            "batch": batch,
            "shuffled": shuffled,
            "columns": None if record is None else names(record),
            "eigenvalues": eigenvalues,
            "eigenvalues_above": eigenvalues_above,
            "eigenvalues_every": eigenvalues_every,
            "hg_difference": hg_difference,
            "flows": names(flows),
            "flows_at": [_count(step, "flows_every") for step in _several(flows_every)],
            "branches": names(branches),
            "branch_at": [_count(step, "branch_at") for step in _several(branch_at)],
            "branch_steps": branch_steps,
            "loss_goal": loss_goal,
            "accuracy_goal": accuracy_goal,
            "tolerance": tolerance,
            "max_steps": max_steps,
            "row_seconds": row_seconds,
        }
        begin = None if start is None else self._partial(start)
        with shown(progress) as callback:
            found = _core.train(self._held, made, begin, settings, progress=callback, max_seconds=max_seconds)
        return Record(found)

    # Points.

    def _partial(self, point: Point) -> NDArray[np.float64]:
        """A point of any form, NaN for what it leaves out."""
        if isinstance(point, (str, os.PathLike)):
            return self._held.point(os.fspath(point))
        if isinstance(point, Mapping):
            return self._held.point(self._written(point))
        try:
            values = np.asarray(point, dtype=np.float64).reshape(-1)
        except (TypeError, ValueError):
            raise ShadowflowError(
                f"a point is an array of numbers, a dictionary such as {{\"x\": 0.3}}, or a text such as \"x=0.3\", not {_short(point)}",
                "point",
            ) from None
        if values.size != self.dimension:
            raise ShadowflowError(
                f"a point has {self.dimension} numbers, one for each of {_listed(self.parameters)}, and not {values.size}", "point"
            )
        return values

    def _written(self, point: Mapping[str, Any]) -> str:
        def value(entry: Any) -> str:
            if isinstance(entry, (str, int, float)) or getattr(entry, "ndim", 1) == 0 or not hasattr(entry, "__len__"):
                return exact(entry, "a point")
            return "[" + ",".join(value(part) for part in entry) + "]"

        return ",".join(f"{name}={value(entry)}" for name, entry in point.items())

    def _whole(self, point: Point, name: str) -> NDArray[np.float64]:
        """A point of any form, completed by where the loss starts."""
        values = self._held.start if point is None else self.point(point)
        missing = [p for p, x in zip(self.parameters, values) if np.isnan(x)]
        if missing:
            raise ShadowflowError(f"the loss does not say where {_listed(missing)} starts: give `{name}`", "point")
        return np.ascontiguousarray(values, dtype=np.float64)

    def _exact(self, point: Point) -> list[str]:
        """A point of any form as exact numbers: an array's doubles are the numbers that they are."""
        if isinstance(point, Mapping):
            point = self._written(point)
        if isinstance(point, (str, os.PathLike)):
            given = self._held.exact_point(os.fspath(point))
        elif point is None:
            given = [None] * self.dimension
        else:
            flat = np.asarray(point, dtype=object).reshape(-1).tolist()
            if len(flat) != self.dimension:
                self._partial(np.zeros(len(flat)))
            given = [_exactly(x) for x in flat]
        start = self._held.start
        whole = [x if x is not None else None if np.isnan(y) else _exactly(float(y)) for x, y in zip(given, start)]
        missing = [p for p, x in zip(self.parameters, whole) if x is None]
        if missing:
            raise ShadowflowError(f"the loss does not say where {_listed(missing)} starts: give `at`", "point")
        return [x for x in whole if x is not None]

    def _with_seed(self, seed: int) -> Loss:
        """The same with another seed for what is drawn."""
        return Loss._of(self._held.with_seed(seed))

    # As an object.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loss) and self._held.__reduce__() == other._held.__reduce__()

    def __hash__(self) -> int:
        return hash(self.source)

    def __getstate__(self) -> Any:
        return self._held

    def __setstate__(self, state: Any) -> None:
        self._held = state
        self._slope = None

    def __repr__(self) -> str:
        many = self.dimension
        return f"<shadowflow.Loss {self.name!r} of {_listed(self.parameters) if many <= 6 else f'{many} parameters'}>"

    def _repr_html_(self) -> str:
        from ._html import code

        return code(self.source)


def _exactly(number: Any) -> str:
    if isinstance(number, float):
        try:
            numerator, denominator = number.as_integer_ratio()
        except (OverflowError, ValueError):
            raise ShadowflowError(f"a point has finite numbers, and not {number}", "point") from None
        return f"{numerator}/{denominator}"
    return exact(number, "a point")


def _listed(all: Sequence[str]) -> str:
    return ", ".join(all[:6]) + (f" and {len(all) - 6} more" if len(all) > 6 else "")


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "…"


def _changes(h_at: Any) -> Any:
    if h_at is None:
        return []
    if not isinstance(h_at, Mapping):
        raise ShadowflowError(f"`h_at` is a dictionary of steps and step sizes, {{10: 0.25}}, not {_short(h_at)}")
    return h_at.items()


def _several(given: Any) -> list[Any]:
    if isinstance(given, str) and "," in given:
        return names(given)
    if isinstance(given, (str, Mapping)) or not hasattr(given, "__iter__"):
        return [given]
    return list(given)


def _double(number: Any, name: str) -> float:
    from fractions import Fraction

    try:
        return float(Fraction(exact(number, name)))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ShadowflowError(f"`{name}` is a number, as in 0.1 or \"1/8\", not {number!r}") from None


def _count(number: Any, name: str) -> int:
    try:
        whole = number.__index__()
    except AttributeError:
        whole = -1
    if isinstance(number, bool) or whole < 0:
        raise ShadowflowError(f"`{name}` is a whole number from 0, not {number!r}")
    return int(whole)


def _order(order: Any) -> int:
    return _count(order, "order")


def _integration(
    tolerance: float | None,
    max_steps: int | None,
    flow_seconds: float | None,
    at_cut: str,
    restart: str,
    record: bool,
) -> dict[str, Any]:
    return {
        "tolerance": tolerance,
        "max_steps": max_steps,
        "flow_seconds": flow_seconds,
        "at_cut": at_cut,
        "restart": restart,
        "record": record,
    }


def _region(box: Mapping[str, tuple[Number, Number]] | str | None) -> str | None:
    if box is None or isinstance(box, str):
        return box
    sides = box.items() if isinstance(box, Mapping) else [("x", ())]
    for name, side in sides:
        if isinstance(side, str) or not hasattr(side, "__len__") or len(side) != 2:
            raise ShadowflowError(f"a box is a dictionary such as {{\"{name}\": (-2, 2)}}, not {_short(box)}", "region")
    return ",".join(f"{name}={exact(low, name)}:{exact(high, name)}" for name, (low, high) in sides)


def _side(name: str, side: Sequence[Number]) -> str:
    if isinstance(side, str) or not hasattr(side, "__len__") or len(side) not in (2, 3):
        raise ShadowflowError(f"the side of `{name}` is (from, to) or (from, to, count), not {side!r}", "grid")
    return f"{name}=" + ":".join(exact(x, name) for x in side)


def examples() -> list[str]:
    """The names of the losses that come with shadowflow, for :meth:`Loss.example`."""
    return _core.examples()


# What begins a text in the loss language, and no expression.
_STATEMENT = r"(?m)^\s*(param|const|let|def|data|test|loss)\s+[A-Za-z_\[(]"


def loss(
    text: str | os.PathLike[str],
    /,
    params: str | Sequence[str] | None = None,
    *,
    constants: Mapping[str, Number] | None = None,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
    allow_path: bool = False,
) -> Loss:
    """A loss from an expression, from a text in the loss language, or from a path.

    An expression has its parameters beside it, ``params="x, w[3]"``; without them they are the names that it uses, in the order in which they stand.

    >>> sf.loss("(1 - x)^2 + b*(y - x^2)^2", constants={"b": 100}).parameters
    ['x', 'y']
    >>> sf.loss("param x = 1/2\\nloss x^4/4 + x^2/2").start.tolist()
    [0.5]
    """
    if isinstance(text, os.PathLike):
        return Loss.from_file(text, constants=constants, seed=seed, allow_path=allow_path)
    if params is None and re.search(_STATEMENT, text):
        return Loss(text, constants=constants, seed=seed, folder=folder, allow_path=allow_path)
    given = pairs(constants)
    own = {name for name, _ in given}
    if params is None:
        declared = [name for name in _core.undeclared(text) if name not in own]
    else:
        declared = [params] if isinstance(params, str) else [str(name) for name in params]
    if not given:
        return Loss._of(_core.inline_loss(text, declared, [], seed))
    lines = [f"param {name}\n" for name in declared] + [f"const {name} = {value}\n" for name, value in given]
    return Loss("".join(lines) + f"loss {text}\n", seed=seed, folder=folder, allow_path=allow_path)

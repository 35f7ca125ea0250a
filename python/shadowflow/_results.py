"""What runs give, as arrays with NaN where a value is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._html import Told

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CriticalPoint", "Evaluation", "Flow", "FlowMap", "Record", "Simulation", "Stability"]


def _floats(values: Any) -> NDArray[np.float64]:
    """Numbers of a document, NaN for what is missing."""
    return np.array([np.nan if x is None else x for x in values], dtype=np.float64)


def _complexes(values: Any) -> NDArray[np.complex128]:
    missing = complex(np.nan, np.nan)
    return np.array([missing if z is None else complex(*z) for z in values], dtype=np.complex128)


class Flow:
    """One flow of a simulation."""

    __slots__ = ("end", "error", "h_lambda_0", "loss", "name", "path", "slid", "trajectory")
    name: str
    """The name, such as ``pf``."""
    trajectory: NDArray[np.complex128]
    """The complex state at each time, a row each."""
    error: NDArray[np.float64]
    """Its distance from the iterate."""
    loss: NDArray[np.complex128]
    """The loss at each state."""
    h_lambda_0: NDArray[np.complex128]
    """The eigenvalue of ``hH`` with the largest real part at each state."""
    slid: NDArray[np.bool_]
    """Whether the state was reached along a cut of the field."""
    path: NDArray[np.complex128]
    """The states between the times too, where they were recorded."""
    end: tuple[int, str, str] | None
    """How it ended before its last step: the step, a code and a sentence."""

    def __init__(self, name: str, found: Mapping[str, Any]) -> None:
        self.name = name
        for member in ("trajectory", "error", "loss", "h_lambda_0", "slid", "path", "end"):
            setattr(self, member, found[member])

    def __repr__(self) -> str:
        return f"<shadowflow.Flow {self.name!r}>"


class Simulation:
    """An optimizer and flows beside it: what :meth:`Loss.simulate` gives. Rows of its arrays are the times ``0, h, 2h, …``."""

    __slots__ = ("_found", "flows")
    flows: dict[str, Flow]
    """The flows by name."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found
        self.flows = {name: Flow(name, flow) for name, flow in found["flows"].items()}

    @property
    def method(self) -> str:
        """The optimizer's name."""
        return str(self._found["method"])

    @property
    def parameters(self) -> list[str]:
        """The names of the entries of θ."""
        return list(self._found["parameters"])

    @property
    def h(self) -> float:
        """The step size."""
        return float(self._found["h"])

    @property
    def restart(self) -> str:
        """From where the steps of the flows start: ``never``, one trajectory, or ``each``, from the iterates."""
        return str(self._found["restart"])

    @property
    def times(self) -> NDArray[np.float64]:
        """The times."""
        return self._found["times"]  # type: ignore[no-any-return]

    @property
    def iterates(self) -> NDArray[np.float64]:
        """The optimizer's iterates, a row each."""
        return self._found["iterates"]  # type: ignore[no-any-return]

    @property
    def loss(self) -> NDArray[np.float64]:
        """The loss at each iterate."""
        return self._found["loss"]  # type: ignore[no-any-return]

    @property
    def h_lambda_0(self) -> NDArray[np.float64]:
        """The largest eigenvalue of ``hH`` at each iterate; the edge of stability of gradient descent is at 2."""
        return self._found["h_lambda_0"]  # type: ignore[no-any-return]

    @property
    def events(self) -> list[dict[str, Any]]:
        """What happened on the way."""
        return list(self._found["events"])

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What cannot be trusted, and why."""
        return list(self._found["warnings"])

    def __getitem__(self, flow: str) -> Flow:
        return self.flows[flow]

    def __iter__(self) -> Iterator[str]:
        return iter(self.flows)

    def json(self) -> str:
        """The members of ``shadowflow simulate --format json``, with ``path`` and ``end`` of each flow where it has them: what a simulation is pickled as.

        Numbers are written to the bit, and those that are missing as null; Rust reads them by ``flow::StoredSimulation``.
        """
        document = {
            **{name: self._found[name] for name in ("method", "parameters", "h", "restart")},
            **{name: _plain(self._found[name]) for name in ("times", "iterates", "loss", "h_lambda_0")},
            "flows": {name: _flow_document(flow) for name, flow in self._found["flows"].items()},
            "events": self.events,
            "warnings": self.warnings,
        }
        return json.dumps(document, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, document: str) -> Simulation:
        """A simulation from the document that :meth:`json` or ``shadowflow simulate --format json`` gave."""
        found = _core.stored_simulation(document)
        words = json.loads(document)
        found["restart"] = words.get("restart", "never")
        for name, flow in found["flows"].items():
            end = words["flows"][name].get("end")
            flow["end"] = None if end is None else (int(end[0]), str(end[1]), str(end[2]))
        events = ({"flow": None, **event} for event in words.get("events", []))
        found["events"] = [{name: event.get(name) for name in _EVENT} for event in events]
        found["warnings"] = list(words.get("warnings", []))
        return cls(found)

    def to_frame(self) -> Any:
        """A pandas frame, a row for each time: the iterate, its loss and ``h_lambda_0``, and of each flow its error, loss and real state."""
        import pandas as pd

        columns: dict[str, Any] = {"time": self.times}
        columns.update({name: self.iterates[:, k] for k, name in enumerate(self.parameters)})
        columns.update(loss=self.loss, h_lambda_0=self.h_lambda_0)
        for name, flow in self.flows.items():
            columns[f"{name} error"] = flow.error
            columns[f"{name} loss"] = flow.loss.real
            columns[f"{name} h_lambda_0"] = flow.h_lambda_0.real
            columns.update({f"{name} {p}": flow.trajectory[:, k].real for k, p in enumerate(self.parameters)})
        return pd.DataFrame(columns).rename_axis("step")

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Trajectories of two parameters, else the flows' errors: see :mod:`shadowflow.plots`. Returns the axes."""
        from . import plots

        draw = plots.trajectories if len(self.parameters) == 2 and self.restart == "never" else plots.errors
        return draw(self, ax=ax, **options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Simulation) and _same(self._found, other._found)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return Simulation.from_json, (self.json(),)

    def __repr__(self) -> str:
        names = ", ".join(self.flows)
        return f"<shadowflow.Simulation of {self.method}, h = {self.h:g}, {len(self.times) - 1} steps beside {names or 'no flow'}>"

    def _repr_html_(self) -> str:
        from . import _html

        few = self.parameters if len(self.parameters) <= 8 else []
        heads = ["step", *few, "loss", "hλ₀", *self.flows]
        rows = [
            [step, *(float(x) for x in self.iterates[step, : len(few)]), float(self.loss[step]), float(self.h_lambda_0[step])]
            + [float(flow.error[step]) for flow in self.flows.values()]
            for step in range(len(self.times))
        ]
        caption = f"{self.method}, h = {self.h:g}; under each flow its distance from the iterate"
        return _html.table(heads, rows, caption) + _html.warnings(self.warnings)


_EVENT = ("code", "message", "flow", "time", "step", "count", "last_time")


def _plain(values: Any) -> Any:
    """An array as lists, complex numbers as pairs, and None for numbers and rows that are missing."""
    if np.iscomplexobj(values):
        values = np.stack([values.real, values.imag], axis=-1)
        missing = ~np.isfinite(values).all(axis=-1)
    else:
        missing = ~np.isfinite(values)
    plain: list[Any] = values.tolist()
    if missing.any():
        rows = missing if missing.ndim == 1 else missing.all(axis=1)
        for k in np.flatnonzero(missing.reshape(len(plain), -1).any(axis=1)):
            plain[k] = None if rows[k] else [None if gone else entry for gone, entry in zip(missing[k].tolist(), plain[k])]
    return plain


def _flow_document(flow: dict[str, Any]) -> dict[str, Any]:
    """A flow as it stands in documents."""
    document = {name: _plain(flow[name]) for name in ("trajectory", "error", "loss", "h_lambda_0")}
    document["slid"] = flow["slid"].tolist()
    if len(flow["path"]):
        document["path"] = _plain(flow["path"])
    if flow["end"] is not None:
        document["end"] = list(flow["end"])
    return document


def _same(a: Any, b: Any) -> bool:
    """Whether two results are equal to the bit, NaN beside NaN."""
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b))
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return bool(a == b)


class CriticalPoint:
    """A critical point, and what flows do there."""

    __slots__ = ("document",)
    document: dict[str, Any]

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @property
    def at(self) -> NDArray[np.float64]:
        """θ."""
        return _floats(self.document["at"])

    @property
    def kind(self) -> str:
        """What the signs of the eigenvalues say."""
        return str(self.document["kind"])

    @property
    def loss(self) -> float:
        """The loss there."""
        return float(_floats([self.document["loss"]])[0])

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """Those of the Hessian, the largest first."""
        return _floats(self.document["eigenvalues"])

    @property
    def flows(self) -> dict[str, dict[str, Any]]:
        """Of each flow the eigenvalues of its Jacobian, and whether it is ``attractive``."""
        return {name: dict(flow) for name, flow in self.document["flows"].items()}

    def attractive(self, flow: str | None = None) -> bool | None:
        """Whether a flow, or without one the optimizer, is attracted; ``None`` where it is not known."""
        found = self.document["flows"][flow] if flow is not None else self.document.get("optimizer", {})
        return found.get("attractive")  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"<shadowflow.CriticalPoint: {self.kind} at {self.at}>"


class Stability(Told):
    """Critical points with their flows, and a trajectory's stability coefficients: what :meth:`Loss.stability` gives."""

    __slots__ = ("_text", "document")
    document: dict[str, Any]
    """The document of ``shadowflow stability --format json``."""

    def __init__(self, document: str, text: str) -> None:
        self.document = json.loads(document)
        self._text = text

    @property
    def points(self) -> list[CriticalPoint]:
        """The critical points."""
        return [CriticalPoint(point) for point in self.document["points"]]

    @property
    def steps(self) -> list[dict[str, Any] | None]:
        """The trajectory, step by step; empty where none was asked for."""
        return list(self.document.get("steps", []))

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What cannot be trusted, and why."""
        return list(self.document["warnings"])

    def __repr__(self) -> str:
        return f"<shadowflow.Stability of {self.document['method']}: {len(self.document['points'])} critical points>"


class FlowMap:
    """A flow over a grid: what :meth:`Loss.map` gives. Rows of its arrays are values of ``y``, columns values of ``x``."""

    __slots__ = ("_found",)

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found

    @property
    def flow(self) -> str:
        """The flow's name."""
        return str(self._found["flow"])

    @property
    def h(self) -> float:
        """The step size."""
        return float(self._found["h"])

    @property
    def x(self) -> NDArray[np.float64]:
        """The values of the first parameter."""
        return self._found["x"][1]  # type: ignore[no-any-return]

    @property
    def y(self) -> NDArray[np.float64]:
        """The values of the second parameter."""
        return self._found["y"][1]  # type: ignore[no-any-return]

    @property
    def names(self) -> tuple[str, str]:
        """The names of both."""
        return self._found["x"][0], self._found["y"][0]

    @property
    def values(self) -> dict[str, Any]:
        """Arrays by name: ``field`` (with the parameters as a last axis), ``error``, or ``growth``, ``largest`` and ``smallest``."""
        return dict(self._found["values"])

    @property
    def missing(self) -> dict[str, int]:
        """How many points have no value, by reason."""
        return dict(self._found["missing"])

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """How many points have no value, and why."""
        return list(self._found["warnings"])

    def __getitem__(self, name: str) -> Any:
        return self._found["values"][name]

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """The map as colours: see :func:`shadowflow.plots.map`. Returns the axes."""
        from . import plots

        return plots.map(self, ax=ax, **options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FlowMap) and _same(self._found, other._found)

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> Any:
        return self._found

    def __setstate__(self, state: Any) -> None:
        self._found = state

    def __repr__(self) -> str:
        return f"<shadowflow.FlowMap of {self.flow}: {', '.join(self._found['values'])} at {len(self.y)} × {len(self.x)} points>"


class Evaluation(Told):
    """Everything known of a loss at one point: what :meth:`Loss.evaluate` gives."""

    __slots__ = ("_text", "document")
    document: dict[str, Any]
    """The document of ``shadowflow eval --format json``."""

    def __init__(self, document: str, text: str) -> None:
        self.document = json.loads(document)
        self._text = text

    @property
    def at(self) -> NDArray[np.float64]:
        """θ."""
        return _floats(self.document["at"])

    @property
    def loss(self) -> float:
        """The loss."""
        return float(_floats([self.document.get("loss")])[0])

    @property
    def orders(self) -> NDArray[np.float64]:
        """``f_0, f_1, …``, a row each."""
        rows = [_floats(order["value"]) for order in self.document["orders"]]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.document["parameters"]))

    @property
    def field(self) -> NDArray[np.float64] | None:
        """``Σ h^n f_n``, where a step size was given."""
        found = self.document.get("field")
        return None if found is None else _floats(found)

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What cannot be trusted, and why."""
        return list(self.document["warnings"])

    def __repr__(self) -> str:
        return f"<shadowflow.Evaluation at {self.at}>"


class Record:
    """What training recorded, a row for each step of each run: what :meth:`Loss.train` gives.

    Columns are arrays, ``record["loss"]``, with NaN where a value is missing; those of several numbers a row, such as ``lambda``, have two axes, and those
    that have names are dictionaries of arrays.
    """

    __slots__ = ("_columns", "_found", "_rows")
    _rows: list[dict[str, Any]]

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found
        self._rows = [json.loads(row) for row in found["rows"]]
        self._columns: dict[str, Any] = {}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, as they stand in ``shadowflow train --format jsonl``."""
        return list(self._rows)

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that was asked."""
        return json.loads(self._found["document"])  # type: ignore[no-any-return]

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        names: dict[str, None] = {}
        for row in self._rows:
            names.update(dict.fromkeys(row))
        return list(names)

    @property
    def runs(self) -> list[dict[str, Any]]:
        """The runs: the optimizer, and the step size and the seed where there are several."""
        return [{"optimizer": o, "h_setting": h, "seed": s} for o, h, s in self._found["runs"]]

    @property
    def theta(self) -> list[NDArray[np.float64]]:
        """Where each run ended."""
        return list(self._found["ends"])

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What cannot be trusted, and why."""
        return list(self._found["warnings"])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, column: str) -> Any:
        if column not in self._columns:
            if column not in self.columns:
                raise KeyError(f"{column!r}: this record has {', '.join(self.columns)}")
            self._columns[column] = _column([row.get(column) for row in self._rows])
        return self._columns[column]

    def to_frame(self) -> Any:
        """A pandas frame; lists become columns ``lambda_0``, ``lambda_1``, …, and names columns ``error pf``."""
        import pandas as pd

        frame: dict[str, Any] = {}
        for name in self.columns:
            column = self[name]
            if isinstance(column, dict):
                frame.update({f"{name} {own}": values for own, values in column.items()})
            elif isinstance(column, np.ndarray) and column.ndim == 2:
                frame.update({f"{name}_{k}": column[:, k] for k in range(column.shape[1])})
            else:
                frame[name] = column
        return pd.DataFrame(frame)

    def plot(self, columns: str | list[str] = "loss", ax: Any = None, **options: Any) -> Any:
        """Columns by step: see :func:`shadowflow.plots.record`. Returns the axes."""
        from . import plots

        return plots.record(self, columns, ax=ax, **options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._found["rows"] == other._found["rows"]

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> Any:
        return self._found

    def __setstate__(self, state: Any) -> None:
        Record.__init__(self, state)

    def __repr__(self) -> str:
        return f"<shadowflow.Record of {len(self._rows)} rows: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        from . import _html

        heads = [name for name in self.columns if not isinstance(self[name], dict)]
        rows = [["" if row.get(h) is None else row[h] if isinstance(row[h], (str, float, int)) else str(row[h]) for h in heads] for row in self._rows]
        return _html.table(heads, rows) + _html.warnings(self.warnings)


def _column(cells: list[Any]) -> Any:
    """Cells of one column as arrays."""
    there = [cell for cell in cells if cell is not None]
    first = there[0] if there else None
    if isinstance(first, str) or (there and isinstance(first, list) and any(isinstance(x, str) for x in first)):
        return np.array(cells, dtype=object)
    if isinstance(first, dict):
        names: dict[str, None] = {}
        for cell in there:
            names.update(dict.fromkeys(cell))
        return {name: _column([None if cell is None else cell.get(name) for cell in cells]) for name in names}
    if isinstance(first, list):
        width = max(len(cell) for cell in there)
        pairs = any(isinstance(x, list) for cell in there for x in cell)
        rows = [[*(cell or []), *([None] * (width - len(cell or [])))] for cell in cells]
        if pairs:
            return np.array([_complexes(row) for row in rows]).reshape(len(cells), width)
        return np.array([_floats(row) for row in rows]).reshape(len(cells), width)
    if all(isinstance(cell, int) for cell in cells):
        return np.array(cells, dtype=np.int64)
    return _floats(cells)

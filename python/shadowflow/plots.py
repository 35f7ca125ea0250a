"""Pictures by matplotlib. Every function draws into the axes ``ax``, or into a new figure's, and returns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._loss import Loss
    from ._results import FlowMap, Record, Simulation

__all__ = ["contours", "errors", "losses", "map", "record", "sharpness", "trajectories"]

_COLOURS = {
    "ngf": "#0072b2",
    "igr": "#56b4e9",
    "third": "#cc79a7",
    "pf": "#d55e00",
    "pf+np3": "#009e73",
    "rpf": "#8c6bb1",
}


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _style(name: str, options: dict[str, Any]) -> dict[str, Any]:
    colour = {"color": _COLOURS[name]} if name in _COLOURS else {}
    return {"label": name, **colour, **options}


def contours(
    loss: Loss | Callable[[Any], Any],
    x: tuple[float, float] | None = None,
    y: tuple[float, float] | None = None,
    ax: Any = None,
    *,
    levels: int | Sequence[float] = 20,
    points: int = 200,
    **options: Any,
) -> Any:
    """Lines of equal loss, of a loss of two parameters; on axes with something in them within what they show."""
    given = ax is not None
    ax = _axes(ax)
    x = x or (tuple(ax.get_xlim()) if given else (-2.0, 2.0))
    y = y or (tuple(ax.get_ylim()) if given else (-2.0, 2.0))
    grid = np.stack(np.meshgrid(np.linspace(*x, points), np.linspace(*y, points)), axis=-1)
    values = np.asarray(loss(grid))
    if isinstance(levels, int):
        finite = values[np.isfinite(values)]
        if finite.size and finite.min() > 0:
            levels = list(np.geomspace(max(finite.min(), finite.max() * 1e-12), finite.max(), levels))
    ax.contour(grid[..., 0], grid[..., 1], values, **{"levels": levels, "colors": "0.8", "linewidths": 0.6, "zorder": 0, **options})
    return ax


def trajectories(simulation: Simulation, ax: Any = None, *, parameters: tuple[int, int] = (0, 1), **options: Any) -> Any:
    """The iterates as circles and the flows as lines, in the plane of two parameters."""
    ax = _axes(ax)
    i, j = parameters
    for name, flow in simulation.flows.items():
        states = flow.path if len(flow.path) else flow.trajectory
        ax.plot(states[:, i].real, states[:, j].real, **_style(name, options))
    ax.plot(simulation.iterates[:, i], simulation.iterates[:, j], "o", color="black", fillstyle="none", label=simulation.method)
    ax.set_xlabel(simulation.parameters[i])
    ax.set_ylabel(simulation.parameters[j])
    ax.legend()
    return ax


def errors(simulation: Simulation, ax: Any = None, **options: Any) -> Any:
    """Each flow's distance from the iterate, by step."""
    of = {name: np.where(flow.error > 0, flow.error, np.nan) for name, flow in simulation.flows.items()}
    ax = _by_step(simulation, of, None, "distance from the iterate", ax, options)
    ax.set_yscale("log")
    return ax


def losses(simulation: Simulation, ax: Any = None, **options: Any) -> Any:
    """The loss at the iterates and along each flow, by step."""
    of = {name: flow.loss.real for name, flow in simulation.flows.items()}
    return _by_step(simulation, of, simulation.loss, "loss", ax, options)


def sharpness(simulation: Simulation, ax: Any = None, **options: Any) -> Any:
    """The largest eigenvalue of ``hH`` at the iterates and along each flow, with the edge of stability at 2."""
    of = {name: flow.h_lambda_0.real for name, flow in simulation.flows.items()}
    ax = _by_step(simulation, of, simulation.h_lambda_0, "hλ₀", ax, options)
    ax.axhline(2.0, color="0.5", linewidth=0.8, linestyle="--")
    return ax


def _by_step(simulation: Simulation, flows: dict[str, Any], iterates: Any, named: str, ax: Any, options: dict[str, Any]) -> Any:
    """A line for each flow, and circles for the iterates where they have the quantity."""
    ax = _axes(ax)
    steps = np.arange(len(simulation.times))
    for name, values in flows.items():
        ax.plot(steps, values, **_style(name, options))
    if iterates is not None:
        ax.plot(steps, iterates, "o", color="black", fillstyle="none", label=simulation.method)
    ax.set_xlabel("step")
    ax.set_ylabel(named)
    ax.legend()
    return ax


def map(found: FlowMap, ax: Any = None, *, of: str | None = None, log: bool | None = None, colorbar: bool = True, **options: Any) -> Any:
    """A map as colours; of a field its length. Points without a value stay empty."""
    import matplotlib.colors as colors

    ax = _axes(ax)
    of = of or next(iter(found.values))
    values = np.asarray(found[of])
    if values.ndim == 3:
        values = np.linalg.norm(values, axis=-1)
    if log is None:
        log = of in ("error", "field")
    positive = values[np.isfinite(values) & (values > 0)]
    if log and positive.size and positive.min() < positive.max():
        options = {"norm": colors.LogNorm(positive.min(), positive.max()), **options}
        values = np.where(values > 0, values, np.nan)
    mesh = ax.pcolormesh(found.x, found.y, np.ma.masked_invalid(values), **{"shading": "nearest", **options})
    ax.set_xlabel(found.names[0])
    ax.set_ylabel(found.names[1])
    if colorbar:
        ax.figure.colorbar(mesh, ax=ax, label=f"{found.flow}: {of}")
    return ax


def record(found: Record, columns: str | Sequence[str] = "loss", ax: Any = None, **options: Any) -> Any:
    """Columns of a record by step, one line for each run and each number of a column."""
    ax = _axes(ax)
    names = [columns] if isinstance(columns, str) else list(columns)
    groups = _runs(found)
    for column in names:
        values = found[column]
        parts = values if isinstance(values, dict) else {"": values}
        for own, part in parts.items():
            lines = part.T if part.ndim == 2 else [part]
            for k, line in enumerate(lines):
                for label, rows in groups:
                    words = [column + (f" {own}" if own else "") + (f" {k}" if len(lines) > 1 else ""), label]
                    text = ", ".join(word for word in words if word)
                    ax.plot(found["step"][rows], np.real(line[rows]), **{"label": text, **options})
    ax.set_xlabel("step")
    ax.legend()
    return ax


def _runs(found: Record) -> list[tuple[str, Any]]:
    """The rows of each run, branches apart."""
    rows: dict[str, list[int]] = {}
    several = len(found.runs) > 1
    for k, row in enumerate(found.rows):
        label = row["optimizer"] if several else ""
        label += f", h = {row['h_setting']:g}" if "h_setting" in row else ""
        label += f", seed {row['seed']}" if "seed" in row else ""
        label += f", {row['branch']} from {row['from']}" if "branch" in row else ""
        rows.setdefault(label.lstrip(", "), []).append(k)
    return [(label, np.array(own)) for label, own in rows.items()]

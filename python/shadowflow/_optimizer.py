"""Optimizers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Union

from . import _core
from ._errors import ShadowflowError
from ._numbers import Number, exact, pairs

__all__ = ["Optimizer", "OptimizerLike", "optimizer"]

_MOST_BYTES = 1 << 20


class Optimizer:
    """An optimizer whose step is linear in iterates and gradients, its hyper-parameters numbers or symbols.

    Named ones are ``gradient-descent``, ``heavy-ball``, ``nesterov``, ``implicit-euler`` and Runge–Kutta methods such as ``rk:rk4``; others are made by
    :meth:`from_dict`, :meth:`from_toml` and :meth:`from_file`. Hyper-parameters without a number stay symbols.

    >>> Optimizer("heavy-ball", momentum="9/10").values
    {'m': '9/10'}
    """

    __slots__ = ("_held",)
    _held: _core.Optimizer

    def __init__(self, name: str = "gradient-descent", /, **values: Number) -> None:
        self._held = _read(str(name), values)

    @classmethod
    def _of(cls, core: _core.Optimizer) -> Optimizer:
        made = cls.__new__(cls)
        made._held = core
        return made

    @classmethod
    def from_toml(cls, text: str, name: str = "optimizer.toml", /, **values: Number) -> Optimizer:
        """An optimizer from the text of a TOML file: a tableau with ``a`` and ``b``, or a recurrence with ``left``."""
        return cls._of(_core.toml_optimizer(text, name, pairs(_named(values))))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], /, **values: Number) -> Optimizer:
        """An optimizer from a TOML file."""
        return cls.from_toml(_text(path), os.fspath(path), **values)

    @classmethod
    def from_dict(cls, description: Mapping[str, Any], /, name: str = "optimizer", **values: Number) -> Optimizer:
        """An optimizer from what its TOML file would hold.

        A Runge–Kutta method has ``a`` and ``b``. A recurrence ``sum_j left[j] θ_{t+j} = -h sum_i right[i] g(y_i)`` has ``left``, ``right`` and ``evaluations``,
        each of which says ``at`` which combination of iterates the gradient is taken, and names its ``symbols``.

        >>> Optimizer.from_dict({"symbols": ["m"], "left": {1: 1, 0: "-(1+m)", -1: "m"},
        ...                      "right": [1], "evaluations": [{"at": {0: 1}}]}, name="mine").symbols
        ['m']
        """
        if not isinstance(description, Mapping):
            raise ShadowflowError(f"an optimizer is described by a dictionary, not by {type(description).__name__}", "optimizer")
        found = description.get("name", name)
        lines = [f"{_key(key)} = {_toml(value, str(key))}\n" for key, value in description.items() if key != "name"]
        return cls.from_toml("".join(lines), f"{found}.toml", **values)

    def bind(self, **values: Number) -> Optimizer:
        """The same with numbers for more hyper-parameters; ``momentum`` is ``m``."""
        return self._of(self._held.with_values(pairs(_named(values))))

    @property
    def name(self) -> str:
        """The name."""
        return self._held.name

    @property
    def symbols(self) -> list[str]:
        """The hyper-parameters left symbolic."""
        return self._held.symbols

    @property
    def hyper_parameters(self) -> list[str]:
        """All hyper-parameters."""
        return self._held.hyper_parameters

    @property
    def values(self) -> dict[str, str]:
        """The numbers of hyper-parameters, exact."""
        return dict(self._held.values)

    @property
    def variable(self) -> str | None:
        """What the modified equation of a method of several steps is about."""
        return self._held.variable

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Optimizer) and self._held == other._held

    def __hash__(self) -> int:
        return hash((self.name, tuple(self._held.values)))

    def __repr__(self) -> str:
        values = "".join(f", {name}={value!r}" for name, value in self.values.items())
        return f"shadowflow.Optimizer({self.name!r}{values})"


OptimizerLike = Union[str, Optimizer, Mapping[str, Any]]
"""An optimizer, its name, a path that ends in ``.toml``, or a dictionary as :meth:`Optimizer.from_dict` takes."""


def optimizer(description: OptimizerLike | os.PathLike[str] = "gradient-descent", /, **values: Number) -> Optimizer:
    """An optimizer from its name, its file, a dictionary, or another one."""
    if isinstance(description, Optimizer):
        return description.bind(**values) if values else description
    if isinstance(description, Mapping):
        return Optimizer.from_dict(description).bind(**values)
    return Optimizer(os.fspath(description), **values)


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Hyper-parameters by their own names: the momentum is ``m``."""
    values = {name: value for name, value in values.items() if value is not None}
    if "momentum" in values:
        if "m" in values:
            raise ShadowflowError("the momentum is given twice, as `momentum` and as `m`; give it once")
        values["m"] = values.pop("momentum")
    # Greek letters of Python are written as such; those that are Python's words have an underscore.
    return {name.rstrip("_"): value for name, value in values.items()}


def _read(name: str, values: Mapping[str, Any]) -> _core.Optimizer:
    if name.endswith(".toml"):
        bare = name.removeprefix("rk:")
        return _core.toml_optimizer(_text(bare), bare, pairs(_named(values)))
    return _core.named_optimizer(name, pairs(_named(values)))


def _text(path: str | os.PathLike[str]) -> str:
    path = os.fspath(path)
    try:
        if os.stat(path).st_size > _MOST_BYTES:
            raise ShadowflowError(f"the optimizer `{path}` has more than {_MOST_BYTES} bytes", "optimizer")
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ShadowflowError(f"cannot read the optimizer `{path}`: {error}", "optimizer") from None


def _key(key: object) -> str:
    text = str(key)
    return text if text and all(c.isascii() and (c.isalnum() or c in "-_") for c in text) else _toml(text, "a name")


def _toml(value: Any, place: str) -> str:
    """A value as TOML writes it, numbers exactly."""
    if isinstance(value, Mapping):
        members = (f"{_key(key)} = {_toml(entry, f'{place}.{key}')}" for key, entry in value.items())
        return "{ " + ", ".join(members) + " }"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{text}"'
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Sequence):
        return "[" + ", ".join(_toml(entry, f"{place}[{k}]") for k, entry in enumerate(value)) + "]"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return f'"{exact(value, place)}"'

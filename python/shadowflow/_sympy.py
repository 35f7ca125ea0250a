"""To SymPy and back."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import ShadowflowError

if TYPE_CHECKING:
    from ._equation import Equation, LossEquation
    from ._loss import Loss
    from ._trees import BSeries, Tree

__all__ = [
    "components_to_sympy",
    "elementary_differential",
    "equation_to_sympy",
    "expression_to_sympy",
    "from_sympy",
    "loss_to_sympy",
    "series_to_sympy",
]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<operator>\*\*|.))"
)


_MOST_PRODUCTS = 200_000
"""The most products of entries in one product of matrices: SymPy takes about a second for as many."""


def _product(a: Any, b: Any) -> Any:
    """A product of matrices and vectors."""
    size = int(np.size(a)) * (np.shape(b)[1] if np.ndim(b) > 1 else 1)
    if size > _MOST_PRODUCTS:
        raise ShadowflowError(
            f"a product of matrices here takes {size} products of numbers, SymPy {_MOST_PRODUCTS} at most: take fewer rows of the data", "sympy"
        )
    return np.dot(a, b)


class _Reader:
    """A recursive reader of the loss language's expressions; arrays are NumPy's, of SymPy's expressions."""

    def __init__(self, text: str, names: dict[str, Any]) -> None:
        self.tokens = [
            (match.lastgroup, match.group(match.lastgroup or 0)) for match in _TOKEN.finditer(text) if match.group().strip()
        ]
        self.at = 0
        self.names = names

    def peek(self) -> str | None:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self, *wanted: str) -> str | None:
        if self.peek() in wanted and self.tokens[self.at][0] == "operator":
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def expect(self, wanted: str) -> None:
        if self.take(wanted) is None:
            raise ShadowflowError(f"`{wanted}` was expected before `{self.peek() or 'the end'}`", "sympy")

    def whole(self) -> Any:
        value = self.sum()
        if self.peek() is not None:
            raise ShadowflowError(f"`{self.peek()}` has no place in an expression for SymPy", "sympy")
        return value

    def sum(self) -> Any:
        import sympy

        terms = [self.product()]
        while (sign := self.take("+", "-")) is not None:
            term = self.product()
            terms.append(-term if sign == "-" else term)
        if len(terms) == 1:
            return terms[0]
        if any(isinstance(term, np.ndarray) for term in terms):
            return functools.reduce(lambda a, b: a + b, terms)
        return sympy.Add(*terms)

    def product(self) -> Any:
        value = self.signed()
        while (sign := self.take("*", "/", "@")) is not None:
            factor = self.signed()
            value = _product(value, factor) if sign == "@" else value * factor if sign == "*" else value / factor
        return value

    def signed(self) -> Any:
        negative = False
        while (sign := self.take("-", "+")) is not None:
            negative ^= sign == "-"
        value = self.power()
        return -value if negative else value

    def power(self) -> Any:
        base = self.atom()
        while self.take("'"):
            base = base.T
        if self.take("^", "**") is None:
            return base
        return base ** self.signed()

    def atom(self) -> Any:
        import sympy

        if self.take("("):
            value = self.sum()
            self.expect(")")
            return value
        if self.take("["):
            return self.listed()
        if self.at >= len(self.tokens):
            raise ShadowflowError("the expression ends too early", "sympy")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return sympy.Rational(text)
        if kind != "name":
            raise ShadowflowError(f"`{text}` has no place in an expression for SymPy", "sympy")
        if self.peek() == "[":
            return self.entry(text)
        if text in ("sum", "mean", "norm2", "logsumexp") and self.peek() == "(" and text not in self.names:
            return self.reduced(text)
        if self.peek() == "(" and text not in self.names:
            self.expect("(")
            arguments = [self.sum()]
            while self.take(","):
                arguments.append(self.sum())
            self.expect(")")
            return _function(text)(*arguments) if text in _OF_ARRAYS else _entrywise(_function(text))(*arguments)
        if text in self.names:
            return self.names[text]
        if text in ("pi", "e"):
            return sympy.pi if text == "pi" else sympy.E
        return self.names.setdefault(text, sympy.Symbol(text))

    def listed(self) -> Any:
        entries = [self.sum()]
        while self.take(","):
            entries.append(self.sum())
        self.expect("]")
        return np.array(entries, dtype=object)

    def reduced(self, name: str) -> Any:
        import sympy

        self.expect("(")
        value = np.asarray(self.sum(), dtype=object)
        axis = int(self.sum()) if self.take(",") else None
        self.expect(")")
        count = value.size if axis is None else value.shape[axis]
        if name == "mean":
            return value.sum(axis=axis) / sympy.Integer(count)
        if name == "norm2":
            return (value**2).sum(axis=axis)
        if name == "logsumexp":
            return _entrywise(sympy.log)(_entrywise(sympy.exp)(value).sum(axis=axis))
        return value.sum(axis=axis)

    def entry(self, array: str) -> Any:
        self.expect("[")
        indices = [int(self.sum())]
        while self.take(","):
            indices.append(int(self.sum()))
        self.expect("]")
        if array not in self.names:
            raise ShadowflowError(f"`{array}` is not known", "sympy")
        return self.names[array][tuple(indices)]


_OF_ARRAYS = ("dot", "broadcast", "gather", "one_hot")


def _entrywise(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers, of every entry of arrays."""

    def each(*arguments: Any) -> Any:
        if len(arguments) == 1 and isinstance(arguments[0], np.ndarray):
            flat = [function(x) for x in arguments[0].ravel().tolist()]
            found = np.empty(len(flat), dtype=object)
            found[:] = flat
            return found.reshape(arguments[0].shape)
        return function(*arguments)

    return each


def _function(name: str) -> Callable[..., Any]:
    """A function of the loss language."""
    import sympy

    own: dict[str, Callable[..., Any]] = {
        "exp": sympy.exp,
        "log": sympy.log,
        "log1p": lambda x: sympy.log(1 + x),
        "expm1": lambda x: sympy.exp(x) - 1,
        "sqrt": sympy.sqrt,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "tan": sympy.tan,
        "asin": sympy.asin,
        "acos": sympy.acos,
        "atan": sympy.atan,
        "sinh": sympy.sinh,
        "cosh": sympy.cosh,
        "tanh": sympy.tanh,
        "erf": sympy.erf,
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "relu": lambda x: sympy.Max(0, x),
        "abs": sympy.Abs,
        "sign": sympy.sign,
        "step": lambda x: sympy.Heaviside(x, 0),
    }
    if name == "dot":
        return lambda a, b: (a * b).sum()
    if name == "broadcast":
        return lambda a, shape: np.broadcast_to(a, [int(n) for n in np.ravel(shape)])
    if name == "one_hot":
        return lambda labels, classes: np.array([[sympy.Integer(int(k) == c) for c in range(int(classes))] for k in labels], dtype=object)
    if name == "gather":
        return lambda a, labels: a[np.arange(len(a)), [int(k) for k in np.ravel(labels)]]
    if name not in own:
        raise ShadowflowError(f"`{name}` is not handed to SymPy: it is of arrays, or SymPy has no such function", "sympy")
    return own[name]


def expression_to_sympy(text: str, lets: dict[str, str] | None = None, names: dict[str, Any] | None = None) -> Any:
    """An expression of the loss language, with shared terms put in."""
    known = dict(names or {})
    for name, value in (lets or {}).items():
        known[name] = _Reader(value, known).whole()
    return _Reader(text, known).whole()


def _symbols(parameters: Sequence[str]) -> dict[str, Any]:
    """Parameters are real; the entries of arrays are arrays of symbols too."""
    import sympy

    names: dict[str, Any] = {}
    entries: dict[str, dict[tuple[int, ...], Any]] = {}
    for name in parameters:
        names[name] = sympy.Symbol(name, real=True)
        array, bracket, indices = name.partition("[")
        if bracket:
            place = tuple(int(k) for k in indices.rstrip("]").split(","))
            entries.setdefault(array, {})[place] = names[name]
    for array, own in entries.items():
        whole = np.empty(tuple(max(axis) + 1 for axis in zip(*own)), dtype=object)
        for place, symbol in own.items():
            whole[place] = symbol
        names[array] = whole
    return names


def loss_to_sympy(loss: Loss) -> Any:
    """A loss, entry by entry."""
    lets, text = loss._held.printed()
    return expression_to_sympy(text, dict(lets), {**_symbols([*loss.parameters, *loss.symbols]), **_data(loss)})


def _data(loss: Loss) -> dict[str, Any]:
    """The data by name: doubles that are not whole as SymPy's floats of the same digits."""
    import sympy

    found: dict[str, Any] = {}
    for name, shape, exact, numbers in loss._held.data():
        flat = np.empty(len(numbers), dtype=object)
        flat[:] = [sympy.Rational(x) if exact or x.lstrip("-").isdigit() else sympy.Float(float(x)) for x in numbers]
        found[name] = flat.reshape(shape)
    return found


def components_to_sympy(equation: LossEquation) -> Any:
    """The components of each order as a column."""
    import sympy

    names = {**_symbols([*equation.parameters, *equation.symbols]), **_data(equation.loss)}
    for name, value in equation.lets.items():
        names[name] = _Reader(value, names).whole()
    columns = [[_Reader(text, names).whole() for text in order] for order in equation.components]
    return [sympy.Matrix(column) for column in columns]


def _number(coefficient: Any) -> Any:
    """An exact coefficient, which is a Fraction or a text."""
    import sympy

    if isinstance(coefficient, str):
        return expression_to_sympy(coefficient)
    return sympy.Rational(coefficient.numerator, coefficient.denominator)


def equation_to_sympy(equation: Equation, h: Any = None) -> Any:
    """The sum over orders."""
    import sympy

    step = sympy.Symbol("h", positive=True) if h is None else sympy.sympify(h)
    total = []
    for n, terms in enumerate(equation.orders):
        for term in terms:
            total.append(step**n * _number(term.coefficient) * sympy.Symbol(term.text, commutative=False))
    return sympy.Add(*total)


def _fields(f: Any, y: Sequence[Any], colours: int) -> list[list[Any]]:
    """A field for each colour, as lists of expressions."""
    import sympy

    parts = [f] if colours == 1 else list(f)
    fields = [[sympy.sympify(entry) for entry in part] for part in parts]
    if len(fields) < colours or any(len(field) != len(y) for field in fields):
        told = "one field" if colours == 1 else f"{colours} fields, one of each colour,"
        raise ShadowflowError(f"for {len(y)} coordinates {told} of {len(y)} components is needed", "sympy")
    return fields


def elementary_differential(tree: Tree, f: Any, y: Sequence[Any]) -> Any:
    """F(τ)(y) of a field, of one of each colour where the tree has several."""
    import sympy

    return sympy.Matrix(_differential(tree, _fields(f, y, 1 + max(tree.colours)), list(y), {}))


def _differential(tree: Tree, fields: list[list[Any]], y: list[Any], known: dict[Tree, list[Any]]) -> list[Any]:
    """A derivative of the root's field along the differentials of its children."""
    import sympy

    def along(expression: Any, directions: list[list[Any]]) -> Any:
        if not directions or expression == 0:
            return expression
        first, *rest = directions
        return sympy.Add(*(slope * along(expression.diff(x), rest) for slope, x in zip(first, y) if slope != 0))

    if tree not in known:
        directions = [_differential(child, fields, y, known) for child in tree.children]
        known[tree] = [sympy.expand(along(component, directions)) for component in fields[tree.colours[0]]]
    return known[tree]


def series_to_sympy(series: BSeries, f: Any, y: Sequence[Any], h: Any = None) -> Any:
    """A B-series of a given field; of one that is a field itself, without its factor h."""
    import sympy

    step = sympy.Symbol("h", positive=True) if h is None else sympy.sympify(h)
    fields, known, empty = _fields(f, y, series.colours), dict[Any, Any](), _number(series.empty)
    less = 1 if empty == 0 else 0
    total = [[empty * sympy.sympify(x)] for x in y]
    for tree, coefficient in series.items():
        if coefficient == 0:
            continue
        for terms, component in zip(total, _differential(tree, fields, list(y), known)):
            terms.append(step ** (tree.size - less) * _number(coefficient) / tree.symmetry * component)
    return sympy.Matrix([sympy.expand(sympy.Add(*terms)) for terms in total])


def from_sympy(expression: Any, params: Sequence[Any] | None = None) -> Loss:
    """A loss from a SymPy expression; its parameters are ``params``, or its free symbols by name.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> sf.from_sympy((1 - x)**2 + 100*(y - x**2)**2).parameters
    ['x', 'y']
    """
    import sympy

    from ._loss import Loss

    expression = sympy.sympify(expression)
    if not isinstance(expression, sympy.Expr):
        raise ShadowflowError(f"a loss is a scalar expression, not {type(expression).__name__}", "sympy")
    free = sorted(expression.free_symbols, key=lambda symbol: _natural(symbol.name))
    parameters = free if params is None else [sympy.sympify(p) for p in params]
    unknown = [str(symbol) for symbol in free if symbol not in parameters]
    if unknown:
        raise ShadowflowError(f"{', '.join(unknown)} are no parameters: add them to `params`, or put numbers in their place", "sympy")
    written: dict[Any, str] = {}
    arrays: dict[str, list[tuple[int, ...]]] = {}
    lines = []
    for symbol in parameters:
        name = str(symbol)
        entry = re.fullmatch(r"([A-Za-z_][A-Za-z_0-9]*)\[(\d+(?:\s*,\s*\d+)?)\]", name)
        if entry:
            arrays.setdefault(entry[1], []).append(tuple(int(k) for k in entry[2].split(",")))
            written[symbol] = name
        elif re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", name):
            written[symbol] = name
        else:
            raise ShadowflowError(f"`{name}` is no name in the loss language: letters, digits and _, or an entry as w[0]", "sympy")
    seen: set[str] = set()
    for symbol in parameters:
        name = written[symbol].split("[")[0]
        if name in seen:
            continue
        seen.add(name)
        if name in arrays:
            sizes = [max(axis) + 1 for axis in zip(*arrays[name])]
            lines.append(f"param {name}[{', '.join(map(str, sizes))}]\n")
        else:
            lines.append(f"param {name}\n")
    shared, [reduced] = sympy.cse(expression, symbols=_names(seen)) if expression.count_ops() > 200 else ([], [expression])
    for symbol, value in shared:
        written[symbol] = str(symbol)
        lines.append(f"let {symbol} = {_written(value, written)}\n")
    return Loss("".join(lines) + f"loss {_written(reduced, written)}\n", name="sympy")


def _names(taken: set[str]) -> Any:
    import itertools

    import sympy

    return (sympy.Symbol(name) for k in itertools.count(1) if (name := f"s{k}") not in taken)


def _natural(name: str) -> list[Any]:
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", name) if part]


def _written(expression: Any, names: dict[Any, str]) -> str:
    """A SymPy expression in the loss language."""
    import sympy

    def bound(e: Any) -> str:
        text = _written(e, names)
        return text if e.is_Symbol or (e.is_Integer and e >= 0) or e.is_Function else f"({text})"

    if expression.is_Symbol:
        return names.get(expression, str(expression))
    if expression.is_Integer:
        return str(expression)
    if expression.is_Rational:
        return f"{expression.p}/{expression.q}"
    if expression.is_Float:
        numerator, denominator = float(expression).as_integer_ratio()
        return repr(float(expression)) if denominator != 1 else str(numerator)
    if expression is sympy.pi:
        return "pi"
    if expression is sympy.E:
        return "exp(1)"
    if expression.is_Add:
        return " + ".join(bound(term) if term.is_Add else _written(term, names) if not _negative(term) else f"({_written(term, names)})" for term in expression.args)
    if expression.is_Mul:
        return "*".join(bound(factor) for factor in expression.args)
    if expression.is_Pow:
        base, exponent = expression.args
        if base is sympy.E:
            return f"exp({_written(exponent, names)})"
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({_written(base, names)})"
        return f"{bound(base)}^{bound(exponent)}"
    own = {
        "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan",
        "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "erf": "erf", "Abs": "abs", "sign": "sign", "Heaviside": "step",
    }  # fmt: skip
    kind = type(expression).__name__
    if kind in own:
        return f"{own[kind]}({_written(expression.args[0], names)})"
    if isinstance(expression, sympy.Max) and len(expression.args) == 2:
        a, b = expression.args
        return f"({_written(a, names)} + relu({_written(b, names)} - ({_written(a, names)})))"
    if isinstance(expression, sympy.Min) and len(expression.args) == 2:
        a, b = expression.args
        return f"({_written(a, names)} - relu({_written(a, names)} - ({_written(b, names)})))"
    raise ShadowflowError(f"the loss language has no {kind}: {expression}", "sympy")


def _negative(term: Any) -> bool:
    return bool(term.could_extract_minus_sign())

"""Rooted trees, and B-series with exact coefficients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Union

from . import _core
from ._errors import ShadowflowError
from ._numbers import exact, fraction
from ._optimizer import OptimizerLike, optimizer as _optimizer

__all__ = ["BSeries", "Tree", "TreeLike", "trees"]

_MOST_NODES = 255

_Nodes = list[tuple[int, int]]


class Tree:
    """A rooted tree whose children have no order: the index of an elementary differential, and of a coefficient of a B-series.

    Of nested lists, an empty one for a leaf; of a level sequence; or of a text in brackets, or of one as formulas have it, where a node with k children
    is the derivative of ``E`` of order k + 1. ``colour`` is that of the root, for methods which treat parts of a system differently.

    >>> tree = sf.Tree([[], [[]]])
    >>> tree == sf.Tree([0, 1, 2, 1]) == sf.Tree("[τ, [τ]]") == sf.Tree("T[g, H g]")
    True
    >>> tree.size, tree.symmetry, tree.density, tree.labellings, tree.text()
    (4, 1, 8, 3, 'T[g, H g]')
    """

    __slots__ = ("_ends", "_nodes")
    _nodes: tuple[tuple[int, int], ...]
    _ends: tuple[int, ...]

    def __init__(self, children: TreeLike = (), colour: int = 0) -> None:
        self._set(_canonical(_read(children, colour)))

    def _set(self, nodes: Iterable[tuple[int, int]]) -> None:
        self._nodes = tuple(nodes)
        ends, open_ = [len(self._nodes)] * len(self._nodes), list[int]()
        for node, (level, _) in enumerate(self._nodes):
            while len(open_) > level:
                ends[open_.pop()] = node
            open_.append(node)
        self._ends = tuple(ends)

    @classmethod
    def _of(cls, nodes: Iterable[tuple[int, int]]) -> Tree:
        """A tree from nodes in their order."""
        made = cls.__new__(cls)
        made._set(nodes)
        return made

    @classmethod
    def from_levels(cls, levels: Sequence[int], colours: Sequence[int] | None = None) -> Tree:
        """A tree from its level sequence, the root's level 0, and the colours of the same nodes."""
        of = [0] * len(levels) if colours is None else list(colours)
        if len(of) != len(levels):
            raise ShadowflowError(f"{len(levels)} nodes have {len(of)} colours", "tree")
        return cls._of(_canonical([(int(level), int(colour)) for level, colour in zip(levels, of)]))

    @property
    def levels(self) -> tuple[int, ...]:
        """The level sequence in preorder, the largest of this tree."""
        return tuple(level for level, _ in self._nodes)

    @property
    def colours(self) -> tuple[int, ...]:
        """The colours of the nodes in that order, 0 unless others are given."""
        return tuple(colour for _, colour in self._nodes)

    @property
    def size(self) -> int:
        """The number of nodes, which the literature on B-series calls the order."""
        return len(self._nodes)

    @property
    def children(self) -> list[Tree]:
        """The subtrees of the root."""
        return [self._subtree(child) for child in self._below(0)]

    def _below(self, node: int) -> list[int]:
        """Where the children of a node are."""
        found, at = [], node + 1
        while at < self._ends[node]:
            found.append(at)
            at = self._ends[at]
        return found

    def _subtree(self, node: int) -> Tree:
        level = self._nodes[node][0]
        return Tree._of((below - level, colour) for below, colour in self._nodes[node : self._ends[node]])

    @property
    def symmetry(self) -> int:
        """σ(τ), the number of automorphisms."""
        total = 1
        for node in range(self.size):
            # Equal subtrees stand beside each other.
            last, run = None, 0
            for child in self._below(node):
                own = self._nodes[child : self._ends[child]]
                last, run = own, run + 1 if own == last else 1
                total *= run
        return total

    @property
    def density(self) -> int:
        """γ(τ), the product over all nodes of the size of the subtree below; also called the tree's factorial."""
        return math.prod(end - node for node, end in enumerate(self._ends))

    @property
    def labellings(self) -> int:
        """α(τ) = |τ|!/(σ(τ) γ(τ)), in how many ways the nodes can be numbered upwards."""
        return math.factorial(self.size) // (self.symmetry * self.density)

    @property
    def is_principal(self) -> bool:
        """Whether no node has more than one child, so that the tree is ``H^n g``."""
        return self.levels == tuple(range(self.size))

    def nested(self) -> list[Any]:
        """As nested lists."""
        made: list[list[Any]] = []
        for level, _ in self._nodes:
            node: list[Any] = []
            if level:
                made[level - 1].append(node)
            del made[level:]
            made.append(node)
        return made[0]

    def text(self, notation: str = "operator") -> str:
        """The elementary differential of a gradient, in a notation: ``operator``, ``paper``, ``index`` or ``tree``."""
        return _core.write_tree(self._one_colour(), notation)[0]

    def latex(self, notation: str = "operator") -> str:
        """The same in LaTeX."""
        return _core.write_tree(self._one_colour(), notation)[1]

    def _one_colour(self) -> list[int]:
        if any(self.colours):
            raise ShadowflowError(f"`{self}` has several colours: derivatives of one loss have one", "tree")
        return list(self.levels)

    def differential(self, f: Any, y: Sequence[Any]) -> Any:
        """The elementary differential F(τ)(y) of a field ``f`` that SymPy differentiates, a column; of several colours one field each.

        >>> import sympy
        >>> x = sympy.Symbol("x")
        >>> sf.Tree([[], [[]]]).differential([x**2], [x])[0]
        4*x**5
        """
        from ._sympy import elementary_differential

        return elementary_differential(self, f, y)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and self._nodes == other._nodes

    def __hash__(self) -> int:
        return hash(self._nodes)

    def __lt__(self, other: Tree) -> bool:
        # In the order of `trees`: by size, then the larger level sequence first.
        return (self.size, _keys(other._nodes)) < (other.size, _keys(self._nodes))

    def __reduce__(self) -> Any:
        return Tree.from_levels, (self.levels, self.colours)

    def __str__(self) -> str:
        """In brackets, a leaf as τ; colours but 0 stand behind."""
        parts: list[str] = []
        for node, (_, colour) in enumerate(self._nodes):
            leaf = self._ends[node] == node + 1
            closed = [at for at in range(node, -1, -1) if self._ends[at] == node + 1 and not (leaf and at == node)]
            parts.append(_tinted("τ", colour) if leaf else "[")
            parts.extend(_tinted("]", self._nodes[at][1]) for at in closed)
            if leaf and node + 1 < self.size:
                parts.append(", ")
        return "".join(parts)

    def __repr__(self) -> str:
        colours = f", {list(self.colours)}" if any(self.colours) else ""
        return f"shadowflow.Tree.from_levels({list(self.levels)}{colours})" if colours else f"shadowflow.Tree({self.nested()})"

    def _repr_latex_(self) -> str | None:
        return None if any(self.colours) else f"${self.latex()}$"


TreeLike = Union[Tree, str, Sequence[Any]]
"""A tree, a text, nested lists, or a level sequence."""


def _tinted(text: str, colour: int) -> str:
    return f"{text}_{colour}" if colour else text


def _keys(nodes: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """What trees are compared by: levels, then colours, of which the smaller come first."""
    return tuple((level, -colour) for level, colour in nodes)


def _read(given: Any, colour: int) -> _Nodes:
    """The nodes of what a tree is made of."""
    if isinstance(given, Tree):
        return [(0, colour or given._nodes[0][1]), *given._nodes[1:]]
    if isinstance(given, str):
        levels = _bracketed(given) if set(given) <= set("[]τ, ") else _core.read_tree(given)
        return [(level, 0 if level else colour) for level in levels]
    if not isinstance(given, Iterable):
        raise ShadowflowError(f"a tree is made of nested lists, a level sequence or a text, not of {given!r}", "tree")
    given = list(given)
    if given and all(isinstance(level, int) for level in given):
        return [(level, 0 if node else colour) for node, level in enumerate(given)]
    nodes: _Nodes = [(0, colour)]
    rest: list[tuple[int, Any]] = [(1, child) for child in reversed(given)]
    while rest:
        level, child = rest.pop()
        if isinstance(child, Tree):
            nodes.extend((level + below, of) for below, of in child._nodes)
        elif isinstance(child, (list, tuple)):
            nodes.append((level, 0))
            rest.extend((level + 1, below) for below in reversed(child))
        else:
            raise ShadowflowError(f"a child is a list of its children, or a tree, not {child!r}", "tree")
        _few(len(nodes))
    return nodes


def _bracketed(text: str) -> list[int]:
    """The levels of ``[τ, [τ]]``."""
    levels, depth = list[int](), 0
    for sign in text.replace(" ", "").replace(",", ""):
        if sign == "]":
            depth -= 1
        else:
            levels.append(depth)
            depth += sign == "["
        if depth < 0:
            break
    if depth or levels.count(0) != 1:
        raise ShadowflowError(f"`{text}` is no tree in brackets such as [τ, [τ]]", "tree")
    return levels


def _few(nodes: int) -> None:
    if nodes > _MOST_NODES:
        raise ShadowflowError(f"a tree has at most {_MOST_NODES} nodes", "tree")


def _canonical(nodes: _Nodes) -> _Nodes:
    """The nodes with every node's subtrees in descending order."""
    _few(len(nodes))
    levels = [level for level, _ in nodes]
    if levels[:1] != [0] or any(not 1 <= after <= before + 1 for before, after in zip(levels, levels[1:])):
        raise ShadowflowError(
            f"{levels} is no level sequence: it starts with 0, every other level is at least 1 and at most one above the one before", "tree"
        )
    if any(not 0 <= colour < 256 for _, colour in nodes):
        raise ShadowflowError("a colour is a number from 0 to 255", "tree")
    stack: list[tuple[int, list[tuple[tuple[int, int], ...]]]] = []

    def close() -> tuple[tuple[int, int], ...]:
        colour, children = stack.pop()
        below = ((level + 1, tint) for child in sorted(children, reverse=True) for level, tint in child)
        return ((0, -colour), *below)

    for level, colour in nodes:
        while len(stack) > level:
            made = close()
            stack[-1][1].append(made)
        stack.append((colour, []))
    while len(stack) > 1:
        made = close()
        stack[-1][1].append(made)
    return [(level, -tint) for level, tint in close()]


def trees(size: int, colours: int = 1) -> list[Tree]:
    """All rooted trees with so many nodes, in the order of formulas: the larger level sequence first.

    >>> [str(tree) for tree in sf.trees(4)]
    ['[[[τ]]]', '[[τ, τ]]', '[[τ], τ]', '[τ, τ, τ]']
    >>> len(sf.trees(10))
    719
    """
    found = _core.trees(_size(size), _colours(colours))
    return [Tree._of(nodes) for nodes in found if len(nodes) == size]


def _size(size: int) -> int:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ShadowflowError(f"`size` is a number of nodes from 1, not {size!r}")
    return min(size, 1000)


def _colours(colours: int) -> int:
    if isinstance(colours, bool) or not isinstance(colours, int) or not 1 <= colours <= 9:
        raise ShadowflowError(f"`colours` is a number from 1 to 9, not {colours!r}")
    return colours


Tableau = tuple[Sequence[Sequence[Any]], Sequence[Any]]
Coefficient = Union[Fraction, str]


class BSeries(Mapping[Tree, Coefficient]):
    """A B-series, truncated and with exact coefficients: ``B(a, y) = a(∅) y + Σ h^|τ| a(τ)/σ(τ) F(τ)(y)`` for ``ẏ = f(y)``.

    A mapping of trees to coefficients. The step of a method has a(∅) = 1, a vector field, times h, a(∅) = 0; the exact flow has a(τ) = 1/γ(τ)
    (Hairer, Lubich and Wanner, *Geometric Numerical Integration*, III.1). Coefficients are Fractions, and texts where they hold symbols or roots.

    >>> rk4 = sf.BSeries.runge_kutta("rk4", size=6)
    >>> rk4.order, rk4["[τ, τ]"]
    (4, Fraction(1, 3))
    >>> rk4.modified_equation().modified_equation()
    Traceback (most recent call last):
    ...
    shadowflow._errors.ShadowflowError: this is for the steps of methods, whose coefficient at the empty tree is 1, not 0
    """

    __slots__ = ("_held", "_known")
    _held: _core.Series
    _known: dict[Tree, Coefficient] | None

    def __init__(self, coefficients: Mapping[Any, Any], *, empty: Any = 1) -> None:
        """From coefficients of trees; those not mentioned are 0, and the largest tree says how far the series goes."""
        given = {tree if isinstance(tree, Tree) else Tree(tree): value for tree, value in coefficients.items()}
        size = max((tree.size for tree in given), default=1)
        colours = 1 + max((colour for tree in given for colour in tree.colours), default=0)
        values = {tree: _coefficient(value) for tree, value in given.items()}
        self._set(_made(size, colours, empty, lambda tree, _: values.get(tree, 0)))

    def _set(self, core: _core.Series) -> None:
        self._held = core
        self._known = None

    @classmethod
    def _of(cls, core: _core.Series) -> BSeries:
        made = cls.__new__(cls)
        made._set(core)
        return made

    @classmethod
    def runge_kutta(
        cls, method: OptimizerLike | Sequence[Sequence[Any]], b: Sequence[Any] | None = None, *, size: int = 5
    ) -> BSeries:
        """One step of a Runge–Kutta method, over trees with at most ``size`` nodes.

        The method is a name such as ``"rk4"``, an optimizer, a dictionary with ``a`` and ``b``, or a matrix ``a`` by rows beside weights ``b``. Entries are exact: texts as
        ``"1/3"``, ``"1/4-sqrt(3)/6"`` or ``"1-a"``, where ``a`` stays a symbol, or SymPy's.

        >>> family = sf.BSeries.runge_kutta([[], ["1/(2*a)"]], ["1-a", "a"], size=3)
        >>> family.order, family["[τ, τ]"]
        (2, '1/(4*a)')
        """
        if b is not None:
            return cls._of(_core.runge_kutta_series([_tableau((method, b))], _size(size)))
        if isinstance(method, str):
            known = method.startswith("rk:") or method.endswith(".toml") or method in ("gradient-descent", "implicit-euler")
            method = method if known else f"rk:{method}"
        if isinstance(method, Mapping) and {"a", "b"} <= set(method):
            return cls._of(_core.runge_kutta_series([_tableau((method["a"], method["b"]))], _size(size)))
        held = _optimizer(method)._held  # type: ignore[arg-type]
        return cls._of(_core.runge_kutta_series([_core.tableau(held)], _size(size)))

    @classmethod
    def partitioned(cls, *tableaux: Tableau, size: int = 4) -> BSeries:
        """One step of a partitioned Runge–Kutta method, also called additive, of ``ẏ = f_0(y) + f_1(y) + …``: a pair ``(a, b)`` for each part.

        Nodes of colour k stand for the k-th part. All tableaux have the same stages.

        >>> half = "1/2"
        >>> verlet = sf.BSeries.partitioned(([[], [half, half]], [half, half]), ([[half], [half]], [half, half]), size=4)
        >>> verlet.order, verlet.is_symplectic
        (2, True)
        """
        return cls._of(_core.runge_kutta_series([_tableau(tableau) for tableau in tableaux], _size(size)))

    @classmethod
    def exact(cls, size: int = 5, colours: int = 1) -> BSeries:
        """The exact flow over time h."""
        return cls._of(_core.exact_series(_size(size), _colours(colours)))

    @classmethod
    def from_function(
        cls, value: Callable[[Tree, Mapping[Tree, Any]], Any], *, size: int = 5, empty: Any = 1, colours: int = 1
    ) -> BSeries:
        """The series whose coefficients ``value(tree, smaller)`` gives, ``smaller`` those of the smaller trees.

        >>> import math
        >>> average_vector_field = sf.BSeries.from_function(
        ...     lambda tree, smaller: math.prod(smaller[c] for c in tree.children) / (len(tree.children) + 1), size=5)
        >>> average_vector_field.order
        2
        """
        return cls._of(_made(_size(size), _colours(colours), empty, value))

    @property
    def empty(self) -> Coefficient:
        """a(∅), 1 of a method and 0 of a vector field."""
        return fraction(self._held.empty)

    @property
    def size(self) -> int:
        """The most nodes of a tree."""
        return self._held.size

    @property
    def colours(self) -> int:
        """The number of colours."""
        return self._held.colours

    def _all(self) -> dict[Tree, Coefficient]:
        if self._known is None:
            self._known = {Tree._of(nodes): fraction(value) for nodes, value in self._held.rows()}
        return self._known

    def __getitem__(self, tree: TreeLike) -> Coefficient:
        found = tree if isinstance(tree, Tree) else Tree(tree)
        try:
            return self._all()[found]
        except KeyError:
            raise KeyError(f"{found} has {found.size} nodes; the series goes to {self.size} in {self.colours} colours") from None

    def __iter__(self) -> Iterator[Tree]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def compose(self, *others: BSeries, normalize: bool = False) -> BSeries:
        """One step of this method, then of the others; ``normalize`` gives each its share of the step size.

        >>> euler, backward = (sf.BSeries.runge_kutta(name, size=4) for name in ("euler", "implicit-euler"))
        >>> euler.compose(backward, normalize=True) == sf.BSeries.runge_kutta("trapezoidal", size=4)
        True
        """
        held = self._held
        for other in others:
            held = held.compose(other._held)
        found = BSeries._of(held)
        return found.with_step(Fraction(1, 1 + len(others))) if normalize else found

    def substitute(self, into: BSeries) -> BSeries:
        """The series ``into`` with this field in the place of ``f``."""
        return BSeries._of(self._held.substitute(into._held))

    def inverse(self) -> BSeries:
        """The inverse map."""
        return BSeries._of(self._held.inverse())

    def adjoint(self) -> BSeries:
        """The adjoint method, the inverse of a step backwards."""
        return self.with_step(-1).inverse()

    def with_step(self, factor: Any) -> BSeries:
        """The series with the step size ``factor h``."""
        return BSeries._of(self._held.with_step(exact(factor, "factor")))

    def modified_equation(self) -> BSeries:
        """The field, times h, whose exact flow the method's steps are: its logarithm.

        >>> sf.BSeries.runge_kutta("euler", size=3).modified_equation()["[τ, τ]"]
        Fraction(1, 6)
        """
        return BSeries._of(self._held.logarithm())

    def modifying_integrator(self) -> BSeries:
        """The field, times h, for which the method's steps are the exact flow of ``f`` (Chartier, Hairer and Vilmart 2007)."""
        return BSeries._of(self._held.modifying_integrator())

    def flow(self) -> BSeries:
        """The exact flow of this field over time h: the exponential, the inverse of :meth:`modified_equation`."""
        return BSeries._of(self._held.exponential())

    @property
    def order(self) -> int | None:
        """The order of the method; ``None`` where all trees here fulfil their conditions."""
        return self._held.order

    def failed_order_conditions(self) -> dict[Tree, Coefficient]:
        """The trees whose order condition fails, with a(τ) − 1/γ(τ)."""
        return {Tree._of(nodes): fraction(value) for nodes, value in self._held.failed()}

    @property
    def is_symplectic(self) -> bool:
        """Whether the map preserves quadratic invariants, as far as the truncation tells."""
        return self._held.is_symplectic

    def to_sympy(self, f: Any, y: Sequence[Any], h: Any = None) -> Any:
        """The series of a given field, a SymPy column; a vector field (a(∅) = 0) without its factor h, so that a modified equation is ``f + h f_1 + …``.

        >>> import sympy
        >>> x, h = sympy.symbols("x h")
        >>> sf.BSeries.runge_kutta("euler", size=3).modified_equation().to_sympy([x**2], [x], h)[0]
        3*h**2*x**4/2 - h*x**3 + x**2
        """
        from ._sympy import series_to_sympy

        return series_to_sympy(self, f, y, h)

    def __add__(self, other: BSeries) -> BSeries:
        return self._plus(other, "1")

    def __sub__(self, other: BSeries) -> BSeries:
        return self._plus(other, "-1")

    def _plus(self, other: BSeries, factor: str) -> BSeries:
        return BSeries._of(self._held.plus(other._held, factor)) if isinstance(other, BSeries) else NotImplemented

    def __mul__(self, factor: Any) -> BSeries:
        if isinstance(factor, BSeries):
            return NotImplemented
        nothing = _made(self.size, self.colours, 0, lambda *_: 0)
        return BSeries._of(nothing.plus(self._held, _coefficient(factor)))

    __rmul__ = __mul__

    def __neg__(self) -> BSeries:
        return self * -1

    def __truediv__(self, divisor: Any) -> BSeries:
        return self * f"1/({_coefficient(divisor)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BSeries) and self._held == other._held

    def __hash__(self) -> int:
        return hash((self.size, self.colours, *self._all().values()))

    def __getstate__(self) -> Any:
        return self._held

    def __setstate__(self, state: Any) -> None:
        self._set(state)

    def __str__(self) -> str:
        rows = [("∅", self.empty), *((str(tree), value) for tree, value in self.items())]
        width = max(len(tree) for tree, _ in rows)
        return "\n".join(f"{tree:{width}}  {value}" for tree, value in rows)

    def __repr__(self) -> str:
        return f"<shadowflow.BSeries of {len(self)} trees, to {self.size} nodes>"


def _made(size: int, colours: int, empty: Any, value: Callable[[Tree, Mapping[Tree, Any]], Any]) -> _core.Series:
    """A series from a function."""
    known: dict[Tree, Any] = {}
    texts = []
    for nodes in _core.trees(size, colours):
        tree = Tree._of(nodes)
        text = _coefficient(value(tree, known))
        known[tree] = fraction(text)
        texts.append(text)
    return _core.stored_series(size, colours, _coefficient(empty), texts)


def _coefficient(value: Any) -> str:
    """A coefficient as a text that is read exactly; SymPy's expressions are taken as they are."""
    if hasattr(value, "free_symbols") and not getattr(value, "is_Float", False):
        return str(value).replace("**", "^")
    return exact(value, "coefficient")


def _tableau(tableau: Any) -> tuple[list[list[str]], list[str]]:
    """The rows and weights of a tableau as texts."""
    try:
        a, b = tableau
        return [[_coefficient(entry) for entry in row] for row in a], [_coefficient(entry) for entry in b]
    except (TypeError, ValueError):
        raise ShadowflowError(f"a tableau is a matrix by rows and a list of weights, not {tableau!r}") from None

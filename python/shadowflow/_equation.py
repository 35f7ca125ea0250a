"""Modified equations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from . import _core
from ._errors import ShadowflowError
from ._loss import Loss, _order
from ._numbers import Number, fraction
from ._optimizer import Optimizer, OptimizerLike, optimizer as _optimizer
from ._progress import Progress, shown

__all__ = ["Change", "Equation", "LossEquation", "Principal", "Term", "derive", "principal"]


class Term(NamedTuple):
    """One term of some ``f_n``: a coefficient times an elementary differential."""

    tree: tuple[int, ...]
    """The level sequence of its rooted tree."""
    coefficient: Fraction | str
    """Its exact coefficient; a text where it holds hyper-parameters or roots."""
    principal: bool
    """Whether it is ``H^n g``."""
    text: str
    """The elementary differential, as ``T[g, H g]``."""
    latex: str
    """The same in LaTeX."""


class Change(NamedTuple):
    """A term that is not what was expected."""

    order: int
    component: str | None
    term: str | None
    expected: str
    derived: str

    def __str__(self) -> str:
        place = f"f_{self.order}" + (f"[{self.component}]" if self.component else "")
        return f"{place}{f', {self.term}' if self.term else ''}: expected {self.expected}, derived {self.derived}"


class Shown:
    """What notebooks show as mathematics."""

    __slots__ = ()

    def _aligned(self) -> str:
        """The formula, for inside of mathematics."""
        raise NotImplementedError

    def _repr_latex_(self) -> str:
        # Comments are left out, and mathematics is set apart.
        lines = [line for line in self._aligned().splitlines() if line.strip() and not line.lstrip().startswith("%")]
        body = "\n".join(lines).strip()
        for opening, closing in [("\\[", "\\]"), ("$$", "$$")]:
            if body.startswith(opening) and body.endswith(closing):
                body = body[len(opening) : -len(closing)].strip()
        return f"$$\n{body}\n$$" if "$$" not in body and "\\[" not in body else body


class Equation(Shown):
    """The modified equation ``f_0 + h f_1 + h² f_2 + …`` of an optimizer, for any loss: what :func:`shadowflow.derive` gives.

    Equal equations are equal, and it can be pickled and stored as :meth:`json`.
    """

    __slots__ = ("_held",)
    _held: _core.Equation

    def __init__(self) -> None:
        raise TypeError("equations are made by shadowflow.derive and Equation.from_json")

    @classmethod
    def _of(cls, core: _core.Equation) -> Equation:
        made = cls.__new__(cls)
        made._held = core
        return made

    @classmethod
    def from_json(cls, document: str) -> Equation:
        """An equation from the document that :meth:`json` or ``shadowflow derive --format json`` gave."""
        try:
            variable = json.loads(document).get("variable")
        except (ValueError, AttributeError):
            variable = None
        return cls._of(_core.stored_equation(document, variable, []))

    @property
    def method(self) -> str:
        """The optimizer's name."""
        return self._held.method

    @property
    def order(self) -> int:
        """The highest order."""
        return self._held.order

    @property
    def symbols(self) -> list[str]:
        """The hyper-parameters left symbolic."""
        return self._held.symbols

    @property
    def variable(self) -> str | None:
        """What the equation of a method of several steps is about."""
        return self._held.variable

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What must be known to read it."""
        return [{"code": code, "message": message} for code, message in self._held.warnings]

    @property
    def orders(self) -> list[list[Term]]:
        """The terms of ``f_0, f_1, …``, principal ones first."""
        return self.terms()

    def terms(self, notation: str = "operator") -> list[list[Term]]:
        """The terms of every order, spelt in a notation: ``operator``, ``paper``, ``index`` or ``tree``."""
        return [
            [Term(tuple(levels), fraction(c), principal, text, latex) for levels, c, principal, text, latex in terms]
            for terms in self._held.terms(notation)
        ]

    def __getitem__(self, order: int) -> list[Term]:
        return self.orders[order]

    def __iter__(self) -> Iterator[list[Term]]:
        return iter(self.orders)

    def __len__(self) -> int:
        return self.order + 1

    def coefficient(self, differential: str) -> Fraction | str:
        """The coefficient of an elementary differential such as ``"T[g, g]"``; 0 where it does not stand."""
        return fraction(self._held.coefficient(differential))

    @property
    def proof(self) -> Any:
        """The proof of its derivation, where :func:`shadowflow.derive` was asked for one, else ``None``."""
        from ._claims import Proof

        found = self._held.proof
        return None if found is None else Proof(*found)

    def text(self, notation: str = "operator") -> str:
        """As text."""
        return self._held.text(notation)

    def latex(
        self,
        notation: str = "operator",
        *,
        environment: str = "align",
        fragment: bool = True,
        width: str = "one",
        label: str | None = None,
    ) -> str:
        """For a paper, in an environment: ``align``, ``aligned`` (inside of mathematics) or ``split``; a whole document unless a fragment."""
        return self._held.typeset("latex", notation, environment, fragment, width, label)

    def typst(self, notation: str = "operator", *, fragment: bool = True, width: str = "one", label: str | None = None) -> str:
        """For a paper in Typst."""
        return self._held.typeset("typst", notation, "align", fragment, width, label)

    def json(self) -> str:
        """The document of ``shadowflow derive --format json``."""
        return self._held.json()

    def snapshot(self) -> str:
        """The form that is made to be kept in a test: see :func:`shadowflow.assert_series`."""
        return self._held.snapshot()

    def changes(self, expected: str) -> list[Change]:
        """Where the equation is not what a text says, term by term."""
        return [Change(*change) for change in self._held.changes(expected)]

    def to_sympy(self, h: Any = None) -> Any:
        """The sum ``Σ h^n f_n`` as a SymPy expression, elementary differentials as symbols ``T[g, g]`` that do not commute."""
        from ._sympy import equation_to_sympy

        return equation_to_sympy(self, h)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equation) and self._held == other._held

    def __hash__(self) -> int:
        return hash(self.snapshot())

    def __getstate__(self) -> Any:
        return self._held

    def __setstate__(self, state: Any) -> None:
        self._held = state

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        return f"<shadowflow.Equation of {self.method}, to order {self.order}>"

    def _aligned(self) -> str:
        return self.latex(environment="aligned")


class LossEquation(Shown):
    """The modified equation of an optimizer on one loss, in components: what :meth:`Loss.modified_equation` gives.

    It can be pickled: what is stored is what it is of, and it is derived again where it is loaded.
    """

    __slots__ = ("_held", "_read")
    _held: _core.LossEquation
    _read: Any

    def __init__(self) -> None:
        raise TypeError("equations of losses are made by Loss.modified_equation")

    @classmethod
    def _of(cls, core: _core.LossEquation) -> LossEquation:
        made = cls.__new__(cls)
        made._held = core
        made._read = None
        return made

    @property
    def _document(self) -> Any:
        if self._read is None:
            self._read = json.loads(self._held.json())
        return self._read

    @property
    def method(self) -> str:
        """The optimizer's name."""
        return self._held.method

    @property
    def order(self) -> int:
        """The highest order."""
        return self._held.order

    @property
    def loss(self) -> Loss:
        """The loss."""
        return Loss._of(self._held.loss)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer."""
        return Optimizer._of(self._held.optimizer)

    @property
    def parameters(self) -> list[str]:
        """The names of the entries of θ."""
        return list(self._document["parameters"])

    @property
    def symbols(self) -> list[str]:
        """The constants and hyper-parameters left symbolic."""
        return list(self._document["symbols"])

    @property
    def lets(self) -> dict[str, str]:
        """The terms that components share, each in those before it."""
        return dict(self._document["lets"])

    @property
    def components(self) -> list[list[str]]:
        """The components of ``f_0, f_1, …`` in the loss language."""
        return [list(order["components"]) for order in self._document["orders"]]

    @property
    def principal(self) -> list[list[str]]:
        """Those of their principal parts."""
        return [list(order["principal_components"]) for order in self._document["orders"]]

    @property
    def nonprincipal(self) -> list[list[str]]:
        """Those of the rest."""
        return [list(order["nonprincipal_components"]) for order in self._document["orders"]]

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What the formulas cannot vouch for."""
        return list(self._document["warnings"])

    def __getitem__(self, order: int) -> list[str]:
        return self.components[order]

    def __len__(self) -> int:
        return self.order + 1

    def text(self, form: str = "auto") -> str:
        """As text, in a form: ``auto``, ``derivatives``, ``factored`` or ``expanded``."""
        return self._held.text(form)

    def latex(
        self,
        form: str = "auto",
        *,
        environment: str = "align",
        fragment: bool = True,
        width: str = "one",
        label: str | None = None,
    ) -> str:
        """For a paper, in an environment: ``align``, ``aligned`` (inside of mathematics) or ``split``; a whole document unless a fragment."""
        return self._held.typeset("latex", form, environment, fragment, width, label)

    def typst(self, form: str = "auto", *, fragment: bool = True, width: str = "one", label: str | None = None) -> str:
        """For a paper in Typst."""
        return self._held.typeset("typst", form, "align", fragment, width, label)

    def json(self) -> str:
        """The document of ``shadowflow derive FILE --format json``."""
        return self._held.json()

    def snapshot(self) -> str:
        """The form that is made to be kept in a test: see :func:`shadowflow.assert_series`."""
        return self._held.snapshot()

    def changes(self, expected: str) -> list[Change]:
        """Where the equation is not what a text says, component by component."""
        return [Change(*change) for change in self._held.changes(expected)]

    def field(self, h: Number | None = None) -> _core.Field:
        """The truncated field to this order, compiled: see :meth:`Loss.field`."""
        return self.loss.field(self.order, h, self.optimizer)

    def to_sympy(self) -> Any:
        """The components of ``f_0, f_1, …``, a SymPy column for each order."""
        from ._sympy import components_to_sympy

        return components_to_sympy(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LossEquation) and (
            (self.loss, self.optimizer, self.components, self.lets)
            == (other.loss, other.optimizer, other.components, other.lets)
        )

    def __hash__(self) -> int:
        return hash((self.loss, self.order))

    def __getstate__(self) -> Any:
        return self._held

    def __setstate__(self, state: Any) -> None:
        self._held = state
        self._read = None

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        return f"<shadowflow.LossEquation of {self.method} on {self.loss.name!r}, to order {self.order}>"

    def _aligned(self) -> str:
        return self.latex(environment="aligned")


class Principal(Shown):
    """The principal part α(hH) g of an optimizer: what :func:`shadowflow.principal` gives."""

    __slots__ = ("_latex", "_text", "document")
    document: dict[str, Any]

    def __init__(self, document: str, text: str, latex: str) -> None:
        self.document = json.loads(document)
        self._text = text
        self._latex = latex

    @property
    def alpha(self) -> str | None:
        """α(z) in closed form, in the loss language; ``None`` where it has none."""
        found = self.document["principal"]["alpha"]
        return None if found is None else str(found)

    @property
    def series(self) -> list[Fraction | str]:
        """The coefficients of its Taylor series."""
        return [fraction(c) for c in self.document["principal"]["series"]]

    @property
    def stability(self) -> dict[str, Any]:
        """Below which ``hλ`` the optimizer is stable."""
        return dict(self.document["principal"]["stability"])

    def latex(self) -> str:
        """For a paper."""
        return self._latex

    def __str__(self) -> str:
        return self._text.rstrip("\n")

    def __repr__(self) -> str:
        return f"<shadowflow.Principal of {self.document['method']}>"

    def _aligned(self) -> str:
        return self._latex


def derive(
    order: int = 3,
    optimizer: OptimizerLike = "gradient-descent",
    *,
    route: str = "auto",
    proof: bool = False,
    progress: Progress = None,
    max_seconds: float | None = None,
    **values: Number,
) -> Equation:
    """Derives the modified equation of an optimizer for any loss, as elementary differentials.

    ``route`` chooses the derivation that answers: ``auto``, ``egraph``, ``trees``, ``composition`` and others; ``proof`` keeps the steps.

    >>> sf.derive(2).coefficient("T[g, g]")
    Fraction(-1, 12)
    >>> sf.derive(1, "heavy-ball", momentum="9/10")[1][0].coefficient
    Fraction(-950, 1)
    """
    if isinstance(order, Loss) or isinstance(optimizer, Loss):
        raise ShadowflowError("the modified equation of a loss is `loss.modified_equation(order)`")
    bound = _optimizer(optimizer, **values)
    with shown(progress) as callback:
        return Equation._of(_core.derive(bound._held, _order(order), route, proof, callback, max_seconds))


def principal(
    optimizer: OptimizerLike = "gradient-descent",
    order: int = 3,
    *,
    max_seconds: float | None = None,
    **values: Number,
) -> Principal:
    """The principal part of an optimizer: α in closed form, its series, branch points and the threshold of stability."""
    bound = _optimizer(optimizer, **values)
    return Principal(*_core.principal(bound._held, _order(order), max_seconds))

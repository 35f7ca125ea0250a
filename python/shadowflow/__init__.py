"""Modified (shadow) flows of optimizers: derived, proven, compiled and run.

>>> import shadowflow as sf
>>> print(sf.derive(order=1).text())
f_0 = -g           (principal)
f_1 = -1/2 H g     (principal)
<BLANKLINE>
>>> banana = sf.loss("(1 - x)^2 + 100*(y - x^2)^2")
>>> field = banana.field(order=3, h=0.001)
>>> field([-0.9, 0.95]).round(2).tolist()
[-80.62, -48.54]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._core import __version__

if TYPE_CHECKING:
    from ._claims import Difference, Proof, Verdict, VerifyReport, check_claims, cite, claim, verify
    from ._core import Field
    from ._equation import Change, Equation, LossEquation, Principal, Term, derive, principal
    from ._errors import Diagnostic, ShadowflowError
    from ._loss import Loss, examples, loss
    from ._optimizer import Optimizer, optimizer
    from ._results import CriticalPoint, Evaluation, Flow, FlowMap, Record, Simulation, Stability
    from ._snapshot import SeriesChanged, assert_series
    from ._sweep import Case, Sweep
    from ._sympy import from_sympy
    from ._trees import BSeries, Tree, trees

__all__ = [
    "BSeries",
    "Case",
    "Change",
    "CriticalPoint",
    "Diagnostic",
    "Difference",
    "Equation",
    "Evaluation",
    "Field",
    "Flow",
    "FlowMap",
    "Loss",
    "LossEquation",
    "Optimizer",
    "Principal",
    "Proof",
    "Record",
    "SeriesChanged",
    "ShadowflowError",
    "Simulation",
    "Stability",
    "Sweep",
    "Term",
    "Tree",
    "Verdict",
    "VerifyReport",
    "__version__",
    "assert_series",
    "check_claims",
    "cite",
    "claim",
    "derive",
    "examples",
    "from_sympy",
    "loss",
    "optimizer",
    "principal",
    "trees",
    "verify",
]

# What is imported when it is first used, so that an import takes a few milliseconds.
_LATER = {
    "_claims": ["Difference", "Proof", "Verdict", "VerifyReport", "check_claims", "cite", "claim", "verify"],
    "_core": ["Field"],
    "_equation": ["Change", "Equation", "LossEquation", "Principal", "Term", "derive", "principal"],
    "_errors": ["Diagnostic", "ShadowflowError"],
    "_loss": ["Loss", "examples", "loss"],
    "_optimizer": ["Optimizer", "optimizer"],
    "_results": ["CriticalPoint", "Evaluation", "Flow", "FlowMap", "Record", "Simulation", "Stability"],
    "_snapshot": ["SeriesChanged", "assert_series"],
    "_sweep": ["Case", "Sweep"],
    "_sympy": ["from_sympy"],
    "_trees": ["BSeries", "Tree", "trees"],
}
_MODULE = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

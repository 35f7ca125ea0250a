"""Numbers as people give them, made exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from ._errors import ShadowflowError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from fractions import Fraction

Number = Union[int, float, str, "Fraction", "Decimal"]
"""An exact number: a float counts as the decimal that it prints as, so that ``0.001`` is 1/1000; ``"1/3"`` is a third."""


def exact(number: Any, name: str) -> str:
    """A number as a text that is read exactly."""
    if isinstance(number, bool):
        raise ShadowflowError(f"`{name}` is a number, not {number}")
    if isinstance(number, str):
        return number.strip()
    if isinstance(number, int):
        return str(int(number))
    if isinstance(number, float):
        return repr(float(number))
    # Decimals, fractions, SymPy's and NumPy's numbers, and what else turns into one of Python's.
    if hasattr(number, "as_tuple"):
        return str(number)
    if hasattr(number, "numerator") and hasattr(number, "denominator") and not hasattr(number, "item"):
        return f"{int(number.numerator)}/{int(number.denominator)}"
    if hasattr(number, "item") and getattr(number, "ndim", 0) == 0:
        return exact(number.item(), name)
    try:
        return repr(float(number))
    except (TypeError, ValueError):
        raise ShadowflowError(
            f"`{name}` is a number: an int, a float, a Fraction, or a text such as \"1/3\", not {number!r}"
        ) from None


def pairs(values: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Names and exact numbers."""
    return [(str(name), exact(value, str(name))) for name, value in (values or {}).items()]


def names(given: str | Sequence[str]) -> list[str]:
    """A list of names, which may be one text with commas between them."""
    if isinstance(given, str):
        return [name.strip() for name in given.split(",") if name.strip()]
    return [str(name) for name in given]


def fraction(text: str) -> Fraction | str:
    """A coefficient as a Fraction where it is a rational number, else the text."""
    from fractions import Fraction

    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return text

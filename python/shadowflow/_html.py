"""How values show themselves in notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def code(text: str) -> str:
    """A text as it is."""
    return f"<pre>{escape(text)}</pre>"


class Told:
    """What has a text, `_text`: printed as it is, and so in notebooks."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self._text).rstrip("\n")  # type: ignore[attr-defined]

    def _repr_html_(self) -> str:
        return code(str(self))


def number(x: Any) -> str:
    """A number to be read; nothing where there is none."""
    if x is None or x != x:
        return ""
    if isinstance(x, complex):
        return number(x.real) if x.imag == 0 else f"{x.real:.4g}{x.imag:+.4g}i"
    if isinstance(x, float):
        return f"{x:.5g}"
    return str(x)


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "", most: int = 30) -> str:
    """A table, its middle left out where it is long."""
    all = list(rows)
    shown = all if len(all) <= most else [*all[: most // 2], ["…"] * len(heads), *all[-(most // 2) :]]
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(_cell(x))}</td>" for x in row) + "</tr>" for row in shown)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{above}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(x: Any) -> str:
    return x if isinstance(x, str) else number(x)


def warnings(all: Sequence[dict[str, Any]]) -> str:
    """What cannot be trusted."""
    if not all:
        return ""
    items = "".join(f"<li><code>{escape(w['code'])}</code> {escape(w.get('flow') or '')} {escape(w['message'])}</li>" for w in all)
    return f"<ul>{items}</ul>"

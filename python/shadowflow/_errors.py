"""What goes wrong."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Diagnostic", "ShadowflowError"]


class Diagnostic(NamedTuple):
    """One thing that is wrong."""

    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None
    help: str | None = None


class ShadowflowError(ValueError):
    """Something that shadowflow was asked for and cannot give.

    Its text says what is wrong, where, and what to do. The same as data: ``code`` is a word that stays the same, such as ``"loss"`` or
    ``"optimizer"``; ``path``, ``line``, ``column`` and ``help`` are those of the first thing that is wrong (``None`` where it has none), and
    ``diagnostics`` has all of them. Lines and columns count from 1.
    """

    code: str
    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, message: str, code: str = "argument", diagnostics: Any = ()) -> None:
        super().__init__(message)
        self.code = code
        found = tuple(Diagnostic(**d) if isinstance(d, dict) else Diagnostic(*d) for d in diagnostics)
        self.diagnostics = found or (Diagnostic(message),)

    @property
    def message(self) -> str:
        """What is wrong first, without its place."""
        return self.diagnostics[0].message

    @property
    def path(self) -> str | None:
        """The name of the text that it is about."""
        return self.diagnostics[0].path

    @property
    def line(self) -> int | None:
        """The line, from 1."""
        return self.diagnostics[0].line

    @property
    def column(self) -> int | None:
        """The column in characters, from 1."""
        return self.diagnostics[0].column

    @property
    def help(self) -> str | None:
        """What to do about it."""
        return self.diagnostics[0].help

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.code, tuple(tuple(d) for d in self.diagnostics))

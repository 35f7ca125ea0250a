"""Tests that a derived series stays what it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._errors import ShadowflowError

if TYPE_CHECKING:
    from ._equation import Change, Equation, LossEquation

__all__ = ["SeriesChanged", "assert_series"]

UPDATE = "SHADOWFLOW_UPDATE"


class SeriesChanged(AssertionError):
    """A series that is not what a test says, term by term."""

    changes: list[Change]

    def __init__(self, changes: list[Change], now: str, hint: str = "") -> None:
        listed = "".join(f"  {change}\n" for change in changes)
        super().__init__(f"the series is not the expected one:\n{listed}it is now:\n{now}{hint}")
        self.changes = changes


def assert_series(derived: Equation | LossEquation, expected: str | os.PathLike[str], *, update: bool | None = None) -> None:
    """Fails a test where a derived series is not what a text or a file says, with every term that changed.

    Series are compared as mathematics: terms may stand in any order, and formulas of a loss are compared by what they are worth. Orders and
    components may be left out of a text. A file that is not there is written, and so is one that differs where ``update`` is true or the environment
    has ``SHADOWFLOW_UPDATE=1``.

    >>> sf.assert_series(sf.derive(2), "f_1 = -1/2 H g; f_2 = -1/12 T[g, g] - 1/3 H^2 g")
    """
    if not hasattr(derived, "snapshot") or not hasattr(derived, "changes"):
        raise ShadowflowError(
            f"a series is what `shadowflow.derive` and `Loss.modified_equation` give, not {type(derived).__name__}", "snapshot"
        )
    if not isinstance(expected, os.PathLike):
        changes = derived.changes(expected)
        if changes:
            raise SeriesChanged(changes, derived.snapshot())
        return
    path = Path(expected)
    if update is None:
        update = os.environ.get(UPDATE, "") not in ("", "0", "no", "false")
    if not path.exists():
        if os.environ.get("CI") and not update:
            raise SeriesChanged([], derived.snapshot(), f"there is no {path}; write it where tests are written\n")
        _write(path, derived.snapshot())
        return
    text = path.read_text(encoding="utf-8")
    now = derived.snapshot()
    changes = derived.changes(text)
    if changes and not update:
        raise SeriesChanged(changes, now, f"expected by {path}; write it anew with {UPDATE}=1\n")
    if update and text != now:
        _write(path, now)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


class SeriesSnapshot:
    """The fixture ``series_snapshot``: ``series_snapshot(derived)`` keeps a series in a file beside the test."""

    def __init__(self, folder: Path, name: str, update: bool | None) -> None:
        self._folder = folder
        self._name = name
        self._update = update
        self._count = 0

    def __call__(self, derived: Equation | LossEquation, name: str | None = None) -> None:
        """Compares with ``__series__/TEST.series``, or with the file of a name."""
        if name is None:
            self._count += 1
            name = self._name if self._count == 1 else f"{self._name}-{self._count}"
        safe = "".join(c if c.isalnum() or c in "-_.=" else "_" for c in name)
        assert_series(derived, self._folder / "__series__" / f"{safe}.series", update=self._update)


def _fixture(request: Any) -> SeriesSnapshot:
    update = True if request.config.getoption("--series-update", default=False) else None
    return SeriesSnapshot(request.path.parent, f"{request.path.stem}.{request.node.name}", update)

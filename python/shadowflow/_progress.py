"""How far long work is, shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Union

Progress = Union[bool, Callable[[int, int, str], Any], None]
"""``True`` for a bar by tqdm, or a function that is called as ``progress(done, total, what)``, which may raise to end the work."""


@contextmanager
def shown(progress: Progress) -> Iterator[Callable[[int, int, str], Any] | None]:
    """What is called while work goes on."""
    if progress is None or progress is False:
        yield None
        return
    if callable(progress):
        yield progress
        return
    from tqdm.auto import tqdm

    bar = tqdm(total=0)

    def show(done: int, total: int, what: str) -> None:
        if bar.total != total or bar.desc != what:
            bar.reset(total=total)
            bar.set_description_str(what, refresh=False)
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        bar.close()

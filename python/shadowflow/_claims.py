"""Claims judged, proofs verified."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from . import _core
from ._errors import ShadowflowError
from ._html import Told
from ._numbers import Number
from ._optimizer import OptimizerLike, optimizer as _optimizer

__all__ = ["Difference", "Proof", "Verdict", "VerifyReport", "check_claims", "cite", "claim", "verify"]


class Difference(NamedTuple):
    """A coefficient that is not as claimed."""

    order: int | None
    tree: tuple[int, ...] | None
    term: str | None
    claimed: str
    derived: str


class Verdict(Told):
    """The verdict on a claim, which is true where the claim is right."""

    __slots__ = ("_text", "claim", "derived", "differences", "digits", "expected", "method", "ok")
    claim: str
    """The claim as written."""
    method: str
    """The optimizer."""
    ok: bool | None
    """Whether it is right; ``None`` where there is neither yes nor no."""
    expected: bool
    """Whether it was said to be right."""
    differences: list[Difference]
    """The coefficients that differ."""
    derived: list[str]
    """The right formula."""
    digits: int | None
    """To how many digits decimals agree."""

    def __init__(self, document: dict[str, Any], text: str) -> None:
        self._text = text
        self.claim = document["claim"]
        self.method = document["method"]
        self.ok = document["ok"]
        self.expected = document["expected"]
        self.derived = list(document["derived"])
        self.digits = document.get("digits")
        self.differences = [
            Difference(
                d.get("order"),
                None if d["tree"] is None else tuple(d["tree"]),
                d.get("term"),
                d["claimed"],
                d["derived"],
            )
            for d in document["differences"]
        ]

    def __bool__(self) -> bool:
        return self.ok is True

    def __repr__(self) -> str:
        word = {True: "right", False: "wrong", None: "open"}[self.ok]
        return f"<shadowflow.Verdict: {word}  {self.claim}>"


def claim(
    text: str,
    optimizer: OptimizerLike = "gradient-descent",
    *,
    notation: str | dict[str, str] | None = None,
    max_seconds: float | None = None,
    **values: Number,
) -> Verdict:
    """Judges a printed formula, in the notation of texts or in LaTeX: is it right, and what is the right one?

    ``notation`` gives letters of your own, ``{"h": "η", "E": "L"}``.

    >>> bool(sf.claim("f_2 = -1/3 H^2 g - 1/12 T[g,g]"))
    True
    >>> sf.claim("f_2 = -1/3 H^2 g + 1/12 T[g,g]").differences[0].derived
    '-1/12'
    """
    document, told = _core.judge(text, _optimizer(optimizer, **values)._held, _letters(notation), max_seconds)
    return Verdict(json.loads(document)["claims"][0], told)


def check_claims(
    claims: str | os.PathLike[str],
    optimizer: OptimizerLike = "gradient-descent",
    *,
    notation: str | dict[str, str] | None = None,
    max_seconds: float | None = None,
    **values: Number,
) -> list[Verdict]:
    """Judges a file of claims, one a line, or the text of one."""
    text = Path(claims).read_text(encoding="utf-8") if isinstance(claims, os.PathLike) else claims
    bound = _optimizer(optimizer, **values)._held
    document, told = _core.judge_file(text, bound, _letters(notation), max_seconds)
    found = json.loads(document)["claims"]
    parts = _parts(told, len(found))
    return [Verdict(verdict, part) for verdict, part in zip(found, parts)]


def _parts(text: str, count: int) -> list[str]:
    """What is told of each claim: a line without indent, and those below it."""
    parts: list[list[str]] = []
    for line in text.splitlines():
        if line and not line[0].isspace():
            parts.append([line])
        elif parts:
            parts[-1].append(line)
    told = ["\n".join(part) for part in parts]
    return told[:count] + [""] * (count - len(told))


def _letters(notation: str | dict[str, str] | None) -> str | None:
    if isinstance(notation, dict):
        return ",".join(f"{ours}={theirs}" for ours, theirs in notation.items())
    return notation


class Proof(Told):
    """The proof of a derivation, step by step: ``shadowflow.derive(order, proof=True).proof``."""

    __slots__ = ("_document", "_text")

    def __init__(self, document: str, text: str) -> None:
        self._document = document
        self._text = text

    @property
    def steps(self) -> int:
        """How many steps it has."""
        return len(json.loads(self._document)["proof"])

    def json(self) -> str:
        """The document that :func:`verify` and ``shadowflow verify`` read."""
        return self._document

    def verify(self) -> VerifyReport:
        """Replays it, independently of what made it."""
        return verify(self)

    def __repr__(self) -> str:
        return f"<shadowflow.Proof of {self.steps} steps>"


class VerifyReport(Told):
    """What was found in a proof, which is true where everything follows."""

    __slots__ = ("_text", "document")
    document: dict[str, Any]

    def __init__(self, document: str, text: str) -> None:
        self.document = json.loads(document)
        self._text = text

    @property
    def ok(self) -> bool:
        """Whether everything follows."""
        return bool(self.document["ok"])

    @property
    def failed(self) -> list[dict[str, Any]]:
        """What does not."""
        return list(self.document["failed"])

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<shadowflow.VerifyReport: {'everything follows' if self.ok else f'{len(self.failed)} failures'}>"


def verify(proof: Proof | str | bytes | os.PathLike[str]) -> VerifyReport:
    """Replays a derivation step by step, and checks that its terms follow: a proof, the text of its document, or its file."""
    if isinstance(proof, os.PathLike):
        document = Path(proof).read_bytes()
    elif isinstance(proof, Proof):
        document = proof.json().encode()
    elif isinstance(proof, str):
        document = proof.encode()
    elif isinstance(proof, (bytes, bytearray, memoryview)):
        document = bytes(proof)
    else:
        raise ShadowflowError(f"a proof is what `shadowflow.derive(order, proof=True).proof` is, its text or its file, not {type(proof).__name__}", "proof")
    return VerifyReport(*_core.verify(document))


def cite(format: str = "bibtex") -> str:
    """What to cite: ``"bibtex"`` or ``"text"``."""
    text, bibtex = _core.cite()
    return text if format == "text" else bibtex

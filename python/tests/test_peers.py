"""What kauri and BSeries.jl publish, beside what is found here: the page docs/peers.md, and kauri itself where it is installed."""

from __future__ import annotations

import doctest
import math
import os
import re
from fractions import Fraction
from pathlib import Path

import pytest

import shadowflow as sf

PAGE = Path(os.environ.get("SHADOWFLOW_ROOT", Path(__file__).parents[2])) / "docs" / "peers.md"


def same(there: str, value: object) -> bool:
    """Whether a value is the published one, to the digits that are published."""
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        if re.search(r"[.e]", there):
            return math.isclose(float(there), value, rel_tol=1e-13, abs_tol=1e-14)
        return Fraction(there) == value
    if isinstance(value, (bool, str)) and there == str(value):
        return True
    import sympy

    return sympy.expand(sympy.nsimplify(sympy.sympify(there), rational=True) - sympy.sympify(str(value))) == 0


def compared(text: str):
    """What stands there, what stands here, and the expression for it: the last column of each three, which has no heading."""
    heading: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")] if line.startswith("|") else []
        if not cells or not heading:
            heading = cells
        elif set(line) - set("|- "):
            for at in range(2, len(cells)):
                if not heading[at]:
                    there, here = (cell.replace("\\*", "*").replace("`", "") for cell in cells[at - 2 : at])
                    yield there, here, cells[at].strip("`")


def test_the_page():
    pytest.importorskip("sympy")
    checked = 0
    names: dict[str, object] = {}
    # Section by section: code, then tables that are about it.
    for part in re.split(r"^#+ ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        blocks = re.findall(r"^```pycon\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        told: list[str] = []
        for block in blocks:
            assert len(re.findall(r"^(?:>>>|\.\.\.)", block, re.MULTILINE)) <= 10
            example = doctest.DocTestParser().get_doctest(block, names, "docs/peers.md", "docs/peers.md", 0)
            runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
            runner.run(example, out=told.append, clear_globs=False)
            names.update(example.globs)
            assert runner.summarize(verbose=False).failed == 0, "".join(told)
        for there, here, expression in compared(part):
            value = eval(expression, names)
            assert same(there, value), (expression, there, str(value))
            assert here in (str(value), "(equal)"), (expression, here, str(value))
            checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", ["euler", "heun_rk2", "midpoint", "kutta_rk3", "heun_rk3", "rk4", "backward_euler", "implicit_midpoint", "crank_nicolson", "gauss6"])
def test_kauri_finds_the_same(name):
    kauri = pytest.importorskip("kauri", reason="kauri is not installed")
    ours = {"heun_rk2": "heun", "kutta_rk3": "kutta3", "heun_rk3": "heun3", "backward_euler": "implicit-euler",
            "implicit_midpoint": "implicit-midpoint", "crank_nicolson": "trapezoidal", "gauss6": "gauss3"}  # fmt: skip
    series = sf.BSeries.runge_kutta(ours.get(name, name), size=5)
    weights = getattr(kauri, name).elementary_weights_map()
    modified, preprocessed = weights.modified_equation(), weights.preprocessed_integrator()
    for tree, coefficient in series.items():
        theirs = kauri.Tree(tree.nested())
        assert (theirs.nodes(), theirs.factorial(), theirs.sigma(), theirs.alpha()) == (tree.size, tree.density, tree.symmetry, tree.labellings)
        for map_, own in [(weights, coefficient), (modified, series.modified_equation()[tree]), (preprocessed, series.modifying_integrator()[tree])]:
            assert math.isclose(float(map_(theirs)), float(own), abs_tol=1e-12), (name, tree)

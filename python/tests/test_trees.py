"""Trees and B-series: published tables, and two ways to the same numbers."""

from __future__ import annotations

import copy
import math
import pickle
import random
from fractions import Fraction

import pytest

import shadowflow as sf

# Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, table II.2.1, and Hairer, Lubich & Wanner,
# Geometric Numerical Integration, table III.1.1: nodes, γ, α, σ.
TABLE = {
    "τ": (1, 1, 1, 1),
    "[τ]": (2, 2, 1, 1),
    "[τ, τ]": (3, 3, 1, 2),
    "[[τ]]": (3, 6, 1, 1),
    "[τ, τ, τ]": (4, 4, 1, 6),
    "[[τ], τ]": (4, 8, 3, 1),
    "[[τ, τ]]": (4, 12, 1, 2),
    "[[[τ]]]": (4, 24, 1, 1),
    "[τ, τ, τ, τ]": (5, 5, 1, 24),
    "[[τ], τ, τ]": (5, 10, 6, 2),
    "[[τ, τ], τ]": (5, 15, 4, 2),
    "[[[τ]], τ]": (5, 30, 4, 1),
    "[[τ], [τ]]": (5, 20, 3, 2),
    "[[τ, τ, τ]]": (5, 20, 1, 6),
    "[[[τ], τ]]": (5, 40, 3, 1),
    "[[[τ, τ]]]": (5, 60, 1, 2),
    "[[[[τ]]]]": (5, 120, 1, 1),
}


def test_trees_have_the_numbers_of_the_table():
    assert {str(tree) for size in range(1, 6) for tree in sf.trees(size)} == set(TABLE)
    for text, (size, density, labellings, symmetry) in TABLE.items():
        tree = sf.Tree(text)
        assert (tree.size, tree.density, tree.labellings, tree.symmetry) == (size, density, labellings, symmetry)
        assert str(tree) == text and tree == sf.Tree(tree.nested()) == sf.Tree(tree.levels) == sf.Tree(tree.text())


def test_trees_are_counted():
    # OEIS A000081, and A000151 for two colours.
    assert [len(sf.trees(n)) for n in range(1, 11)] == [1, 1, 2, 4, 9, 20, 48, 115, 286, 719]
    assert [len(sf.trees(n, colours=2)) for n in range(1, 6)] == [2, 4, 14, 52, 214]
    for n in range(1, 8):
        # Σ α = (n−1)!; Cayley's Σ n!/σ = n^(n−1), with colours 2^n times as many.
        assert sum(tree.labellings for tree in sf.trees(n)) == math.factorial(n - 1)
        assert sum(Fraction(math.factorial(n), tree.symmetry) for tree in sf.trees(n)) == n ** (n - 1)
    assert sum(Fraction(120, tree.symmetry) for tree in sf.trees(5, colours=2)) == 5**4 * 2**5


def test_trees_have_no_order_of_children():
    shuffle = random.Random(0).shuffle

    def shuffled(tree):
        children = [shuffled(child) for child in tree.children]
        shuffle(children)
        return children

    for tree in sf.trees(7):
        assert sf.Tree(shuffled(tree)) == tree and hash(sf.Tree(shuffled(tree))) == hash(tree)
        assert pickle.loads(pickle.dumps(tree)) == copy.deepcopy(tree) == tree
    everything = [tree for size in range(1, 6) for tree in sf.trees(size, colours=2)]
    again = everything[:]
    shuffle(again)
    assert sorted(again) == everything
    for tree in everything:
        assert sf.Tree.from_levels(tree.levels, tree.colours) == tree == pickle.loads(pickle.dumps(tree))
        assert sf.Tree(tree.children, colour=tree.colours[0]) == tree
        assert eval(repr(tree), {"shadowflow": sf}) == tree
    assert sf.Tree([[]], colour=1) != sf.Tree([[]]) and str(sf.Tree([[]], colour=1)) == "[τ]_1"
    assert sf.Tree("g").is_principal and sf.Tree("H^3 g").is_principal and not sf.Tree("T[g, g]").is_principal
    assert sf.Tree([[], []])._repr_latex_() == "$T[g, g]$"


@pytest.mark.parametrize(
    "given, said",
    [
        ([0, 2], "no level sequence"),
        ("[τ", "no tree in brackets"),
        ("τ, τ", "no tree in brackets"),
        ("H H", "found"),
        (3, "a tree is made of"),
        ([[], "τ"], "a child is"),
        ([1, 2], "no level sequence"),
        ([[]] * 300, "at most 255 nodes"),
    ],
)
def test_what_is_no_tree_is_told(given, said):
    with pytest.raises(sf.ShadowflowError) as error:
        sf.Tree(given)
    assert said in str(error.value) or said == "found"


def test_deep_trees_and_circles_end():
    circle: list = []
    circle.append(circle)
    with pytest.raises(sf.ShadowflowError):
        sf.Tree(circle)
    tall = sf.Tree(list(range(255)))
    assert tall.density == math.factorial(255) and tall.symmetry == 1 and tall.text() == "H^254 g" and str(tall).count("[") == 254
    bush = sf.Tree([[]] * 40)
    assert (bush.symmetry, bush.density) == (math.factorial(40), 41)


def test_series_of_methods_are_those_of_the_literature():
    rk4 = sf.BSeries.runge_kutta("rk4", size=5)
    assert rk4.order == 4 and rk4.empty == 1 and len(rk4) == 17
    assert all(rk4[tree] == Fraction(1, tree.density) for tree in rk4 if tree.size < 5)
    # Butcher, Numerical Methods for Ordinary Differential Equations, 313: of the classical method, the weights of order 5.
    weights = {"[τ, τ, τ, τ]": "5/24", "[[τ], τ, τ]": "5/48", "[[τ, τ], τ]": "1/16", "[[[τ]], τ]": "1/24", "[[τ], [τ]]": "1/16",
               "[[τ, τ, τ]]": "1/24", "[[[τ], τ]]": "1/48", "[[[τ, τ]]]": "1/48", "[[[[τ]]]]": "0"}  # fmt: skip
    assert {str(tree): str(rk4[tree]) for tree in sf.trees(5)} == weights
    assert set(rk4.failed_order_conditions()) == set(sf.trees(5))
    for given in ["rk:rk4", sf.Optimizer("rk:rk4"), {"a": [[], ["1/2"], [0, "1/2"], [0, 0, 1]], "b": ["1/6", "1/3", "1/3", "1/6"]}]:
        assert sf.BSeries.runge_kutta(given, size=5) == rk4
    assert sf.BSeries.runge_kutta("gradient-descent") == sf.BSeries.runge_kutta([[0]], [1]) == sf.BSeries.runge_kutta("euler")
    gauss = sf.BSeries.runge_kutta("gauss2", size=5)
    assert gauss.order == 4 and gauss.is_symplectic and gauss["[[[[τ]]]]"] == Fraction(1, 144)
    assert sf.BSeries.runge_kutta([["1/2+sqrt(3)/6"]], [1], size=2)["[τ]"] == "1/2+1/6*sqrt(3)"


def test_the_exact_flow_is_a_group():
    exact = sf.BSeries.exact(size=6)
    assert exact.order is None and exact == sf.BSeries.from_function(lambda tree, _: Fraction(1, tree.density), size=6)
    assert exact.with_step("1/3").compose(exact.with_step(Fraction(2, 3))) == exact
    assert exact.inverse() == exact.with_step(-1) and exact.adjoint() == exact
    field = sf.BSeries({"τ": 1, "[[[[[τ]]]]]": 0}, empty=0)
    assert exact.modified_equation() == field and field.flow() == exact


def test_modified_equations_are_those_of_derive():
    # Of gradients, in derivatives of E, the coefficient is (−1)^|τ| b(τ)/σ(τ).
    for name in ["euler", "heun", "rk4", "implicit-midpoint", "gauss2"]:
        series = sf.BSeries.runge_kutta(name, size=5)
        modified, derived = series.modified_equation(), sf.derive(4, f"rk:{name}")
        for tree, value in modified.items():
            assert derived.coefficient(tree.text()) == (-1) ** tree.size * value / tree.symmetry
        assert modified.flow() == series and modified.substitute(sf.BSeries.exact(size=5)) == series
        assert series.modifying_integrator().substitute(series) == sf.BSeries.exact(size=5)
        assert series.compose(series.inverse()) == sf.BSeries({"[[[[τ]]]]": 0})


def test_partitioned_methods():
    half = "1/2"
    euler = sf.BSeries.partitioned(([[1]], [1]), ([[]], [1]), size=4)
    verlet = sf.BSeries.partitioned(([[], [half, half]], [half, half]), ([[half], [half]], [half, half]), size=4)
    assert (euler.order, verlet.order, euler.colours) == (1, 2, 2)
    assert verlet.adjoint() == verlet and verlet.is_symplectic and euler.is_symplectic
    # Half a step of symplectic Euler, and half a step of its adjoint.
    assert euler.adjoint().compose(euler, normalize=True) in (verlet, sf.BSeries.partitioned(([[half], [half]], [half, half]), ([[], [half, half]], [half, half]), size=4))
    # Equal tableaux are a method of one colour.
    one, two = ([[], [1]], [half, half]), sf.BSeries.runge_kutta("heun", size=4)
    assert all(value == two[sf.Tree(tree.levels)] for tree, value in sf.BSeries.partitioned(one, one, size=4).items())


def test_series_are_vectors_and_mappings():
    a, b = sf.BSeries.runge_kutta("heun", size=4), sf.BSeries.runge_kutta("rk4", size=4)
    assert (a + b) / 2 == a * "1/2" + b * Fraction(1, 2) and (a - b).empty == 0 and -(a - b) == b - a
    assert 3 * a - a == 2 * a and a != b and hash(a) == hash(sf.BSeries.runge_kutta("heun", size=4))
    assert pickle.loads(pickle.dumps(a)) == copy.copy(a) == a and dict(pickle.loads(pickle.dumps(a))) == dict(a)
    assert sf.Tree("τ") in a and a.get(sf.Tree([[]] * 9)) is None
    with pytest.raises(KeyError):
        a["[[[[τ]]]]"]
    assert str(a).splitlines()[:3] == ["∅          1", "τ          1", "[τ]        1/2"]


def test_a_field_of_sympy():
    sympy = pytest.importorskip("sympy")
    x, y, h = sympy.symbols("x y h")
    # y' = y²: the explicit Euler method is exact for y² + h y³ + h² y⁴ + …; its modified equation is in GNI IX.1, example 1.1.
    euler = sf.BSeries.runge_kutta("euler", size=5)
    assert sympy.expand(euler.modified_equation().to_sympy([y**2], [y], h)[0] - (y**2 - h * y**3 + h**2 * y**4 * 3 / 2 - h**3 * y**5 * 8 / 3 + h**4 * y**6 * 31 / 6)) == 0
    assert sympy.expand(euler.modifying_integrator().to_sympy([y**2], [y], h)[0] - sum(h**k * y ** (k + 2) for k in range(5))) == 0
    # A step of a method by hand.
    f = lambda point: sympy.Matrix([point[0] * point[1], point[0] + point[1] ** 2])
    start = sympy.Matrix([x, y])
    k1 = f(start)
    k2 = f(start + h * k1 / 2)
    step = (start + h * k2).applyfunc(sympy.expand)
    series = sf.BSeries.runge_kutta("midpoint", size=5).to_sympy(f(start), [x, y], h)
    assert (series - step).applyfunc(sympy.expand) == sympy.zeros(2, 1)
    a = sympy.Symbol("a")
    family = sf.BSeries.runge_kutta([[], [1 / (2 * a)]], [1 - a, a], size=3)
    assert family.order == 2 and sympy.simplify(sympy.sympify(family["[τ, τ]"]) - 1 / (4 * a)) == 0
    with pytest.raises(sf.ShadowflowError, match="2 components"):
        euler.to_sympy([y**2], [x, y])


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: sf.BSeries.runge_kutta("heavy-ball"), "no Runge-Kutta method"),
        (lambda: sf.BSeries.runge_kutta("rk5"), "rk5"),
        (lambda: sf.BSeries.runge_kutta([[], []], [1]), "as many rows as weights"),
        (lambda: sf.BSeries.runge_kutta([["sqrt(2)"]], ["sqrt(3)"]), "roots of one number"),
        (lambda: sf.BSeries.runge_kutta([["sqrt(2)*sqrt(3)"]], [1]), "roots of one number"),
        (lambda: sf.BSeries.runge_kutta([["a/(1+a^2)"]], [1]), "linear"),
        (lambda: sf.BSeries.runge_kutta([[[]]], [1]), "a tableau is a matrix"),
        (lambda: sf.BSeries.exact(size=40), "go to 13 nodes"),
        (lambda: sf.BSeries.exact(size=0), "a number of nodes from 1"),
        (lambda: sf.trees(30), "go to 13 nodes"),
        (lambda: sf.BSeries.exact(size=4).compose(sf.BSeries.exact(size=5)), "trees to 4 nodes"),
        (lambda: sf.BSeries.exact(size=4).substitute(sf.BSeries.exact(size=4)), "vector fields"),
        (lambda: sf.BSeries({"τ": 0, "[τ]": 1}).modifying_integrator(), "first order"),
        (lambda: sf.BSeries.exact() / 0, "zero"),
    ],
)
def test_what_cannot_be_done_is_told(call, said):
    with pytest.raises(sf.ShadowflowError, match=said):
        call()


def test_large_series_can_be_interrupted_and_end():
    series = sf.BSeries.runge_kutta("rk4", size=11)
    assert series.modified_equation().flow() == series

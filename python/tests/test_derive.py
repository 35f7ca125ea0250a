"""Derivations, of any loss and of one."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

import shadowflow as sf


def test_gradient_descent_has_the_terms_of_the_literature():
    equation = sf.derive(order=3)
    assert (equation.method, equation.order, len(equation), equation.symbols) == ("gradient-descent", 3, 4, [])
    # Rosca et al. 2023: log(1 - z)/z = -1 - z/2 - z²/3 - …, and -1/12 T[g, g].
    for differential, coefficient in [("g", "-1"), ("H g", "-1/2"), ("H^2 g", "-1/3"), ("T[g, g]", "-1/12"), ("H^3 g", "-1/4")]:
        assert equation.coefficient(differential) == Fraction(coefficient)
    assert equation[2][0] == sf.Term((0, 1, 2), Fraction(-1, 3), True, "H^2 g", equation[2][0].latex)
    assert [term.text for term in equation.terms("paper")[1]] != [term.text for term in equation[1]]
    assert "f_2 = -1/3 H^2 g" in str(equation).replace("- 1/3", "-1/3").replace("  ", " ")


def test_hyper_parameters_are_symbols_or_numbers():
    symbolic = sf.derive(1, "heavy-ball")
    assert (symbolic.symbols, symbolic.variable) == (["m"], "the iterate")
    assert isinstance(symbolic.coefficient("H g"), str)
    for number in ["9/10", 0.9, Fraction(9, 10), "0.9"]:
        # -(1+m)/(2 (1-m)^3)
        assert sf.derive(1, "heavy-ball", momentum=number).coefficient("H g") == Fraction(-950)
    assert sf.derive(1, "heavy-ball", m="1/2") == sf.derive(1, sf.Optimizer("heavy-ball", momentum="1/2"))
    assert sf.derive(1, "heavy-ball") != sf.derive(1, "nesterov")


def test_routes_agree():
    equations = [sf.derive(5, route=route) for route in ("egraph", "trees", "composition", "logarithm", "substitution", "lie", "auto")]
    assert all(equation == equations[0] and hash(equation) == hash(equations[0]) for equation in equations)


def test_a_loss_has_components(well):
    equation = well.modified_equation(2)
    # g = x³ + x, H = 3x² + 1, T = 6x.
    x = Fraction(1, 3)
    g, hessian, third = x**3 + x, 3 * x**2 + 1, 6 * x
    for components, expected in zip(
        equation.components, [-g, -hessian * g / 2, -(hessian**2) * g / 3 - third * g**2 / 12]
    ):
        value = eval(re.sub(r"(\d+)/(\d+)", r"F(\1, \2)", components[0].replace("^", "**")), {"x": x, "F": Fraction})
        assert value == expected
    assert equation.parameters == ["x"] and equation.loss == well and equation.lets == {}
    assert "E''" in equation.text("derivatives")


def test_a_loss_can_be_inline_a_text_a_file_or_an_example(tmp_path):
    path = tmp_path / "bowl.loss"
    path.write_text("param x = 1, y\nconst a = 2\nloss a*x^2 + y^2\n")
    for loss in [sf.Loss.from_file(path), sf.loss(path), sf.loss(path.read_text())]:
        assert loss.parameters == ["x", "y"] and loss.constants == {"a": "2"}
    assert sf.Loss.from_file(path, constants={"a": "1/2"}).constants == {"a": "1/2"}
    inline = sf.loss("a*x^2 + y^2", constants={"a": 2})
    assert inline.parameters == ["x", "y"] and inline([1.0, 1.0]) == 3.0
    assert sf.loss("w[0]^2 + w[1]", params="w[2]").parameters == ["w[0]", "w[1]"]
    assert sf.loss("norm2(w)", params=["w[2, 2]"]).shapes == {"w": (2, 2)}
    assert "banana" in sf.examples() and sf.Loss.example("banana").dimension == 2
    assert sf.Loss.example("symbolic").symbols


def test_optimizers_come_from_dictionaries():
    recurrence = {
        "symbols": ["m"],
        "left": {1: 1, 0: "-(1+m)", -1: "m"},
        "right": [1],
        "evaluations": [{"at": {0: "1+m", -1: "-m"}}],
    }
    assert [t.coefficient for t in sf.derive(2, recurrence)[2]] == [t.coefficient for t in sf.derive(2, "nesterov")[2]]
    ralston = {"a": [[], ["2/3"]], "b": ["1/4", "3/4"]}
    assert sf.derive(4, ralston).orders == sf.derive(4, "rk:ralston").orders
    assert sf.Optimizer.from_dict({"a": [[]], "b": [1.0]}, name="euler").name == "rk:euler"
    named = sf.Optimizer.from_dict(recurrence, name="mine", m="1/2")
    assert (named.name, named.symbols, named.values) == ("mine", [], {"m": "1/2"})


def test_an_optimizer_comes_from_a_file(tmp_path):
    path = tmp_path / "half.toml"
    path.write_text('symbols = ["w"]\nleft = { 1 = 1, 0 = -1 }\nright = ["w"]\n[[evaluations]]\nat = { 0 = 1 }\n')
    for optimizer in [str(path), path, sf.Optimizer.from_file(path), sf.optimizer(str(path))]:
        bound = sf.optimizer(optimizer, w="1/2")
        assert (bound.name, bound.values) == ("half", {"w": "1/2"})
        assert sf.derive(1, bound).coefficient("g") == Fraction(-1, 2)


def test_the_principal_part():
    principal = sf.principal("heavy-ball", 2)
    assert principal.series[0] == "-1/(1-m)" and principal.stability["threshold"] == "2*(1+m)"
    assert sf.principal().alpha == "log(1-z)/z"
    assert principal._repr_latex_().startswith("$$")


def test_claims_are_judged(tmp_path):
    right = sf.claim("f_2 = -1/3 H^2 g - 1/12 T[g,g]")
    assert right and right.ok is True and right.differences == []
    wrong = sf.claim("f_2 = -1/3 H^2 g + 1/12 T[g,g]")
    assert not wrong
    assert wrong.differences == [sf.Difference(2, (0, 1, 1), None, "1/12", "-1/12")]
    assert sf.claim("threshold ≈ 2.785", "rk:rk4")
    assert sf.claim("f_1 = -(1+m)/(2 (1-m)^3) H g", "heavy-ball")
    assert sf.claim(r"\dot\omega = -\nabla L - \eta/4 \nabla \|\nabla L\|^2", notation={"h": "η", "E": "L", "θ": "ω"})
    path = tmp_path / "paper.claims"
    path.write_text("f_1 = -1/2 H g\n[expect=false] f_1 = 1/2 H g\n")
    verdicts = sf.check_claims(path)
    assert [(v.ok, v.expected) for v in verdicts] == [(True, True), (False, False)]
    assert "WRONG" in str(verdicts[1]) and "<pre>" in verdicts[0]._repr_html_()


def test_proofs_are_verified(tmp_path):
    proof = sf.derive(3, "heavy-ball", proof=True).proof
    assert proof.steps > 5 and proof.verify() and sf.verify(proof).ok
    path = tmp_path / "proof.json"
    path.write_text(proof.json())
    assert sf.verify(path)
    forged = proof.json().replace("-1/(1-m)", "-2/(1-m)")
    assert forged != proof.json()
    report = sf.verify(forged)
    assert not report and report.failed
    assert sf.derive(2).proof is None
    with pytest.raises(sf.ShadowflowError) as error:
        sf.verify("{}")
    assert error.value.code == "proof"
    assert "shadowflow" in sf.cite() and sf.cite("text") != sf.cite()
